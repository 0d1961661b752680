"""What all acts have in common: the table, the approval, the paper owed, and the keeping.

An act is a function that changes a case, registered with its path and the body it takes. Whose act
it is, when it is possible, whether the head of the office must approve it and which paper it owes
the petitioner stands in the table (`domain/procedure.py`), never in the function.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import Act, RuleBroken
from services.routing.cases.domain.procedure import Approval, Row
from services.routing.cases.store import proposals
from services.routing.cases.use_cases.retaliation import OFFICE_DONE, check_office_done
from services.routing.casework.use_cases.acting import keep, open_case, organ_for
from services.routing.common.use_cases.actor import Actor
from services.routing.common.use_cases.bodies import ActIn
from services.routing.papers.use_cases.notices import owe
from services.routing.posts.store.posts import heads_of
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Forbidden, NotFound
from shared.kernel.ids import new_id
from shared.web.bodies import KEPT


@dataclass(slots=True)
class Step:
    """One act being done: by whom, for which organ, on which day."""

    uow: UnitOfWork
    case: Case
    actor: Actor
    organ: str
    on: date

    def take(self, act: Act, **data: Any) -> Row:
        """Move the case by the table and note the act; `data` as JSON keeps it."""
        return self.case.take(act, organ=self.organ, person=self.actor.person, on=self.on, **data)


Run = Callable[[Step, Any], Awaitable[Row]]
Choose = Callable[[Case, Any], Act]
Whose = Callable[[Case, Any], str | None]


@dataclass(frozen=True, slots=True)
class ActSpec:
    """One act as clients know it. `choose` says which act of the table a body means, `whose` the
    one organ that can mean it, where it may be the act of several (None: any of them)."""

    path: str
    summary: str
    body: type[ActIn]
    choose: Choose
    run: Run
    whose: Whose


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case after an act, or with the proposal that waits for approval."""

    case: Case
    proposal_id: UUID | None = None


ACTS: Final[dict[str, ActSpec]] = {}
"""By path."""


def _anybody(case: Case, body: Any) -> None:  # noqa: ARG001  a choice sees both
    return None


def act(
    path: str, summary: str, body: type[ActIn], which: Act | Choose, *, whose: Whose = _anybody
) -> Callable[[Run], Run]:
    """Register an act under `/cases/{id}/<path>`."""

    def register(run: Run) -> Run:
        choose = (lambda _case, _body: which) if isinstance(which, Act) else which
        ACTS[path] = ActSpec(path, summary, body, choose, run, whose)
        return run

    return register


async def perform(
    uow: UnitOfWork, case_id: UUID, actor: Actor, spec: ActSpec, body: ActIn, *, on: date
) -> Outcome:
    """Do an act, or put it before the head of the office where the table wants that (拟办 / 签批).

    Raises what `open_case` and `organ_for` raise, IllegalStep, and what the act's rules raise.
    """
    case = await open_case(uow, case_id, actor)
    wanted = spec.choose(case, body)
    organ = organ_for(case, wanted, actor, of=spec.whose(case, body))
    row = case.row(wanted)
    if await _needs_another(uow, row, actor, organ):
        proposal_id = new_id()
        await proposals.add(
            uow, case, proposal_id, act=str(wanted), path=spec.path, organ_code=organ,
            body=body.model_dump(mode="json"), proposed_by=actor.person,
        )  # fmt: skip
        uow.audit(f"case.{wanted}.proposed", f"case/{case_id}", actor=actor.person)
        return Outcome(case, proposal_id)
    return Outcome(await do(uow, case, actor, organ, spec, body, on=on))


async def settle_proposal(
    uow: UnitOfWork, case_id: UUID, actor: Actor, *, approved: bool, reasons: str, on: date
) -> Case:
    """签批: the head approves what an officer drafted, and it is done; or gives it back.

    Raises NotFound without an open proposal of the head's office, Forbidden for the proposer, and
    when approved what the act raises: the case may have moved on meanwhile.
    """
    case = await open_case(uow, case_id, actor)
    found = await proposals.open_of(uow.session, case_id, actor.organs)
    if found is None:
        raise NotFound("没有待签批的拟办意见")
    if found.organ_code not in actor.heads or found.proposed_by == actor.person:
        raise Forbidden("应由本机关其他负责人签批")
    await proposals.settle(
        uow, found.proposal_id, approved=approved, by=actor.person, reasons=reasons
    )
    if not approved:
        await proposals.no_longer_awaits(uow, case, found.act)
        uow.audit(f"case.{found.act}.returned", f"case/{case_id}", actor=actor.person)
        return case
    spec = ACTS[found.path]
    body = spec.body.model_validate(found.body, context=KEPT)
    return await do(
        uow, case, actor, found.organ_code, spec, body, on=on, proposed_by=found.proposed_by
    )


async def do(
    uow: UnitOfWork, case: Case, actor: Actor, organ: str, spec: ActSpec, body: ActIn, *,
    on: date, proposed_by: str | None = None,
) -> Case:  # fmt: skip
    """Do an act of a locked case by the organ whose act it is, and all that follows from it.

    Raises IllegalStep, and what the act's rules raise."""
    row = await spec.run(Step(uow, case, actor, organ, on), body)
    if OFFICE_DONE in row.guards:  # last, so that it is said only where nothing else stands against
        await check_office_done(uow, case)
    await owe(uow, case, row, organ=organ, on=on)
    if case.awaits is not None or case.parts:
        await proposals.void(uow, case, row.act)
    return await keep(uow, case, actor, proposed_by=proposed_by)


async def _needs_another(uow: UnitOfWork, row: Row, actor: Actor, organ: str) -> bool:
    """Whether the act waits for a head. In an office without one it is one step, but for what the
    law gives to the head alone and not to who asks for it (Art. 34)."""
    if row.approval is Approval.NO:
        return False
    if row.approval is Approval.LONE and organ in actor.heads:
        return False
    heads = await heads_of(uow.session, uow.tables.post, organ, now=uow.clock.now())
    others = heads - {actor.person}
    if row.approval is Approval.OTHER and not others:
        raise RuleBroken("须由本机关、单位负责人批准，申请人不得自行批准")
    return bool(others)
