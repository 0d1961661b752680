"""The supervision service on a fresh database, and the ways a test makes time pass."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from services.supervision.duties.jobs.watcher import watch
from services.supervision.main import SPEC
from services.supervision.tables import AlarmRow, DutyRow, table_of
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.support.service import ServiceUnderTest

ROOT_OFFICE = "430000000000-PETITION"


class Supervision:
    """A service under test with supervision's own words."""

    def __init__(self, sut: ServiceUnderTest) -> None:
        self.sut = sut

    async def watch_until(self, instant: datetime | str | None = None) -> int:
        """Set the clock (local time of Shanghai when text) and watch until nothing is due."""
        if isinstance(instant, str):
            instant = datetime.fromisoformat(f"{instant}+08:00")
        if instant is not None:
            self.sut.clock.set(instant)
        total = 0
        while fired := await watch(self.sut.service):
            total += fired
        return total

    async def rows(self, kind: str | None = None) -> list[Any]:
        """Duty rows, by kind and ordinal."""
        duty = table_of(DutyRow)
        query = select(duty).order_by(duty.c.kind, duty.c.ordinal, duty.c.duty_id)
        if kind:
            query = query.where(duty.c.kind == kind)
        async with self.sut.service.database.reading() as session:
            return list((await session.execute(query)).all())

    async def row(self, kind: str) -> Any:
        """The only duty of a kind."""
        (row,) = await self.rows(kind)
        return row

    async def states(self) -> dict[str, str]:
        """Kind -> state, where every kind occurs once."""
        rows = await self.rows()
        assert len({row.kind for row in rows}) == len(rows)
        return {row.kind: row.state for row in rows}

    async def alarms(self) -> dict[str, int]:
        """Open alarms: code -> times."""
        alarm = table_of(AlarmRow)
        async with self.sut.service.database.reading() as session:
            found = await session.execute(select(alarm).where(alarm.c.cleared_at.is_(None)))
            return {row.code: row.times for row in found}

    async def supervisor(self, organ: str = ROOT_OFFICE) -> dict[str, str]:
        """Headers of a supervisor of the whole deployment."""
        return await self.sut.login(Role.SUPERVISOR, organ)


MakeSupervision = Callable[..., Awaitable[Supervision]]


@pytest.fixture
async def supervision(make_service: MakeService) -> Supervision:
    """One instance."""
    return Supervision(await make_service(SPEC))


@pytest.fixture
async def another(make_service: MakeService) -> MakeSupervision:
    """`await another(first)`: one more instance on the database of the first."""

    async def make(first: Supervision) -> Supervision:
        again = await make_service(SPEC, url=first.sut.settings.database_url)
        again.clock.set(first.sut.clock.now())
        return Supervision(again)

    return make
