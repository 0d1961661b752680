"""Random but lawful lives of a case, as the sequence of whole facts routing would publish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from hypothesis import strategies as st

from services.supervision.facts.domain import (
    CaseFacts,
    Extension,
    Notice,
    Part,
    Pause,
    PetitionFacts,
    ReferralFacts,
    Wait,
    WaitKind,
)
from shared.vocabulary.cases import ReferralKind
from tests.supervision.lives import (
    COUNTY,
    HOUSING,
    OFFICE,
    SCHOOLS,
    a_case,
    a_petition,
    a_referral,
)

ABOVE = "430100000000-PETITION"
FIRST = (ReferralKind.TRANSFER, ReferralKind.ASSIGNMENT, ReferralKind.OWN, ReferralKind.GUIDE)
Life = tuple[PetitionFacts, list[CaseFacts]]


@dataclass
class Living:
    """A case being lived: every step appends whole facts.

    `old`: as told before the facts of 2026-11 came; `exact`: without steps of which the facts keep
    no trace (a broken agreement, a report returned, from simple to ordinary)."""

    draw: st.DrawFn
    case: CaseFacts
    versions: list[CaseFacts]
    today: date
    old: bool
    exact: bool

    @property
    def last(self) -> ReferralFacts:
        return self.case.referrals[-1]

    def say(self, **changes: object) -> None:
        self.case = replace(self.case, **changes)  # type: ignore[arg-type]
        self.versions.append(self.case)

    def hold(self, *, case: dict[str, object] | None = None, **changes: object) -> None:
        if self.old:
            changes.pop("ended_on", None)
        last = replace(self.last, **changes)  # type: ignore[arg-type]
        self.say(referrals=(*self.case.referrals[:-1], last), **(case or {}))

    def add(self, kind: ReferralKind, organ: str, sender: str, **more: object) -> None:
        days = timedelta(days=self.draw(st.integers(0, 45)))
        referral = a_referral(
            ordinal=len(self.case.referrals) + 1,
            kind=kind,
            referred_on=self.today,
            organ_code=organ,
            organ_division=organ.partition("-")[0],
            from_organ=sender,
            assigned_due_on=self.today + days if kind is ReferralKind.ASSIGNMENT else None,
            reports=not self.old,
            **more,
        )
        case = self.case
        self.case = replace(case, closed_on=None, decided_on=case.decided_on or self.today)
        waits = case.waits
        if waits and waits[-1].until is None:
            waits = (*waits[:-1], replace(waits[-1], until=self.today))
        self.say(referrals=(*case.referrals, referral), waits=waits)

    def wait(self, kind: WaitKind, **more: object) -> None:
        waits = self.case.waits
        if waits and waits[-1].until is None:
            waits = (*waits[:-1], replace(waits[-1], until=self.today))
        self.say(waits=(*waits, Wait(kind=kind, since=self.today, until=None)), **more)

    def paper(self) -> None:
        papers, today = self.case.notices, self.today
        untold = [each for each in papers if each.told_on is None]
        which = self.draw(st.integers(0, 9))
        if which < len(untold):
            told = replace(untold[which], told_on=today)
            papers = tuple(told if each.ordinal == told.ordinal else each for each in papers)
        else:
            organ = self.draw(st.sampled_from([HOUSING, OFFICE]))
            papers = (
                *papers,
                Notice(
                    ordinal=len(papers) + 1, organ_code=organ, division_code=COUNTY,
                    owed_on=today, told_on=None,
                ),
            )  # fmt: skip
        self.say(notices=papers)

    def share(self) -> None:
        """Share a part out, or go on with one: its opinion, back to its organ, excused."""
        parts, today = self.case.parts, self.today
        which = self.draw(st.integers(0, 5))
        if which >= len(parts):
            organ = self.draw(st.sampled_from([SCHOOLS, OFFICE]))
            days = timedelta(days=self.draw(st.integers(1, 40)))
            part = Part(
                ordinal=len(parts) + 1, organ_code=organ, division_code=COUNTY, assigned_on=today,
                due_on=today + days, answered_on=None, excused_on=None,
            )  # fmt: skip
            self.say(parts=(*parts, part))
            return
        part = parts[which]
        if part.excused_on is not None:
            return
        if part.answered_on is None:
            given = self.draw(st.booleans())
            part = replace(part, **{"answered_on" if given else "excused_on": today})
        elif not self.exact:
            part = replace(part, answered_on=None)  # returned
        self.say(parts=(*parts[:which], part, *parts[which + 1 :]))


def _decide(life: Living) -> None:
    kind = life.draw(st.sampled_from(FIRST))
    organ = life.draw(st.sampled_from([HOUSING, SCHOOLS, OFFICE]))
    life.add(kind, organ, life.case.decider or OFFICE)


def _put_up(life: Living) -> None:
    life.wait(WaitKind.PUT_UP, decided_on=life.case.decided_on or life.today)


def _refuse(life: Living) -> None:
    waits, today = life.case.waits, life.today
    if waits and waits[-1].until is None:
        waits = (*waits[:-1], replace(waits[-1], until=today))
    life.say(closed_on=today, refused=True, waits=waits)


def _pass_on(life: Living) -> None:
    kind, sender = life.last.kind, life.last.organ_code
    passed = replace(life.last, ended_on=life.today)
    life.case = replace(life.case, referrals=(*life.case.referrals[:-1], passed))
    life.add(kind, SCHOOLS, sender)


def _judge(life: Living) -> None:
    today = life.today
    upheld = life.draw(st.booleans())
    if upheld:  # what was shared out falls away with the lead
        open_ones = {each.ordinal for each in life.case.parts if each.answered_on is None}
        parts = tuple(
            replace(each, excused_on=each.excused_on or today)
            if each.ordinal in open_ones else each
            for each in life.case.parts
        )  # fmt: skip
        life.case = replace(life.case, parts=parts)
    life.hold(
        verdict_on=today, upheld=upheld, ended_on=today if upheld else None,
        case={"decider": life.case.decider and life.draw(st.sampled_from([OFFICE, ABOVE]))},
    )  # fmt: skip


def _deliver(life: Living, **more: object) -> None:
    today = life.today
    redo = life.last.is_redo
    closed = None if redo else today
    life.hold(delivered_on=today, ended_on=today, **more, case={"closed_on": closed})
    if redo:
        life.versions.pop()
        handler = next(each for each in reversed(life.case.referrals) if not each.is_review)
        kind = ReferralKind.OWN if handler.kind is ReferralKind.OWN else ReferralKind.TRANSFER
        life.add(kind, handler.organ_code, life.last.organ_code, accepted_on=today)


def _answer(life: Living) -> None:
    words = ("upheld", "redo") if life.last.is_review else ("supported", "not_supported")
    life.hold(answered_on=life.today, opinion=life.draw(st.sampled_from(words)))


def _review(life: Living) -> None:
    kind = ReferralKind.RE_REVIEW if life.last.is_review else ReferralKind.REVIEW
    life.add(kind, ABOVE, life.last.organ_code, accepted_on=life.today)


def _hear(life: Living) -> None:
    begun = max(life.last.referred_on, life.today - timedelta(days=life.draw(st.integers(0, 9))))
    life.hold(hearings=(*life.last.hearings, Pause(first=begun, last=life.today)))


def _suspend(life: Living) -> None:
    until = life.today + timedelta(days=life.draw(st.integers(0, 40)))
    life.hold(suspensions=(*life.last.suspensions, Pause(first=life.today, last=until)))


def step(life: Living) -> None:
    """One lawful next step, of those that the state of the case offers."""
    options = list(_options(life))
    if not life.old and life.draw(st.integers(0, 5)) == 0:
        options = [life.paper, life.share]
    if options:
        life.draw(st.sampled_from(options))()


def _options(life: Living) -> list[Callable[[], None]]:  # noqa: C901, PLR0911, PLR0912
    case, today, new = life.case, life.today, not life.old
    waiting = bool(case.waits) and case.waits[-1].until is None
    bind: Callable[..., Callable[[], None]] = lambda act, **more: partial(act, life, **more)  # noqa: E731
    if case.closed_on is not None:
        return _after_closing(life) if new else []
    if not case.referrals or life.last.upheld or waiting:
        if waiting and case.waits[-1].kind is WaitKind.PUT_UP:
            return [partial(life.wait, WaitKind.REDIRECT)]
        return [bind(_decide), bind(_decide), *([bind(_put_up), bind(_refuse)] if new else [])]
    last = life.last
    if last.kind is ReferralKind.GUIDE:
        return [partial(life.hold, ended_on=today, case={"closed_on": today})]
    if last.agreed_on is not None:
        broken = partial(life.hold, agreed_on=None, answered_on=None)
        return [bind(_deliver), *_reports(life), *([] if life.exact else [broken])]
    if last.answered_on is not None:
        supports = new and last.opinion == "supported"
        return [bind(_deliver, carry_out=supports), *_reports(life)]
    if last.accepted_on is not None:
        found = [bind(_answer), bind(_answer)]
        if new and last.is_review:
            refused = partial(
                life.hold, answered_on=today, ended_on=today, case={"closed_on": today}
            )
            return [*found, bind(_hear), bind(_suspend), refused]
        if new:
            found.append(partial(life.hold, agreed_on=today, answered_on=today))
            found.append(bind(_suspend))
            if last.simple and not life.exact:
                found.append(partial(life.hold, simple=False))
            elif last.extension is None and not last.simple:
                extension = Extension(days=life.draw(st.integers(1, 60)), approved_on=today)
                found.append(partial(life.hold, extension=extension))
            if case.purpose == "accusation":
                found.append(partial(life.hold, ended_on=today, case={"closed_on": today}))
        return found
    if last.objected_on is not None and last.verdict_on is None:
        return [bind(_judge)]
    simple = new and last.kind is not ReferralKind.ASSIGNMENT and life.draw(st.booleans())
    found = [partial(life.hold, accepted_on=today, simple=simple)]
    if last.kind is not ReferralKind.OWN:
        if last.objected_on is None:
            found.append(partial(life.hold, objected_on=today))
        if new:
            found.append(bind(_pass_on))
    return found


def _reports(life: Living) -> list[Callable[[], None]]:
    last, today = life.last, life.today
    if life.old or last.kind is not ReferralKind.ASSIGNMENT or last.report_judged_on is not None:
        return []
    if last.upheld:  # who gave it back reports nothing
        return []
    if last.reported_on is None:
        return [partial(life.hold, reported_on=today)]
    taken = partial(life.hold, report_judged_on=today)
    return [taken] if life.exact else [taken, partial(life.hold, reported_on=None)]


def _after_closing(life: Living) -> list[Callable[[], None]]:
    case, today = life.case, life.today
    if not case.referrals:
        return []
    last, found = life.last, _reports(life)
    if last.carry_out and last.carried_out_on is None:
        found.append(partial(life.hold, carried_out_on=today))
    if not last.is_review:
        again = {"closed_on": None, "refused": False}
        found.append(partial(life.wait, WaitKind.REDIRECT, **again))
    if last.delivered_on is not None and last.kind is not ReferralKind.RE_REVIEW:
        found += [partial(_review, life)] * 2
    return found


@st.composite
def lives(draw: st.DrawFn, *, exact: bool = False) -> Life:
    """A petition and the whole facts of its case after each step, oldest first."""
    received = draw(st.dates(date(2023, 1, 1), date(2026, 6, 30)))
    purpose = draw(st.sampled_from(["claim", "suggestion", "accusation", "uncertain"]))
    office, notice = draw(st.booleans()), draw(st.booleans())
    old = draw(st.integers(0, 3)) == 0
    petition = a_petition(
        purpose=purpose, received_on=received, by_petition_office=office, notice_owed=notice
    )
    first = a_case(
        purpose=purpose, received_on=received, by_petition_office=office, notice_owed=notice,
        decider=None if old else OFFICE,
    )  # fmt: skip
    life = Living(
        draw=draw, case=first, versions=[first], today=received, old=old, exact=exact
    )  # fmt: skip
    for _ in range(draw(st.integers(0, 14))):
        life.today += timedelta(days=draw(st.integers(0, 40)))
        step(life)
    return petition, life.versions


def plain_lives() -> st.SearchStrategy[Life]:
    """Lives whose newest facts alone tell all that ever was owed."""
    return lives(exact=True)
