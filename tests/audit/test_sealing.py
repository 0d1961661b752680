"""The sealer on a real database: what is committed gets sealed, late, twice or after a crash."""

from __future__ import annotations

import asyncio
import json
import logging
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from typer.testing import CliRunner

from services.__main__ import command
from services.analytics.main import SPEC
from shared.db import audit_sealer
from shared.db.audit_anchor import AnchorFile
from shared.db.audit_chain import Anchor, Verdict
from shared.db.audit_sealer import ChainBroken, Sealer
from shared.db.audit_verification import verify_audit
from shared.vocabulary.checks import AuditFlaw
from tests.conftest import MakeService
from tests.support.service import ServiceUnderTest


@pytest.fixture
def make_service(make_service: MakeService) -> MakeService:
    """Services whose log is empty: what a new database notes of its first posts is taken out."""

    async def make(*arguments: Any, **named: Any) -> ServiceUnderTest:
        sut = await make_service(*arguments, **named)
        if "url" not in named:
            async with sut.service.database.writing() as session:
                await session.execute(delete(sut.service.tables.audit))
        return sut

    return make


async def note(sut: ServiceUnderTest, *actors: str) -> None:
    """One transaction with an audit line per actor."""
    async with sut.service.units.begin() as uow:
        for actor in actors:
            uow.audit("tried", "case/1", actor=actor, 说明="甲")


def anchors(sut: ServiceUnderTest) -> AnchorFile:
    return AnchorFile(sut.settings.anchor(SPEC.name))


async def verdict(sut: ServiceUnderTest) -> tuple[Verdict, int]:
    return await verify_audit(
        sut.service.database, sut.service.tables, service=SPEC.name, anchors=anchors(sut).read()
    )


def new_sealer(sut: ServiceUnderTest) -> Sealer:
    return Sealer(
        database=sut.service.database, tables=sut.service.tables, service=SPEC.name,
        anchor=anchors(sut).path,
    )  # fmt: skip


async def test_committed_rows_are_sealed_and_anchored(make_service: MakeService) -> None:
    sut = await make_service(SPEC)
    await note(sut, "wang", "李")
    assert (await verdict(sut))[1] == 2
    assert await sut.service.sealer.work() == 2
    assert await sut.service.sealer.work() == 0
    await note(sut, "zhao")
    assert await sut.service.sealer.work() == 1
    found, unsealed = await verdict(sut)
    assert (found.finding, found.sealed, unsealed) == (None, 3, 0)
    assert [each.ordinal for each in anchors(sut).read()] == [2, 3]


def test_an_anchor_of_which_only_a_part_could_be_written_is_no_anchor(tmp_path: Path) -> None:
    """A full disk takes the first bytes of a line and says so by their number only."""
    file, at = AnchorFile(tmp_path / "anchors"), datetime(2026, 3, 2, tzinfo=UTC)
    file.append(service="analytics", ordinal=1, head=b"one", at=at)
    with room_left(file.path, 20), pytest.raises(OSError, match="anchor"):
        file.append(service="analytics", ordinal=2, head=b"two", at=at)
    assert [each.ordinal for each in file.read()] == [1]
    file.append(service="analytics", ordinal=2, head=b"two", at=at)
    assert [each.ordinal for each in file.read()] == [1, 2]


@contextmanager
def room_left(path: Path, count: int) -> Iterator[None]:
    """No file can grow beyond this many bytes more than `path` has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_pages_and_passes_do_not_change_the_chain(
    make_service: MakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    sut = await make_service(SPEC)
    monkeypatch.setattr(audit_sealer, "BATCH_ROWS", 3)
    monkeypatch.setattr("shared.db.audit_verification.PAGE_ROWS", 4)
    await note(sut, *(f"officer{number}" for number in range(10)))
    assert [await sut.service.sealer.work() for _ in range(5)] == [3, 3, 3, 1, 0]
    found, unsealed = await verdict(sut)
    assert (found.finding, found.sealed, unsealed) == (None, 10, 0)


async def test_a_row_that_commits_after_a_later_one_is_sealed_too(
    make_service: MakeService,
) -> None:
    """Positions are given before the commit: on PostgreSQL the order of commits may differ."""
    sut = await make_service(SPEC)
    audit = sut.service.tables.audit
    values = {"at": sut.clock.now(), "actor": "late", "action": "tried", "subject": "case/1",
              "detail": "{}", "correlation_id": "x"}  # fmt: skip
    async with sut.service.database.writing() as session:
        await session.execute(insert(audit).values(position=1001, **values))
        await session.execute(insert(audit).values(position=1003, **values))
    assert await sut.service.sealer.work() == 2
    async with sut.service.database.writing() as session:
        await session.execute(insert(audit).values(position=1002, **values))
    assert await sut.service.sealer.work() == 1
    found, unsealed = await verdict(sut)
    assert (found.finding, found.sealed, unsealed, found.late) == (None, 3, 0, [])


async def test_the_floor_rises_only_after_the_longest_transaction(
    make_service: MakeService,
) -> None:
    sut = await make_service(SPEC)
    sealer = new_sealer(sut)
    sealer._clock = sut.clock
    audit = sut.service.tables.audit
    await note(sut, "wang", "li")
    await sealer.work()
    sut.clock.advance(timedelta(minutes=9))
    await sealer.work()
    assert sealer._floor == 0
    sut.clock.advance(timedelta(minutes=2))
    await sealer.work()
    async with sut.service.database.reading() as session:
        highest = await session.scalar(select(audit.c.position).order_by(audit.c.position.desc()))
    assert sealer._floor == highest


async def test_a_new_process_begins_above_what_was_sealed_long_ago(
    make_service: MakeService,
) -> None:
    sut = await make_service(SPEC)
    sealers = [new_sealer(sut) for _ in range(3)]
    for each in sealers:
        each._clock = sut.clock
    await note(sut, "wang", "li")
    await sealers[0].work()
    sut.clock.advance(timedelta(minutes=5))
    await sealers[1].work()
    assert sealers[1]._floor == 0
    sut.clock.advance(timedelta(minutes=6))
    await note(sut, "zhao")
    assert await sealers[2].work() == 1
    audit = sut.service.tables.audit
    async with sut.service.database.reading() as session:
        second = await session.scalar(select(audit.c.position).where(audit.c.actor == "li"))
    assert sealers[2]._floor == second


async def test_two_sealers_make_one_chain(make_service: MakeService) -> None:
    sut = await make_service(SPEC)
    sealers = [new_sealer(sut), new_sealer(sut)]
    for turn in range(10):
        await note(sut, f"one{turn}", f"two{turn}")
        done = await asyncio.gather(*(each.work() for each in sealers), return_exceptions=True)
        assert all(isinstance(each, int | IntegrityError) for each in done)
    await sealers[0].work()
    found, unsealed = await verdict(sut)
    assert (found.finding, found.sealed, unsealed) == (None, 20, 0)


async def test_a_sealer_that_starts_while_another_works_finds_the_chain_whole(
    make_service: MakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may read the anchors before the other's first one and the seals after its second pass."""
    sut = await make_service(SPEC)
    old, new = new_sealer(sut), new_sealer(sut)
    has_read, may_go_on, really = threading.Event(), threading.Event(), new._anchor.last

    def last() -> Anchor | None:
        found = really()
        has_read.set()
        may_go_on.wait(30)
        return found

    monkeypatch.setattr(new._anchor, "last", last)
    started = asyncio.create_task(new.work())
    await asyncio.to_thread(has_read.wait, 30)
    for number in range(2):
        await note(sut, f"wang{number}")
        await old.work()
    may_go_on.set()
    assert await started == 0
    assert not new.is_broken


