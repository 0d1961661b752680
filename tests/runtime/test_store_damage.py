"""A store that can't be read turns requests into 503 and readiness red, until all of it is read."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.intake.main import SPEC as INTAKE
from services.routing.main import SPEC as ROUTING
from services.supervision.main import SPEC as SUPERVISION
from shared.db.failures import Damage, damage_of, is_full, is_read_only
from shared.runtime import store_watch
from shared.runtime.store_watch import StoreWatch
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.runtime.folders import overwrite, petition, root_page
from tests.support.backends import SEPARATED
from tests.support.service import ServiceUnderTest

OFFICE = "430000000000-PETITION"


@pytest.fixture
async def intake(make_service: MakeService, monkeypatch: pytest.MonkeyPatch) -> ServiceUnderTest:
    monkeypatch.setattr(store_watch, "REST_SECONDS", 0.0)
    monkeypatch.setattr(store_watch, "REST_TIMES", 0.0)
    service = await make_service(INTAKE)
    answer = await service.client.post("/intake/v1/petitions", json=petition(1))
    assert answer.status_code == 201
    return service


async def run(service: ServiceUnderTest, *statements: str) -> None:
    async with service.service.database.engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def reasons(service: ServiceUnderTest) -> list[str]:
    answer = await service.client.get("/ready")
    told: list[str] = answer.json()["reasons"]
    assert answer.status_code == 503  # no loop runs in these tests
    return [each for each in told if not each.startswith(("worker:", "relay_lag"))]


async def store_damaged_gauge(service: ServiceUnderTest) -> bool:
    return (
        'xinfang_store_damaged{service="intake"} 1.0' in (await service.client.get("/metrics")).text
    )


async def test_a_table_that_is_gone_and_comes_back(intake: ServiceUnderTest) -> None:
    assert await reasons(intake) == []
    await run(intake, "ALTER TABLE petition RENAME TO petition_away")
    answer = await intake.client.post("/intake/v1/petitions", json=petition(2))
    told = answer.json()
    assert (answer.status_code, told["code"]) == (503, "store_damaged")
    assert "数据存储" in told["title"]
    assert int(answer.headers["Retry-After"]) > 2
    assert await reasons(intake) == ["store_damaged"]
    assert await store_damaged_gauge(intake)

    watch = StoreWatch(intake.service.database, INTAKE.metadata)
    await watch.work()
    assert await reasons(intake) == ["store_damaged"]  # another look, and still gone
    assert (await intake.client.get("/live")).status_code == 200
    await run(intake, "ALTER TABLE petition_away RENAME TO petition")
    assert await reasons(intake) == ["store_damaged"]  # nobody has looked yet
    await watch.work()
    assert await reasons(intake) == []
    assert not await store_damaged_gauge(intake)
    answer = await intake.client.post("/intake/v1/petitions", json=petition(2))
    assert answer.status_code == 201


@pytest.mark.parametrize("spec", [ROUTING, SUPERVISION])
async def test_every_service_says_so(make_service: MakeService, spec) -> None:  # type: ignore[no-untyped-def]
    service = await make_service(spec)
    headers = await service.login(Role.OPERATOR, OFFICE)
    assert (await service.client.get(f"/{spec.name}/v1/unsettled", headers=headers)).is_success
    await run(service, "ALTER TABLE inbox RENAME TO inbox_away")
    answer = await service.client.get(f"/{spec.name}/v1/unsettled", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "store_damaged")
    assert await reasons(service) == ["store_damaged"]


@pytest.mark.skipif(SEPARATED, reason="about pages of a file")
@pytest.mark.parametrize("name", ["petition", "sqlite_autoindex_petition_2", "vault"])
async def test_a_damaged_page_is_told_when_it_is_met(intake: ServiceUnderTest, name: str) -> None:
    file = intake.service.database.file
    assert file is not None
    await run(intake, "PRAGMA user_version = 1")
    async with intake.service.database.engine.connect() as connection:
        await connection.execute(text("ROLLBACK"))
        await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        await connection.execute(text("BEGIN"))
    overwrite(file, *root_page(file, name))
    await run(intake, "PRAGMA user_version = 2")  # whoever remembers pages reads them anew
    answer = await intake.client.post("/intake/v1/petitions", json=petition(2))
    assert (answer.status_code, answer.json()["code"]) == (503, "store_damaged")
    assert await reasons(intake) == ["store_damaged"]
    await StoreWatch(intake.service.database, INTAKE.metadata).work()
    assert await reasons(intake) == ["store_damaged"]


@pytest.mark.servers
@pytest.mark.parametrize("state", ["XX001", "XX002", "58030"])
async def test_what_a_server_can_not_read_stays_a_reason(
    intake: ServiceUnderTest, state: str
) -> None:
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'page' USING ERRCODE = '{state}'; END $$"
    with pytest.raises(DBAPIError):
        await run(intake, raising)
    assert await reasons(intake) == ["store_damaged"]
    await StoreWatch(intake.service.database, INTAKE.metadata).work()
    assert await reasons(intake) == ["store_damaged"]


def test_what_drivers_say_is_told_apart() -> None:
    def said(code: int, words: str = "x") -> sqlite3.Error:
        error = sqlite3.OperationalError(words)
        error.sqlite_errorcode = code
        return error

    assert damage_of(said(sqlite3.SQLITE_CORRUPT)) is Damage.MALFORMED
    assert damage_of(said(sqlite3.SQLITE_CORRUPT_INDEX)) is Damage.MALFORMED
    assert damage_of(said(sqlite3.SQLITE_NOTADB)) is Damage.MALFORMED
    assert damage_of(said(sqlite3.SQLITE_IOERR_READ)) is Damage.UNREADABLE
    assert damage_of(said(sqlite3.SQLITE_IOERR_SHORT_READ)) is Damage.UNREADABLE
    for harmless in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE,
                     sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CONSTRAINT):  # fmt: skip
        assert damage_of(said(harmless)) is None
    assert damage_of(said(sqlite3.SQLITE_ERROR, "no such table: petition")) is Damage.TABLES_MISSING
    assert damage_of(said(sqlite3.SQLITE_ERROR, "no such column: x")) is None
    assert damage_of(ValueError("malformed")) is None
    assert is_full(said(sqlite3.SQLITE_FULL))
    assert is_read_only(said(sqlite3.SQLITE_READONLY))
    assert is_read_only(said(sqlite3.SQLITE_CANTOPEN))
