"""docker-compose.yml, Dockerfile, .env.example and the gateway say what they must.

No engine runs here: the file is checked by the compose specification, against our own settings,
and (test_separated_stack.py) by running each container's command with its environment.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from compose_spec import PyCompose

from services.deployment import SPECS
from shared.runtime.bounded_http import BoundedHttp
from shared.runtime.settings import Settings
from tests.compose.reading import ROOT, compose, environment, interpolated, secrets_of

SERVICES = [spec.name for spec in SPECS]
CONTAINERS = compose()["services"]
OURS = {name for name, each in CONTAINERS.items() if each["image"].startswith("xinfang:")}
KNOWN = {f"XINFANG_{name.upper()}" for name in Settings.model_fields}
PINNED = re.compile(r"[a-z0-9./-]+:v?\d[\w.-]*")


def test_the_file_follows_the_specification() -> None:
    PyCompose.from_json(json.dumps(compose())).validate()


def test_a_file_against_the_specification_is_seen() -> None:
    broken: dict[str, Any] = compose()
    broken["services"]["intake"]["depends_on"]["migrate"] = {"condition": "soon"}
    with pytest.raises(ValueError, match="service_started"):
        PyCompose.from_json(json.dumps(broken))


def test_interpolation_is_composes_own() -> None:
    text = "${A} ${A:-x} ${B:-y} ${B} $$A $A"
    assert interpolated(text, {"A": "1"}) == "1 1 y  $A 1"
    with pytest.raises(KeyError, match="why"):
        interpolated("${B:?why}", {})


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_image_is_pinned(name: str) -> None:
    assert PINNED.fullmatch(CONTAINERS[name]["image"])


def test_the_bases_of_our_image_are_pinned() -> None:
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.M)
    assert len(bases) == 2
    assert all(PINNED.fullmatch(base) for base in bases)
    assert not PINNED.fullmatch("postgres:latest")
    assert not PINNED.fullmatch("postgres")


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_variable_is_a_setting(name: str) -> None:
    given = {each for each in environment(CONTAINERS[name]) if each.startswith("XINFANG_")}
    assert {each for each in given if each not in KNOWN and each[:-5] not in KNOWN} == set()


def test_the_example_explains_every_setting_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    shown = set(re.findall(r"^#? ?(XINFANG_[A-Z_]+)=", text, re.M))
    assert shown == KNOWN


@pytest.mark.parametrize("name", CONTAINERS)
def test_nothing_gets_more_rights_than_it_needs(name: str) -> None:
    container = CONTAINERS[name]
    assert container.get("mem_limit")
    assert "no-new-privileges:true" in container["security_opt"]
    assert "privileged" not in container
    assert container.get("user", "10001") != "root"
    if name not in {"postgres", "rabbitmq"}:  # their images begin as root to own their volumes
        assert container["cap_drop"] == ["ALL"]
        assert container.get("read_only") is True or name == "keycloak"  # it builds itself
    assert all(port.startswith("127.0.0.1:") for port in container.get("ports", []))
    secret_values = [value for value in environment(container).values() if "PASSWORD" in value]
    assert secret_values == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_its_own_secrets_only(service: str) -> None:
    own = {f"database_url_{service}", f"bus_url_{service}"}
    keys = {"intake": {"vault_keys", "query_code_key"}, "routing": {"grant_keys"}}
    assert secrets_of(CONTAINERS[service]) == own | keys.get(service, set())
    holders = [name for name, each in CONTAINERS.items() if own & secrets_of(each)]
    assert set(holders) == {service, "keys", "databases"}  # who make the logins
    mounted = [volume.split(":")[0] for volume in CONTAINERS[service]["volumes"]]
    assert mounted == ["public", service]  # never the issuer's private key


def test_every_secret_is_written_once_and_kept(tmp_path: Path) -> None:
    document = compose()
    for _ in range(2):
        subprocess.run(["sh", ROOT / "scripts/compose_env.sh", tmp_path], check=True)
        files = {each.name: each.read_text() for each in (tmp_path / "secrets").iterdir()}
        assert set(files) == set(document["secrets"])
        first = locals().get("first", files)
        assert files == first
    assert len(set(files.values())) == len(files)
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    for container in document["services"].values():
        wanted = {
            value.removeprefix("/run/secrets/")
            for value in environment(container).values()
            if value.startswith("/run/secrets/")
        }
        assert wanted <= secrets_of(container) <= set(files)


def test_whatever_must_come_first_is_waited_for() -> None:
    conditions = {
        name: {other: each["condition"] for other, each in container["depends_on"].items()}
        for name, container in CONTAINERS.items()
        if "depends_on" in container
    }
    for service in SERVICES:
        assert conditions[service] == {"migrate": "service_completed_successfully"}
        assert CONTAINERS[service]["restart"] == "unless-stopped"
        assert CONTAINERS[service]["healthcheck"]
    assert conditions["migrate"]["rabbitmq"] == "service_healthy"
    assert conditions["databases"]["postgres"] == "service_healthy"
    assert CONTAINERS["migrate"]["restart"] == "on-failure"


def test_the_gateway_has_the_paths_of_the_embedded_run_and_no_more() -> None:
    text = (ROOT / "deploy/gateway/Caddyfile").read_text(encoding="utf-8")
    handled = set(re.findall(r"^\thandle (\S+) \{", text, re.M))
    assert handled == {"/live", "/ready", *(f"/{name}/*" for name in SERVICES)}
    for name in SERVICES:
        assert f"handle /{name}/* {{\n\t\treverse_proxy {name}:8000" in text
    assert text.count("{") == text.count("}")


def test_a_stopping_service_has_time_for_what_it_took() -> None:
    for service in SERVICES:
        container = CONTAINERS[service]
        grace = int(container["command"][-1])
        assert container["command"][-2] == "--timeout-graceful-shutdown"
        assert grace < int(container["stop_grace_period"].removesuffix("s"))


@pytest.mark.parametrize("service", SERVICES)
def test_heads_and_connections_of_every_service_are_bounded(service: str) -> None:
    command = CONTAINERS[service]["command"]
    assert command[command.index("--http") + 1] == f"{BoundedHttp.__module__}:BoundedHttp"
