"""Rules of relief without a database: steps, the ledger, and words no paper may have."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from services.routing.main import SPEC
from services.routing.relief.acts import RELIEF, ReliefIn
from services.routing.relief.domain.procedure import TABLE
from services.routing.relief.domain.relief import (
    IllegalReliefStep,
    MoreThanApproved,
    Relief,
    SamePerson,
)
from services.routing.relief.domain.relief_ledger import Entry, FundShort, Sums
from services.routing.relief.domain.rules import packaged_relief_words
from shared.kernel.errors import DomainError, Invalid
from shared.reference.editions import Reference, packaged_editions
from shared.runtime.app import create_app
from shared.vocabulary.relief import EntryKind, ReliefAct, ReliefKind, ReliefState
from shared.workflow.acts import Workflow
from shared.workflow.guards import Law, Step
from shared.workflow.pipeline import apply, permitted
from tests.routing.making import COUNTY_OFFICE, HOUSING, TODAY
from tests.support.backends import test_settings
from tests.support.service import SilentBus

REFERENCE = Reference({each.kind: each for each in packaged_editions()}, root_division="")
AMOUNTS = st.integers(min_value=1, max_value=10**6)
STEPS_TAKEN = [act for act in ReliefAct if act is not ReliefAct.APPLY]
PAID = (ReliefAct.APPROVE, ReliefAct.PAY)
BODIES: dict[ReliefAct, dict[str, object]] = {
    ReliefAct.APPROVE: {"amount_fen": 1},
    ReliefAct.REFUSE: {"reasons": "已享受同类救助"},
    ReliefAct.PAY: {
        "key": "voucher-1", "amount_fen": 1, "paid_on": TODAY, "way": "bank",
    },
    ReliefAct.CANCEL: {"reasons": "已由民政救助"},
}  # fmt: skip
ENTRIES = st.builds(Entry, st.sampled_from(EntryKind), AMOUNTS)


def an_application(**values: object) -> Relief:
    plain: dict[str, object] = {
        "application_id": uuid.uuid4(), "case_id": uuid.uuid4(), "fund_id": uuid.uuid4(),
        "organ_code": HOUSING, "keeper": COUNTY_OFFICE, "kind": ReliefKind.MONEY, "asked": 1000,
        "description": None, "reasons": "因病致贫", "applied_by": "lin", "applied_on": TODAY,
    }  # fmt: skip
    return Relief(**plain | values)  # type: ignore[arg-type]


def take(
    relief: Relief, act: ReliefAct, by: str = "head", on: date = TODAY,
    flow: Workflow[Relief] = RELIEF, **said: object,
) -> Entry | None:  # fmt: skip
    """Do an act as the pipeline does it, but for who may and what is stored."""
    spec = flow.spec_of(act)
    body = spec.body.model_validate(BODIES[act] | said)
    step = Step(Law(REFERENCE, on), relief.keeper, by)
    row = asyncio.run(permitted(flow, None, relief, act, spec, step, body))  # type: ignore[arg-type]
    entry: Entry | None = apply(relief, row, spec, step, body)
    return entry


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
            entry = take(relief, act, by, **({"amount_fen": amount} if act in PAID else {}))
        except DomainError:
            assert relief.state is before
            continue
        sums = sums.after(entry) if entry else sums
        assert 0 <= relief.given <= relief.approved <= relief.asked
        assert sums.paid == relief.given
        assert sums.reserved == (relief.left if relief.state is ReliefState.APPROVED else 0)
        assert relief.decided_by != relief.applied_by


@pytest.mark.parametrize("state", ReliefState)
@pytest.mark.parametrize("act", STEPS_TAKEN)
def test_only_the_table_of_steps_is_allowed(state: ReliefState, act: ReliefAct) -> None:
    relief = an_application(state=state, approved=1000, decided_on=TODAY)
    if any(row.act is act and state in row.states for row in TABLE.rows):
        take(relief, act)
        assert relief.journal.last(act) is not None
    else:
        with pytest.raises(IllegalReliefStep) as error:
            take(relief, act)
        assert error.value.extra["current"] == state


def test_who_applied_neither_approves_nor_refuses() -> None:
    for act in (ReliefAct.APPROVE, ReliefAct.REFUSE):
        with pytest.raises(SamePerson):
            take(an_application(), act, by="lin")


def test_a_part_given_stays_given_when_the_rest_goes_back() -> None:
    relief = an_application()
    take(relief, ReliefAct.APPROVE, amount_fen=800)
    assert take(relief, ReliefAct.PAY, amount_fen=300) == Entry(EntryKind.PAY, 300)
    with pytest.raises(MoreThanApproved):
        take(relief, ReliefAct.PAY, amount_fen=501)
    assert take(relief, ReliefAct.CANCEL) == Entry(EntryKind.RELEASE, 500)
    assert (relief.state, relief.given) == (ReliefState.GIVEN, 300)


def test_help_in_kind_moves_no_money() -> None:
    relief = an_application(kind=ReliefKind.IN_KIND)
    assert take(relief, ReliefAct.APPROVE, amount_fen=1000) is None
    assert take(relief, ReliefAct.PAY, amount_fen=1000, received="棉被2床") is None
    assert relief.state is ReliefState.GIVEN


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=2)])
def test_it_is_handed_over_between_approval_and_today(day: date) -> None:
    relief = an_application()
    take(relief, ReliefAct.APPROVE, amount_fen=1000)
    with pytest.raises(Invalid):
        take(relief, ReliefAct.PAY, on=TODAY + timedelta(days=1), paid_on=day)


APPROVED = {"state": ReliefState.APPROVED, "approved": 1000, "decided_on": TODAY}
KIND = {"kind": ReliefKind.IN_KIND}
REFUSED_BY: dict[str, tuple[ReliefAct, dict[str, object], dict[str, object]]] = {
    "unconditional": (ReliefAct.REFUSE, {}, {"reasons": "息诉后再批"}),
    "other_person": (ReliefAct.APPROVE, {"applied_by": "head"}, {}),
    "within_asked": (ReliefAct.APPROVE, {}, {"amount_fen": 1001}),
    "received_named": (ReliefAct.PAY, APPROVED | KIND, {}),
    "within_approved": (ReliefAct.PAY, APPROVED, {"amount_fen": 1001}),
    "since_approval": (ReliefAct.PAY, APPROVED | {"decided_on": TODAY + timedelta(days=1)}, {}),
}
"""Condition -> a step that it alone refuses: the act, the application, what the body says."""
OTHERS = {"nothing_given", "described", "fund_serves"}
"""One tells two rows apart, two are of the row that opens an application."""


@pytest.mark.parametrize("guard", sorted(TABLE.guards - OTHERS))
def test_a_condition_holds_because_the_table_names_it(guard: str) -> None:
    act, values, said = REFUSED_BY[guard]
    with pytest.raises(DomainError):
        take(an_application(**values), act, **said)
    flow = replace(RELIEF, table=TABLE.without(guard))
    take(an_application(**values), act, flow=flow, **said)


@pytest.mark.parametrize("guard", ["unconditional", "described", "fund_serves"])
def test_an_application_is_opened_by_the_conditions_of_its_row(guard: str) -> None:
    """Without a case in hand no fund serves it."""
    values: dict[str, object] = {"described": KIND}.get(guard, {})
    words = {"unconditional": "息诉后发放"}.get(guard, "因病致贫")
    body = ReliefIn(
        fund_id=uuid.uuid4(), kind=ReliefKind.MONEY, amount_fen=1, reasons=words, description=None
    )

    def refused(names: Iterable[str]) -> bool:
        relief, step = an_application(**values), Step(Law(REFERENCE, TODAY), HOUSING, "lin")
        step.found = (None, frozenset())
        try:
            broken = RELIEF.guards.broken(relief, names, step.law)
            asyncio.run(RELIEF.guards.ask(relief, names, step, body, None))
        except DomainError:
            return True
        return broken is not None

    named = TABLE.opening(ReliefAct.APPLY).guards
    assert guard in named
    others = {"fund_serves"} - {guard}  # which refuses all of them here
    assert refused(set(named) - others)
    assert not refused(set(named) - others - {guard})


def test_what_was_given_decides_how_a_cancelled_application_ends() -> None:
    for paid, state in ((0, ReliefState.CANCELLED), (1, ReliefState.GIVEN)):
        relief = an_application(**APPROVED | {"given": paid})
        take(relief, ReliefAct.CANCEL)
        assert relief.state is state
    relief = an_application(**APPROVED | {"given": 1})
    take(relief, ReliefAct.CANCEL, flow=replace(RELIEF, table=TABLE.without("nothing_given")))
    assert relief.state is ReliefState.CANCELLED


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
    said += "".join(
        (*words.sources.values(), *words.ways.values(), *(state.label for state in ReliefState))
    )
    assert "救助" in said
    assert words.condition_in(said) is None
    assert "承诺" not in said
    members = json.dumps(app.openapi()["components"]["schemas"]["ReliefIn"]).lower()
    assert not [w for w in ("promise", "waive", "withdraw", "condition") if w in members]
