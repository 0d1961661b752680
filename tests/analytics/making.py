"""Events about invented petitions, valid by default, and the tables they end up in."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from services.analytics.store import counts, kept
from shared.contracts.envelope import Envelope, EventData
from shared.contracts.intake import (
    HistoryFacts,
    HistoryImportedV1,
    PetitionFacts,
    PetitionRegisteredV1,
)
from shared.contracts.routing import (
    CaseAnsweredV1,
    CaseEvent,
    CaseFacts,
    CaseOpenedV1,
    CaseReferredV1,
    ReferralFacts,
)
from shared.contracts.supervision import DutyEvent, DutyFacts, DutyStartedV1
from shared.vocabulary.cases import CaseState, ReferralKind, ReferralState
from shared.vocabulary.duties import DutyState, Nature
from shared.vocabulary.petitions import CategoryBy, Channel, Origin, Purpose
from tests.support.service import ServiceUnderTest

NAMES = UUID("00000000-0000-4000-8000-000000000000")
PROVINCE = "430000000000"
CITY = "430100000000"
COUNTY = "430102000000"
OTHER_COUNTY = "430103000000"
PROVINCE_OFFICE = f"{PROVINCE}-PETITION"
COUNTY_OFFICE = f"{COUNTY}-PETITION"
COUNTY_HOUSING = f"{COUNTY}-HOUSING"
DAY = date(2026, 1, 10)
HOME = ("430000000000", "439999999999")
"""The divisions of the deployment under test."""


def name_of(kind: str, number: int) -> UUID:
    """The id of the number-th petition, case or duty."""
    return uuid5(NAMES, f"{kind}/{number}")


def a_petition(number: int, **changes: Any) -> PetitionFacts:
    """An individual's online claim about housing in a county, received by its petition office."""
    values: dict[str, Any] = {
        "petition_id": name_of("petition", number),
        "number": f"P{number}",
        "matter_id": name_of("matter", number),
        "channel": Channel.ONLINE,
        "origin": Origin.OWN,
        "purpose": Purpose.CLAIM,
        "category_code": "030601",
        "category_by": CategoryBy.DECLARED,
        "category_confidence": None,
        "division_code": COUNTY,
        "complained_organ": None,
        "received_by": COUNTY_OFFICE,
        "receiving_tier": 3,
        "received_on": DAY,
        "registered_at": datetime.combine(DAY, time(4), UTC),
        "head_count": 1,
        "person_times": 1,
        "batch": False,
        "repeat": False,
        "joint": False,
        "notice_owed": True,
    }
    return PetitionFacts(**(values | changes))


def a_visit(number: int, people: int, **changes: Any) -> PetitionFacts:
    """A visit of so many people: one item, one batch."""
    values = {"channel": Channel.VISIT, "head_count": people, "person_times": people, "batch": True}
    return a_petition(number, **(values | changes))


def registered(petition: PetitionFacts) -> EventData:
    """The event of its registration, or of its import when it has a history."""
    contract = HistoryImportedV1 if petition.history else PetitionRegisteredV1
    return contract(petition=petition)


def history(answered_on: date | None) -> HistoryFacts:
    """A history read with the message-board mapping."""
    return HistoryFacts(source="message-board", source_id="1", answered_on=answered_on)


def a_referral(ordinal: int = 1, **changes: Any) -> ReferralFacts:
    """A transfer to the county's housing department."""
    values: dict[str, Any] = {
        "referral_id": name_of("referral", ordinal),
        "ordinal": ordinal,
        "kind": ReferralKind.TRANSFER,
        "organ_code": COUNTY_HOUSING,
        "organ_division": COUNTY,
        "from_organ": COUNTY_OFFICE,
        "state": ReferralState.PENDING,
        "referred_on": DAY,
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


def a_case(number: int, **changes: Any) -> CaseFacts:
    """The case of the petition with the same number, referred once."""
    values: dict[str, Any] = {
        "case_id": name_of("case", number),
        "matter_id": name_of("matter", number),
        "petition_ids": [name_of("petition", number)],
        "number": f"P{number}",
        "state": CaseState.REFERRED,
        "purpose": Purpose.CLAIM,
        "category_code": "030601",
        "division_code": COUNTY,
        "received_by": COUNTY_OFFICE,
        "received_by_petition_office": True,
        "received_on": DAY,
        "decided_on": DAY,
        "decision_kind": "transfer",
        "decision_confidence": "certain",
        "needs_person_reason": None,
        "notice_owed": True,
        "referrals": [a_referral()],
        "answered_on": None,
        "delivered_on": None,
        "closed_on": None,
    }
    return CaseFacts(**(values | changes))


def case_event(case: CaseFacts) -> CaseEvent:
    """The event that fits the case's state."""
    if case.answered_on:
        return CaseAnsweredV1(case=case)
    return CaseReferredV1(case=case) if case.referrals else CaseOpenedV1(case=case)


def a_duty(number: int, *, petition: int | None = None, **changes: Any) -> DutyFacts:
    """The legal 60 days (D5) of the petition with the same number."""
    about = number if petition is None else petition
    due = changes.get("due_on", date(2026, 3, 11))
    values: dict[str, Any] = {
        "duty_id": name_of("duty", number),
        "kind": "D5",
        "ordinal": 1,
        "subject_kind": "case",
        "subject_id": name_of("case", about),
        "case_id": name_of("case", about),
        "petition_ids": [name_of("petition", about)],
        "nature": Nature.LEGAL,
        "organ_code": COUNTY_HOUSING,
        "division_code": COUNTY,
        "started_on": DAY,
        "due_on": due,
        "due_at": datetime.combine(due, time(16), UTC),
        "provisional": False,
        "state": DutyState.RUNNING,
        "ended_on": None,
        "overdue_at": None,
        "limit_id": "D5-2022",
        "article": "第三十四条",
        "silent": False,
    }
    return DutyFacts(**(values | changes))


def duty_event(duty: DutyFacts) -> DutyEvent:
    """An event with the whole duty; which one does not matter to the figures."""
    return DutyStartedV1(duty=duty)


class Figures:
    """Analytics under test: tell it facts, read its tables and its answers."""

    def __init__(self, sut: ServiceUnderTest) -> None:
        self.sut = sut
        self._calls = count(1)

    def told(self, *facts: PetitionFacts | CaseFacts | DutyFacts) -> list[Envelope]:
        """Envelopes of these facts, versions of one subject counting up in this order."""
        return [self._envelope(each) for each in facts]

    async def tell(self, *facts: PetitionFacts | CaseFacts | DutyFacts) -> None:
        """Deliver these facts as events."""
        await self.sut.deliver(*self.told(*facts))

    async def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that is counted, in a stable order."""
        found = {}
        async with self.sut.service.database.reading() as session:
            for table in (counts.FACT, counts.COUNT, counts.DAYS, kept.KEPT):
                rows = await session.execute(select(table))
                found[table.name] = sorted(map(tuple, rows), key=repr)
        return found

    def _envelope(self, facts: PetitionFacts | CaseFacts | DutyFacts) -> Envelope:
        if isinstance(facts, PetitionFacts):
            event: EventData = registered(facts)
            subject = facts.petition_id
        elif isinstance(facts, CaseFacts):
            event, subject = case_event(facts), facts.case_id
        else:
            event, subject = duty_event(facts), facts.duty_id
        return self.sut.envelope(event, subject_id=subject)
