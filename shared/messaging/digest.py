"""Counting what was published and what arrived, hour by hour, and fetching what is missing.

`mandatory` proves only that one queue got a message; this proves that each consumer has it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog
from sqlalchemy import Table, func, select

from shared.contracts.catalogue import DIGESTS
from shared.contracts.digest import HourlyDigest, TypeDigest
from shared.contracts.envelope import Envelope
from shared.db.engine import Database, insert_into
from shared.db.tables import CommonTables
from shared.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from shared.kernel.clock import Clock
from shared.messaging.inbox import OPEN, Inbox
from shared.messaging.retention import INBOX_SINCE, kept_since
from shared.messaging.subscriptions import Subscriptions

log = structlog.get_logger()

HOUR = timedelta(hours=1)
GRACE = timedelta(minutes=2)
"""No transaction lives this long, so an hour that ended this long ago has all its events."""


class Feed(Protocol):
    """Where a consumer fetches events it misses: the producer's event feed."""

    def read(self, source: str, hour: datetime, types: Sequence[str]) -> AsyncIterator[list[bytes]]:
        """Raw envelopes of one hour in batches. Raises OSError or httpx.HTTPError when away."""


def digest_of(ids: Iterable[UUID]) -> str:
    """XOR of the ids' SHA-256, hex: the same for the same set in any order."""
    total = 0
    for each in ids:
        total ^= int.from_bytes(hashlib.sha256(each.bytes).digest()[:16], "big")
    return f"{total:032x}"


async def make_digest(units: UnitOfWorkFactory, *, service: str, clock: Clock) -> int:
    """Record the digest of the next closed hour that had events; 1 when there was one."""
    contract = DIGESTS.get(service)
    if contract is None:
        return 0
    async with units.begin() as uow:
        done = await _kept(uow, "digest_hour")
        after = datetime.fromisoformat(done) if done else None
        since = await _next_hour(uow, contract, after)
        if since is None or since + HOUR + GRACE > clock.now():
            return 0
        types = await _hour(
            uow, uow.tables.outbox, uow.tables.outbox.c.recorded_at, since, skip=contract.TYPE
        )
        previous = after - HOUR if after else None
        event = contract(hour=since, types=types, previous=previous)
        uow.record(event, subject_id=service, sequence=_number(since))
        await _keep(uow, "digest_hour", (since + HOUR).isoformat())
    return 1


def _number(hour: datetime) -> int:
    """The hour as the sequence of its digest."""
    return int(hour.timestamp()) // 3600


async def _next_hour(
    uow: UnitOfWork, contract: type[HourlyDigest], after: datetime | None
) -> datetime | None:
    """Start of the first hour without a digest that holds events, None when there is none."""
    outbox = uow.tables.outbox
    first = select(func.min(outbox.c.recorded_at)).where(outbox.c.type != contract.TYPE)
    if after:
        first = first.where(outbox.c.recorded_at >= after)
    earliest = await uow.session.scalar(first)
    return earliest.replace(minute=0, second=0, microsecond=0) if earliest else None


async def _hour(
    uow: UnitOfWork, table: Table, column: Any, hour: datetime, *, skip: str
) -> list[TypeDigest]:
    found = await uow.session.execute(
        select(table.c.type, table.c.id)
        .where(column >= hour, column < hour + HOUR)
        .where(table.c.type != skip)
    )
    ids: dict[str, list[UUID]] = {}
    for row in found:
        ids.setdefault(row.type, []).append(row.id)
    return [
        TypeDigest(type=kind, count=len(each), digest=digest_of(each))
        for kind, each in sorted(ids.items())
    ]


