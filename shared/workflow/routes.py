"""The acts of a noun over HTTP, one route for each, built from its registry.

An act that is not possible answers 409 with what is allowed, one that waits for the head of the
organ (签批) 202 with the proposal.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Path, Response

from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import DomainError, Forbidden, NotFound
from shared.vocabulary.acts import Approval
from shared.vocabulary.posts import Role
from shared.web.deps import Today, Uow, made_by
from shared.web.once import Router
from shared.web.problems import refusals
from shared.web.security import Caller
from shared.workflow.acts import ActSpec, Workflow
from shared.workflow.approval import ProposalOpen
from shared.workflow.bodies import ActIn, ApprovalIn
from shared.workflow.entities import Actor, StaleVersion
from shared.workflow.pipeline import perform, settle_proposal
from shared.workflow.table import RuleBroken

View = Callable[[UnitOfWork, Any, UUID | None], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """How a noun is asked for: `item` is the path of one entity in the service
    (`/cases/{case_id}`), `key` its parameter, `caller` the dependency that says who may act,
    `head` who may approve. `view` makes the `answer` of an entity; the proposal is given where
    the act waits for approval."""

    item: str
    key: str
    caller: Any
    answer: Any
    view: View
    head: Any = None
    tags: list[str] = field(default_factory=list)


def actor_of(caller: Caller, version: int | None) -> Actor:
    """The caller as the pipeline knows them."""
    heads = frozenset(post.organ_code for post in caller.posts if post.role is Role.HEAD)
    held = frozenset(post.organ_code for post in caller.held)
    return Actor(caller.person, caller.scope.organs, version, heads, held)


def act_routes(flow: Workflow[Any], edge: Edge) -> Router:
    """One route for each act and, with `edge.head`, the one that approves.

    Raises TableInvalid where table, conditions and acts do not belong together."""
    flow.check()
    router = Router(tags=list(edge.tags))
    for spec in flow.acts.values():
        _add(router, flow, edge, spec)
    if edge.head is not None:
        _add_approval(router, flow, edge)
    return router


def codes_of(flow: Workflow[Any], spec: ActSpec) -> list[type[DomainError]]:
    """The errors an act may answer with, but for those of every route."""
    rows = flow.rows_of(spec)
    found: list[type[DomainError]] = [NotFound, Forbidden, StaleVersion, flow.illegal]
    if any(row.approval is not Approval.NO for row in rows):
        found.append(ProposalOpen)
    if any(row.approval is Approval.OTHER for row in rows):
        found.append(RuleBroken)
    for row in rows:
        found += [kind for name in row.guards for kind in flow.guards[name].refuses]
    return list(dict.fromkeys([*found, *spec.refuses]))


def description_of(flow: Workflow[Any], spec: ActSpec) -> str:
    """What an act is, for users of the interface: read off its rows of the table."""
    parts = []
    for row in flow.rows_of(spec):
        states = "、".join(flow.states[state] for state in flow.states if state in row.states)
        guards = "；".join(flow.guards[name].words for name in row.guards)
        lines = [f"**{row.name}** `{row.act}`：由{flow.positions[row.by]}办理；状态：{states}。"]
        lines += [f"条件：{guards}。"] if guards else []
        lines += [_approval(row.approval)] if row.approval is not Approval.NO else []
        parts.append("".join([*lines, f"依据：{row.article}。"]))
    return "\n\n".join(parts)


def _approval(approval: Approval) -> str:
    if approval is Approval.LONE:
        return "须经本机关负责人签批（答复 202）；负责人本人办理或者没有负责人的，一步完成。"
    return "须由本机关另一负责人签批（答复 202）。"


def _add(router: Router, flow: Workflow[Any], edge: Edge, spec: ActSpec) -> None:
    async def do(
        entity_id: UUID, body: Any, caller: Caller, uow: Uow, today: Today, response: Response
    ) -> Any:
        actor = actor_of(caller, body.version)
        done = await perform(flow, uow, entity_id, actor, spec, body, on=today)
        if done.proposal_id is not None:
            response.status_code = 202
        return await edge.view(uow, done.entity, done.proposal_id)

    _name(do, edge, spec)
    waits = any(row.approval is not Approval.NO for row in flow.rows_of(spec))
    answers: dict[int | str, dict[str, Any]] = dict(refusals(*codes_of(flow, spec)))
    if waits:
        answers[202] = {"model": edge.answer, "description": "已拟办，待本机关负责人签批"}
    bare = spec.status == 204  # noqa: PLR2004  HTTP: no content
    router.add_api_route(
        f"{edge.item}/{spec.path}",
        do,
        methods=[spec.method],
        summary=spec.title,
        description=description_of(flow, spec),
        status_code=spec.status,
        response_model=None if bare else edge.answer,
        responses=answers,
    )


def _name(do: Any, edge: Edge, spec: ActSpec) -> None:
    """The parameters and the operation's name, which are part of the interface."""
    do.__name__ = spec.name
    bare = spec.method == "DELETE"
    do.__annotations__ |= {
        "entity_id": _key(edge),
        "caller": spec.caller or edge.caller,
        "body": Annotated[ActIn, made_by(_no_body)]
        if bare
        else Annotated[spec.body, Body(examples=[dict(spec.sample)])],
    }


async def _no_body() -> ActIn:
    return ActIn()


def _key(edge: Edge) -> Any:
    return Annotated[UUID, Path(alias=edge.key)]


def _add_approval(router: Router, flow: Workflow[Any], edge: Edge) -> None:
    async def approve_proposal(
        entity_id: UUID, body: ApprovalIn, caller: Caller, uow: Uow, today: Today
    ) -> Any:
        actor = actor_of(caller, body.version)
        entity = await settle_proposal(
            flow, uow, entity_id, actor, approved=body.approved, reasons=body.reasons, on=today
        )
        return await edge.view(uow, entity, None)

    approve_proposal.__annotations__ |= {"entity_id": _key(edge), "caller": edge.head}
    waiting = [
        spec
        for spec in flow.acts.values()
        if any(row.approval is not Approval.NO for row in flow.rows_of(spec))
    ]
    kinds = dict.fromkeys(kind for spec in waiting for kind in codes_of(flow, spec))
    router.add_api_route(
        f"{edge.item}/approval",
        approve_proposal,
        methods=["POST"],
        summary="签批拟办意见",
        description="本机关负责人批准拟办的步骤，批准即办理；或者说明理由退回。",
        response_model=edge.answer,
        responses=refusals(*kinds),
    )
