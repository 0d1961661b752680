"""A damaged or half-lost data folder refuses to start, says what is wrong, and gets nothing new."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from services.deployment import migrate
from services.standalone import Standalone
from shared.kernel.keys import KeyRefused, new_key_text
from shared.runtime.marks import UnsafeToStart
from tests.runtime.folders import (
    SERVICES,
    as_before_this_release,
    checks,
    deployments,
    listing,
    meta,
    open_to_others,
    overwrite,
    root_page,
    set_aside,
    start,
    work_in,
    wrong_modes,
)
from tests.support.backends import SEPARATED, test_settings

pytestmark = [pytest.mark.skipif(SEPARATED, reason="about data folders"), pytest.mark.timeout(600)]
REFUSALS = (UnsafeToStart, KeyRefused)


@pytest.fixture(scope="module")
async def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that has served, with what it was before its last petitions (`older`) and as a kill
    would have left it (`killed`)."""
    home = tmp_path_factory.mktemp("worked")
    await work_in(home / "data", filings=2)
    shutil.copytree(home / "data", home / "older")
    await work_in(home / "data", filings=3, snapshot=home / "killed")
    await work_in(home / "other", filings=1)
    return home


@pytest.fixture
def folder(worked: Path, tmp_path: Path) -> Path:
    return shutil.copytree(worked / "data", tmp_path / "data")


async def refused(folder: Path, *words: str) -> None:
    """It does not start, says these words, and nothing in the folder is new, gone or changed."""
    before = listing(folder)
    with pytest.raises(REFUSALS) as caught:
        await start(folder)
    assert all(word in str(caught.value) for word in words), caught.value
    assert listing(folder) == before


async def test_a_folder_that_is_whole_starts_again(folder: Path) -> None:
    assert await start(folder) == []


