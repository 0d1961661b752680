"""The table of procedure as data, for clients and for whoever wants to check it against the law."""

from __future__ import annotations

from fastapi import APIRouter

from services.routing.cases.domain.case_steps import CLOSING_WORDS, STATE_WORDS
from services.routing.cases.domain.procedure import CHECKED_GUARDS, STATIC_GUARDS, procedure
from services.routing.casework.api.schemas import ProcedureOut, ProcedureRow
from services.routing.common.api.callers import Anybody

router = APIRouter(tags=["procedure"])


@router.get("/procedure", summary="办理程序表")
async def show_procedure(caller: Anybody) -> ProcedureOut:  # noqa: ARG001  public
    """Every act: in which state, by whom, under which conditions, what it brings about, by which
    article."""
    words = STATIC_GUARDS | CHECKED_GUARDS
    return ProcedureOut(
        states={str(state): name for state, name in STATE_WORDS.items()},
        closing_kinds={str(kind): name for kind, name in CLOSING_WORDS.items()},
        rows=[
            ProcedureRow(
                act=str(row.act),
                name=row.name,
                states=sorted(row.states),
                kinds=sorted(row.kinds),
                purposes=sorted(row.purposes),
                to=row.to and str(row.to),
                by=str(row.by),
                approval=str(row.approval),
                guards=[words[guard] for guard in row.guards],
                starts=list(row.starts),
                ends=list(row.ends),
                closes=row.closes and str(row.closes),
                notice=row.notice,
                article=row.article,
            )
            for row in procedure()
        ],
    )
