"""Holding what came too early on streams where the order is contiguous (decision 0063)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Table, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.envelope import EventData
from shared.db.many import OnConflict, insert_many
from shared.db.tables import CommonTables, not_done
from shared.kernel.rank import Rank, is_newer
from shared.messaging.subscriptions import Received

Cursor = Rank
"""Rank of the last event applied."""


class Verdict(StrEnum):
    """What to do with an event of a batch."""

    APPLY = "apply"
    HOLD = "hold"
    STALE = "stale"


async def judge_streams(
    session: AsyncSession,
    table: Table,
    events: Sequence[Received[EventData]],
    contiguous: frozenset[tuple[str, str]],
) -> tuple[dict[UUID, Verdict], dict[tuple[str, str], Cursor]]:
    """Verdict per event id, and the cursors as they stand after applying those that may be.

    In a new epoch (a restored producer) the stream starts again at whatever comes first."""
    verdicts = {event.envelope.id: Verdict.APPLY for event in events}
    ordered = [event.envelope for event in events if _stream(event) in contiguous]
    if not ordered:
        return verdicts, {}
    # Two plain lists and not one of pairs: SQLite finds pairs by reading the whole table. What the
    # two lists find too much is a stream of the same subject at another source; it is not asked.
    found = await session.execute(
        select(table)
        .where(table.c.source.in_(sorted({envelope.source for envelope in ordered})))
        .where(table.c.subject.in_(sorted({envelope.subject for envelope in ordered})))
    )
    cursors: dict[tuple[str, str], Cursor] = {
        (row.source, row.subject): (row.epoch, row.sequence) for row in found
    }
    moved: dict[tuple[str, str], Cursor] = {}
    for envelope in sorted(ordered, key=lambda each: each.rank):
        key = (envelope.source, envelope.subject)
        epoch, sequence = cursors.get(key, (envelope.epoch, 0))
        if not is_newer(envelope.rank, (epoch, sequence)):
            verdicts[envelope.id] = Verdict.STALE
        elif envelope.epoch > epoch or envelope.sequence == sequence + 1:
            cursors[key] = moved[key] = envelope.rank
        else:
            verdicts[envelope.id] = Verdict.HOLD
    return verdicts, moved


def in_stream_order(
    events: Sequence[Received[EventData]], contiguous: frozenset[tuple[str, str]]
) -> list[Received[EventData]]:
    """The events as they came, those of one contiguous stream by rank: each stream keeps the
    places of its events and fills them in order."""
    places: dict[tuple[str, str], list[int]] = {}
    for place, event in enumerate(events):
        if _stream(event) in contiguous:
            key = (event.envelope.source, event.envelope.subject)
            places.setdefault(key, []).append(place)
    ordered = list(events)
    for taken in places.values():
        by_rank = sorted((events[place] for place in taken), key=lambda each: each.envelope.rank)
        for place, event in zip(taken, by_rank, strict=True):
            ordered[place] = event
    return ordered


def _stream(event: Received[EventData]) -> tuple[str, str]:
    return event.envelope.source, event.envelope.subject.split("/", 1)[0]


async def move_cursors(
    session: AsyncSession, tables: CommonTables, cursors: dict[tuple[str, str], Cursor]
) -> None:
    """Store the cursors and wake what was held behind them."""
    if not cursors:
        return
    rows = [
        {"source": source, "subject": subject, "epoch": epoch, "sequence": sequence}
        for (source, subject), (epoch, sequence) in sorted(cursors.items())
    ]
    replacing = OnConflict(("source", "subject"), replaced=("epoch", "sequence"))
    await insert_many(session, tables.stream, rows, conflict=replacing)
    inbox = tables.inbox
    await session.execute(
        update(inbox)
        .where(not_done(inbox), inbox.c.state == "held")
        .where(tuple_(inbox.c.source, inbox.c.subject).in_(sorted(cursors)))
        .values(state="new", next_attempt_at=None)
    )
