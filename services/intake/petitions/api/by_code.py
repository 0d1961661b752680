"""Asking without an account: the number and the query code of a receipt name one petition."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header, Path, Request, Response

from services.intake.petitions.use_cases.by_code import by_code
from shared.db.unit_of_work import Cause
from shared.kernel.errors import NotFound
from shared.web.client_limit import slow_down
from shared.web.deps import Reading, Resources, ServiceDep, made_by, public
from shared.web.refusals import WRONG_CODE
from shared.web.security import Caller

Anybody = Annotated[Caller, public()]
Number = Annotated[str, Path(max_length=60)]
QueryCode = Annotated[
    str, Header(alias="X-Query-Code", min_length=1, max_length=60, description="登记回执上的查询码")
]


async def _petition_by_code(
    number: Number,
    query_code: QueryCode,
    request: Request,
    response: Response,
    session: Reading,
    service: ServiceDep,
    desk: Resources,
) -> dict[str, Any]:
    slow_down(request)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    try:
        return await by_code(session, desk, number=number, code=query_code)
    except NotFound:
        cause = Cause(correlation_id=request.state.correlation_id)
        await service.refusals.note(service.units, WRONG_CODE, "petition/?", cause=cause)
        raise


PetitionByCode = Annotated[dict[str, Any], made_by(_petition_by_code)]
"""The petition asked for; every look counts for its client. Raises NotFound, see `by_code`, and
TooOften."""
