"""Historical import over HTTP, for when a serving process owns the data folder."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, Field

from services.intake.history.domain.history import HistoricalPetition
from services.intake.history.domain.mapping import RowRefused
from services.intake.history.use_cases.importing import CHUNK, import_chunk
from services.intake.history.use_cases.mappings import mapping_named
from services.intake.petitions.use_cases.forms import Strict
from shared.vocabulary.posts import Role
from shared.web.body_limits import LARGE_BYTES, body_limit
from shared.web.deps import Resources, Uow, allow
from shared.web.once import Router
from shared.web.problems import problems
from shared.web.security import Caller, ScopeKind

router = Router(tags=["history"])

Importer = Annotated[Caller, allow(Role.OPERATOR, scope=ScopeKind.DEPLOYMENT)]


class RowsIn(Strict):
    """Rows of a foreign file, as column -> value."""

    rows: list[dict[str, Any]] = Field(min_length=1, max_length=CHUNK)


class RefusedRow(BaseModel):
    """A row that was refused; `index` is its place in the request, from 0."""

    index: int
    reason: str


class RowsOut(BaseModel):
    """Each row is imported, a duplicate or refused. A row that was imported before is a duplicate
    when its content is the same, and refused when it differs."""

    imported: int
    duplicates: int
    refused: list[RefusedRow]
    dropped_columns: list[str]


@router.post("/imports/{mapping}", summary="导入历史件", responses=problems(404, 409))
@body_limit(LARGE_BYTES)
async def import_rows(
    mapping: Annotated[str, Path(max_length=40)],
    body: RowsIn,
    caller: Importer,
    uow: Uow,
    context: Resources,
) -> RowsOut:
    """Imports up to 200 rows in one transaction. Faulty rows are listed with the reason, all others
    are imported."""
    rules = mapping_named(mapping)
    read: list[tuple[int, HistoricalPetition]] = []
    refused: list[RefusedRow] = []
    for index, row in enumerate(body.rows):
        try:
            read.append((index, rules.read(row)))
        except RowRefused as error:
            refused.append(RefusedRow(index=index, reason=error.detail))
    done = await import_chunk(
        uow,
        context,
        [petition for _, petition in read],
        published=rules.published,
        actor=caller.person,
    )
    for at, reason in done.refused.items():
        refused.append(RefusedRow(index=read[at][0], reason=reason))
    return RowsOut(
        imported=done.imported,
        duplicates=done.duplicates,
        refused=sorted(refused, key=lambda row: row.index),
        dropped_columns=rules.dropped({column for row in body.rows for column in row}),
    )
