"""What services gave to each other, compared: an event one has must be known to the other.

One database that is older than the rest (an old copy, a lost log) shows at once: its consumers have
events it never recorded, or its inbox lacks what the others have given it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from shared.db.engine import Database
from shared.db.many import one_of
from shared.messaging.retention import INBOX_SINCE, OUTBOX_SINCE, kept_since
from shared.runtime.marks import UnsafeToStart
from shared.runtime.service_spec import ServiceSpec

NEWEST = 2000
"""Rows of an outbox or inbox looked at in a quick comparison, the newest ones of all kinds."""
PAGE_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Side:
    """One service's database."""

    spec: ServiceSpec
    database: Database


@dataclass(slots=True)
class Given:
    """What one service gave to another. `unknown` are events the consumer has and the producer does
    not; `missing` are published and never arrived, `awaited` those of them from before the consumer
    was restored, which its hourly comparison fetches."""

    producer: str
    consumer: str
    published: int = 0
    received: int = 0
    unsent: int = 0
    unknown: int = 0
    missing: int = 0
    awaited: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def as_json(self) -> dict[str, Any]:
        """For a command's answer."""
        told = asdict(self)
        return {"from": told.pop("producer"), "to": told.pop("consumer"), **told}


async def compare(producer: Side, consumer: Side, *, newest: int | None = None) -> Given:
    """Compare by the ids of events; all of them, or the newest alone."""
    types = sorted(consumer.spec.subscriptions.types)
    outbox, inbox = producer.spec.tables.outbox, consumer.spec.tables.inbox
    found = Given(producer.spec.name, consumer.spec.name)
    epoch = int(await _meta(producer, "epoch") or "1")
    restored = await _meta(consumer, "restored_at")
    async with producer.database.reading() as session:
        sent_since = await kept_since(session, producer.spec.tables, OUTBOX_SINCE)
    async with consumer.database.reading() as session:
        received_since = await kept_since(session, consumer.spec.tables, INBOX_SINCE)
    mine = and_(inbox.c.source == producer.spec.name, inbox.c.epoch >= epoch)
    if sent_since is not None:
        mine = and_(mine, inbox.c.event_time >= sent_since)
    sent = and_(
        outbox.c.type.in_(types),
        outbox.c.published_at.is_not(None),
        or_(outbox.c.reason.is_(None), outbox.c.reason != "restored"),
    )
    if received_since is not None:
        sent = and_(sent, outbox.c.recorded_at >= received_since)
    # What is read first on one side is looked for later on the other: nothing on its way is missed.
    given = select(outbox.c.id, outbox.c.published_at, outbox.c.position).where(sent)
    async for ids, times in _pages(producer, given, outbox.c.position, newest):
        found.published += len(ids)
        there = await _there(consumer, inbox.c.id, ids)
        for event_id in ids - there:
            late = restored and times[event_id].isoformat() <= restored
            found.awaited += bool(late)
            found.missing += not late
            found.examples += [] if late or len(found.examples) > 2 else [str(event_id)]  # noqa: PLR2004
    taken = select(inbox.c.id, inbox.c.received_at, inbox.c.position).where(mine)
    async for ids, _ in _pages(consumer, taken, inbox.c.position, newest):
        found.received += len(ids)
        lost = ids - await _there(producer, outbox.c.id, ids)
        found.unknown += len(lost)
        found.examples += [str(each) for each in sorted(lost)[: max(0, 3 - len(found.examples))]]
    async with producer.database.reading() as session:
        waiting = and_(outbox.c.published_at.is_(None), outbox.c.type.in_(types))
        found.unsent = await session.scalar(
            select(func.count()).select_from(outbox).where(waiting)
        ) or 0  # fmt: skip
    return found


def pairs(sides: Sequence[Side]) -> list[tuple[Side, Side]]:
    """Each producer with each consumer that hears anything of it."""
    return [
        (one, other)
        for one in sides
        for other in sides
        if one is not other
        and any(kind.startswith(f"{one.spec.name}.") for kind in other.spec.subscriptions.types)
    ]


def words(found: Given) -> str:
    """What is wrong between two services and what to do, in a sentence; empty where nothing is."""
    if found.unknown:
        older, said = found.producer, f"{found.consumer} 收到过它没有记录的事件"
    elif found.missing:
        older, said = found.consumer, f"它没有 {found.producer} 已经发给它的事件"
    else:
        return ""
    count = found.unknown or found.missing
    return (
        f"{older} 的数据库比 {found.consumer if found.unknown else found.producer} 的旧（{said} "
        f"{count} 件），是旧副本或者丢了日志文件（-wal）：把原来的文件放回，或从备份恢复整套；"
        f"只有这一份的，执行 xinfang restored {older} 后再启动，丢失的内容须补录"
    )


async def refuse_uneven(sides: Sequence[Side]) -> None:
    """Raise UnsafeToStart when one database is older than another, as far as the newest events of
    each pair tell."""
    for producer, consumer in pairs(sides):
        if said := words(await compare(producer, consumer, newest=NEWEST)):
            raise UnsafeToStart(said)


async def _pages(
    side: Side, query: Select[Any], position: ColumnElement[Any],
    newest: int | None,
) -> AsyncIterator[tuple[set[UUID], dict[UUID, datetime]]]:  # fmt: skip
    """Ids with their instants, page by page, from the newest back."""
    if newest is not None:
        query = query.where(
            position > select(func.max(position)).correlate(None).scalar_subquery() - newest
        )
    query = query.order_by(position.desc()).limit(PAGE_ROWS)
    page = query
    while True:
        async with side.database.reading() as session:
            rows = (await session.execute(page)).all()
        if not rows:
            return
        yield {row[0] for row in rows}, {row[0]: row[1] for row in rows}
        page = query.where(position < rows[-1][2])


async def _there(side: Side, column: ColumnElement[Any], ids: set[UUID]) -> set[UUID]:
    """Which of these ids a table has."""
    async with side.database.reading() as session:
        return set(await session.scalars(select(column).where(one_of(session, column, list(ids)))))


async def _meta(side: Side, key: str) -> str | None:
    meta = side.spec.tables.meta
    async with side.database.reading() as session:
        found: str | None = await session.scalar(select(meta.c.value).where(meta.c.key == key))
    return found
