"""The table of procedure as data, for clients and for whoever wants to check it against the law."""

from __future__ import annotations

from fastapi import APIRouter

from services.routing.casework.acts import CASES
from services.routing.casework.api.schemas import ProcedureOut, ProcedureRow
from services.routing.common.api.callers import Anybody
from shared.vocabulary.cases import CaseState, ClosingKind
from shared.workflow.page import row_out

router = APIRouter(tags=["procedure"])


@router.get("/procedure", summary="办理程序表")
async def show_procedure(caller: Anybody) -> ProcedureOut:  # noqa: ARG001  public
    """Every act: in which state, by whom, under which conditions, what it brings about, by which
    article."""
    return ProcedureOut(
        states={str(state): state.label for state in CaseState},
        closing_kinds={str(kind): kind.label for kind in ClosingKind},
        rows=[row_out(CASES, row, ProcedureRow) for row in CASES.table.rows],
    )
