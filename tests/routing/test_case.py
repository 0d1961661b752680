"""A case's life: the one transition table, the objection window, what never happens."""

from __future__ import annotations

import uuid
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import ENDED, WrongOpinion
from services.routing.cases.domain.due import next_due, objection_window
from services.routing.cases.domain.procedure import TABLE
from services.routing.cases.domain.referral import History
from services.routing.casework.acts import CASES
from shared.kernel.errors import Invalid
from shared.reference.calendar import packaged_calendar
from shared.reference.limits import packaged_limits
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import (
    CaseState,
    Confidence,
    DecisionKind,
    DecisionReason,
    Opinion,
    PartState,
    ReferralKind,
    ReferralState,
)
from shared.workflow.guards import Law, Step
from shared.workflow.pipeline import row_of
from shared.workflow.table import IllegalStep
from tests.routing.making import (
    CHANGSHA,
    COUNTY,
    HOUSING,
    TODAY,
    a_case,
    a_decision,
    a_part,
    a_referred_case,
)

REFERENCE: Any = SimpleNamespace()
"""No act here needs it."""


def do(case: Case, act: Act, on: date = TODAY) -> None:
    """An act with the fields its use case would set; not its rules."""
    held = case.current
    if act is Act.DECIDE:
        case.decide(a_decision(), referral_id=uuid.uuid4(), by_organ=case.decider, on=on)
        return
    extra = {Act.EXTEND: {"days": 30}, Act.RECUSE: {"recused": "x"}}
    extra |= {Act.SUSPEND: {"until": "2026-04-01"}}
    row = row_of(CASES, case, act)
    case.take(row, Step(Law(REFERENCE, on), HOUSING, "officer", said=extra.get(act, {})))
    if act is Act.PASS_ON:
        case.hand_over(a_decision(), referral_id=uuid.uuid4(), by_organ=HOUSING, on=on)
    if act is Act.REQUEST_REVIEW:
        case.closed_on = case.closing_kind = None
        kind = ReferralKind.RE_REVIEW if case.last and case.last.is_review else ReferralKind.REVIEW
        case.add(
            kind, CHANGSHA, COUNTY, referral_id=uuid.uuid4(), from_organ=HOUSING, on=on,
            state=ReferralState.ACCEPTED, accepted_on=on,
        )  # fmt: skip
    if act is Act.REOPEN:
        case.closed_on = case.closing_kind = None
    if held is not None:
        _note(case, act, on)
        _note_part(case, act, on)


def _note(case: Case, act: Act, on: date) -> None:
    held = case.last
    assert held is not None
    if act is Act.ACCEPT:
        held.accepted_on = on
    elif act is Act.OBJECT:
        held.objected_on = on
    elif act in (Act.UPHOLD, Act.REFUSE):
        held.verdict, held.verdict_on = {Act.UPHOLD: "upheld"}.get(act, "refused"), on
        case.objections_upheld += act is Act.UPHOLD
        if act is Act.UPHOLD:
            case.back_to_decider(DecisionReason.OBJECTION_UPHELD)
    elif act in (Act.ANSWER, Act.REVIEW, Act.AGREE):
        held.answered_on = on
        held.opinion = Opinion.SUPPORTED if act is Act.ANSWER else Opinion.UPHELD
    elif act in (Act.DELIVER, Act.TELL, Act.FULFIL):
        held.delivered_on = on


def _note_part(case: Case, act: Act, on: date) -> None:
    still = [part for part in case.parts if part.is_open]
    if act is Act.SHARE and case.last is not None:
        case.parts.append(a_part(case))
    elif act is Act.ANSWER_PART:
        still[0].answer("同意", on=on)
    elif act is Act.JUDGE_PART:
        given = next(part for part in case.parts if part.state is PartState.ANSWERED)
        given.judge(accepted=given.ordinal % 2 == 0, reasons="more", on=on)
    elif act is Act.EXCUSE_PART:
        still[-1].excuse(by=HOUSING, reasons="不需要", on=on)


