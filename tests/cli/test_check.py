"""`xinfang check`, and what commands say of a folder that is not whole: sentences, exit codes."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from services.cli.running import database_words, system_words
from tests.cli.test_commands import answer, environment, serving, xinfang  # noqa: F401  a fixture
from tests.runtime.folders import overwrite, root_page, work_in

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
async def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that has served; `older` is what it was before its last petitions."""
    home = tmp_path_factory.mktemp("worked")
    await work_in(home / "data", filings=2)
    shutil.copytree(home / "data", home / "older")
    await work_in(home / "data", filings=3)
    return home


@pytest.fixture
def folder(worked: Path, tmp_path: Path) -> Path:
    return shutil.copytree(worked / "data", tmp_path / "data")


def checked(folder: Path, status: int) -> dict[str, Any]:
    done = xinfang("check", "--json", "--data-dir", folder, XINFANG_ROOT_DIVISION="")
    assert done.returncode == status, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_a_whole_folder_is_sound(folder: Path) -> None:
    told = checked(folder, 0)
    assert (told["sound"], told["serving"], told["findings"]) == (True, None, [])
    by_name = {each["service"]: each for each in told["services"]}
    assert by_name["intake"]["values"] == 15  # two fields of five petitions, five receipts
    assert by_name["intake"]["keys"]
    assert by_name["routing"]["keys"]
    assert all(each["database"] and each["audit"]["sound"] for each in told["services"])
    (pair,) = [
        each for each in told["between"] if (each["from"], each["to"]) == ("intake", "routing")
    ]
    assert pair["published"] == pair["received"] > 4
    assert (pair["missing"], pair["unknown"], pair["unsent"]) == (0, 0, 0)


@pytest.mark.long
@pytest.mark.parametrize("harm", ["page", "older", "key", "anchor", "gone", "audit"])
def test_what_is_wrong_is_told(worked: Path, folder: Path, harm: str) -> None:
    words = {
        "page": ("intake.db", "从备份恢复"),
        "older": ("routing 的数据库比", "xinfang restored routing"),
        "key": ("vault.key", "放回"),
        "anchor": ("routing 的审计", "外部锚点"),
        "gone": ("analytics.db", "备份"),
        "audit": ("intake 的审计", "改动"),
    }[harm]
    if harm == "page":
        overwrite(folder / "intake.db", *root_page(folder / "intake.db", "petition"))
    elif harm == "older":
        shutil.copy(worked / "older/routing.db", folder)
    elif harm == "key":
        (folder / "keys/vault.key").unlink()
    elif harm == "anchor":
        (folder / "anchors/routing.log").unlink()
    elif harm == "gone":
        (folder / "analytics.db").unlink()
    else:
        text = (folder / "anchors/intake.log").read_text().splitlines()
        line = json.loads(text[-1]) | {"head": "00" * 32}
        (folder / "anchors/intake.log").write_text("\n".join([*text[:-1], json.dumps(line)]) + "\n")
        words = ("intake 的审计", "不符")
    told = checked(folder, 1)
    assert not told["sound"]
    assert any(all(word in finding for word in words) for finding in told["findings"]), told


@pytest.mark.long
def test_a_lost_anchor_file_is_begun_anew_knowingly(folder: Path) -> None:
    (folder / "anchors/intake.log").unlink()
    made = answer(xinfang("audit", "anchor", "--service", "intake", "--json", "--data-dir", folder))
    assert made["ordinal"] > 0
    assert checked(folder, 0)["sound"]
    again = xinfang("audit", "anchor", "--service", "intake", "--data-dir", folder)
    assert (again.returncode, "中有锚点" in again.stderr) == (1, True)


@pytest.mark.long
def test_beside_a_server(serving: tuple[Path, str]) -> None:  # noqa: F811
    folder, url = serving
    told = checked(folder, 0)
    assert told["serving"] == url