async def test_a_crash_between_seal_and_anchor_is_made_good(make_service: MakeService) -> None:
    sut = await make_service(SPEC)
    await note(sut, "wang")
    await sut.service.sealer.work()
    path = anchors(sut).path
    kept = path.read_bytes()
    await note(sut, "li")
    await sut.service.sealer.work()
    path.write_bytes(kept + b'{"service": "analy')  # the second anchor was torn
    await new_sealer(sut).work()
    assert [each.ordinal for each in anchors(sut).read()] == [1, 2]
    assert (await verdict(sut))[0].finding is None


async def test_a_restored_database_is_not_sealed_on_silently(make_service: MakeService) -> None:
    sut = await make_service(SPEC)
    await note(sut, "wang", "li")
    await sut.service.sealer.work()
    tables = sut.service.tables
    async with sut.service.database.writing() as session:
        await session.execute(delete(tables.audit_seal).where(tables.audit_seal.c.ordinal > 1))
        await session.execute(delete(tables.audit).where(tables.audit.c.actor == "li"))
    with pytest.raises(ChainBroken):
        await new_sealer(sut).work()
    finding = (await verdict(sut))[0].finding
    assert finding
    assert finding.flaw is AuditFlaw.CUT


async def test_readiness_shows_the_age_of_what_is_not_sealed(make_service: MakeService) -> None:
    sut = await make_service(SPEC)
    await note(sut, "wang")
    sut.clock.advance(timedelta(seconds=31))
    told = (await sut.client.get("/ready")).json()
    assert told["audit_unsealed_seconds"] == 31
    assert "audit_unsealed" in told["reasons"]
    await sut.service.sealer.work()
    told = (await sut.client.get("/ready")).json()
    assert told["audit_unsealed_seconds"] == 0
    assert "audit_unsealed" not in told["reasons"]


@pytest.fixture
def logging_kept() -> Iterator[None]:
    """Commands configure logging for their process; here it is everybody's."""
    root, kept = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    yield
    structlog.configure(**kept)
    root.handlers, root.level = handlers, level


@pytest.mark.usefixtures("logging_kept")
async def test_the_command_names_the_first_bad_row(
    make_service: MakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    sut = await make_service(SPEC)
    await note(sut, "wang", "li", "zhao")
    await sut.service.sealer.work()
    monkeypatch.setenv("XINFANG_DATABASE_URL", sut.settings.database_url)
    asked = ["audit", "verify", "--service", SPEC.name, "--json"]
    asked += ["--data-dir", str(sut.settings.data_dir)]

    async def ask() -> tuple[int, dict[str, object]]:
        result = await asyncio.to_thread(CliRunner().invoke, command(), asked)
        return result.exit_code, json.loads(result.stdout.splitlines()[-1])["services"][0]

    code, told = await ask()
    assert (code, told["sound"], told["sealed"], told["anchors"]) == (0, True, 3, 1)
    audit = sut.service.tables.audit
    async with sut.service.database.writing() as session:
        position = await session.scalar(
            update(audit)
            .where(audit.c.actor == "li")
            .values(actor="qian")
            .returning(audit.c.position)
        )
    code, told = await ask()
    assert code == 1
    assert told["finding"] == {
        "flaw": "changed", "ordinal": 2, "position": position, "anchor_line": None,
    }  # fmt: skip
