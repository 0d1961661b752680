"""Editions of reference data over HTTP: list, show, publish."""

from __future__ import annotations

import base64
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import select

from services.routing.common.api.callers import Operator
from services.routing.editions.use_cases.editions import Proposal, publish, unpacked
from services.routing.editions.use_cases.trying import try_out
from shared.kernel.errors import Invalid, NotFound
from shared.reference.checking.rows import RowChanges
from shared.reference.editions import Edition
from shared.web.bodies import Day
from shared.web.deps import Reading, ReferenceDep, ServiceDep, Uow
from shared.web.problems import problems
from shared.workflow.bodies import Request

router = APIRouter(tags=["editions"])

Kind = Annotated[str, StringConstraints(pattern=r"^[a-z_]{2,20}$")]
EditionId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]

RowId = Annotated[str, StringConstraints(min_length=1, max_length=60)]
MOST_REMOVED = 100_000
SHOWN = 200
"""Ids of rows told by name; of the others the number."""


class EditionIn(Request):
    """An edition to publish, always whole: its files as text, or packed (xz of a JSON object name
    -> text). `removes`: ids of rows of the edition before it that are to go; rows that are missing
    and not named here make it a part, which is refused."""

    kind: Kind
    edition_id: EditionId
    effective_on: Day
    files: dict[str, str] | None = None
    content_xz_base64: str | None = None
    removes: list[RowId] = Field(default=[], max_length=MOST_REMOVED, description="明示删除的行")


class EditionOut(BaseModel):
    """The head of an edition."""

    kind: str
    edition_id: str
    effective_on: date
    sha256: str
    loaded_at: datetime
    in_force: bool


class EditionContent(EditionOut):
    """An edition with its files."""

    files: dict[str, str] = Field(description="文件名 -> 内容")


class RowsOut(BaseModel):
    """What becomes of the rows of the edition before it: numbers, and the first ids."""

    added: int
    changed: int
    removed: int
    unchanged: int
    added_ids: list[str] = Field(description=f"至多 {SHOWN} 个")
    changed_ids: list[str]
    removed_ids: list[str]


class Published(BaseModel):
    """Whether the edition was new, and then what it changes."""

    edition_id: str
    sha256: str
    published: bool
    rows: RowsOut | None = None


class DueChange(BaseModel):
    """Open cases whose next due date would come from another row or fall on another day."""

    limit_before: str = Field(description="空：无")
    limit_after: str
    cases: int
    earlier: int
    later: int


class DestinationChange(BaseModel):
    """Open cases whose competent organ would be another: still undecided ones would get it as a
    proposal, decided ones stay where they are."""

    organ_before: str
    organ_after: str
    undecided: int
    decided: int


class TrialOut(BaseModel):
    """What an edition would change; `complete` is false when there were more open cases than are
    looked at."""

    open_cases: int
    complete: bool
    rows: RowsOut
    due_dates: list[DueChange]
    destinations: list[DestinationChange]


@router.get("/editions", summary="参考数据版本")
async def list_editions(
    _: Operator, session: Reading, service: ServiceDep, reference: ReferenceDep
) -> list[EditionOut]:
    """All editions there are, newest first within a kind; a deployment has a few dozen at most."""
    table = service.tables.edition
    columns = [c for c in table.c if c.name != "content_xz"]
    query = select(*columns).order_by(table.c.kind, table.c.effective_on.desc())
    in_force = reference.ids
    return [
        EditionOut(**row._mapping, in_force=in_force.get(row.kind) == row.edition_id)  # noqa: SLF001
        for row in await session.execute(query)
    ]


@router.get("/editions/{kind}/{edition_id}", summary="版本内容", responses=problems(404))
async def show_edition(
    kind: Annotated[Kind, Path()],
    edition_id: Annotated[EditionId, Path()],
    _: Operator,
    session: Reading,
    service: ServiceDep,
    reference: ReferenceDep,
) -> EditionContent:
    """One edition, to read or to start the next one from."""
    table = service.tables.edition
    row = (
        await session.execute(
            select(table).where(table.c.kind == kind, table.c.edition_id == edition_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("没有这个版本")
    return EditionContent(
        kind=row.kind,
        edition_id=row.edition_id,
        effective_on=row.effective_on,
        sha256=row.sha256,
        loaded_at=row.loaded_at,
        in_force=reference.ids.get(kind) == edition_id,
        files=dict(unpacked(kind, row.content_xz)),
    )


@router.post("/editions", summary="发布新版本", responses=problems(409))
async def publish_edition(body: EditionIn, caller: Operator, uow: Uow) -> Published:
    """Publish an immutable edition to every service; repeating it changes nothing."""
    proposal = _proposal(body)
    edition = proposal.edition
    new, rows = await publish(uow, proposal, actor=caller.person)
    return Published(
        edition_id=edition.edition_id,
        sha256=edition.sha256,
        published=new,
        rows=_rows(rows) if rows else None,
    )


@router.post("/editions/trial", summary="试算新版本的影响")
async def try_edition(
    body: EditionIn, _: Operator, session: Reading, service: ServiceDep, reference: ReferenceDep
) -> TrialOut:
    """What would change for open cases under an edition, in numbers only. Nothing is published; and
    publishing moves no case: decisions stand, the next step of each uses the edition then in force.
    """
    found = await try_out(session, service.tables, reference, _proposal(body), clock=service.clock)
    return TrialOut(
        rows=_rows(found.rows),
        open_cases=found.open_cases,
        complete=found.complete,
        due_dates=[
            DueChange(limit_before=before, limit_after=after, cases=n, earlier=e, later=x)
            for (before, after), (n, e, x) in sorted(found.due_dates.items())
        ],
        destinations=[
            DestinationChange(organ_before=b, organ_after=a, undecided=u, decided=d)
            for (b, a), (u, d) in sorted(found.destinations.items())
        ],
    )


def _proposal(body: EditionIn) -> Proposal:
    edition = Edition(body.kind, body.edition_id, body.effective_on, _files(body))
    return Proposal(edition, frozenset(body.removes))


def _rows(changes: RowChanges) -> RowsOut:
    return RowsOut(
        added=len(changes.added),
        changed=len(changes.changed),
        removed=len(changes.removed),
        unchanged=changes.unchanged,
        added_ids=list(changes.added[:SHOWN]),
        changed_ids=list(changes.changed[:SHOWN]),
        removed_ids=list(changes.removed[:SHOWN]),
    )


def _files(body: EditionIn) -> dict[str, str]:
    if (body.files is None) == (body.content_xz_base64 is None):
        raise Invalid("files 与 content_xz_base64 须且只须给出一个", field="files")
    if body.files is not None:
        return body.files
    try:
        packed = base64.b64decode(body.content_xz_base64 or "", validate=True)
    except ValueError as error:
        raise Invalid("不是 base64", field="content_xz_base64") from error
    return dict(unpacked(body.kind, packed))
