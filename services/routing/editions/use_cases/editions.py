"""Publishing immutable editions of reference data (decisions 8)."""

from __future__ import annotations

import asyncio
import lzma
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.outgoing import record_edition
from services.routing.editions.store.in_use import InUse, in_use
from shared.db.editions import edition_on, save_editions
from shared.db.tables import CommonTables
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, DomainError, Invalid
from shared.reference.checking.editions import check_edition
from shared.reference.checking.faults import listed
from shared.reference.checking.rows import RowChanges, changes
from shared.reference.editions import Edition, Reference
from shared.reference.organ_files import read_exceptions, read_kinds

_ANY_DAY = date(1949, 10, 1)

READERS: Mapping[str, Callable[[Edition], Any]] = {
    "divisions": lambda edition: _alone(edition).divisions,
    "organs": lambda edition: (
        read_kinds(edition.files["organ_kinds.csv"].splitlines()),
        read_exceptions(edition.files["organ_exceptions.csv"].splitlines()),
    ),
    "categories": lambda edition: _alone(edition).categories,
    "competence": lambda edition: _alone(edition).competence,
    "calendar": lambda edition: _alone(edition).calendar,
    "limits": lambda edition: _alone(edition).limits,
    "casework": lambda edition: _alone(edition).casework,
}
"""How an edition of a kind is read: what can't be read is never published."""


class EditionImmutable(Conflict):
    """An edition of this id exists with other content; publish under a new id."""

    code = "edition_immutable"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edition somebody wants in force, with the ids of rows of the one before it that are to
    go: a row that is missing and not named among them makes the edition a part, not the whole."""

    edition: Edition
    removes: Collection[str] = ()


async def publish(
    uow: UnitOfWork, proposal: Proposal, *, actor: str
) -> tuple[bool, RowChanges | None]:
    """Keep an edition and tell every service; whether it was new, and what it changes.

    It is in force from its effective date, here with the next reading of the reference data.
    Raises Invalid as `check` does, EditionImmutable when the id is taken by other content.
    """
    edition = proposal.edition
    table = uow.tables.edition
    async with uow.database.reading() as session:  # takes seconds for a tree: holds up no writer
        known = await session.scalar(
            select(table.c.sha256).where(
                table.c.kind == edition.kind, table.c.edition_id == edition.edition_id
            )
        )
        if known == edition.sha256:
            return False, None
        if known is not None:
            raise EditionImmutable("该版本号已存在且内容不同，请使用新的版本号")
        changed = await check(session, uow.tables, uow.reference, proposal, clock=uow.clock)
    await save_editions(uow.session, uow.tables, [edition], clock=uow.clock)
    record_edition(uow, edition)
    subject = f"edition/{edition.edition_id}"
    uow.audit(
        "edition.published", subject, actor=actor, kind=edition.kind, sha256=edition.sha256,
        added=len(changed.added), changed=len(changed.changed), removed=len(changed.removed),
    )  # fmt: skip
    return True, changed


async def check(
    session: AsyncSession,
    tables: CommonTables,
    reference: Reference,
    proposal: Proposal,
    *,
    clock: Clock,
) -> RowChanges:
    """What an edition changes of the one in force on the day it takes effect.

    Raises Invalid for one with faults (lines and reasons), one that would never be in force, one
    that leaves out rows without saying so, and one that takes away what something open stands on.
    """
    edition, today = proposal.edition, clock.today()
    if edition.kind not in READERS:
        raise Invalid("没有这类参考数据", field="kind")
    base = await edition_on(session, tables, edition.kind, max(today, edition.effective_on))
    if edition.effective_on < base.effective_on:
        raise Invalid(
            f"现行版本 {base.edition_id} 自 {base.effective_on} 起生效，更早的生效日期不会起作用；"
            f"请用 {base.effective_on} 或以后",
            field="effective_on",
        )
    same_day = edition.effective_on == base.effective_on
    if same_day and base.edition_id > edition.edition_id:
        raise Invalid(
            f"同日生效的版本中编号靠后的起作用：请用排在 {base.edition_id} 之后的编号",
            field="edition_id",
        )
    used = await in_use(session, clock.now())
    before = reference.with_edition(base)
    return await asyncio.to_thread(_checked, before, base, proposal, used, today)


def _checked(
    before: Reference, base: Edition, proposal: Proposal, used: InUse, today: date
) -> RowChanges:
    edition = proposal.edition
    check_edition(before, edition, today=today).refuse()
    try:
        READERS[edition.kind](edition)
    except DomainError as error:
        raise Invalid(error.detail or "内容不能读取", field="files") from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Invalid(f"内容不能读取：{type(error).__name__}", field="files") from error
    changed = changes(edition.kind, base.files, edition.files)
    if reason := changed.unsaid(proposal.removes):
        raise Invalid(reason, field="files")
    if lost := used.lost(before, before.with_edition(edition)):
        raise Invalid(
            f"在办信访事项或者岗位仍在使用：{listed(lost)}；请先处理，再删除或停用",
            field="files",
        )
    return changed


def unpacked(kind: str, content_xz: bytes) -> Mapping[str, str]:
    """The files of a packed content. Raises Invalid when damaged."""
    try:
        edition = Edition.unpack(kind, "", _ANY_DAY, content_xz)
        files = {str(name): str(text) for name, text in edition.files.items()}
    except (lzma.LZMAError, ValueError, AttributeError, EOFError) as error:
        raise Invalid("版本内容无法解压", field="content_xz_base64") from error
    return files


def _alone(edition: Edition) -> Reference:
    return Reference({edition.kind: edition}, root_division="")
