"""Reading a source record out of an event."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeVar

from services.analytics.sources.domain import (
    NAMES,
    CaseSource,
    DutySource,
    Registration,
    SourceRecord,
)
from shared.contracts.catalogue import CASE_EVENTS, DUTY_EVENTS
from shared.contracts.envelope import EventData
from shared.contracts.intake import HistoryImportedV1, PetitionFacts, PetitionRegisteredV1
from shared.contracts.routing import CaseEvent, CaseFacts
from shared.contracts.supervision import DutyEvent
from shared.db.accused import joined
from shared.messaging.subscriptions import Received
from shared.vocabulary.cases import ReferralState

COUNTED: tuple[type[EventData], ...] = (
    PetitionRegisteredV1,
    HistoryImportedV1,
    *CASE_EVENTS,
    *DUTY_EVENTS,
)
"""Events that figures are made of."""
COUNTED_TYPES = frozenset(each.TYPE for each in COUNTED)
Stored = TypeVar("Stored", Registration, CaseSource, DutySource)


def source_of(event: Received[EventData]) -> SourceRecord:
    """What an event says, as far as it is counted. Raises TypeError for any other event."""
    data, rank = event.data, event.envelope.rank
    if isinstance(data, PetitionRegisteredV1 | HistoryImportedV1):
        petition = data.petition
        subject = petition.petition_id
        return SourceRecord("petition", subject, rank, (subject,), _registration(petition))
    if isinstance(data, CaseEvent):
        case = data.case
        return SourceRecord("case", case.case_id, rank, tuple(case.petition_ids), _case(case))
    if isinstance(data, DutyEvent):
        duty = data.duty
        facts = _copied(DutySource, duty)
        return SourceRecord("duty", duty.duty_id, rank, tuple(duty.petition_ids), facts)
    raise TypeError(type(data).__name__)


def _registration(petition: PetitionFacts) -> Registration:
    return _copied(
        Registration,
        petition,
        tier=petition.receiving_tier,
        answered_on=petition.history.answered_on if petition.history else None,
        complained_organ=joined(petition.complained_organ, *petition.also_complained),
    )


def _case(case: CaseFacts) -> CaseSource:
    held = [each for each in case.referrals if each.state is not ReferralState.RETURNED]
    last = max(held, key=lambda referral: referral.ordinal, default=None)
    return _copied(
        CaseSource,
        case,
        organ_code=last.organ_code if last else None,
        hidden_from=joined(case.hidden_from, *case.also_hidden_from),
    )


def _copied(of: type[Stored], facts: Any, **given: Any) -> Stored:
    """Attributes that are not given are copied from the event's facts by their name."""
    copied = {name: _plain(getattr(facts, name)) for name in NAMES[of] if name not in given}
    return of(**copied, **given)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
