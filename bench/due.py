"""10,000 due duties among ever more open ones, fired by the real watcher on PostgreSQL.

The due ones lie scattered over the table, the hardest layout. Each is about a case of a county
organ, so each is made overdue, told to its superior (a new duty) and published twice.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from datetime import UTC, date, datetime, timedelta
from functools import cache
from statistics import median
from typing import Any

import asyncpg

from bench.databases import fresh, plain_url, run
from bench.processor import Processor
from services.supervision.duties.domain.duty import Due, Duty, DutyKey, Terms
from services.supervision.duties.jobs.figures import gauges
from services.supervision.duties.jobs.watcher import watch
from services.supervision.duties.store.duty_rows import row_of
from services.supervision.main import SPEC
from shared.kernel.clock import DEFAULT_ZONE
from shared.kernel.workdays import Limit
from shared.messaging.in_process import InProcessBus
from shared.runtime.service import Service
from shared.vocabulary.duties import DutyKind, DutyState, Nature, SubjectKind, Unit

SIZES = (10_000, 100_000, 1_000_000)
DUE = 10_000
AHEAD = 400
"""Days over which the due dates of the duties that are not due are spread."""
MAKE_DUE = f"""
UPDATE duty SET due_at = due_at - interval '900 days', due_on = due_on - 900,
  started_on = started_on - 900, next_at = due_at - interval '900 days'
WHERE duty_id IN (SELECT duty_id FROM duty ORDER BY random() LIMIT {DUE})"""
TAKE_BACK = [
    "DELETE FROM duty WHERE kind = 'raised'",
    (
        "UPDATE duty SET state = 'running', overdue_at = NULL, noticed_at = NULL,"
        " due_at = due_at + interval '900 days', due_on = due_on + 900,"
        " started_on = started_on + 900, next_at = due_at + interval '900 days', version = 1"
        " WHERE kind = 'D3' AND state <> 'running'"
    ),
    "TRUNCATE outbox",
    "TRUNCATE alarm",
]


async def bench_due(*, rounds: int, seconds: float) -> dict[str, Any]:  # noqa: ARG001
    """Duties fired per second by size, and how the time grows from the smallest to the largest."""
    found: dict[str, Any] = {}
    async with fresh(SPEC) as settings:
        url = plain_url(settings, SPEC.name)
        service = Service(SPEC, settings, bus=InProcessBus())
        await service.prepare()
        open_ones = 0
        for size in SIZES:
            await _fill(url, service, size - open_ones)
            open_ones = size
            found[str(size)] = await _measure(url, service, rounds)
        await service.database.close()
    rates = [found[str(size)]["fired_per_second"] for size in SIZES]
    return found | {"growth": round(rates[0] / rates[-1], 2)}


async def _measure(url: str, service: Service, rounds: int) -> dict[str, Any]:
    rates, looks, reads, shares = [], [], [], []
    processor = Processor(url)
    for _ in range(rounds):
        await run(url, ["VACUUM ANALYZE duty", "CHECKPOINT"])
        looks.append(await _timed(watch(service)))
        await run(url, [MAKE_DUE])
        reads.append(await _timed(gauges(service)))
        await processor.start()
        began = time.perf_counter()
        fired = 0
        while count := await watch(service):
            fired += count
        rates.append(fired / (time.perf_counter() - began))
        shares.append([1e6 * each / fired for each in await processor.used()])
        await _check(url, fired)
        await run(url, TAKE_BACK)
    return {
        "fired_per_second": round(median(rates)),
        "lowest": round(min(rates)),
        "highest": round(max(rates)),
        "python_us": round(median(each[0] for each in shares)),
        "postgres_us": round(median(each[1] for each in shares)),
        "nothing_due_ms": round(median(looks), 1),
        "gauges_ms": round(median(reads), 1),
    }


async def _check(url: str, fired: int) -> None:
    """Each due duty was fired once, told upward and published. Raises AssertionError."""
    connection = await asyncpg.connect(url)
    overdue = await connection.fetchval("SELECT count(*) FROM duty WHERE state = 'overdue'")
    raised = await connection.fetchval("SELECT count(*) FROM duty WHERE kind = 'raised'")
    events = await connection.fetchval("SELECT count(DISTINCT subject) FROM outbox")
    await connection.close()
    if not fired == overdue == raised == events / 2 == DUE:
        raise AssertionError((fired, overdue, raised, events))


async def _timed(awaited: Any) -> float:
    began = time.perf_counter()
    await awaited
    return 1000 * (time.perf_counter() - began)


async def _fill(url: str, service: Service, count: int) -> None:
    """Add running duties of all county housing authorities, due in the days to come."""
    reference = service.reference
    counties = reference.divisions.children(reference.root_division, visible=True)
    found = (reference.organs.organ(each.code, "HOUSING") for city in counties
             for each in reference.divisions.children(city.code, visible=True))  # fmt: skip
    organs = [each for each in found if each is not None]
    today = datetime.now(UTC).date()
    connection = await asyncpg.connect(url)
    left = count
    while left > 0:
        rows = [_row(random.choice(organs), today) for _ in range(min(left, 20_000))]
        columns = list(rows[0])
        await connection.copy_records_to_table(
            "duty",
            columns=columns,
            records=[tuple(row.values()) for row in rows],
        )
        left -= len(rows)
    await connection.close()


def _row(organ: Any, today: date) -> dict[str, Any]:
    """A running duty as COPY takes it."""
    key = DutyKey(SubjectKind.CASE, uuid.uuid4(), DutyKind.D3, 1)
    return _like(today + timedelta(days=10 + random.randrange(AHEAD))) | {
        "duty_id": key.duty_id, "subject_id": key.subject_id, "case_id": key.subject_id,
        "petition_ids": f'["{uuid.uuid4()}"]',
        "organ_code": organ.code, "division_code": organ.division_code,
    }  # fmt: skip


@cache
def _like(started_on: date) -> dict[str, Any]:
    """What all duties of a day have alike."""
    editions = {"limits_edition": "bench", "calendar_edition": "bench", "noticed_at": None}
    row = row_of(_duty(started_on)) | editions
    return {name: json.dumps(v) if isinstance(v, list) else v for name, v in row.items()}


def _duty(started_on: date) -> Duty:
    terms = Terms(started_on, DEFAULT_ZONE, Limit(15, Unit.CALENDAR))
    last_day = terms.started_on + timedelta(days=15)
    due_at = datetime(last_day.year, last_day.month, last_day.day, 16, tzinfo=UTC)
    case_id = uuid.uuid4()
    return Duty(
        key=DutyKey(SubjectKind.CASE, case_id, DutyKind.D3, 1),
        case_id=case_id, petition_ids=(uuid.uuid4(),),
        organ_code=None, division_code=None,
        nature=Nature.LEGAL, limit_id="bench-D3", article="《信访工作条例》第二十三条",
        warn_days=(5, 1), terms=terms, due=Due(last_day, due_at, provisional=False),
        state=DutyState.RUNNING,
    )  # fmt: skip
