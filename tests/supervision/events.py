"""Events of intake and routing as supervision gets them; valid by default."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from shared.contracts.envelope import Envelope
from shared.contracts.intake import HistoryFacts, PetitionFacts, PetitionRegisteredV1
from shared.contracts.routing import (
    CaseAcceptedV1,
    CaseAnsweredV1,
    CaseDeliveredV1,
    CaseEvent,
    CaseFacts,
    CaseImportedV1,
    CaseObjectedV1,
    CaseObjectionDecidedV1,
    CaseOpenedV1,
    CaseProgressedV1,
    CaseReferredV1,
    ReferralFacts,
)
from shared.contracts.supervision import (
    DutyEndedV1,
    DutyJudgedV1,
    DutyOverdueV1,
    DutyStartedV1,
    DutyWarnedV1,
)
from shared.vocabulary.cases import CaseState, ReferralKind, ReferralState
from shared.vocabulary.petitions import CategoryBy, Channel, Origin, Purpose
from tests.support.service import ServiceUnderTest

COUNTY = "430121000000"
OFFICE, HOUSING = f"{COUNTY}-PETITION", f"{COUNTY}-HOUSING"
TODAY = date(2026, 3, 2)
ALL_DUTY_EVENTS = (DutyStartedV1, DutyWarnedV1, DutyOverdueV1, DutyEndedV1, DutyJudgedV1)


def a_petition(petition_id: UUID | None = None, **changes: Any) -> PetitionFacts:
    """A claim received by the county's petition office today."""
    values: dict[str, Any] = {
        "petition_id": petition_id or uuid4(),
        "number": "430121-20260302-7Q3K-5",
        "matter_id": uuid4(),
        "channel": Channel.LETTER,
        "origin": Origin.OWN,
        "purpose": Purpose.CLAIM,
        "category_code": None,
        "category_by": CategoryBy.NONE,
        "category_confidence": None,
        "division_code": COUNTY,
        "complained_organ": None,
        "received_by": OFFICE,
        "receiving_tier": 3,
        "received_on": TODAY,
        "registered_at": datetime(2026, 3, 2, 1, tzinfo=UTC),
        "head_count": 1,
        "person_times": 1,
        "batch": False,
        "repeat": False,
        "joint": False,
        "notice_owed": True,
    }
    return PetitionFacts(**(values | changes))


def a_case(petition: PetitionFacts, **changes: Any) -> CaseFacts:
    """The case of a petition, waiting for a person."""
    values: dict[str, Any] = {
        "case_id": petition.matter_id,
        "matter_id": petition.matter_id,
        "petition_ids": [petition.petition_id],
        "number": petition.number,
        "state": CaseState.NEEDS_PERSON,
        "purpose": petition.purpose,
        "category_code": None,
        "division_code": COUNTY,
        "received_by": petition.received_by,
        "received_by_petition_office": petition.received_by.endswith("-PETITION"),
        "received_on": petition.received_on,
        "decided_on": None,
        "decision_kind": "needs_person",
        "decision_confidence": "unsure",
        "needs_person_reason": "no_division",
        "notice_owed": petition.notice_owed,
        "referrals": [],
        "answered_on": None,
        "delivered_on": None,
        "closed_on": None,
        "history": petition.history,
    }
    return CaseFacts(**(values | changes))


def a_referral(**changes: Any) -> ReferralFacts:
    """A transfer to the county's housing bureau today."""
    values: dict[str, Any] = {
        "referral_id": uuid4(),
        "ordinal": 1,
        "kind": ReferralKind.TRANSFER,
        "organ_code": HOUSING,
        "organ_division": COUNTY,
        "from_organ": OFFICE,
        "state": ReferralState.PENDING,
        "referred_on": TODAY,
        "assigned_due_on": None,
        "objected_on": None,
        "verdict": None,
        "verdict_on": None,
        "accepted_on": None,
        "answered_on": None,
        "opinion": None,
        "delivered_on": None,
    }
    return ReferralFacts(**(values | changes))


class Story:
    """One petition and its case, told event by event with rising sequence numbers."""

    def __init__(self, sut: ServiceUnderTest, **petition: Any) -> None:
        self.sut = sut
        self.petition = a_petition(**petition)
        self.case = a_case(self.petition)
        self._referral: dict[str, Any] = {}

    def registered(self) -> Envelope:
        """The petition was registered."""
        data = PetitionRegisteredV1(petition=self.petition)
        return self.sut.envelope(data, subject_id=self.petition.petition_id)

    def opened(self) -> Envelope:
        """The case waits for a person."""
        return self._tell(CaseOpenedV1)

    def referred(self, on: date = TODAY, **changes: Any) -> Envelope:
        """Handed to the housing bureau."""
        self._referral = {"referred_on": on} | changes
        return self._tell(CaseReferredV1, state=CaseState.REFERRED, decided_on=on)

    def accepted(self, on: date) -> Envelope:
        """Accepted by the bureau."""
        self._referral |= {"accepted_on": on, "state": ReferralState.ACCEPTED}
        return self._tell(CaseAcceptedV1, state=CaseState.ACCEPTED)

    def objected(self, on: date) -> Envelope:
        """Objected to by the bureau."""
        self._referral |= {"objected_on": on, "state": ReferralState.OBJECTED}
        return self._tell(CaseObjectedV1, state=CaseState.OBJECTED)

    def upheld(self, on: date) -> Envelope:
        """The sender agreed with the objection."""
        self._referral |= {
            "verdict": "upheld", "verdict_on": on, "state": ReferralState.RETURNED
        }  # fmt: skip
        return self._tell(CaseObjectionDecidedV1, state=CaseState.NEEDS_PERSON)

    def answered(self, on: date) -> Envelope:
        """Answered with an opinion."""
        self._referral |= {"answered_on": on, "state": ReferralState.ANSWERED}
        return self._tell(CaseAnsweredV1, state=CaseState.ANSWERED, answered_on=on)

    def delivered(self, on: date) -> Envelope:
        """Delivered, and so closed."""
        self._referral |= {"delivered_on": on, "state": ReferralState.DELIVERED}
        return self._tell(CaseDeliveredV1, state=CaseState.CLOSED, delivered_on=on, closed_on=on)

    def progressed(self, act: str, *holds: dict[str, Any], **changes: Any) -> Envelope:
        """Another act: `holds` are all the case's referrals, as routing tells them now."""
        held = [
            a_referral(**{"ordinal": number, "reported_on": None} | each)
            for number, each in enumerate(holds, start=1)
        ]
        update = {"referrals": held, "decider": self.petition.received_by} | changes
        self.case = self.case.model_copy(update=update)
        data = CaseProgressedV1(case=self.case, act=act)
        return self.sut.envelope(data, subject_id=self.case.case_id)

    def imported(self, answered_on: date | None) -> Envelope:
        """Taken over from history in its end state."""
        history = HistoryFacts(source="message-board", source_id="1", answered_on=answered_on)
        self._referral = {"answered_on": answered_on, "state": ReferralState.ANSWERED}
        return self._tell(
            CaseImportedV1,
            state=CaseState.CLOSED,
            history=history,
            answered_on=answered_on,
            closed_on=answered_on,
        )

    def _tell(self, contract: type[CaseEvent], **changes: Any) -> Envelope:
        referrals = [a_referral(**self._referral)] if self._referral else []
        self.case = self.case.model_copy(update={"referrals": referrals} | changes)
        return self.sut.envelope(contract(case=self.case), subject_id=self.case.case_id)
