"""What routing tells of a case becomes the progress shown to the citizen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.intake.petitions.store.petitions import keep_progress
from services.intake.subscriptions import SUBSCRIPTIONS
from shared.contracts.catalogue import CASE_EVENTS
from shared.contracts.routing import CaseEvent, CaseFacts, CaseProgressedV1, ReferralFacts
from shared.db.accused import joined
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.workdays import local_date
from shared.messaging.subscriptions import Received
from shared.vocabulary.acts import PUBLIC_STEPS

__all__ = ["SUBSCRIPTIONS", "follow_cases", "step_kind"]


@SUBSCRIPTIONS.on_batch(*CASE_EVENTS)
async def follow_cases(events: Sequence[Received[CaseEvent]], uow: UnitOfWork) -> None:
    """Keep the newest state of each petition's case, and every step once."""
    states: dict[Any, dict[str, Any]] = {}
    steps: dict[Any, dict[str, Any]] = {}
    for event in events:
        case, rank = event.data.case, event.envelope.rank
        last = case.referrals[-1] if case.referrals else None
        for petition_id in case.petition_ids:
            known = states.get(petition_id)
            if known is None or (known["epoch"], known["sequence"]) < rank:
                states[petition_id] = {
                    "petition_id": petition_id,
                    "case_id": case.case_id,
                    "epoch": rank[0],
                    "sequence": rank[1],
                    "state": case.state.value,
                    "organ_code": last.organ_code if last else None,
                    "hidden_from": joined(case.hidden_from, *case.also_hidden_from),
                }
            if step_kind(event.data) not in PUBLIC_STEPS:
                continue
            steps[petition_id, rank] = {
                "petition_id": petition_id,
                "epoch": rank[0],
                "sequence": rank[1],
                "kind": step_kind(event.data),
                "happened_on": _happened_on(event, last, uow.clock.zone),
                "organ_code": last.organ_code if last else None,
            }
    if states:
        ordered = [states[key] for key in sorted(states)]
        await keep_progress(uow.session, ordered, list(steps.values()))


def step_kind(event: CaseEvent) -> str:
    """`referred` of `routing.case.referred.v1`; of any other progress the act itself."""
    return event.act if isinstance(event, CaseProgressedV1) else event.TYPE.split(".")[2]


def _happened_on(event: Received[CaseEvent], last: ReferralFacts | None, zone: str) -> date:
    """The legal day of the step where the case says it, else the day of the event."""
    case: CaseFacts = event.data.case
    days: dict[str, date | None] = {
        "answered": case.answered_on,
        "delivered": case.delivered_on,
        "imported": case.answered_on or case.received_on,
    }
    if last is not None:
        days |= {
            "referred": last.referred_on,
            "accepted": last.accepted_on,
            "objected": last.objected_on,
            "objection_decided": last.verdict_on,
        }
    return days.get(step_kind(event.data)) or local_date(event.envelope.time, zone)
