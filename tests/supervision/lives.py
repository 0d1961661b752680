"""A petition, its case and what supervision makes of them; see living.py for whole lives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from services.supervision.duties.domain.duty import Duty, DutyKey
from services.supervision.duties.domain.obligations import obligations_of
from services.supervision.duties.domain.reconciliation import reconcile
from services.supervision.facts.domain import (
    CaseFacts,
    HistoryFacts,
    PetitionFacts,
    ReferralFacts,
    WholeFacts,
)
from shared.reference.calendar import packaged_calendar
from shared.reference.limits import Limits, packaged_limits
from shared.vocabulary.cases import ReferralKind

PETITION = UUID("00000000-0000-7000-8000-000000000001")
CASE = UUID("00000000-0000-7000-8000-000000000002")
COUNTY, TOWN = "430121000000", "430121100000"
OFFICE, HOUSING, SCHOOLS = f"{COUNTY}-PETITION", f"{COUNTY}-HOUSING", f"{COUNTY}-EDUCATION"
ZONE = "Asia/Shanghai"
EARLY = datetime(2023, 1, 1, tzinfo=UTC)


def a_petition(**changes: object) -> PetitionFacts:
    """A claim received by a county petition office on 2026-11-22."""
    base = PetitionFacts(
        petition_id=PETITION,
        purpose="claim",
        received_by=OFFICE,
        received_division=COUNTY,
        by_petition_office=True,
        received_on=date(2026, 11, 22),
        notice_owed=True,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def a_case(**changes: object) -> CaseFacts:
    """The case of that petition, not yet decided."""
    base = CaseFacts(
        case_id=CASE,
        petition_ids=(PETITION,),
        purpose="claim",
        received_by=OFFICE,
        received_division=COUNTY,
        by_petition_office=True,
        received_on=date(2026, 11, 22),
        notice_owed=True,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def a_referral(**changes: object) -> ReferralFacts:
    """Its transfer to the housing bureau on 2026-11-22."""
    base = ReferralFacts(
        ordinal=1,
        kind=ReferralKind.TRANSFER,
        organ_code=HOUSING,
        organ_division=COUNTY,
        from_organ=OFFICE,
        referred_on=date(2026, 11, 22),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def a_history(answered_on: date | None, source: str = "message-board") -> CaseFacts:
    """An imported case received on 2019-03-01."""
    return a_case(
        received_on=date(2019, 3, 1), history=HistoryFacts(source=source, answered_on=answered_on)
    )


def duties(
    facts: WholeFacts,
    stored: dict[DutyKey, Duty] | None = None,
    *,
    now: datetime = EARLY,
    today: date = date(2027, 12, 31),
    limits: Limits | None = None,
) -> dict[DutyKey, Duty]:
    """The stored duties after reconciling them with the facts."""
    calendar = packaged_calendar()
    kept = dict(stored or {})
    owed = obligations_of(facts, limits=limits or packaged_limits(), calendar=calendar).owed
    for change in reconcile(owed, kept, calendar=calendar, zone=ZONE, now=now, today=today):
        kept[change.duty.key] = change.duty
    return kept
