"""Rules of relief without a database: steps, the ledger, and words no paper may have."""

from __future__ import annotations

import json
import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from services.routing.main import SPEC
from services.routing.relief.domain.relief import (
    STATE_WORDS,
    STEPS,
    IllegalReliefStep,
    MoreThanApproved,
    Payment,
    Relief,
    ReliefAct,
    ReliefKind,
    ReliefState,
    SamePerson,
)
from services.routing.relief.domain.relief_ledger import Entry, EntryKind, FundShort, Sums
from services.routing.relief.domain.rules import packaged_relief_words
from shared.kernel.errors import DomainError, Invalid
from shared.runtime.app import create_app
from tests.routing.making import COUNTY_OFFICE, HOUSING, TODAY
from tests.support.backends import test_settings
from tests.support.service import SilentBus

AMOUNTS = st.integers(min_value=1, max_value=10**6)
STEPS_TAKEN = [act for act in ReliefAct if act is not ReliefAct.APPLY]
ENTRIES = st.builds(Entry, st.sampled_from(EntryKind), AMOUNTS)


def an_application(**values: object) -> Relief:
    plain: dict[str, object] = {
        "application_id": uuid.uuid4(), "case_id": uuid.uuid4(), "fund_id": uuid.uuid4(),
        "organ_code": HOUSING, "keeper": COUNTY_OFFICE, "kind": ReliefKind.MONEY, "asked": 1000,
        "description": None, "reasons": "因病致贫", "applied_by": "lin", "applied_on": TODAY,
    }  # fmt: skip
    return Relief(**plain | values)  # type: ignore[arg-type]


def paid(amount: int, on: date = TODAY, **more: str) -> Payment:
    return Payment(**{"key": uuid.uuid4().hex, "way": "bank"} | more, amount=amount, paid_on=on)


def taken(relief: Relief, act: ReliefAct, amount: int = 1, by: str = "head") -> Entry | None:
    if act is ReliefAct.APPROVE:
        return relief.approve(amount, by=by, on=TODAY)
    if act is ReliefAct.PAY:
        return relief.pay(paid(amount), on=TODAY)
    if act is ReliefAct.CANCEL:
        return relief.cancel("已由民政救助", on=TODAY)
    relief.refuse("已享受同类救助", by=by, on=TODAY)
    return None


@given(st.lists(ENTRIES, max_size=60))
def test_no_sequence_of_entries_takes_a_fund_below_zero(entries: list[Entry]) -> None:
    sums, by_kind = Sums(), dict.fromkeys(EntryKind, 0)
    for entry in entries:
        try:
            sums = sums.after(entry)
        except FundShort:
            continue
        by_kind[entry.kind] += entry.amount
        assert min(sums.balance, sums.reserved, sums.paid) >= 0
    assert sums.deposited == by_kind[EntryKind.DEPOSIT] - by_kind[EntryKind.WITHDRAWAL]
    assert sums.paid == by_kind[EntryKind.PAY]
    returned = by_kind[EntryKind.RELEASE] + by_kind[EntryKind.PAY]
    assert sums.reserved == by_kind[EntryKind.RESERVE] - returned
    assert sums.balance == sums.deposited - sums.reserved - sums.paid


@given(st.lists(st.tuples(st.sampled_from(STEPS_TAKEN), AMOUNTS, st.sampled_from(["lin", "head"]))))
def test_no_sequence_of_steps_loses_money_or_gives_more_than_approved(
    steps: list[tuple[ReliefAct, int, str]],
) -> None:
    relief, sums = an_application(asked=10**6), Sums(deposited=10**6)
    for act, amount, by in steps:
        before = relief.state
        try:
            entry = taken(relief, act, amount, by)
        except DomainError:
            assert relief.state is before
            continue
        assert act in STEPS[before]
        sums = sums.after(entry) if entry else sums
        assert 0 <= relief.given <= relief.approved <= relief.asked
        assert sums.paid == relief.given
        assert sums.reserved == (relief.left if relief.state is ReliefState.APPROVED else 0)
        assert relief.decided_by != relief.applied_by


@pytest.mark.parametrize("state", ReliefState)
@pytest.mark.parametrize("act", STEPS_TAKEN)
def test_only_the_table_of_steps_is_allowed(state: ReliefState, act: ReliefAct) -> None:
    relief = an_application(state=state, approved=1000, decided_on=TODAY)
    if act in STEPS[state]:
        taken(relief, act)
    else:
        with pytest.raises(IllegalReliefStep) as error:
            taken(relief, act)
        assert error.value.extra["current"] == state
    assert state in STATE_WORDS


def test_who_applied_neither_approves_nor_refuses() -> None:
    for act in (ReliefAct.APPROVE, ReliefAct.REFUSE):
        with pytest.raises(SamePerson):
            taken(an_application(), act, by="lin")


def test_a_part_given_stays_given_when_the_rest_goes_back() -> None:
    relief = an_application()
    relief.approve(800, by="head", on=TODAY)
    assert relief.pay(paid(300), on=TODAY) == Entry(EntryKind.PAY, 300)
    with pytest.raises(MoreThanApproved):
        relief.pay(paid(501), on=TODAY)
    assert relief.cancel("已由民政救助", on=TODAY) == Entry(EntryKind.RELEASE, 500)
    assert (relief.state, relief.given) == (ReliefState.GIVEN, 300)


def test_help_in_kind_moves_no_money() -> None:
    relief = an_application(kind=ReliefKind.IN_KIND)
    assert relief.approve(1000, by="head", on=TODAY) is None
    assert relief.pay(paid(1000, received="棉被2床"), on=TODAY) is None
    assert relief.state is ReliefState.GIVEN


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=2)])
def test_it_is_handed_over_between_approval_and_today(day: date) -> None:
    relief = an_application()
    relief.approve(1000, by="head", on=TODAY)
    with pytest.raises(Invalid):
        relief.pay(paid(1, day), on=TODAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "word"),
    [("签订息诉罢访协议后发放", "息诉"), ("须停访", "停访"), ("不再上访", "不再上访"),
     ("因病致贫，符合条件", None), ("", None)],
)  # fmt: skip
def test_a_condition_is_seen(text: str, word: str | None) -> None:
    assert packaged_relief_words().condition_in(None, text) == word


def test_none_of_our_own_words_makes_help_depend_on_anything(tmp_path: Path) -> None:
    """Titles, descriptions and members of the interface, and the words of the data."""
    app: FastAPI = create_app(SPEC, test_settings(tmp_path), bus=SilentBus())
    words = packaged_relief_words()
    said = json.dumps(app.openapi(), ensure_ascii=False)
    said += "".join((*words.sources.values(), *words.ways.values(), *STATE_WORDS.values()))
    assert "救助" in said
    assert words.condition_in(said) is None
    assert "承诺" not in said
    members = json.dumps(app.openapi()["components"]["schemas"]["ReliefIn"]).lower()
    assert not [w for w in ("promise", "waive", "withdraw", "condition") if w in members]
