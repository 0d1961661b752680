"""What verification finds and what it cannot: rows against the rules, rules against the oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from services.supervision.duties.domain import (
    obligations,
    reconciliation,
    referral_duties,
    requirements,
)
from services.supervision.duties.domain.duty import Due, Duty, DutyKey, judge
from services.supervision.duties.domain.requirement import Requirement, fulfilled
from services.supervision.duties.store.duty_rows import row_of
from services.supervision.facts.domain import WholeFacts
from services.supervision.verification.domain import DutyComparison, VerifiedGroup
from shared.kernel.workdays import Calendar, DueDate, Limit
from shared.reference.calendar import packaged_calendar
from shared.reference.limits import LimitRow, Limits, packaged_limits
from shared.vocabulary.duties import DutyKind, DutyState, Nature, SubjectKind
from tests.oracle.comparison import Oracle, RawGroup
from tests.oracle.days import packaged_tables
from tests.supervision.lives import CASE, COUNTY, EARLY, OFFICE, ZONE, duties
from tests.supervision.living import Life, lives
from tests.supervision.test_oracle import A_PETITION, raw_case

DAY = timedelta(days=1)


def stored_of(life: Life) -> tuple[list[WholeFacts], dict[DutyKey, Duty]]:
    """What each of the facts of a life made of the stored duties, one after the other."""
    petition, versions = life
    told = [WholeFacts(petitions=(petition,), case=version) for version in versions]
    kept: dict[DutyKey, Duty] = {}
    for facts in told:
        kept = duties(facts, kept)
    return told, kept


def verification_finds(told: list[WholeFacts], kept: dict[DutyKey, Duty]) -> list[str]:
    comparison = DutyComparison(
        limits=[packaged_limits()], calendars=[packaged_calendar()], zone=ZONE, now=EARLY, top=""
    )
    group = VerifiedGroup(facts=told, stored=list(kept.values()))
    return [each.sentence for each in comparison.differences(group)]


def the_oracle_finds(life: Life, kept: dict[DutyKey, Duty]) -> list[str]:
    petition, versions = life
    oracle = Oracle(
        tables=packaged_tables(), zone=ZONE, now=EARLY, top="",
        is_office=lambda _: petition.by_petition_office,
    )  # fmt: skip
    rows = [SimpleNamespace(**row_of(duty)) for duty in kept.values()]
    raw = RawGroup(tuple(map(raw_case, versions)), (A_PETITION.dump_python(petition, mode="json"),))
    return [each.what for each in oracle.differences(raw, rows)]


@settings(max_examples=150, deadline=None)
@given(life=lives())
def test_verification_is_quiet_on_any_lawful_life(life: Life) -> None:
    assert verification_finds(*stored_of(life)) == []


def other_state(duty: Duty) -> Duty:
    """Not cancelled either: a duty that is not called for any more may well be."""
    return replace(duty, state=DutyState.MET if duty.state.is_open else DutyState.OVERDUE)


def in_another_zone(duty: Duty) -> Duty:
    return replace(duty, due=replace(duty.due, at=duty.due.at + timedelta(hours=1)))


SEEN_BY_BOTH: dict[str, Callable[[Duty], Duty]] = {
    "organ": lambda duty: replace(duty, organ_code="430121000000-AUDIT"),
    "due date": lambda duty: replace(duty, due=replace(duty.due, last_day=date(2099, 1, 1))),
    "due instant": in_another_zone,
    "state": other_state,
    "another duty": lambda duty: replace(duty, key=replace(duty.key, ordinal=77)),
}
SEEN_BY_VERIFICATION: dict[str, Callable[[Duty], Duty]] = {
    "division": lambda duty: replace(duty, division_code="430100000000"),
    "case": lambda duty: replace(duty, case_id=uuid4()),
    "petitions": lambda duty: replace(duty, petition_ids=(uuid4(),)),
    "limit": lambda duty: replace(duty, limit_id="X"),
    "article": lambda duty: replace(duty, article="另一条"),
    "nature": lambda duty: replace(
        duty,
        nature=Nature.INTERNAL if duty.nature is not Nature.INTERNAL else Nature.LEGAL,
    ),
    "warnings": lambda duty: replace(duty, warn_days=(99,)),
    "silence": lambda duty: replace(duty, silent=not duty.silent),
    "start": lambda duty: replace(
        duty, terms=replace(duty.terms, started_on=duty.terms.started_on - DAY)
    ),
    "length": lambda duty: replace(
        duty, terms=replace(duty.terms, limit=replace(duty.terms.limit, length=99))
    ),
    "end": lambda duty: replace(duty, ended_on=date(2000, 1, 1)),
    "overdue since": lambda duty: replace(duty, overdue_at=EARLY - DAY),
}


@pytest.mark.parametrize("what", [*SEEN_BY_BOTH, *SEEN_BY_VERIFICATION])
@settings(max_examples=25, deadline=None)
@given(life=lives(), data=st.data())
def test_a_change_of_any_member_of_any_stored_duty_is_found(
    what: str, life: Life, data: st.DataObject
) -> None:
    told, kept = stored_of(life)
    owed = obligations.obligations_of(
        told[-1], limits=packaged_limits(), calendar=packaged_calendar()
    )
    key = data.draw(st.sampled_from(sorted(each.key for each in owed.owed)))
    change = SEEN_BY_BOTH.get(what) or SEEN_BY_VERIFICATION[what]
    changed = change(kept.pop(key))
    kept[changed.key] = changed
    found = verification_finds(told, kept)
    assert found
    assert all(len(each) > 10 for each in found)  # a sentence, with what is stored and expected
    if what in SEEN_BY_BOTH:
        assert the_oracle_finds(life, kept)


def the_last_day_is_late(*, due: Due, ended_on: date | None, **more: Any) -> Any:
    return judge(due=due, ended_on=ended_on and ended_on + DAY, **more)


def own_targets_before_the_law(self: Limits, kinds: Any, **more: Any) -> LimitRow:
    return select_first(self, tuple(reversed(kinds)), **more)


def the_first_day_counts(self: Calendar, start: date, limit: Limit) -> DueDate:
    return count(self, start - DAY, limit)


def no_extension_and_no_stop(
    requirement: Requirement, row: LimitRow, *, calendar: Calendar
) -> Limit:
    return Limit(row.length or requirement.days or 1, row.unit, roll=row.roll)


OTHER = Requirement(
    kinds=(DutyKind.NOTICE,), subject_kind=SubjectKind.CASE, subject_id=CASE, ordinal=99,
    organ_code=OFFICE, division_code=COUNTY, started_on=date(2026, 1, 5), end=None, purpose="claim",
)  # fmt: skip
select_first, count = Limits.select_first, Calendar.due
WRONG_RULES: list[tuple[str, Any, str, Any]] = [
    ("what was done on the last day is late", reconciliation, "judge", the_last_day_is_late),
    ("our own target goes before the law", Limits, "select_first", own_targets_before_the_law),
    ("the day of the event is day one", Calendar, "due", the_first_day_counts),
    ("extensions and stops do not count", obligations, "_limit", no_extension_and_no_stop),
    ("receipt never ends", requirements, "_receipt_end", lambda *_: None),
    ("nobody owes acceptance", referral_duties.ReferralDuties, "_acceptance", lambda _: ()),
    ("what is closed is always fulfilled", referral_duties, "fell_away", fulfilled),
    ("nothing is owed between two organs", requirements, "_wait", lambda case, wait, number: OTHER),
    ("papers are never owed", requirements, "_notice", lambda case, notice: OTHER),
    ("an assisting organ owes nothing", requirements, "_part", lambda case, part: OTHER),
    ("the sender judges no objection", referral_duties.ReferralDuties, "_objection", lambda _: ()),
    ("a report is never due", referral_duties.ReferralDuties, "_report", lambda _: ()),
    ("a review has no limit", referral_duties.ReferralDuties, "_review", lambda _: ()),
]


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize(
    ("owner", "name", "wrong"), [each[1:] for each in WRONG_RULES], ids=[e[0] for e in WRONG_RULES]
)
def test_a_wrong_rule_is_found_by_the_oracle_alone(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, wrong: Any
) -> None:
    """Verification recomputes with the same wrong rule and agrees with it."""
    monkeypatch.setattr(owner, name, wrong)
    plain = settings(max_examples=3000, deadline=None, database=None, phases=[Phase.generate])
    is_found = lambda life: bool(the_oracle_finds(life, stored_of(life)[1]))  # noqa: E731
    life = find(lives(), is_found, settings=plain, random=Random(1))
    assert verification_finds(*stored_of(life)) == []
