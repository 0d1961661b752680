"""One act on many cases: each in its own transaction, each with its own result."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.routing.casework.acts import ACTS
from services.routing.casework.acts.frame import ActSpec, perform
from services.routing.common.api.callers import Officer, actor_of
from shared.db.unit_of_work import Cause
from shared.kernel.errors import DomainError
from shared.web.bodies import Whole
from shared.web.deps import ServiceDep, Today

router = APIRouter(tags=["bulk"])

IN_BULK: Final = ("decision", "signature", "acceptance", "passing-on", "delivery", "archiving")
"""Acts that mean the same for many cases; an opinion or a verdict is about one."""
MOST: Final = 100


class Strict(BaseModel):
    """Unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class CaseRef(Strict):
    """One case, with the version the person has seen."""

    case_id: UUID
    version: Whole | None = None


Cases = Annotated[list[CaseRef], Field(min_length=1, max_length=MOST)]


class BulkResult(BaseModel):
    """What became of one case: done, waiting for approval, or the code and words of the refusal."""

    case_id: UUID
    done: bool
    proposal_id: UUID | None = None
    state: str | None = None
    version: int | None = None
    code: str | None = None
    detail: str | None = None


class BulkOut(BaseModel):
    """Results in the order of the request; those that were refused changed nothing."""

    done: int
    waiting: int
    refused: int
    results: list[BulkResult]


def _add(spec: ActSpec) -> None:
    body_type = type(
        f"Bulk{spec.body.__name__}",
        (Strict,),
        {
            "__doc__": f"批量：{spec.summary}",
            "__annotations__": {"cases": Cases, "act": spec.body},
            "__module__": __name__,
        },
    )

    async def do(
        body: Any, caller: Officer, service: ServiceDep, today: Today, request: Request
    ) -> BulkOut:
        cause = Cause(correlation_id=request.state.correlation_id)
        results = []
        for ref in body.cases:
            actor = actor_of(caller, ref.version)
            try:
                async with service.units.begin(cause) as uow:
                    out = await perform(uow, ref.case_id, actor, spec, body.act, on=today)
            except DomainError as error:
                results.append(
                    BulkResult(
                        case_id=ref.case_id, done=False, code=error.code, detail=error.detail
                    )
                )
                continue
            results.append(
                BulkResult(
                    case_id=ref.case_id,
                    done=out.proposal_id is None,
                    proposal_id=out.proposal_id,
                    state=str(out.case.state),
                    version=out.case.version,
                )
            )
        return BulkOut(
            done=sum(each.done for each in results),
            waiting=sum(each.proposal_id is not None for each in results),
            refused=sum(each.code is not None for each in results),
            results=results,
        )

    do.__name__ = f"{spec.run.__name__}_many"
    do.__doc__ = f"{spec.summary}, for up to {MOST} cases; each succeeds or fails by itself."
    do.__annotations__["body"] = body_type
    router.add_api_route(f"/bulk/{spec.path}", do, methods=["POST"], summary=f"批量{spec.summary}")


for path in IN_BULK:
    _add(ACTS[path])
