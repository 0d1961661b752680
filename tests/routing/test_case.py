"""A case's life: the one transition table, the objection window, what never happens."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.case import Case, History
from services.routing.domain.case_steps import (
    TRANSITIONS,
    Act,
    CaseState,
    IllegalStep,
    ObjectionTooLate,
    Opinion,
    ReasonsMissing,
    ReferralState,
    WrongOpinion,
)
from services.routing.domain.decision import Confidence, DecisionKind, Reason
from services.routing.domain.due import next_due, objection_window
from shared.contracts import words as contract
from shared.kernel.errors import Invalid
from shared.reference.calendar import packaged_calendar
from shared.reference.limits import packaged_limits
from tests.routing.making import CHANGSHA, HOUSING, TODAY, a_case, a_decision, a_referred_case

LAST_DAY = TODAY + timedelta(days=7)


def do(case: Case, act: Act, on: date = TODAY) -> None:
    steps: dict[Act, Any] = {
        Act.DECIDE: lambda: case.decide(
            a_decision(), referral_id=uuid.uuid4(), by_organ=case.decider, on=on
        ),
        Act.ACCEPT: lambda: case.accept(on=on),
        Act.OBJECT: lambda: case.object_to(reasons="不属本单位职权", on=on, last_day=LAST_DAY),
        Act.UPHOLD: lambda: case.judge_objection(upheld=True, reasons="", on=on),
        Act.REFUSE: lambda: case.judge_objection(upheld=False, reasons="属其职权", on=on),
        Act.ANSWER: lambda: case.answer(
            opinion=Opinion.SUPPORTED, text="已整改", legal_basis="", on=on
        ),
        Act.DELIVER: lambda: case.deliver(method="post", on=on),
        Act.TELL: lambda: case.tell(method="phone", on=on),
    }
    steps[act]()


def test_a_case_goes_from_transfer_to_delivery() -> None:
    case = a_referred_case()
    assert case.next_organ == HOUSING
    for act in (Act.ACCEPT, Act.ANSWER, Act.DELIVER):
        do(case, act)
    assert case.state is CaseState.CLOSED
    assert case.next_organ is None
    assert case.referrals[-1].state is ReferralState.DELIVERED
    assert (case.answered_on, case.delivered_on, case.closed_on) == (TODAY, TODAY, TODAY)
    assert case.happened == [Act.ACCEPT, Act.ANSWER, Act.DELIVER]


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("act", Act)
def test_only_the_table_moves_a_case(state: CaseState, act: Act) -> None:
    case = a_referred_case() if state is not CaseState.NEEDS_PERSON else a_case()
    case.state = state
    before = case.state
    if act in case.allowed:
        do(case, act)
        assert case.state is TRANSITIONS[before, act]
    else:
        with pytest.raises(IllegalStep) as caught:
            do(case, act)
        assert caught.value.current is before
        assert set(caught.value.allowed) == set(case.allowed)
        assert case.state is before
        assert case.happened == []


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [
        (DecisionKind.TRANSFER, {Act.ACCEPT, Act.OBJECT}),
        (DecisionKind.ASSIGNMENT, {Act.ACCEPT, Act.OBJECT}),
        (DecisionKind.OWN, {Act.ACCEPT}),
        (DecisionKind.GUIDE, {Act.TELL}),
    ],
)
def test_what_is_allowed_follows_the_kind_of_referral(
    kind: DecisionKind, allowed: set[Act]
) -> None:
    assert set(a_referred_case(kind=kind).allowed) == allowed


def test_an_objection_upheld_goes_back_to_a_decision_and_is_counted() -> None:
    case = a_referred_case()
    do(case, Act.OBJECT)
    assert case.next_organ == CHANGSHA
    do(case, Act.UPHOLD)
    assert case.state is CaseState.NEEDS_PERSON
    assert case.needs_person_reason is Reason.OBJECTION_UPHELD
    assert case.objections_upheld == 1
    assert case.current is None
    do(case, Act.DECIDE)
    assert [r.ordinal for r in case.referrals] == [1, 2]
    assert case.referrals[0].state is ReferralState.RETURNED


def test_an_objection_refused_must_be_accepted() -> None:
    case = a_referred_case()
    do(case, Act.OBJECT)
    do(case, Act.REFUSE)
    assert case.allowed == (Act.ACCEPT,)


@pytest.mark.parametrize("reasons", ["", "   ", "\n"])
def test_an_objection_needs_reasons(reasons: str) -> None:
    case = a_referred_case()
    with pytest.raises(ReasonsMissing):
        case.object_to(reasons=reasons, on=TODAY, last_day=LAST_DAY)
    assert case.state is CaseState.REFERRED


def test_the_window_ends_with_its_last_day() -> None:
    on_time, late = a_referred_case(), a_referred_case()
    on_time.object_to(reasons="不属职权", on=LAST_DAY, last_day=LAST_DAY)
    assert on_time.state is CaseState.OBJECTED
    with pytest.raises(ObjectionTooLate):
        late.object_to(reasons="不属职权", on=LAST_DAY + timedelta(days=1), last_day=LAST_DAY)
    assert late.state is CaseState.REFERRED


def test_an_illegal_objection_is_illegal_before_it_is_late() -> None:
    case = a_referred_case()
    do(case, Act.ACCEPT)
    with pytest.raises(IllegalStep):
        case.object_to(reasons="", on=date.max, last_day=TODAY)


@pytest.mark.parametrize(
    ("purpose", "opinion", "fits"),
    [
        ("claim", Opinion.EXPLAINED, True),
        ("claim", Opinion.ADOPTED, False),
        ("suggestion", Opinion.PARTLY_ADOPTED, True),
        ("suggestion", Opinion.SUPPORTED, False),
    ],
)
def test_the_opinion_fits_the_purpose(purpose: str, opinion: Opinion, *, fits: bool) -> None:
    case = a_referred_case()
    case.purpose = purpose
    case.accept(on=TODAY)
    if fits:
        case.answer(opinion=opinion, text="x", legal_basis="", on=TODAY)
        assert case.state is CaseState.ANSWERED
    else:
        with pytest.raises(WrongOpinion):
            case.answer(opinion=opinion, text="x", legal_basis="", on=TODAY)
        assert case.state is CaseState.ACCEPTED


def test_a_decision_that_hands_nothing_over_is_no_decision() -> None:
    case = a_case()
    with pytest.raises(Invalid):
        case.decide(
            a_decision(kind=DecisionKind.NEEDS_PERSON, organ_code=None),
            referral_id=uuid.uuid4(), by_organ=CHANGSHA, on=TODAY,
        )  # fmt: skip
    assert case.referrals == []


@pytest.mark.parametrize("answered_on", [None, date(2019, 5, 1)])
def test_imported_history_opens_in_its_end_state(answered_on: date | None) -> None:
    case = a_case(received_on=date(2019, 1, 1))
    past = History("message-board", "1", answered_on)
    case.take_over(a_decision(), referral_id=uuid.uuid4(), history=past)
    assert case.state is (CaseState.CLOSED if answered_on else CaseState.REFERRED)
    assert case.closed_on == answered_on
    assert case.referrals[0].accepted_on is None
    assert case.decision_kind is DecisionKind.IMPORTED


def test_the_words_are_those_of_the_contract() -> None:
    assert {str(s) for s in CaseState} == {str(s) for s in contract.CaseState}
    assert {str(s) for s in ReferralState} == {str(s) for s in contract.ReferralState}


@given(st.lists(st.sampled_from(Act), max_size=25))
def test_any_sequence_of_acts_leaves_a_sound_case(acts: list[Act]) -> None:
    case = a_case()
    for act in acts:
        legal = act in case.allowed
        try:
            do(case, act)
        except IllegalStep:
            assert not legal
    assert [r.ordinal for r in case.referrals] == list(range(1, len(case.referrals) + 1))
    open_holds = [r for r in case.referrals if r.state is not ReferralState.RETURNED]
    assert len(open_holds) <= 1
    assert (case.state is CaseState.CLOSED) == (case.next_organ is None)
    assert (case.closed_on is not None) == (case.state is CaseState.CLOSED)
    assert case.objections_upheld == sum(r.verdict == "upheld" for r in case.referrals)
    assert case.decision_confidence in Confidence


def due(case: Case) -> tuple[str, date] | None:
    found = next_due(case, limits=packaged_limits(), calendar=packaged_calendar())
    return (found.limit_id, found.on) if found else None


def test_the_next_due_date_follows_the_state() -> None:
    case = a_case()
    assert due(case) == ("D1-2022", date(2026, 3, 17))
    do(case, Act.DECIDE)
    assert due(case) == ("D3-2022", date(2026, 3, 17))
    window = objection_window(
        case, case.referrals[0], limits=packaged_limits(), calendar=packaged_calendar()
    )
    assert window is not None
    assert window.on == date(2026, 3, 9)
    do(case, Act.OBJECT)
    assert due(case) == ("N-verdict", date(2026, 3, 9))
    do(case, Act.UPHOLD)
    assert due(case) == ("N-redirect", date(2026, 3, 9))
    do(case, Act.DECIDE)
    do(case, Act.ACCEPT)
    assert due(case) == ("D5-2022", date(2026, 5, 1))
    do(case, Act.ANSWER)
    assert due(case) == ("N-delivery", date(2026, 3, 12))
    do(case, Act.DELIVER)
    assert due(case) is None


def test_an_assigned_period_counts_when_it_is_shorter() -> None:
    case = a_referred_case(kind=DecisionKind.ASSIGNMENT, assigned_due_on=date(2026, 3, 20))
    do(case, Act.ACCEPT)
    assert due(case) == ("assigned", date(2026, 3, 20))


def test_a_suggestion_has_no_legal_sixty_days() -> None:
    case = a_referred_case()
    case.purpose = "suggestion"
    do(case, Act.ACCEPT)
    found = due(case)
    assert found is not None
    assert found[0] == "N-handling"
