"""One petition as it counts, and roll-ups as the difference of facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.facts.domain import fact_of
from services.analytics.registry.domain.dimensions import Cell
from services.analytics.registry.domain.measures import Fact
from services.analytics.registry.domain.rates import Growth, Rate, percent, percentile
from services.analytics.rollups.domain.cells import RollupChange, counted
from services.analytics.sources.domain import (
    CaseSource,
    DutySource,
    Registration,
    from_json,
    to_json,
)
from shared.reference.counting import packaged_counting_rules
from tests.analytics.making import CITY, COUNTY, DAY, HOME

RULES = packaged_counting_rules()
REGISTRATION = Registration(
    received_on=DAY,
    channel="visit",
    origin="own",
    purpose="claim",
    category_code=None,
    division_code=None,
    received_by=f"{COUNTY}-HOUSING",
    tier=3,
    person_times=4,
    batch=True,
    repeat=False,
    answered_on=None,
)
CASE = CaseSource("referred", "suggestion", "060000", CITY, "x", None, None)
DUTY = DutySource("D5", 1, "running", "legal", DAY + timedelta(days=60))


def test_a_petition_without_a_place_counts_where_it_was_received():
    fact = fact_of([REGISTRATION], RULES, home=HOME)
    assert fact is not None
    assert (fact.cell.division_code, fact.cell.category_code) == (COUNTY, "")


def test_a_place_outside_the_deployment_counts_where_it_was_received():
    abroad = replace(REGISTRATION, division_code="110101000000")
    fact = fact_of([abroad], RULES, home=HOME)
    assert fact is not None
    assert fact.cell.division_code == COUNTY


def test_what_was_decided_wins_over_what_was_declared():
    fact = fact_of([CASE, REGISTRATION], RULES, home=HOME)
    assert fact is not None
    assert (fact.cell.division_code, fact.cell.category_code) == (CITY, "060000")
    assert (fact.cell.organ_code, fact.cell.purpose) == ("x", "suggestion")


@pytest.mark.parametrize(("people", "collective"), [(1, False), (4, False), (5, True), (60, True)])
def test_a_visit_of_five_is_collective(people: int, *, collective: bool):
    fact = fact_of([replace(REGISTRATION, person_times=people)], RULES, home=HOME)
    assert fact is not None
    assert fact.cell.collective is collective


def test_many_names_under_a_letter_are_no_collective_visit():
    letter = replace(REGISTRATION, channel="letter", batch=False, person_times=50)
    fact = fact_of([letter], RULES, home=HOME)
    assert fact is not None
    assert not fact.cell.collective


@pytest.mark.parametrize(("days", "on_time"), [(0, True), (60, True), (61, False)])
def test_an_answer_on_the_last_day_is_in_time(days: int, *, on_time: bool):
    answered = replace(CASE, answered_on=DAY + timedelta(days=days))
    fact = fact_of([REGISTRATION, answered, DUTY], RULES, home=HOME)
    assert fact is not None
    assert (fact.on_time, fact.days, fact.legal) == (on_time, days, True)


def test_the_last_duty_that_still_counts_says_when_the_answer_is_due():
    duties = [
        replace(DUTY, due_on=date(2026, 3, 1)),
        replace(DUTY, ordinal=2, due_on=date(2026, 4, 1)),
        replace(DUTY, ordinal=3, due_on=date(2026, 5, 1), state="cancelled"),
        replace(DUTY, kind="D3", ordinal=9, due_on=date(2026, 6, 1)),
    ]
    fact = fact_of([REGISTRATION, *duties], RULES, home=HOME)
    assert fact is not None
    assert fact.due_on == date(2026, 4, 1)


def test_the_simple_procedure_has_its_own_day_for_the_answer_and_a_review_has_none():
    duties = [
        replace(DUTY, kind="simple", nature="internal", due_on=date(2026, 3, 16)),
        replace(DUTY, kind="D7", ordinal=2, due_on=date(2026, 5, 1)),
        replace(DUTY, kind="notice_internal", ordinal=3, due_on=date(2026, 6, 1)),
    ]
    fact = fact_of([REGISTRATION, *duties], RULES, home=HOME)
    assert fact is not None
    assert fact.due_on == date(2026, 3, 16)


def test_any_overdue_duty_makes_an_open_petition_overdue_but_not_an_answered_one():
    late = replace(DUTY, kind="D3", state="overdue")
    fact = fact_of([REGISTRATION, late], RULES, home=HOME)
    assert fact is not None
    assert (fact.overdue, fact.answer_overdue) == (True, False)
    done = fact_of([REGISTRATION, late, replace(CASE, answered_on=DAY)], RULES, home=HOME)
    assert done is not None
    assert not done.overdue


def test_a_case_closed_without_an_answer_is_neither_open_nor_answered():
    fact = fact_of([REGISTRATION, replace(CASE, closed_on=DAY)], RULES, home=HOME)
    assert fact is not None
    assert (fact.closed, fact.answered_on) == (True, None)


@pytest.mark.parametrize(
    ("kind", "facts"), [("petition", REGISTRATION), ("case", CASE), ("duty", DUTY)]
)
def test_stored_facts_come_back_as_they_were(kind: str, facts: Registration):
    assert from_json(kind, to_json(facts)) == facts


DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 5))
CELLS = st.builds(
    Cell,
    received_on=DAYS,
    division_code=st.sampled_from(["430102000000", "430103000000"]),
    organ_code=st.sampled_from(["a", "b"]),
    category_code=st.sampled_from(["", "030601"]),
    channel=st.sampled_from(["visit", "letter"]),
    purpose=st.just("claim"),
    origin=st.just("own"),
    tier=st.just(3),
    repeat=st.booleans(),
    collective=st.booleans(),
)
FACTS = st.builds(
    Fact,
    cell=CELLS,
    person_times=st.integers(1, 9),
    batch=st.booleans(),
    answered_on=st.none() | DAYS,
    closed=st.booleans(),
    due_on=st.none() | DAYS,
    legal=st.booleans(),
    overdue=st.booleans(),
    answer_overdue=st.booleans(),
)
HISTORIES = st.lists(st.tuples(st.integers(0, 5), FACTS), max_size=40)


@given(HISTORIES)
def test_adding_up_changes_equals_counting_the_last_facts(history: list[tuple[int, Fact]]):
    current: dict[int, Fact] = {}
    change = RollupChange()
    for number, fact in history:
        change.replace(current.get(number), fact)
        current[number] = fact
    expected = counted(current.values())
    assert change.touched() == expected.touched()
    assert change.touched_days() == expected.touched_days()


@given(HISTORIES)
def test_cells_are_written_in_ascending_order(history: list[tuple[int, Fact]]):
    cells = [cell for cell, _ in counted(fact for _, fact in history).touched()]
    assert cells == sorted(cells)


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [(81, 89, 91.0), (0, 0, "—"), (0, 5, 0.0), (38, 38, 100.0), (1, 800, 0.1), (1, 2001, 0.0)],
)
def test_a_rate_prints_percent_with_one_decimal_or_a_dash(part: int, whole: int, printed: object):
    assert Rate(part, whole).value == percent(part, whole) == printed


def test_growth_is_against_the_year_before():
    assert (Growth(836, 190).difference, Growth(836, 190).value) == (646, 340.0)
    assert Growth(69, 78).value == -11.5
    assert Growth(5, 0).value == "—"


@given(st.lists(st.integers(0, 50), min_size=1), st.fractions(Fraction(1, 100), 1))
def test_a_percentile_is_the_least_that_covers_its_share(days: list[int], share: Fraction):
    histogram = {value: days.count(value) for value in days}
    found = percentile(histogram, share)
    assert found in days
    assert sum(value <= found for value in days) >= share * len(days)
    assert sum(value < found for value in days) < share * len(days)


def test_an_empty_histogram_has_no_percentile():
    assert percentile({}, Fraction(1, 2)) is None