def test_a_case_goes_from_transfer_to_delivery() -> None:
    case = a_referred_case()
    assert case.next_organ == HOUSING
    for act in (Act.ACCEPT, Act.ANSWER, Act.DELIVER):
        do(case, act)
    assert case.state is CaseState.CLOSED
    assert case.next_organ is None
    assert case.referrals[-1].state is ReferralState.DELIVERED
    assert case.closed_on == TODAY
    assert case.happened == [Act.ACCEPT, Act.ANSWER, Act.DELIVER]


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("act", Act)
def test_only_the_table_moves_a_case(state: CaseState, act: Act) -> None:
    waits = state in (CaseState.NEEDS_PERSON, CaseState.PUT_UP)
    case = a_case() if waits else a_referred_case()
    case.state = state
    if act in case.allowed:
        row = row_of(CASES, case, act)
        do(case, act)
        assert case.state is (row.to or state)
        assert row in TABLE.rows
    else:
        with pytest.raises(IllegalStep) as caught:
            do(case, act)
        assert caught.value.current is state
        assert set(caught.value.allowed) == set(case.allowed)
        assert case.state is state
        assert case.happened == []


TAKEN = {Act.SIGN, Act.PASS_ON, Act.ACCEPT, Act.OBJECT, Act.SHARE, Act.RECUSE}


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [
        (DecisionKind.TRANSFER, TAKEN),
        (DecisionKind.ASSIGNMENT, TAKEN),
        (DecisionKind.OWN, {Act.ACCEPT, Act.SHARE, Act.RECUSE}),
        (DecisionKind.GUIDE, {Act.TELL}),
    ],
)
def test_what_is_allowed_follows_the_kind_of_referral(
    kind: DecisionKind, allowed: set[Act]
) -> None:
    assert set(a_referred_case(kind=kind).allowed) == allowed


def test_of_a_case_in_one_state_no_act_means_two_things() -> None:
    """Where two rows are about the same act and case, their guards exclude each other."""
    for row in TABLE.rows:
        for other in TABLE.rows:
            if row is other or row.act is not other.act or not row.states & other.states:
                continue
            apart = (row.kinds and other.kinds and not row.kinds & other.kinds) or (
                row.purposes and other.purposes and not row.purposes & other.purposes
            )
            assert apart or {*row.guards, *other.guards} == {"is_redo", "not_redo"}, (row, other)


def test_an_objection_upheld_goes_back_to_a_decision_and_is_counted() -> None:
    case = a_referred_case()
    do(case, Act.OBJECT)
    assert case.next_organ == CHANGSHA
    do(case, Act.UPHOLD)
    assert case.state is CaseState.NEEDS_PERSON
    assert case.needs_person_reason is DecisionReason.OBJECTION_UPHELD
    assert case.objections_upheld == 1
    assert case.current is None
    do(case, Act.DECIDE)
    assert [r.ordinal for r in case.referrals] == [1, 2]
    assert case.referrals[0].state is ReferralState.RETURNED


def test_an_objection_refused_must_be_accepted() -> None:
    case = a_referred_case()
    do(case, Act.OBJECT)
    do(case, Act.REFUSE)
    assert Act.OBJECT not in case.allowed
    assert Act.ACCEPT in case.allowed


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
    do(case, Act.ACCEPT)
    if fits:
        case.check_opinion(opinion)
    else:
        with pytest.raises(WrongOpinion):
            case.check_opinion(opinion)


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


@given(st.lists(st.integers(0, 40), max_size=40), st.sampled_from(["claim", "suggestion"]))
def test_any_sequence_of_acts_leaves_a_sound_case(choices: list[int], purpose: str) -> None:
    case = a_case(purpose=purpose)
    for choice in choices:
        allowed = case.allowed
        if not allowed:
            break
        do(case, allowed[choice % len(allowed)])
        holds = [r for r in case.referrals if r.ended_on is None]
        waiting = case.state in (CaseState.NEEDS_PERSON, CaseState.PUT_UP)
        assert len(holds) <= 1 or waiting  # one organ has it at a time
        assert (case.state in ENDED) == (case.next_organ is None)
        assert (case.closed_on is not None) == (case.state in ENDED)
        assert (case.closing_kind is not None) == (case.state in ENDED)
        shared = (CaseState.REFERRED, CaseState.OBJECTED, CaseState.ACCEPTED)
        assert case.state in shared or not any(part.is_open for part in case.parts)
    assert [r.ordinal for r in case.referrals] == list(range(1, len(case.referrals) + 1))
    assert [d.ordinal for d in case.journal] == list(range(1, len(case.journal) + 1))
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
