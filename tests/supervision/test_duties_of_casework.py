"""Duties of reviews, reports, agreements, waits and papers, with their dates."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.supervision.duties.domain.duty import Duty, DutyKey
from services.supervision.duties.domain.explanation import explain
from services.supervision.duties.handlers import case_facts
from services.supervision.facts.domain import (
    CaseFacts,
    Extension,
    Notice,
    Pause,
    ReferralFacts,
    Wait,
    WaitKind,
    WholeFacts,
)
from shared.contracts.routing import CaseFacts as PublicCase
from shared.reference.calendar import packaged_calendar
from shared.vocabulary.cases import ReferralKind
from shared.vocabulary.duties import DutyKind, DutyState
from tests.supervision.lives import COUNTY, HOUSING, OFFICE, a_case, a_referral, duties

SUNDAY = date(2026, 11, 22)
CITY_HOUSING = "430100000000-HOUSING"
MET, LATE, CANCELLED = DutyState.MET, DutyState.MET_LATE, DutyState.CANCELLED
RUNNING = DutyState.RUNNING
SAMPLES = [
    path
    for path in sorted((Path(__file__).parents[1] / "contracts/samples").glob("routing.case.*"))
    if "progressed" not in path.name  # the first event that had the new facts
]


def d(text: str) -> date:
    return date.fromisoformat(text)


def owed(*held: ReferralFacts, **case: Any) -> dict[DutyKey, Duty]:
    numbered = tuple(replace(each, ordinal=n) for n, each in enumerate(held, start=1))
    facts = a_case(decided_on=SUNDAY, decider=OFFICE, referrals=numbered, **case)
    return duties(WholeFacts(petitions=(), case=facts))


def one(found: dict[DutyKey, Duty], kind: DutyKind, ordinal: int = 1) -> Duty:
    (duty,) = (d for k, d in found.items() if (k.kind, k.ordinal) == (kind, ordinal))
    return duty


def a_review(**changes: Any) -> ReferralFacts:
    """Asked for on Sunday, 2026-11-22, of the organ one level up."""
    return a_referral(
        kind=ReferralKind.REVIEW, organ_code=CITY_HOUSING, from_organ=HOUSING, accepted_on=SUNDAY,
        reports=True, **changes,
    )  # fmt: skip


HELD = a_referral(accepted_on=SUNDAY, reports=True)
ANSWERED = replace(HELD, answered_on=SUNDAY, opinion="supported")
DELIVERED = replace(ANSWERED, delivered_on=SUNDAY, ended_on=SUNDAY, carry_out=True)
ASSIGNED = replace(HELD, kind=ReferralKind.ASSIGNMENT, assigned_due_on=d("2026-12-12"))
HEARING = Pause(first=d("2026-12-01"), last=d("2026-12-05"))
REVIEWED = a_review(hearings=(HEARING,))
REDO = a_review(answered_on=SUNDAY, opinion="redo", delivered_on=SUNDAY, ended_on=SUNDAY)
PAPER = Notice(
    ordinal=3, organ_code=OFFICE, division_code=COUNTY, owed_on=SUNDAY, told_on=None
)  # fmt: skip
WAITS = (
    Wait(kind=WaitKind.PUT_UP, since=SUNDAY, until=d("2026-11-24")),
    Wait(kind=WaitKind.REDIRECT, since=SUNDAY, until=None),
)

RE_REVIEWED = replace(REVIEWED, kind=ReferralKind.RE_REVIEW)
CASES = [
    (DutyKind.D7, 1, owed(REVIEWED), CITY_HOUSING, "2026-12-22"),
    (DutyKind.D9, 1, owed(RE_REVIEWED), CITY_HOUSING, "2026-12-27"),
    (DutyKind.D7, 1, owed(REVIEWED, purpose="suggestion"), CITY_HOUSING, "2026-12-22"),
    (DutyKind.SIMPLE, 1, owed(replace(HELD, simple=True)), HOUSING, "2026-12-04"),
    (DutyKind.D5, 1, owed(HELD), HOUSING, "2027-01-21"),
    (DutyKind.ASSIGNED, 1, owed(ASSIGNED), HOUSING, "2026-12-12"),
    (DutyKind.PUT_UP, -1, owed(waits=WAITS), OFFICE, "2026-12-07"),
    (DutyKind.REDIRECT, -2, owed(waits=WAITS), OFFICE, "2026-11-27"),
    (DutyKind.DELIVERY, 1, owed(ANSWERED), HOUSING, "2026-12-02"),
    (DutyKind.FULFILMENT, 1, owed(replace(HELD, answered_on=SUNDAY, agreed_on=SUNDAY)), HOUSING,
     "2027-01-21"),
    (DutyKind.CARRYING, 1, owed(DELIVERED, closed_on=SUNDAY), HOUSING, "2027-01-21"),
    (DutyKind.REPORT_VERDICT, 1, owed(replace(ASSIGNED, reported_on=SUNDAY)), OFFICE,
     "2026-12-04"),
    (DutyKind.NOTICE, 3, owed(DELIVERED, notices=(PAPER,), closed_on=SUNDAY), OFFICE,
     "2026-12-02"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "ordinal", "found", "organ", "last"), CASES)
def test_each_duty_has_its_organ_and_its_last_day(
    kind: DutyKind, ordinal: int, found: dict[DutyKey, Duty], organ: str, last: str
) -> None:
    duty = one(found, kind, ordinal)
    assert (duty.organ_code, duty.due.last_day) == (organ, d(last))
    assert duty.state is (MET if (kind, ordinal) == (DutyKind.PUT_UP, -1) else RUNNING)


ON, TOO_LATE = d("2026-11-30"), d("2027-03-01")
ENDS = [
    (DutyKind.D7, {"answered_on": ON, "opinion": "upheld"}, REVIEWED, MET),
    (DutyKind.D7, {"answered_on": ON, "ended_on": ON}, REVIEWED, MET),  # refused in writing
    (DutyKind.D7, {"answered_on": TOO_LATE}, REVIEWED, LATE),
    (DutyKind.ASSIGNED, {"answered_on": ON}, ASSIGNED, RUNNING),
    (DutyKind.ASSIGNED, {"answered_on": ON, "reports": False}, ASSIGNED, MET),  # an older event
    (DutyKind.ASSIGNED, {"answered_on": ON, "reported_on": ON}, ASSIGNED, MET),
    (DutyKind.ASSIGNED, {"answered_on": ON, "reported_on": TOO_LATE}, ASSIGNED, LATE),
    (DutyKind.REPORT_VERDICT, {"reported_on": SUNDAY, "report_judged_on": ON}, ASSIGNED, MET),
    (DutyKind.FULFILMENT, {"agreed_on": SUNDAY, "answered_on": SUNDAY, "delivered_on": ON},
     HELD, MET),
    (DutyKind.CARRYING, {"carried_out_on": ON}, DELIVERED, MET),
    (DutyKind.CARRYING, {"carried_out_on": TOO_LATE}, DELIVERED, LATE),
    (DutyKind.D5, {"ended_on": ON}, HELD, MET),  # an accusation, handed over
    (DutyKind.D3, {"accepted_on": None, "ended_on": ON}, HELD, MET),  # passed on
]  # fmt: skip


@pytest.mark.parametrize(("kind", "changes", "held", "state"), ENDS)
def test_each_duty_ends_by_its_own_act(
    kind: DutyKind, changes: dict[str, Any], held: ReferralFacts, state: DutyState
) -> None:
    assert one(owed(replace(held, **changes)), kind).state is state


def test_a_paper_and_carrying_out_outlive_the_case() -> None:
    found = owed(DELIVERED, notices=(PAPER,), closed_on=d("2026-11-25"))
    assert {k.kind for k, duty in found.items() if duty.state.is_open} == {
        DutyKind.NOTICE, DutyKind.CARRYING
    }  # fmt: skip
    assert one(
        owed(DELIVERED, notices=(replace(PAPER, told_on=ON),)), DutyKind.NOTICE, 3
    ).state is (MET)


def test_what_a_review_sends_back_owes_handling_and_no_new_acceptance() -> None:
    found = owed(DELIVERED, REDO, HELD)
    again = {k.kind: duty.state for k, duty in found.items() if k.ordinal == 3}
    assert again == {DutyKind.D5: RUNNING}
    assert one(found, DutyKind.CARRYING).state is CANCELLED  # the old opinion is gone


def test_a_review_refused_has_no_opinion_to_deliver() -> None:
    refused = a_review(answered_on=SUNDAY, ended_on=SUNDAY)
    assert DutyKind.DELIVERY not in {k.kind for k in owed(refused, closed_on=SUNDAY)}


def test_a_reopened_case_brings_nothing_back() -> None:
    reopened = Wait(kind=WaitKind.REDIRECT, since=ON, until=None)
    found = owed(DELIVERED, waits=(reopened,))
    running = {(k.kind, k.ordinal) for k, duty in found.items() if duty.state.is_open}
    assert running == {(DutyKind.REDIRECT, -1), (DutyKind.CARRYING, 1)}
    again = owed(DELIVERED, a_referral(referred_on=ON), waits=(replace(reopened, until=ON),))
    assert {k.ordinal for k, duty in again.items() if duty.state.is_open} == {2}


def test_putting_up_ends_the_search_for_a_destination() -> None:
    given_back = a_referral(
        objected_on=SUNDAY, verdict_on=SUNDAY, upheld=True, ended_on=SUNDAY, reports=True
    )
    put_up = Wait(kind=WaitKind.PUT_UP, since=d("2026-11-24"), until=None)
    found = owed(given_back, waits=(put_up,))
    assert (one(found, DutyKind.REDIRECT).state, one(found, DutyKind.REDIRECT).ended_on) == (
        MET, d("2026-11-24")
    )  # fmt: skip
    assert one(found, DutyKind.PUT_UP, -1).state is RUNNING


def test_not_to_take_a_petition_is_a_decision_on_it() -> None:
    given_back = a_referral(objected_on=SUNDAY, verdict_on=SUNDAY, upheld=True, ended_on=SUNDAY)
    assert one(owed(given_back, closed_on=ON, refused=True), DutyKind.REDIRECT).state is LATE
    assert one(owed(given_back, closed_on=ON), DutyKind.REDIRECT).state is CANCELLED


def test_the_ordinary_limit_after_the_simple_one_runs_from_acceptance() -> None:
    whole = [
        WholeFacts(petitions=(), case=a_case(referrals=(replace(HELD, simple=simple),)))
        for simple in (True, False)
    ]
    found = duties(whole[1], duties(whole[0]), today=ON)
    assert one(found, DutyKind.SIMPLE).state is CANCELLED
    assert one(found, DutyKind.D5).due.last_day == d("2027-01-21")


def test_a_report_that_was_returned_makes_the_assigned_period_run_again() -> None:
    reported = replace(ASSIGNED, answered_on=SUNDAY, reported_on=SUNDAY)
    cases = [
        WholeFacts(petitions=(), case=a_case(referrals=(each,), closed_on=SUNDAY))
        for each in (reported, replace(reported, reported_on=None))
    ]
    before = duties(cases[0])
    after = duties(cases[1], before, today=ON)
    assert one(before, DutyKind.ASSIGNED).state is MET
    assert one(before, DutyKind.REPORT_VERDICT).state is RUNNING
    assert one(after, DutyKind.ASSIGNED).state is RUNNING
    assert one(after, DutyKind.REPORT_VERDICT).state is CANCELLED


def test_a_hearing_that_ends_late_takes_an_overdue_back() -> None:
    held = replace(REVIEWED, kind=ReferralKind.RE_REVIEW, hearings=())
    before = duties(WholeFacts(petitions=(), case=a_case(referrals=(held,))))
    fired = {
        key: replace(duty, state=DutyState.OVERDUE, overdue_at=duty.due.at)
        for key, duty in before.items()
    }
    heard = replace(held, hearings=(Pause(first=d("2026-12-20"), last=d("2026-12-24")),))
    case = a_case(referrals=(heard,))
    now = datetime(2026, 12, 24, 4, tzinfo=UTC)
    found = duties(WholeFacts(petitions=(), case=case), fired, now=now)
    duty = one(found, DutyKind.D9)
    assert (duty.state, duty.due.last_day) == (RUNNING, d("2026-12-27"))


def test_the_reckoning_shows_the_extension_and_the_days_of_a_hearing() -> None:
    calendar, today = packaged_calendar(), d("2026-12-01")
    longer = replace(HELD, extension=Extension(days=30, approved_on=today))
    told = explain(one(owed(longer), DutyKind.D5), calendar, note="", today=today)
    assert told.title == "办结：最后一日为2027年2月20日"
    assert any("经批准延长30日" in sentence for sentence in told.sentences)
    assert len(told.days) == 90
    again = owed(replace(REVIEWED, kind=ReferralKind.RE_REVIEW))
    told = explain(one(again, DutyKind.D9), calendar, note="", today=today)
    stopped = [line for line in told.days if not line.counted]
    assert [line.day for line in stopped] == [d(f"2026-12-0{n}") for n in range(1, 6)]
    assert {line.why for line in stopped} == {"不计入：期限中止"}
    assert told.days[-1].number == 30
    assert "2026年12月1日至2026年12月5日不计算在期限内（听证或者中止）。" in told.sentences


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_events_told_before_know_nothing_of_the_new_facts(sample: Path) -> None:
    raw = json.loads(sample.read_text(encoding="utf-8"))["data"]["case"]
    facts = case_facts(PublicCase.model_validate(raw))
    assert (facts.decider, facts.waits, facts.notices, facts.refused) == (None, (), (), False)
    for held in facts.referrals:
        assert (held.reports, held.ended_on, held.extension) == (False, None, None)


def test_what_was_stored_before_is_read_as_it_was() -> None:
    kept = TypeAdapter(CaseFacts)
    old = kept.dump_python(a_case(referrals=(a_referral(),)), mode="json")
    for name in ("refused", "decider", "waits", "notices"):
        del old[name]
    old["referrals"][0]["from_division"] = COUNTY  # an older member that nothing needs
    for name in ("ended_on", "opinion", "simple", "hearings", "reports", "carry_out"):
        del old["referrals"][0][name]
    assert kept.validate_python(old) == a_case(referrals=(a_referral(),))
