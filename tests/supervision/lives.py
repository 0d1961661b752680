"""Random but lawful lives of a case, as the sequence of whole facts routing would publish."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from services.supervision.domain.duty import Duty, DutyKey
from services.supervision.domain.facts import (
    CaseFacts,
    Extension,
    Handover,
    HistoryFacts,
    PetitionFacts,
    ReferralFacts,
    WholeFacts,
)
from services.supervision.domain.obligations import obligations_of
from services.supervision.domain.reconciliation import reconcile
from shared.reference.calendar import packaged_calendar
from shared.reference.limits import packaged_limits

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
        kind=Handover.TRANSFER,
        organ_code=HOUSING,
        organ_division=COUNTY,
        from_organ=OFFICE,
        from_division=COUNTY,
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
) -> dict[DutyKey, Duty]:
    """The stored duties after reconciling them with the facts."""
    limits, calendar = packaged_limits(), packaged_calendar()
    kept = dict(stored or {})
    owed = obligations_of(facts, limits=limits, calendar=calendar).owed
    for change in reconcile(owed, kept, calendar=calendar, zone=ZONE, now=now, today=today):
        kept[change.duty.key] = change.duty
    return kept


@dataclass
class _Life:
    """A case being lived: every step appends whole facts."""

    case: CaseFacts
    versions: list[CaseFacts]
    today: date

    def say(self, **changes: object) -> None:
        self.case = replace(self.case, **changes)  # type: ignore[arg-type]
        self.versions.append(self.case)

    def hold(self, **changes: object) -> None:
        last = replace(self.case.referrals[-1], **changes)  # type: ignore[arg-type]
        self.say(referrals=(*self.case.referrals[:-1], last))


@st.composite
def lives(draw: st.DrawFn) -> tuple[PetitionFacts, list[CaseFacts]]:
    """A petition and the whole facts of its case after each step, oldest first."""
    received = draw(st.dates(date(2023, 1, 1), date(2026, 6, 30)))
    purpose = draw(st.sampled_from(["claim", "suggestion", "accusation", "uncertain"]))
    office, notice = draw(st.booleans()), draw(st.booleans())
    petition = a_petition(
        purpose=purpose, received_on=received, by_petition_office=office, notice_owed=notice
    )
    first = a_case(
        purpose=purpose, received_on=received, by_petition_office=office, notice_owed=notice
    )
    life = _Life(case=first, versions=[first], today=received)
    for _ in range(draw(st.integers(0, 7))):
        life.today += timedelta(days=draw(st.integers(0, 40)))
        step(draw, life)
    return petition, life.versions


def step(draw: st.DrawFn, life: _Life) -> None:
    """One lawful next step."""
    case, today = life.case, life.today
    last = case.referrals[-1] if case.referrals else None
    if case.closed_on is not None:
        return
    if last is None or last.upheld:
        kind = draw(st.sampled_from(Handover))
        referral = a_referral(
            ordinal=len(case.referrals) + 1,
            kind=kind,
            referred_on=today,
            organ_code=draw(st.sampled_from([HOUSING, SCHOOLS])),
            assigned_due_on=today + timedelta(days=30) if kind is Handover.ASSIGNMENT else None,
        )
        decided = case.decided_on or today
        life.say(referrals=(*case.referrals, referral), decided_on=decided)
    elif last.kind is Handover.GUIDE:
        life.say(closed_on=today)
    elif last.answered_on is not None:
        life.case = replace(case, closed_on=today)  # delivered and closed is one event
        life.hold(delivered_on=today)
    elif last.accepted_on is not None:
        if last.extension is None and draw(st.booleans()):
            life.hold(extension=Extension(days=draw(st.integers(1, 60)), approved_on=today))
        else:
            life.hold(answered_on=today)
    elif last.objected_on is not None and last.verdict_on is None:
        life.hold(verdict_on=today, upheld=draw(st.booleans()))
    elif last.objected_on is None and last.kind is not Handover.OWN and draw(st.booleans()):
        life.hold(objected_on=today)
    else:
        life.hold(accepted_on=today)
