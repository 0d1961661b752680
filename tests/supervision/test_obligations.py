"""Which duties the facts of a petition and its case call for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.supervision.duties.domain.duty import Duty, DutyKey
from services.supervision.duties.domain.obligations import obligations_of
from services.supervision.facts.domain import CaseFacts, Extension, PetitionFacts
from services.supervision.facts.domain import WholeFacts as Whole
from shared.reference.calendar import packaged_calendar
from shared.reference.limits import packaged_limits
from shared.vocabulary.cases import ReferralKind
from shared.vocabulary.duties import DutyKind, DutyState, Nature
from tests.supervision.lives import (
    HOUSING,
    OFFICE,
    a_case,
    a_history,
    a_petition,
    a_referral,
    duties,
)
from tests.supervision.living import lives, plain_lives

SOME = settings(max_examples=300, deadline=None)


def by_kind(stored: dict[DutyKey, Duty]) -> dict[str, Duty]:
    found = {duty.key.kind.value: duty for duty in stored.values()}
    assert len(found) == len(stored)
    return found


def d(text: str) -> date:
    return date.fromisoformat(text)


# --- one life, step by step -------------------------------------------------------------------

TRANSFERRED = a_case(decided_on=d("2026-11-23"), referrals=(a_referral(),))


@pytest.mark.parametrize(
    ("petition", "kind", "nature"),
    [
        (a_petition(), "D1", Nature.LEGAL),
        (a_petition(purpose="accusation"), "D1", Nature.LEGAL),
        (a_petition(by_petition_office=False), "D2", Nature.LEGAL),
        (
            a_petition(by_petition_office=False, notice_owed=False),
            "acceptance_internal",
            Nature.INTERNAL,
        ),
        (
            a_petition(by_petition_office=False, purpose="accusation"),
            "acceptance_internal",
            Nature.INTERNAL,
        ),
    ],
)
def test_receipt_starts_one_duty_of_the_receiver(
    petition: PetitionFacts, kind: str, nature: Nature
) -> None:
    (duty,) = duties(Whole(petitions=(petition,))).values()
    assert (duty.key.kind, duty.nature, duty.organ_code) == (kind, nature, OFFICE)
    assert duty.due.last_day == d("2026-12-07")
    assert duty.due.at == datetime(2026, 12, 7, 16, tzinfo=UTC)
    assert duty.state is DutyState.RUNNING


def test_a_transfer_ends_the_receipt_and_starts_acceptance_and_objection() -> None:
    found = by_kind(duties(Whole(petitions=(a_petition(),), case=TRANSFERRED)))
    assert set(found) == {"D1", "D3", "D4"}
    assert (found["D1"].state, found["D1"].ended_on) == (DutyState.MET, d("2026-11-23"))
    assert (found["D3"].organ_code, found["D3"].due.last_day) == (HOUSING, d("2026-12-07"))
    assert (found["D4"].nature, found["D4"].due.last_day) == (Nature.WINDOW, d("2026-11-27"))


def test_acceptance_of_a_claim_starts_the_sixty_days() -> None:
    held = a_referral(accepted_on=d("2026-11-30"))
    found = by_kind(duties(Whole(petitions=(), case=replace(TRANSFERRED, referrals=(held,)))))
    assert found["D3"].state is DutyState.MET
    assert found["D4"].state is DutyState.LAPSED  # accepted after the five working days
    assert (found["D5"].nature, found["D5"].due.last_day) == (Nature.LEGAL, d("2027-01-29"))


@pytest.mark.parametrize(("purpose", "days"), [("suggestion", 60), ("accusation", 90)])
def test_only_claims_have_a_legal_handling_limit(purpose: str, days: int) -> None:
    held = a_referral(accepted_on=d("2026-11-30"))
    case = replace(TRANSFERRED, referrals=(held,), purpose=purpose)
    found = by_kind(duties(Whole(petitions=(), case=case)))
    assert "D5" not in found
    handling = found["handling_internal"]
    assert handling.nature is Nature.INTERNAL
    assert handling.terms.limit.length == days
    assert "非法定" in handling.article


def test_the_old_regulation_holds_for_what_began_under_it() -> None:
    held = a_referral(referred_on=d("2021-03-01"), accepted_on=d("2021-03-05"))
    case = replace(TRANSFERRED, referrals=(held,), purpose="suggestion")
    found = by_kind(duties(Whole(petitions=(), case=case)))
    assert "D4" not in found  # the objection right came in 2022
    assert (found["D3"].limit_id, found["D5"].limit_id) == ("D3-2005", "D5-2005")


def test_an_upheld_objection_hands_the_duty_back_to_the_sender() -> None:
    held = a_referral(objected_on=d("2026-11-25"))
    found = by_kind(duties(Whole(petitions=(), case=replace(TRANSFERRED, referrals=(held,)))))
    assert found["D4"].state is DutyState.MET
    assert found["D3"].state is DutyState.RUNNING  # it keeps the case until the verdict
    assert (found["verdict_internal"].organ_code, found["verdict_internal"].state) == (
        OFFICE,
        DutyState.RUNNING,
    )
    held = replace(held, verdict_on=d("2026-11-26"), upheld=True)
    found = by_kind(duties(Whole(petitions=(), case=replace(TRANSFERRED, referrals=(held,)))))
    assert found["D3"].state is DutyState.CANCELLED
    assert found["verdict_internal"].state is DutyState.MET
    assert (found["redirect_internal"].organ_code, found["redirect_internal"].state) == (
        OFFICE,
        DutyState.RUNNING,
    )


def test_ping_pong_adds_no_time_to_the_first_duty() -> None:
    first = a_referral(objected_on=d("2026-11-25"), verdict_on=d("2026-11-26"), upheld=True)
    second = a_referral(ordinal=2, referred_on=d("2026-11-30"))
    case = replace(TRANSFERRED, referrals=(first, second))
    stored = duties(Whole(petitions=(a_petition(),), case=case))
    receipt = stored[next(key for key in stored if key.kind is DutyKind.D1)]
    assert (receipt.ended_on, receipt.due.last_day) == (d("2026-11-23"), d("2026-12-07"))
    assert sorted(key.ordinal for key in stored if key.kind is DutyKind.D3) == [1, 2]


def test_an_own_case_of_a_receiving_organ_has_one_acceptance_duty() -> None:
    own = a_referral(kind=ReferralKind.OWN, organ_code=OFFICE)
    for office, kinds in ((True, {"D1", "acceptance_internal"}), (False, {"D2"})):
        case = replace(TRANSFERRED, referrals=(own,), by_petition_office=office)
        petition = a_petition(by_petition_office=office)
        found = by_kind(duties(Whole(petitions=(petition,), case=case)))
        assert set(found) == kinds
        assert any(duty.state.is_open for duty in found.values())


def test_an_assignment_carries_the_period_its_sender_set() -> None:
    held = a_referral(kind=ReferralKind.ASSIGNMENT, assigned_due_on=d("2026-12-20"))
    found = by_kind(duties(Whole(petitions=(), case=replace(TRANSFERRED, referrals=(held,)))))
    assert found["assigned"].nature is Nature.ASSIGNED
    assert found["assigned"].due.last_day == d("2026-12-20")


EXTENSIONS = [
    (Extension(days=30, approved_on=d("2026-12-20")), "2027-02-28"),
    (Extension(days=45, approved_on=d("2026-12-20")), "2027-02-28"),  # at most 30
    (Extension(days=10, approved_on=d("2027-01-29")), "2027-02-08"),  # on the last day
    (Extension(days=30, approved_on=d("2027-01-30")), "2027-01-29"),  # too late
]


@pytest.mark.parametrize(("extension", "last"), EXTENSIONS)
def test_an_extension_counts_up_to_its_maximum_and_only_in_time(
    extension: Extension, last: str
) -> None:
    held = a_referral(accepted_on=d("2026-11-30"), extension=extension)
    found = by_kind(duties(Whole(petitions=(), case=replace(TRANSFERRED, referrals=(held,)))))
    assert found["D5"].due.last_day == d(last)


def test_imported_history_owes_one_answer_counted_from_receipt() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for answered, state in (
        (d("2019-04-30"), DutyState.MET),
        (d("2019-05-01"), DutyState.MET_LATE),
        (None, DutyState.OVERDUE),
    ):
        (duty,) = duties(Whole(petitions=(), case=a_history(answered)), now=now).values()
        assert (duty.key.kind, duty.state, duty.silent) == (DutyKind.REPLY, state, True)
        assert duty.due.last_day == d("2019-04-30")
        assert duty.limit_id == "C-reply-message-board"
        assert duty.overdue_at == (None if state is DutyState.MET else duty.due.at)


def test_a_missing_limit_is_reported_and_never_guessed() -> None:
    result = obligations_of(
        Whole(petitions=(a_petition(received_on=d("2004-06-01")),)),
        limits=packaged_limits(),
        calendar=packaged_calendar(),
    )
    assert not result.owed
    assert [key.kind for key in result.without_limit] == [DutyKind.D1]


# --- properties over random lives -------------------------------------------------------------

OUTLIVING = {DutyKind.ASSIGNED, DutyKind.REPORT_VERDICT, DutyKind.CARRYING, DutyKind.NOTICE}
"""What is still owed after a case ended."""


def plain(duty: Duty) -> Duty:
    return replace(duty, version=0)


@SOME
@given(lives())
def test_every_open_case_has_an_open_duty(life: tuple[PetitionFacts, list[CaseFacts]]) -> None:
    petition, versions = life
    for case in versions:
        stored = duties(Whole(petitions=(petition,), case=case))
        running = {duty.key.kind for duty in stored.values() if duty.state.is_open}
        if case.closed_on is None:
            assert running - {DutyKind.D4, *OUTLIVING}, case  # not a window, not one beside it
        else:
            assert running <= OUTLIVING, case


@SOME
@given(plain_lives(), st.data())
def test_skipped_repeated_and_late_facts_end_in_the_same_duties(
    life: tuple[PetitionFacts, list[CaseFacts]], data: st.DataObject
) -> None:
    """Whatever part of the story was seen, and wherever it was taken up again."""
    petition, versions = life
    seen = data.draw(st.lists(st.sampled_from(range(len(versions))), max_size=8))
    petition_at = data.draw(st.integers(0, len(seen)))
    stored: dict[DutyKey, Duty] = {}
    newest = -1
    for n, index in enumerate([*seen, len(versions) - 1]):
        newest = max(newest, index)  # a lower version is ignored, as the handler does
        known = (petition,) if n >= petition_at else ()
        stored = duties(Whole(petitions=known, case=versions[newest]), stored)
    whole = Whole(petitions=(petition,), case=versions[-1])
    stored = duties(whole, stored)
    afresh = duties(whole)
    assert {key: plain(stored[key]) for key in afresh} == {
        key: plain(duty) for key, duty in afresh.items()
    }
    assert set(stored) == set(afresh)
    assert duties(whole, stored) == stored  # a repeat changes nothing, not even a version


@SOME
@given(lives())
def test_due_depends_on_the_lawful_trigger_alone(
    life: tuple[PetitionFacts, list[CaseFacts]],
) -> None:
    """Later steps never move the due date of a duty that exists, but for an extension and the days
    of a hearing; an agreement made anew is another start."""
    petition, versions = life
    due: dict[DutyKey, date] = {}
    for case in versions:
        for key, duty in duties(Whole(petitions=(petition,), case=case)).items():
            if key.kind in (DutyKind.FULFILMENT, DutyKind.DELIVERY, DutyKind.REPORT_VERDICT):
                continue
            base = replace(duty.terms.limit, extension=0, suspensions=())
            plain_due = replace(duty.terms, limit=base)
            last = plain_due.due(packaged_calendar()).last_day
            assert due.setdefault(key, last) == last
            assert duty.due.last_day >= last
