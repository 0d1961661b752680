"""Valid petitions, places and cases for routing tests; override by keyword."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.parts import Part
from services.routing.jurisdiction.domain.decision import Decision
from shared.contracts.intake import HistoryFacts, PetitionContentV1, PetitionFacts
from shared.vocabulary.cases import Confidence, DecisionKind, PartRole
from shared.vocabulary.petitions import CategoryBy, Channel, Origin, Purpose

CHANGSHA = "430100000000-PETITION"
COUNTY = "430121000000"
COUNTY_OFFICE = f"{COUNTY}-PETITION"
HOUSING = f"{COUNTY}-HOUSING"
ROOT_OFFICE = "430000000000-PETITION"
TODAY = date(2026, 3, 2)


def facts(**values: Any) -> PetitionFacts:
    """A claim filed online with the city's petition office, on housing construction."""
    petition_id = values.pop("petition_id", None) or uuid.uuid4()
    plain: dict[str, Any] = {
        "petition_id": petition_id,
        "number": f"4301-20260302-{str(petition_id)[:12]}",
        "matter_id": uuid.uuid4(),
        "channel": Channel.ONLINE,
        "origin": Origin.OWN,
        "purpose": Purpose.CLAIM,
        "category_code": "030800",
        "category_by": CategoryBy.DECLARED,
        "category_confidence": None,
        "division_code": None,
        "complained_organ": None,
        "received_by": CHANGSHA,
        "receiving_tier": 2,
        "received_on": TODAY,
        "registered_at": datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
        "head_count": 1,
        "person_times": 1,
        "batch": False,
        "repeat": False,
        "joint": False,
        "notice_owed": True,
    }
    return PetitionFacts(**plain | values)


def content(
    title: str = "长沙县泉塘街道小区交房质量差",
    *,
    text: str = "墙体开裂，多次反映无果。",
    place: str | None = None,
    sealed_id: uuid.UUID | None = None,
    **values: Any,
) -> PetitionContentV1:
    """The masked content of a petition."""
    return PetitionContentV1(
        petition=facts(**values), title=title, text=text, place=place, sealed_id=sealed_id
    )


def history(answered_on: date | None) -> HistoryFacts:
    """Where an imported row came from."""
    return HistoryFacts(source="message-board", source_id=uuid.uuid4().hex, answered_on=answered_on)


def a_case(**values: Any) -> Case:
    """A case that waits for its first decision."""
    plain: dict[str, Any] = {
        "case_id": uuid.uuid4(),
        "matter_id": uuid.uuid4(),
        "petition_ids": [uuid.uuid4()],
        "number": "4301-20260302-X",
        "purpose": "claim",
        "received_by": CHANGSHA,
        "received_by_petition_office": True,
        "received_on": TODAY,
        "decider": CHANGSHA,
        "notice_owed": True,
        "opened_on": TODAY,
        "version": 1,
    }
    return Case(**plain | values)


def a_part(case: Case, **values: Any) -> Part:
    """The next part of a case in somebody's hands, for the county's justice bureau."""
    plain: dict[str, Any] = {
        "part_id": uuid.uuid4(),
        "ordinal": len(case.parts) + 1,
        "referral": len(case.referrals),
        "organ_code": f"{COUNTY}-JUSTICE",
        "organ_division": COUNTY,
        "role": PartRole.EXAMINE,
        "task": "核实",
        "due_on": date(2026, 3, 20),
        "assigned_on": TODAY,
        "assigned_by": CHANGSHA,
    }
    return Part(**plain | values)


def a_decision(**values: Any) -> Decision:
    """A transfer to the county's housing bureau."""
    plain: dict[str, Any] = {
        "kind": DecisionKind.TRANSFER,
        "confidence": Confidence.CERTAIN,
        "organ_code": HOUSING,
        "organ_division": COUNTY,
        "division_code": COUNTY,
        "category_code": "030800",
    }
    return Decision(**plain | values)


def a_referred_case(**decision: Any) -> Case:
    """A case that was handed over on TODAY."""
    case = a_case()
    case.decide(a_decision(**decision), referral_id=uuid.uuid4(), by_organ=CHANGSHA, on=TODAY)
    case.happened.clear()
    return case
