"""Historical import over HTTP, for when a serving process owns the data folder."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from services.intake.history.domain.history import HistoricalPetition
from services.intake.history.domain.mapping import RowRefused
from services.intake.history.use_cases.importing import CHUNK, import_chunk
from services.intake.history.use_cases.mappings import mapping_named
from services.intake.petitions.use_cases.forms import Strict
from shared.vocabulary.posts import Role
from shared.web.deps import Resources, Uow, allow
from shared.web.problems import problems
from shared.web.security import Caller, ScopeKind

router = APIRouter(tags=["history"])

Importer = Annotated[Caller, allow(Role.OPERATOR, scope=ScopeKind.DEPLOYMENT)]


class RowsIn(Strict):
    """Rows of a foreign file, as column -> value."""

    rows: list[dict[str, Any]] = Field(min_length=1, max_length=CHUNK)


class RefusedRow(BaseModel):
    """A row that did not go in; `index` counts from 0 in the request."""

    index: int
    reason: str


class RowsOut(BaseModel):
    """What became of the rows: each is imported, a duplicate or refused. Rows that were in already
    with the same words are duplicates; with other words they are refused."""

    imported: int
    duplicates: int
    refused: list[RefusedRow]
    dropped_columns: list[str]


@router.post("/imports/{mapping}", summary="导入历史件", responses=problems(404, 409))
async def import_rows(
    mapping: Annotated[str, Path(max_length=40)],
    body: RowsIn,
    caller: Importer,
    uow: Uow,
    desk: Resources,
) -> RowsOut:
    """Import up to 200 rows in one transaction; bad ones are told, the good go in."""
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
        desk,
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
