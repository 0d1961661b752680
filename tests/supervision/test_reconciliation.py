"""Bringing stored duties in line: what the watcher did is kept, what facts say wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from services.supervision.duties.domain.duty import Duty, DutyKey
from services.supervision.facts.domain import Extension
from services.supervision.facts.domain import WholeFacts as Whole
from shared.vocabulary.duties import DutyKind, DutyState
from tests.supervision.lives import a_case, a_petition, a_referral, duties

LATE = datetime(2026, 12, 20, tzinfo=UTC)
RECEIVED = Whole(petitions=(a_petition(),))


def fired(stored: dict[DutyKey, Duty]) -> dict[DutyKey, Duty]:
    """What the watcher leaves behind for duties that came due."""
    return {
        key: replace(
            duty, state=DutyState.OVERDUE, overdue_at=duty.due.at, version=duty.version + 1
        )
        for key, duty in stored.items()
    }


def decided(on: str) -> Whole:
    case = a_case(decided_on=date.fromisoformat(on), referrals=())
    return Whole(petitions=(a_petition(),), case=case)


def test_a_late_duty_stays_running_until_the_watcher_has_seen_it() -> None:
    (duty,) = duties(RECEIVED, now=LATE).values()
    assert (duty.state, duty.overdue_at) == (DutyState.RUNNING, None)


def test_overdue_is_kept_while_open_and_after_closing() -> None:
    stored = fired(duties(RECEIVED))
    assert duties(RECEIVED, stored, now=LATE) == stored
    (ended,) = duties(decided("2026-12-10"), stored, now=LATE).values()
    assert (ended.state, ended.overdue_at) == (DutyState.MET_LATE, ended.due.at)
    assert ended.version == 3


def test_news_of_a_timely_end_takes_the_overdue_back() -> None:
    (duty,) = duties(decided("2026-12-07"), fired(duties(RECEIVED)), now=LATE).values()
    assert (duty.state, duty.overdue_at) == (DutyState.MET, None)


def test_an_end_after_the_last_day_is_overdue_even_if_nobody_watched() -> None:
    (duty,) = duties(decided("2026-12-08"), duties(RECEIVED), now=LATE).values()
    assert (duty.state, duty.overdue_at) == (DutyState.MET_LATE, duty.due.at)


def test_an_extension_gives_new_warnings() -> None:
    held = a_referral(accepted_on=date(2026, 11, 30))
    case = a_case(referrals=(held,))
    stored = {
        key: replace(duty, warned_days=5)
        for key, duty in duties(Whole(petitions=(), case=case)).items()
    }
    longer = replace(held, extension=Extension(days=30, approved_on=date(2027, 1, 20)))
    after = duties(Whole(petitions=(), case=replace(case, referrals=(longer,))), stored)
    handling = next(duty for key, duty in after.items() if key.kind is DutyKind.D5)
    acceptance = next(duty for key, duty in after.items() if key.kind is DutyKind.D3)
    assert (handling.warned_days, acceptance.warned_days) == (None, 5)
    assert handling.due.last_day == date(2027, 2, 28)


def test_a_corrected_purpose_moves_the_handling_duty() -> None:
    case = a_case(referrals=(a_referral(accepted_on=date(2026, 11, 30)),))
    stored = duties(Whole(petitions=(), case=replace(case, purpose="uncertain")))
    after = duties(Whole(petitions=(), case=case), stored, today=date(2026, 12, 2))
    states = {key.kind: duty.state for key, duty in after.items()}
    assert states[DutyKind.HANDLING] is DutyState.CANCELLED
    assert states[DutyKind.D5] is DutyState.RUNNING
