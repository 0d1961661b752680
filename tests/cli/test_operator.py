"""The way back in when nobody is left who may give posts, as a person at the machine takes it."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import answer, xinfang


def rows(folder: Path, query: str, service: str = "routing") -> list[Any]:
    with sqlite3.connect(folder / f"{service}.db") as database:
        return list(database.execute(query))


@pytest.mark.long
@pytest.mark.timeout(300)
def test_an_operator_is_restored_once_and_it_shows(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    nothing = xinfang("operator", "restore", "--data-dir", folder)
    assert (nothing.returncode, folder.exists()) == (1, False)
    assert "xinfang migrate" in nothing.stderr

    answer(xinfang("migrate", "--json", "--data-dir", folder))
    services = ("routing", "intake", "supervision", "analytics")
    end = "UPDATE post SET valid_to = '2026-01-01 00:00:00.000000' WHERE role = 'operator'"
    for service in services:  # as an older release could leave it
        rows(folder, end, service)
    for expected in (True, False):
        done = answer(xinfang("operator", "restore", "--json", "--data-dir", folder))
        assert done == {"person": "xinfang-operator", "restored": expected}
    assert rows(folder, "SELECT standing, person, role, given_by FROM post_giving") == [
        ("alone", "xinfang-operator", "operator", "xinfang")
    ]
    assert rows(folder, "SELECT count(*) FROM audit WHERE action = 'post.restored'") == [(1,)]
    known = "SELECT count(*) FROM post WHERE valid_to IS NULL AND role = 'operator'"
    assert [rows(folder, known, service) for service in services] == [[(1,)]] * 4
    token = xinfang("token", "--role", "officer", "--data-dir", folder)
    assert token.returncode == 0, token.stderr
