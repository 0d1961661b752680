"""Warnings, the due instant, raising and the judgement of a duty."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.supervision.duties.domain.duty import Due, Duty, Outcome, judge, state_words
from services.supervision.duties.domain.raising import (
    Holder,
    Ladder,
    ended_with,
    is_raised,
    raised_from,
    told,
)
from services.supervision.duties.domain.stages import Warned, next_at, warning_due, warnings_of
from services.supervision.facts.domain import WholeFacts as Whole
from shared.reference.calendar import packaged_calendar
from shared.reference.limits import packaged_limits
from shared.vocabulary.duties import DutyKind, DutyState, Nature
from tests.supervision.lives import COUNTY, HOUSING, OFFICE, a_history, a_petition, duties

MICRO = timedelta(microseconds=1)


def a_duty(**changes: object) -> Duty:
    """D1 from Sunday 2026-11-22, last day Monday 2026-12-07."""
    (duty,) = duties(Whole(petitions=(a_petition(),))).values()
    return replace(duty, **changes)  # type: ignore[arg-type]


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


WARN_5, WARN_1, DUE = (
    local("2026-12-03T00:00"),
    local("2026-12-07T00:00"),
    local("2026-12-08T00:00"),
)

MOMENTS = [
    (WARN_5 - MICRO, None, None),
    (WARN_5, None, Warned(5, (5,))),
    (WARN_1 - MICRO, None, Warned(5, (5,))),
    (WARN_1, 5, Warned(1, (1,))),
    (WARN_1, None, Warned(1, (5, 1))),  # slept through the first: merged, not dropped
    (WARN_1 + timedelta(hours=1), 1, None),
    (DUE - MICRO, None, Warned(1, (5, 1))),
    (DUE, None, None),  # never a warning once it is due
    (DUE + timedelta(days=9), 5, None),
]


@pytest.mark.parametrize(("now", "warned", "expected"), MOMENTS)
def test_a_warning_is_given_once_in_its_time(
    now: datetime, warned: int | None, expected: Warned | None
) -> None:
    assert warning_due(a_duty(warned_days=warned), now) == expected


@pytest.mark.parametrize(("warned", "expected"), [(None, WARN_5), (5, WARN_1), (1, DUE)])
def test_the_next_moment_is_the_first_stage_ahead(warned: int | None, expected: datetime) -> None:
    assert next_at(a_duty(warned_days=warned)) == expected


@pytest.mark.parametrize("state", [state for state in DutyState if state is not DutyState.RUNNING])
def test_nothing_more_happens_to_what_does_not_run(state: DutyState) -> None:
    assert next_at(a_duty(state=state)) is None
    assert warning_due(a_duty(state=state), WARN_5) is None


def test_silent_duties_give_no_warnings() -> None:
    now = datetime(2019, 3, 2, tzinfo=UTC)
    (duty,) = duties(Whole(petitions=(), case=a_history(None)), now=now).values()
    assert duty.state is DutyState.RUNNING
    assert warnings_of(replace(duty, warn_days=(5, 1))) == ()
    assert next_at(duty) == duty.due.at
    assert not is_raised(duty)


def test_no_warning_on_the_day_a_short_duty_begins() -> None:
    duty = a_duty(warn_days=(15, 14))
    assert [days for days, _ in warnings_of(duty)] == [15, 14]
    assert [days for days, _ in warnings_of(a_duty(warn_days=(16, 14)))] == [14]


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.integers(0, 40), unique=True, max_size=4),
    st.lists(st.integers(0, 25 * 24), min_size=1, max_size=12),
)
def test_watching_at_any_moments_gives_each_warning_once_and_never_after_due(
    warn_days: list[int], hours: list[int]
) -> None:
    duty = a_duty(warn_days=tuple(warn_days))
    given_out: list[int] = []
    for offset in sorted(hours):
        now = local("2026-11-22T12:00") + timedelta(hours=offset)
        warned = warning_due(duty, now)
        if warned is not None:
            assert now < duty.due.at
            given_out.extend(warned.merged)
            duty = replace(duty, warned_days=warned.days_left)
        ahead = next_at(duty)
        assert ahead is not None
        assert ahead > now or now >= duty.due.at  # nothing left behind
    assert len(given_out) == len(set(given_out))
    assert given_out == sorted(given_out, reverse=True)


# --- judging ----------------------------------------------------------------------------------

LAST = Due(last_day=date(2026, 12, 7), at=DUE, provisional=False)
JUDGED = [
    ("legal", None, "fulfilled", DUE - MICRO, DutyState.RUNNING, None),
    ("legal", None, "fulfilled", DUE, DutyState.OVERDUE, DUE),
    ("legal", "2026-12-07", "fulfilled", DUE + timedelta(days=3), DutyState.MET, None),
    ("legal", "2026-12-08", "fulfilled", DUE + timedelta(days=3), DutyState.MET_LATE, DUE),
    ("internal", "2026-12-09", "fell_away", DUE + timedelta(days=3), DutyState.CANCELLED, DUE),
    ("internal", "2026-12-01", "fell_away", DUE + timedelta(days=3), DutyState.CANCELLED, None),
    ("window", None, "fulfilled", DUE - MICRO, DutyState.RUNNING, None),
    ("window", None, "fulfilled", DUE, DutyState.LAPSED, None),
    ("window", "2026-12-07", "fulfilled", DUE, DutyState.MET, None),
    ("window", "2026-12-08", "fulfilled", DUE, DutyState.LAPSED, None),
    ("window", "2026-12-01", "fell_away", DUE, DutyState.CANCELLED, None),
]


@pytest.mark.parametrize(("nature", "ended", "outcome", "now", "state", "overdue_at"), JUDGED)
def test_state_follows_from_due_end_and_now(
    nature: str,
    ended: str | None,
    outcome: str,
    now: datetime,
    state: DutyState,
    overdue_at: datetime | None,
) -> None:
    ended_on = date.fromisoformat(ended) if ended else None
    assert judge(
        nature=Nature(nature), due=LAST, ended_on=ended_on, outcome=Outcome(outcome), now=now
    ) == (state, overdue_at)


@pytest.mark.parametrize(
    ("changes", "today", "words"),
    [
        ({}, "2026-12-01", "未到期"),
        ({}, "2026-12-02", "临期"),
        ({}, "2026-12-07", "临期"),
        ({"state": DutyState.OVERDUE}, "2026-12-08", "超期"),
        ({"warn_days": ()}, "2026-12-07", "未到期"),
        ({"state": DutyState.MET_LATE}, "2026-12-09", "超期完成"),
    ],
)
def test_clerks_read_their_own_words(changes: dict[str, object], today: str, words: str) -> None:
    assert state_words(a_duty(**changes), date.fromisoformat(today)) == words


# --- raising ----------------------------------------------------------------------------------

CITY, TOP = "430100000000", "430000000000"
ABOVE = {HOUSING: Holder(f"{CITY}-HOUSING", CITY), OFFICE: Holder(f"{CITY}-PETITION", CITY)}
LADDER = Ladder(above=ABOVE.get, top=Holder(f"{TOP}-PETITION", TOP))


def raised(duty: Duty, holder: Holder, today: str) -> Duty:
    given = told(
        holder,
        zone=duty.terms.zone,
        limits=packaged_limits(),
        calendar=packaged_calendar(),
        today=date.fromisoformat(today),
    )
    return raised_from(duty, given)


def test_raising_goes_up_step_by_step_to_the_top_and_then_has_nobody() -> None:
    duty = a_duty(organ_code=HOUSING, state=DutyState.OVERDUE)
    steps = []
    while (holder := LADDER.next_above(duty.organ_code)) is not None:
        duty = raised(duty, holder, "2026-12-08")
        steps.append((duty.key.ordinal, duty.organ_code))
    assert steps == [(1, f"{CITY}-HOUSING"), (2, f"{TOP}-PETITION")]
    assert duty.key.subject_id == a_duty().key.duty_id


def test_the_superiors_duty_is_internal_and_counts_from_the_day_it_is_told() -> None:
    duty = raised(a_duty(state=DutyState.OVERDUE), Holder(f"{CITY}-PETITION", CITY), "2026-12-08")
    assert (duty.key.kind, duty.nature) == (DutyKind.RAISED, Nature.INTERNAL)
    assert duty.due.last_day == date(2026, 12, 18)
    assert duty.division_code == CITY


@pytest.mark.parametrize(
    ("state", "ended", "expected"),
    [
        (DutyState.MET_LATE, "2026-12-15", DutyState.MET),
        (DutyState.MET_LATE, "2026-12-30", DutyState.MET_LATE),
        (DutyState.MET, "2026-12-01", DutyState.CANCELLED),
        (DutyState.CANCELLED, "2026-12-15", DutyState.CANCELLED),
    ],
)
def test_the_superiors_duty_ends_with_the_one_it_is_about(
    state: DutyState, ended: str, expected: DutyState
) -> None:
    root = a_duty(state=state, ended_on=date.fromisoformat(ended))
    given = raised(root, Holder(f"{CITY}-PETITION", COUNTY), "2026-12-08")
    assert ended_with(given, root, now=DUE, today=date(2026, 12, 31)).state is expected


def test_windows_are_not_raised() -> None:
    assert not is_raised(a_duty(nature=Nature.WINDOW))
    assert is_raised(a_duty())