@pytest.mark.long
def test_no_folder_is_told_and_none_is_made(tmp_path: Path) -> None:
    told = checked(tmp_path / "nowhere", 1)
    assert "没有数据目录" in told["error"]
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.long
def test_serve_says_in_a_sentence_why_it_does_not_start(folder: Path) -> None:
    (folder / "keys/vault.key").unlink()
    refused = xinfang("serve", "--port", "0", "--data-dir", folder)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "vault.key" in refused.stderr
    assert not (folder / "keys/vault.key").exists()


@pytest.mark.long
def test_a_folder_made_under_a_wide_umask_is_closed_to_others(tmp_path: Path) -> None:
    command = f'umask 022; exec "{sys.executable}" -m services migrate --data-dir "{tmp_path}/d"'
    subprocess.run(["sh", "-c", command], env=environment(), check=True, capture_output=True)
    for path in (tmp_path / "d", *(tmp_path / "d").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.long
def test_a_backup_without_keys_starts_only_with_them(folder: Path, tmp_path: Path) -> None:
    kept, target = tmp_path / "backup", tmp_path / "target"
    made = answer(xinfang("backup", kept, "--without-keys", "--json", "--data-dir", folder))
    left = {"vault.key", "query-code.key", "grant.key", "issuer.json", "jwks.json"}
    assert set(made["keys_left_out"]) == left
    assert not [name for name in made["files"] if name.startswith("keys")]
    secret = (folder / "keys/vault.key").read_bytes().strip()
    assert not any(secret in path.read_bytes() for path in kept.rglob("*") if path.is_file())

    told = answer(xinfang("restore", kept, "--json", "--data-dir", target))
    assert {Path(path).name for path in told["missing_keys"]} == left
    assert all(Path(path).parent == target / "keys" for path in told["missing_keys"])
    refused = xinfang("serve", "--port", "0", "--data-dir", target)
    assert (refused.returncode, "不见了" in refused.stderr) == (1, True)
    assert list((target / "keys").iterdir()) == []

    for name in left:
        shutil.copy(folder / "keys" / name, target / "keys")
    assert checked(target, 0)["sound"]
    assert xinfang("migrate", "--data-dir", target).returncode == 0


@pytest.mark.long
def test_keys_of_another_installation_do_not_open_a_backup(
    worked: Path, folder: Path, tmp_path: Path
) -> None:
    kept, target = tmp_path / "backup", tmp_path / "target"
    answer(xinfang("backup", kept, "--without-keys", "--json", "--data-dir", folder))
    answer(xinfang("migrate", "--json", "--data-dir", tmp_path / "other"))
    answer(xinfang("restore", kept, "--json", "--data-dir", target))
    shutil.copytree(tmp_path / "other/keys", target / "keys", dirs_exist_ok=True)
    refused = xinfang("serve", "--port", "0", "--data-dir", target)
    assert (refused.returncode, "原来的密钥" in refused.stderr) == (1, True)


@pytest.mark.parametrize(
    ("number", "words"), [(28, "磁盘已满"), (30, "只读"), (13, "没有权限"), (5, "读写出错")]
)
def test_what_the_system_refuses_is_said_in_chinese(number: int, words: str) -> None:
    error = OSError(number, os.strerror(number), "/somewhere/intake.db")
    assert words in system_words(error)
    assert "/somewhere/intake.db" in system_words(error)


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0 or not Path("/dev/full").exists(), reason="mounts as root")
def test_a_read_only_folder_is_told(folder: Path) -> None:
    mounted = subprocess.run(
        ["mount", "--bind", "-o", "ro", str(folder), str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no mounts here")
    try:
        again = ["mount", "-o", "remount,bind,ro", str(folder)]
        subprocess.run(again, capture_output=True, check=False)
        for command in (("serve", "--port", "0"), ("check",), ("migrate",)):
            refused = xinfang(*command, "--data-dir", folder)
            assert refused.returncode == 1, command
            assert "只读" in refused.stderr, refused.stderr
            assert "Traceback" not in refused.stderr
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_what_a_database_refuses_is_said_without_its_words() -> None:
    error = OperationalError("SELECT", {}, Exception("Mr Zhang's data"))
    assert "Zhang" not in database_words(error)