class Reconciler:
    """Compares received digests with the inbox and refills it from the producer's feed."""

    def __init__(
        self,
        *,
        database: Database,
        tables: CommonTables,
        units: UnitOfWorkFactory,
        inbox: Inbox,
        subscriptions: Subscriptions,
    ) -> None:
        self._database = database
        self._tables = tables
        self._units = units
        self._inbox = inbox
        self._types = subscriptions.types
        self.feed: Feed | None = None

    async def work(self) -> int:
        """Compare the next digest not yet compared; 1 when there was one.

        Raises RuntimeError when events are missing and there is no feed to fetch them from."""
        inbox = self._tables.inbox
        async with self._units.begin() as uow:
            seen = int(await _kept(uow, "reconciled") or "0")
        async with self._database.reading() as session:
            row = (
                await session.execute(
                    select(inbox.c.position, inbox.c.envelope, inbox.c.state)
                    .where(inbox.c.position > seen)
                    .where(inbox.c.type.in_([contract.TYPE for contract in DIGESTS.values()]))
                    .order_by(inbox.c.position)
                    .limit(1)
                )
            ).one_or_none()
        if row is None or row.state in OPEN:  # its turn comes, and nobody overtakes it
            return 0
        if row.state == "done":
            await self._compare(Envelope.parse(row.envelope))
        async with self._units.begin() as uow:
            await _keep(uow, "reconciled", str(row.position))
        return 1

    async def _compare(self, envelope: Envelope) -> None:
        digest = HourlyDigest.model_validate(envelope.data)
        if digest.previous and not await self._has_digest(envelope, digest.previous):
            await self._fetch_digest(envelope, digest.previous)
        async with self._database.reading() as session:
            since = await kept_since(session, self._tables, INBOX_SINCE)
        if since is not None and digest.hour < since:
            return  # told again, and what it counts was removed
        if missing := await self._different(envelope.source, digest):
            await self._refill(envelope.source, digest.hour, missing)

    async def _different(self, source: str, digest: HourlyDigest) -> list[str]:
        inbox = self._tables.inbox
        different = []
        for each in digest.types:
            if each.type not in self._types:
                continue
            async with self._database.reading() as session:
                ids = await session.scalars(
                    select(inbox.c.id)
                    .where(inbox.c.source == source, inbox.c.type == each.type)
                    .where(inbox.c.event_time >= digest.hour)
                    .where(inbox.c.event_time < digest.hour + HOUR)
                )
                known = list(ids)
            if (len(known), digest_of(known)) != (each.count, each.digest):
                different.append(each.type)
        return different

    async def _has_digest(self, later: Envelope, hour: datetime) -> bool:
        inbox = self._tables.inbox
        async with self._database.reading() as session:
            found = await session.scalar(
                select(inbox.c.id)
                .where(inbox.c.source == later.source, inbox.c.event_time >= hour)
                .where(inbox.c.type == later.type, inbox.c.sequence == _number(hour))
                .limit(1)
            )
        return found is not None

    async def _fetch_digest(self, later: Envelope, hour: datetime) -> None:
        """Fetch a digest that was lost with the events of its hour; its own turn comes then.

        It was recorded in the hour that followed, or later when its producer was not there."""
        recorded = hour + HOUR
        while recorded <= later.time and not await self._has_digest(later, hour):
            await self._refill(later.source, recorded, [later.type])
            recorded += HOUR

    async def _refill(self, source: str, hour: datetime, types: list[str]) -> None:
        log.warning("reconcile.events_missing", source=source, hour=hour.isoformat(), types=types)
        if self.feed is None:
            raise RuntimeError(f"events of {source} are missing and no feed is configured")
        async for batch in self.feed.read(source, hour, types):
            await self._inbox.store(batch)


def feed_batch(items: list[dict[str, Any]]) -> list[bytes]:
    """A page of a feed as the raw envelopes the inbox keeps."""
    return [json.dumps(item, ensure_ascii=False).encode() for item in items]


async def _kept(uow: UnitOfWork, key: str) -> str | None:
    meta = uow.tables.meta
    value: str | None = await uow.session.scalar(select(meta.c.value).where(meta.c.key == key))
    return value


async def _keep(uow: UnitOfWork, key: str, value: str) -> None:
    await uow.session.execute(
        insert_into(uow.session, uow.tables.meta)
        .values(key=key, value=value)
        .on_conflict_do_update(index_elements=["key"], set_={"value": value})
    )