HARMS: dict[str, Callable[[Path], object]] = {
    "gone": lambda file: file.unlink(),
    "empty": lambda file: file.write_bytes(b""),
    "cut": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "one byte short": lambda file: file.write_bytes(file.read_bytes()[:-1]),
    "header": lambda file: overwrite(file, 0, 64),
    "not a database": lambda file: file.write_text("hello\n" * 5000),
    "outbox": lambda file: overwrite(file, root_page(file, "outbox")[0], 200),
    "a page in the middle": lambda file: overwrite(file, file.stat().st_size // 8192 * 4096, 4096),
    "index": lambda file: overwrite(file, root_page(file, "ix_inbox_open")[0], 200),
    "own index": lambda file: overwrite(
        file, root_page(file, "sqlite_autoindex_edition_1")[0] + 8, 40
    ),
    "schema": lambda file: overwrite(file, 100, 100),
}


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("harm", HARMS)
async def test_a_database_that_is_gone_or_damaged(folder: Path, name: str, harm: str) -> None:
    HARMS[harm](folder / f"{name}.db")
    await refused(folder, f"{name}.db", "从备份恢复")


async def test_all_databases_gone(folder: Path) -> None:
    for name in SERVICES:
        (folder / f"{name}.db").unlink()
    await refused(folder, "intake.db", "analytics.db")


async def test_all_databases_and_marks_gone_but_keys_left(folder: Path) -> None:
    for name in SERVICES:
        (folder / f"{name}.db").unlink()
    shutil.rmtree(folder / "installed")
    await refused(folder, "intake.db")


@pytest.mark.parametrize("name", SERVICES)
async def test_a_database_of_another_deployment(worked: Path, folder: Path, name: str) -> None:
    shutil.copy(worked / "other" / f"{name}.db", folder)
    await refused(folder, name, "另一个部署")


@pytest.mark.parametrize(("name", "given"), [("intake", "routing"), ("analytics", "supervision")])
async def test_a_database_of_another_service(folder: Path, name: str, given: str) -> None:
    shutil.copy(folder / f"{given}.db", folder / f"{name}.db")
    await refused(folder, f"{name}.db", given)


async def test_two_databases_swapped_in_a_folder_of_before(folder: Path) -> None:
    as_before_this_release(folder)
    one, two = folder / "intake.db", folder / "analytics.db"
    one.rename(folder / "x")
    two.rename(one)
    (folder / "x").rename(two)
    await refused(folder, "intake.db")


@pytest.mark.parametrize("name", ["intake", "routing", "supervision"])
async def test_an_older_copy_of_one_among_newer_ones(worked: Path, folder: Path, name: str) -> None:
    shutil.copy(worked / "older" / f"{name}.db", folder)
    await refused(folder, f"{name} 的数据库比", "旧")


async def test_a_log_that_is_gone_after_a_kill(worked: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(worked / "killed", tmp_path / "data")
    assert (folder / "intake.db-wal").stat().st_size
    (folder / "intake.db-wal").unlink()
    with pytest.raises(REFUSALS):
        await start(folder)


@pytest.mark.parametrize("of", ["routing", "analytics"])
async def test_a_log_of_another_database(worked: Path, tmp_path: Path, of: str) -> None:
    folder = shutil.copytree(worked / "killed", tmp_path / "data")
    shutil.copy(folder / f"{of}.db-wal", folder / "intake.db-wal")
    with pytest.raises(REFUSALS):
        await start(folder)


async def test_a_kill_alone_harms_nothing(worked: Path, tmp_path: Path) -> None:
    assert await start(shutil.copytree(worked / "killed", tmp_path / "data")) == []


KEYS = {"vault.key": "身份", "query-code.key": "查询码", "grant.key": "凭据"}
KEY_HARMS: dict[str, Callable[[Path], object]] = {
    "gone": lambda file: file.unlink(),
    "empty": lambda file: file.write_bytes(b""),
    "another": lambda file: file.write_text(new_key_text()),
    "not a key": lambda file: file.write_bytes(bytes(range(128, 200))),
    "half": lambda file: file.write_text(file.read_text()[:20]),
}


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("harm", KEY_HARMS)
async def test_a_key_that_is_gone_or_another(folder: Path, name: str, harm: str) -> None:
    KEY_HARMS[harm](folder / "keys" / name)
    await refused(folder, name)


async def test_a_vault_key_with_another_id(folder: Path) -> None:
    (folder / "keys/vault.key").write_text(new_key_text("k2"))
    await refused(folder, "k1", "身份")


async def test_a_second_vault_key_beside_the_first(folder: Path) -> None:
    file = folder / "keys/vault.key"
    file.write_text(f"{new_key_text('k2')},{file.read_text()}")
    assert await start(folder) == []
    assert checks(folder)["check:vault"].keys() == {"k1", "k2"}


@pytest.mark.parametrize("harm", ["gone", "empty", "unpaired"])
async def test_the_issuers_key(folder: Path, harm: str, worked: Path) -> None:
    file = folder / "keys/issuer.json"
    if harm == "gone":
        file.unlink()
    elif harm == "empty":
        file.write_bytes(b"")
    else:
        shutil.copy(worked / "other/keys/issuer.json", file)
    await refused(folder, "issuer.json")


@pytest.mark.parametrize(
    "left", [1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)]
)
async def test_a_migration_killed_between_databases_goes_on(tmp_path: Path, left: int) -> None:
    new = tmp_path / "new"
    await start(new)
    for name in SERVICES[left:]:
        (new / f"{name}.db").unlink()
        (new / f"installed/{name}.json").unlink()
    (new / f"installed/{SERVICES[left - 1]}.json").unlink()  # killed before it was noted
    for name in SERVICES[:left]:  # nor had it served
        for table in ("outbox", "inbox", "audit"):
            meta(new / f"{name}.db", f"DELETE FROM {table}")
        meta(new / f"{name}.db", "DELETE FROM meta WHERE key LIKE 'check:%'")
    if left > 1:
        meta(new / "routing.db", "DELETE FROM grant_key")
    for key in KEYS:
        (new / "keys" / key).unlink()
    shutil.rmtree(new / "anchors", ignore_errors=True)
    assert await start(new) == []


async def test_a_folder_of_the_release_before_is_adopted(folder: Path) -> None:
    as_before_this_release(folder)
    assert checks(folder) == {}
    assert await start(folder) == []
    assert checks(folder).keys() == {"check:vault", "check:query-code"}
    assert len(deployments(folder)) == 1


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("harm", ["gone", "another"])
async def test_a_folder_of_the_release_before_with_a_wrong_key(
    folder: Path, name: str, harm: str
) -> None:
    as_before_this_release(folder)
    KEY_HARMS[harm](folder / "keys" / name)
    with pytest.raises(REFUSALS, match=name.removesuffix(".key") if harm == "gone" else "原来"):
        await start(folder)


@pytest.mark.parametrize("name", SERVICES)
async def test_a_folder_of_the_release_before_without_a_database(folder: Path, name: str) -> None:
    as_before_this_release(folder)
    (folder / f"{name}.db").unlink()
    await refused(folder, f"{name}.db")


@pytest.mark.parametrize("harm", ["gone", "empty", "older", "another"])
async def test_anchors_that_are_gone_or_others_turn_readiness_red(
    worked: Path, folder: Path, harm: str
) -> None:
    file = folder / "anchors/intake.log"
    if harm == "gone":
        file.unlink()
    elif harm == "empty":
        file.write_bytes(b"")
    elif harm == "another":
        shutil.copy(worked / "other/anchors/intake.log", file)
    else:  # the log is right, the database lost its last seals
        meta(folder / "intake.db", "DELETE FROM audit_seal WHERE ordinal > 1")
    assert "audit_broken" in await start(folder)


async def test_nothing_is_readable_to_others_whatever_the_umask(folder: Path) -> None:
    open_to_others(folder)
    live = Standalone(test_settings(folder))
    async with live.running():
        assert wrong_modes(folder) == set()


async def test_a_lost_database_is_made_anew_only_when_asked_for(folder: Path) -> None:
    file = folder / "analytics.db"
    file.write_bytes(b"damaged")
    await refused(folder, "analytics.db")
    await migrate(test_settings(folder), new=["analytics"])
    assert set_aside(folder, "analytics.db") == [b"damaged"]
    assert len(deployments(folder)) == 1
    with pytest.raises(UnsafeToStart, match="xinfang restored analytics"):
        await start(folder)
