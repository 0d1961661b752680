"""One act on many entities: each in its own transaction, each with its own result."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, create_model

from shared.db.unit_of_work import Cause
from shared.kernel.errors import DomainError
from shared.web.bodies import Whole
from shared.web.deps import ServiceDep, Today
from shared.web.security import Caller
from shared.workflow.acts import ActSpec, Workflow
from shared.workflow.bodies import Request as Strict
from shared.workflow.pipeline import perform
from shared.workflow.routes import Edge, actor_of

MOST: Final = 100


class BulkOut(BaseModel):
    """Results in the order of the request; those that were refused changed nothing."""

    done: int
    waiting: int
    refused: int
    results: list[Any]


class BulkResult(BaseModel):
    """What became of one."""

    done: bool
    proposal_id: UUID | None = None
    state: str | None = None
    version: int | None = None
    code: str | None = None
    detail: str | None = None


_RESULT = "What became of one: done, waiting for approval, or the code and words of the refusal."


def bulk_routes(flow: Workflow[Any], edge: Edge, *, many: str) -> APIRouter:
    """A route `/bulk/<path>` for each act that is so marked; `many` names the list in the body."""
    router = APIRouter(tags=["bulk"])
    name = many.removesuffix("s").capitalize()
    ref = _model(
        f"{name}Ref",
        "One entity, with the version the person has seen.",
        {edge.key: (UUID, ...), "version": (Whole | None, None)},
    )
    result = _model("BulkResult", _RESULT, {edge.key: (UUID, ...)}, base=BulkResult)
    out = _model("BulkOut", str(BulkOut.__doc__), {"results": (list[result], ...)}, base=BulkOut)  # type: ignore[valid-type]
    for spec in flow.acts.values():
        if spec.bulk:
            _add(router, flow, edge, spec, many=many, ref=ref, out=out)
    return router


def _add(
    router: APIRouter, flow: Workflow[Any], edge: Edge, spec: ActSpec, *, many: str, ref: Any,
    out: Any,
) -> None:  # fmt: skip
    listed = Annotated[list[ref], Field(min_length=1, max_length=MOST)]
    fields = {many: (listed, ...), "act": (spec.body, ...)}
    taken = _model(f"Bulk{spec.body.__name__}", f"批量：{spec.title}", fields)

    async def do(
        body: Any, caller: Caller, service: ServiceDep, today: Today, request: Request
    ) -> Any:
        cause = Cause(correlation_id=request.state.correlation_id)
        results: list[dict[str, Any]] = []
        for each in getattr(body, many):
            found: dict[str, Any] = {edge.key: getattr(each, edge.key), "done": False}
            actor = actor_of(caller, each.version)
            try:
                async with service.units.begin(cause) as uow:
                    made = await perform(
                        flow, uow, found[edge.key], actor, spec, body.act, on=today
                    )
            except DomainError as error:
                results.append(found | {"code": error.code, "detail": error.detail})
                continue
            results.append(
                found
                | {
                    "done": made.proposal_id is None,
                    "proposal_id": made.proposal_id,
                    "state": str(made.entity.state),
                    "version": made.entity.version,
                }
            )
        return {
            "done": sum(each["done"] for each in results),
            "waiting": sum(each.get("proposal_id") is not None for each in results),
            "refused": sum("code" in each for each in results),
            "results": results,
        }

    do.__name__ = f"{spec.name}_many"
    do.__annotations__ |= {"body": taken, "caller": spec.caller or edge.caller}
    router.add_api_route(
        f"/bulk/{spec.path}",
        do,
        methods=["POST"],
        summary=f"批量{spec.title}",
        description=f"{spec.title}，一次最多{MOST}件；各件分别成功或者被拒绝，互不影响。",
        response_model=out,
    )


def _model(name: str, doc: str, members: dict[str, Any], *, base: type[BaseModel] = Strict) -> Any:
    made: Any = create_model
    return made(name, __base__=base, __module__=__name__, __doc__=doc, **members)
