"""The migrate job of one service: schema, reference data, the deployment's own facts."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.editions import load_reference, save_editions
from shared.db.engine import Database, insert_into
from shared.db.migrations import upgrade
from shared.db.roles import settle_rights
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.reference.checking.editions import check_edition
from shared.reference.editions import Edition, Reference, packaged_editions
from shared.runtime.service import ServiceSpec
from shared.runtime.settings import Settings
from shared.vocabulary.posts import Role
from shared.web.tokens import OPERATOR_PERSON, SERVICE_PERSON

_BUILT_IN_POSTS = {SERVICE_PERSON: Role.SERVICE, OPERATOR_PERSON: Role.OPERATOR}
_NAMESPACE = uuid.UUID("5a0f6f0e-6f0b-5d7a-9a53-6c1b8d1f7a11")


async def migrate_service(
    spec: ServiceSpec, settings: Settings, *, deployment: str | None = None
) -> None:
    """Bring one service's database up to date; safe to run again and beside running services.
    It is told whose it is: the service's, and where it is given the deployment's.

    Raises Invalid when the database belongs to a deployment with another root division or zone:
    its numbers and legal days are already given out; and for a faulty division table."""
    database = Database(settings.database(spec.name), pool_size=2)
    clock = SystemClock(settings.zone)
    try:
        await upgrade(database, spec.name, spec.metadata)
        await settle_rights(database, spec.metadata)
        editions = packaged_editions(settings.divisions_file)
        async with database.writing() as session:
            if settings.divisions_file is not None:
                await _refuse_faulty(session, spec, editions, settings, today=clock.today())
            await save_editions(session, spec.tables, editions, clock=clock)
        async with database.writing() as session:
            meta = spec.tables.meta
            found = await session.execute(select(meta.c.key, meta.c.value))
            kept = {row.key: row.value for row in found}
            reference = await load_reference(
                session, spec.tables, on=clock.today(),
                root_division=settings.root_division or kept.get("root_division", ""),
            )  # fmt: skip
            root = reference.root_division
            facts = {"root_division": root, "zone": settings.zone, "service": spec.name}
            if deployment:
                facts["deployment"] = deployment
            for key, value in facts.items():
                if kept.get(key, value) != value:
                    raise Invalid(f"this database belongs to {key} {kept[key]}, not {value}")
            for key, value in (facts | {"epoch": "1"}).items():
                await session.execute(
                    insert_into(session, meta).values(key=key, value=value).on_conflict_do_nothing()
                )
            for person, role in _BUILT_IN_POSTS.items():
                made = await session.scalar(
                    insert_into(session, spec.tables.post)
                    .values(
                        post_id=uuid.uuid5(_NAMESPACE, person),
                        person=person,
                        organ_code=reference.root_petition_office,
                        division_code=root,
                        role=str(role),
                        valid_from=datetime(2000, 1, 1, tzinfo=UTC),
                        valid_to=None,
                        version=0,
                    )
                    .on_conflict_do_nothing()
                    .returning(spec.tables.post.c.post_id)
                )
                if made is not None:
                    await _note_post(session, spec, made, role, clock.now())
    finally:
        await database.close()


async def _refuse_faulty(
    session: AsyncSession,
    spec: ServiceSpec,
    editions: Sequence[Edition],
    settings: Settings,
    *,
    today: date,
) -> None:
    """Raise Invalid, with lines and reasons, for a division table of the deployment's own that is
    new here and has faults. One that is in use already is told by an alarm and stops nothing."""
    table = spec.tables.edition
    tree = next(each for each in editions if each.kind == "divisions")
    known = select(table.c.edition_id).where(
        table.c.kind == "divisions", table.c.edition_id == tree.edition_id
    )
    if await session.scalar(known) is not None:
        return
    reference = Reference(
        {each.kind: each for each in editions}, root_division=settings.root_division
    )
    check_edition(reference, tree, today=today).refuse()


async def _note_post(
    session: AsyncSession, spec: ServiceSpec, post_id: uuid.UUID, role: Role, at: datetime
) -> None:
    """Every post anybody has is in the audit, also those nobody gave."""
    await session.execute(
        insert_into(session, spec.tables.audit).values(
            at=at, actor="xinfang", action="post.built_in", subject=f"post/{post_id}",
            detail=json.dumps({"role": str(role)}), correlation_id=str(new_id()),
        )
    )  # fmt: skip


async def note(spec: ServiceSpec, settings: Settings, *, key: str, value: str) -> None:
    """Leave a fact of the deployment in one service's database, over what was there."""
    database = Database(settings.database(spec.name), pool_size=1)
    try:
        async with database.writing() as session:
            await session.execute(
                insert_into(session, spec.tables.meta)
                .values(key=key, value=value)
                .on_conflict_do_update(index_elements=["key"], set_={"value": value})
            )
    finally:
        await database.close()
