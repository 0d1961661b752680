"""Settings come from the environment, and a deployment that can't be meant does not start."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings.exceptions import SettingsError

from shared.kernel.clock import OffsetClock, SystemClock
from shared.runtime.service import make_clock
from shared.runtime.settings import Mode, Settings

ROOT = Path(__file__).resolve().parents[2]
SEPARATED = {
    "XINFANG_MODE": "separated",
    "XINFANG_DATABASE_URL": "postgresql+asyncpg://x:y@db:5432/{service}",
    "XINFANG_BUS_URL": "amqp://x:y@broker:5672/",
    "XINFANG_JWKS": "https://issuer.example/jwks.json",
}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("XINFANG_")]:
        monkeypatch.delenv(name)


def put(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_without_any_setting_it_runs_embedded_in_its_own_folder() -> None:
    settings = Settings()
    assert settings.mode is Mode.EMBEDDED
    assert settings.has_built_in_issuer
    assert settings.may_make_keys
    assert settings.database("routing").endswith("/data/routing.db")
    assert settings.database("routing") != settings.database("intake")


def test_a_separated_deployment_names_a_database_per_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(monkeypatch, SEPARATED)
    settings = Settings()
    assert settings.database("routing") == "postgresql+asyncpg://x:y@db:5432/routing"
    assert not settings.has_built_in_issuer
    assert not settings.may_make_keys


@pytest.mark.parametrize("name", [name for name in SEPARATED if name != "XINFANG_MODE"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_separated_deployment_that_lacks_a_setting_does_not_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    put(monkeypatch, SEPARATED)
    monkeypatch.delenv(name)
    if value is not None:
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("XINFANG_").lower()):
        Settings()


def test_a_separated_deployment_does_not_start_on_a_bus_that_ends_with_its_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(monkeypatch, SEPARATED | {"XINFANG_BUS_URL": "memory://"})
    with pytest.raises(ValidationError, match="bus_url"):
        Settings()


@pytest.mark.parametrize("mode", [Mode.EMBEDDED, Mode.SEPARATED])
def test_nobody_shifts_the_clock_outside_test_mode(
    monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    put(monkeypatch, SEPARATED | {"XINFANG_MODE": mode, "XINFANG_CLOCK_FILE": "clock"})
    with pytest.raises(ValidationError, match="test mode only"):
        Settings()


@pytest.mark.parametrize("mode", [Mode.EMBEDDED, Mode.SEPARATED])
def test_nobody_arms_a_crash_point_outside_test_mode(
    monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    put(monkeypatch, SEPARATED | {"XINFANG_MODE": mode, "XINFANG_CRASH_POINT": "unit.flushed"})
    with pytest.raises(ValidationError, match="test mode only"):
        Settings()


def test_in_test_mode_the_clock_follows_its_file(tmp_path: Path) -> None:
    shifted = make_clock(Settings(mode=Mode.TEST, clock_file=tmp_path / "clock"))
    assert isinstance(shifted, OffsetClock)
    (tmp_path / "clock").write_text("86400", encoding="ascii")
    assert 86_000 < (shifted.now() - SystemClock().now()).total_seconds() < 86_800
    assert type(make_clock(Settings(mode=Mode.TEST))) is SystemClock


def test_an_empty_variable_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files hand on variables that nobody set as empty ones."""
    put(monkeypatch, {f"XINFANG_{name.upper()}": "" for name in Settings.model_fields})
    assert Settings() == Settings.model_construct()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODE", "production"),
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("POOL_SIZE", "0"),
        ("MAX_BODY_BYTES", "-1"),
        ("ZONE", "Asia/Nowhere"),
        ("ROOT_DIVISION", "湖南"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_value_that_means_nothing_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    put(monkeypatch, {f"XINFANG_{name}": value})
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_a_refusal_names_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "XINFANG_DATABASE_URL": "postgresql+asyncpg://x:topsecret1@db/{service}",
        "XINFANG_BUS_URL": "amqp://x:topsecret2@broker/",
        "XINFANG_VAULT_KEYS": "k1:topsecret3",
        "XINFANG_QUERY_CODE_KEY": "topsecret4",
        "XINFANG_SERVICE_TOKEN": "topsecret5",
    }
    put(monkeypatch, SEPARATED | secrets)
    assert "topsecret" not in repr(Settings())
    monkeypatch.delenv("XINFANG_JWKS")
    with pytest.raises(ValidationError) as refusal:
        Settings()
    assert "topsecret" not in str(refusal.value)


def test_settings_do_not_change_under_way() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]


def test_every_setting_is_explained_to_who_deploys() -> None:
    wanted = {f"XINFANG_{name.upper()}" for name in Settings.model_fields}
    for page in (".env.example", "README.md", "README.zh-CN.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert wanted - set(re.findall("XINFANG_[A-Z_]+", text)) == set(), page


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f" {SEPARATED['XINFANG_DATABASE_URL']}\n", encoding="utf-8")
    put(monkeypatch, SEPARATED | {"XINFANG_DATABASE_URL_FILE": str(tmp_path / "url")})
    monkeypatch.delenv("XINFANG_DATABASE_URL")
    assert Settings().database_url == SEPARATED["XINFANG_DATABASE_URL"]
    monkeypatch.setenv("XINFANG_DATABASE_URL", "postgresql+asyncpg://a:b@c/{service}")
    assert Settings().database_url == "postgresql+asyncpg://a:b@c/{service}"  # it is nearer


def test_a_secret_whose_file_is_missing_is_no_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(monkeypatch, {"XINFANG_VAULT_KEYS_FILE": str(tmp_path / "none")})
    with pytest.raises(SettingsError, match="XINFANG_VAULT_KEYS_FILE"):
        Settings()


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("BUS_URL", "amqp://guest:guest@broker:5672/"),
        ("BUS_URL", "amqp://app:changeme@broker:5672/"),
        ("DATABASE_URL", "postgresql+asyncpg://postgres:postgres@db/{service}"),
        ("DATABASE_URL", "postgresql+asyncpg://app:app@db/{service}"),
    ],
)
def test_a_password_that_everybody_knows_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, url: str
) -> None:
    put(monkeypatch, SEPARATED | {f"XINFANG_{name}": url})
    with pytest.raises(ValidationError, match="everybody knows") as refusal:
        Settings()
    assert "changeme" not in str(refusal.value)
