"""A paper that intake delivered: its notice is told; delivering an opinion is the act itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.referral import Notice
from services.routing.cases.store import cases
from services.routing.casework.acts import ACTS
from services.routing.casework.acts.ending import DeliveryIn
from services.routing.casework.use_cases.flow import CASES, keep
from services.routing.papers.use_cases.notices import tell
from shared.db.unit_of_work import UnitOfWork
from shared.vocabulary.acts import Act, Approval
from shared.vocabulary.papers import DeliveryMethod
from shared.web.bodies import KEPT
from shared.workflow.entities import Actor
from shared.workflow.pipeline import do, row_of


@dataclass(frozen=True, slots=True)
class Delivery:
    """A paper reached its petitioners: how, on which local day, recorded by whom."""

    notice_id: UUID
    method: str
    refused: bool
    proof: str | None
    on: date
    person: str


async def take_delivery(uow: UnitOfWork, case_id: UUID, delivery: Delivery) -> None:
    """Record a delivery once. What is not known here or told already changes nothing: offices also
    record deliveries by hand, and an event may come late or twice."""
    case = await cases.load(uow.session, case_id, lock=True)
    notice = _owed(case, delivery.notice_id) if case else None
    if case is None or notice is None:
        return
    on = max(delivery.on, notice.owed_on)
    actor = Actor(delivery.person, frozenset((notice.organ_code,)))
    if _awaits(case, notice):
        told = {
            "method": DeliveryMethod(delivery.method),
            "proof": delivery.proof or None,
            "refused": delivery.refused,
        }
        body = DeliveryIn.model_validate(told, context=KEPT)
        await do(CASES, uow, case, actor, notice.organ_code, ACTS["delivery"], body, on=on)
        return
    tell(case, notice.ordinal, method=delivery.method, proof=delivery.proof, on=on)
    await keep(uow, case, actor, did="notice_told")


def _owed(case: Case, notice_id: UUID) -> Notice | None:
    found = (each for each in case.notices if each.notice_id == notice_id)
    return next((each for each in found if each.told_on is None), None)


def _awaits(case: Case, notice: Notice) -> bool:
    """Whether the case waits for just this opinion to be delivered (Art. 35)."""
    held = case.current
    return (
        notice.kind == "opinion"
        and held is not None
        and held.ordinal == notice.referral
        and Act.DELIVER in case.allowed
        and row_of(CASES, case, Act.DELIVER).approval is Approval.NO
    )
