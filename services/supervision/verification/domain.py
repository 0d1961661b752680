"""Stored duties compared with what the normal rules make of the whole facts.

Found is whatever the table of duties holds otherwise than the rules of this service make it: a
duty missing, one nothing calls for, another organ, limit, date or state, a superior left out. A
rule that is wrong is wrong here as well; the oracle of the tests is there for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.supervision.duties.domain.duty import Duty, DutyKey, Outcome, Terms, judge
from services.supervision.duties.domain.obligations import Obligation, obligations_of
from services.supervision.duties.domain.raising import (
    Superior,
    SuperiorTerms,
    is_raised,
    superior_terms,
)
from services.supervision.duties.domain.reconciliation import Change, reconcile
from services.supervision.facts.domain import WholeFacts
from shared.kernel.workdays import Calendar
from shared.reference.limits import LimitMissing, Limits
from shared.vocabulary.duties import DutyState, SubjectKind

GRACE = timedelta(minutes=2)
"""How long after the due instant a duty may still be stored as running: the watcher's goal is
seconds, and its clocks may be held for a minute."""
NOT_EXPECTED = "没有事实要求这项任务"


@dataclass(frozen=True, slots=True)
class DutyDifference:
    """One difference: what it is about (`duty/…`, `case/…`, `petition/…`) and a sentence."""

    subject: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedGroup:
    """A case with its petitions, or one petition without a case: its facts by the raw events, the
    newest last, and its duties as they are stored. `unreadable`: rows that hold no duty."""

    facts: Sequence[WholeFacts]
    stored: Sequence[Duty]
    unreadable: Sequence[UUID] = ()

    @property
    def own(self) -> dict[DutyKey, Duty]:
        """The duties that follow from the facts: all but those of superiors."""
        return {each.key: each for each in self.stored if not _is_superiors(each)}

    @property
    def petition_ids(self) -> Sequence[UUID]:
        """The petitions of the case, if there is one."""
        case = self.facts[-1].case if self.facts else None
        return case.petition_ids if case else ()

    @property
    def earlier(self) -> Iterator[WholeFacts]:
        """Facts that counted before the newest; the petitions were there before their case."""
        yield from self.facts[:-1]
        for newest in self.facts[-1:]:
            yield from (WholeFacts(petitions=(one,)) for one in newest.petitions)


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyComparison:
    """Compares by the editions of limits and calendars in force and all before them, newest first:
    a duty keeps those it was made by until its facts change.

    `top` has nobody above it; duties that ended before `kept_since` may have been called for by
    events that are no longer kept."""

    limits: Sequence[Limits]
    calendars: Sequence[Calendar]
    zone: str
    now: datetime
    top: str
    kept_since: date | None = None

    def differences(self, group: VerifiedGroup) -> list[DutyDifference]:
        """All differences of a group; by the newest rules, unless it agrees with older ones."""
        found = (
            list(self._by_rules(group, limits, calendar))
            for limits in self.limits
            for calendar in self.calendars
        )
        newest = next(found, [])
        by_rules = newest if newest and all(found) else []
        by_time = (each for row in group.stored for each in self._by_time(row))
        unreadable = (DutyDifference(f"duty/{each}", "内容无法读出") for each in group.unreadable)
        return [*unreadable, *by_rules, *by_time, *self._superiors(group)]

    def _by_rules(
        self, group: VerifiedGroup, limits: Limits, calendar: Calendar
    ) -> Iterator[DutyDifference]:
        """Every change that would have to be made, and what ended without ever being owed."""

        def expected_duties(facts: WholeFacts) -> Mapping[DutyKey, Obligation]:
            owed = obligations_of(facts, limits=limits, calendar=calendar).owed
            return {each.key: each for each in owed}

        expected = expected_duties(group.facts[-1]) if group.facts else {}
        own = group.own
        for change in reconcile(
            expected.values(),
            own,
            calendar=calendar,
            zone=self.zone,
            now=self.now,
            today=self.now.date(),
        ):
            yield _difference(change, is_expected=change.duty.key in expected)
        extra = [row for key, row in own.items() if key not in expected and self._ended(row)]
        if extra:
            once = {key for facts in group.earlier for key in expected_duties(facts)}
            yield from (_differs(row, NOT_EXPECTED) for row in extra if row.key not in once)

    def _ended(self, row: Duty) -> bool:
        """Whether a duty ended as one that was owed, in the time of which all events are kept."""
        if row.state.is_open or row.state is DutyState.CANCELLED:
            return False
        return self.kept_since is None or (row.ended_on or row.due.last_day) >= self.kept_since

    def _by_time(self, row: Duty) -> Iterator[DutyDifference]:
        """The due date follows from the terms by some calendar, and what has not ended is as the
        time has it, for some minutes also as it was before."""
        terms = replace(row.terms, zone=self.zone)
        possible = [terms.due(calendar) for calendar in self.calendars]
        if row.due not in possible:
            days = "或".join(sorted({f"{due.last_day}（{due.at}）" for due in possible}))
            yield _differs(row, f"到期日为{row.due.last_day}（{row.due.at}），应为{days}")
        if row.ended_on is not None or row.state is DutyState.CANCELLED:
            return
        states = [
            judge(nature=row.nature, due=row.due, ended_on=None, outcome=Outcome.FULFILLED, now=at)
            for at in (self.now, self.now - GRACE)
        ]
        if (row.state, row.overdue_at) not in states:
            yield _differs(row, f"状态为“{row.state.label}”，应为“{states[0][0].label}”")

    def _superiors(self, group: VerifiedGroup) -> Iterator[DutyDifference]:
        """Superiors' duties are there and open exactly while what they are about is overdue."""
        roots = {duty.key.duty_id: duty for duty in group.own.values()}
        steps = {
            (row.key.subject_id, row.key.ordinal): row for row in group.stored if _is_superiors(row)
        }
        for (about, _), row in steps.items():
            root = roots.get(about)
            if root is None or row.state.is_open != (root.state is DutyState.OVERDUE):
                found = root.state.label if root else "不存在"
                yield _differs(row, f"状态为“{row.state.label}”，但所督办的任务“{found}”")
            possible = self._raised_terms(row, on=row.terms.started_on)
            if possible and all(each.terms != row.terms for each in possible):
                yield _differs(row, f"期限为{_term(row.terms)}，应为{_term(possible[0].terms)}")
        for about, root in roots.items():
            below, step = root, 1
            while self._must_be_raised(below):
                if (about, step) not in steps:
                    yield _differs(below, "已超期，但没有提级督办")
                    break
                below, step = steps[about, step], step + 1

    def _must_be_raised(self, duty: Duty) -> bool:
        overdue = duty.state is DutyState.OVERDUE and is_raised(duty)
        has_superior = duty.organ_code not in (None, self.top)
        return overdue and has_superior and bool(self._raised_terms(duty, on=duty.due.last_day))

    def _raised_terms(self, duty: Duty, *, on: date) -> list[SuperiorTerms]:
        """The terms of a superior's duty that begins on a day, by any edition."""
        superior, found = Superior(duty.organ_code or "", duty.division_code or ""), []
        for limits in self.limits:
            try:
                found += [
                    superior_terms(
                        superior, zone=self.zone, limits=limits, calendar=calendar, today=on
                    )
                    for calendar in self.calendars
                ]
            except LimitMissing:
                continue
        return found


def _is_superiors(duty: Duty) -> bool:
    return duty.key.subject_kind is SubjectKind.DUTY


def _difference(change: Change, *, is_expected: bool) -> DutyDifference:
    found, wanted = change.before, change.duty
    if found is None:
        about = f"{wanted.key.subject_kind}/{wanted.key.subject_id}"
        return DutyDifference(about, f"缺少{_name(wanted)}")
    if not is_expected:
        return _differs(found, NOT_EXPECTED)
    there, right = _members(found), _members(wanted)
    unlike = (
        f"{name}为{there[name]}，应为{right[name]}" for name in there if there[name] != right[name]
    )
    return _differs(found, "，".join(unlike) or "与事实不符")


def _members(duty: Duty) -> dict[str, str]:
    return {
        "责任机关": f"{duty.organ_code}（{duty.division_code}）",
        "信访事项": f"{duty.case_id}（{'、'.join(map(str, duty.petition_ids))}）",
        "依据": f"{duty.limit_id}（{duty.article}，{duty.nature.label}）",
        "期限": _term(duty.terms),
        "到期日": f"{duty.due.last_day}（{duty.due.at}）",
        "状态": f"{duty.state.label}（结束于{duty.ended_on}，超期于{duty.overdue_at}）",
    }


def _term(terms: Terms) -> str:
    limit = terms.limit
    stops = "、".join(f"{each.first}至{each.last}" for each in limit.suspensions)
    days = f"{terms.started_on}起{limit.length}+{limit.extension}{limit.unit.label}"
    return f"{days}，不计{stops}" if stops else days


def _differs(row: Duty, what: str) -> DutyDifference:
    return DutyDifference(f"duty/{row.key.duty_id}", f"{_name(row)}{what}")


def _name(duty: Duty) -> str:
    return f"“{duty.key.kind.label}”（{duty.key.kind}，第{duty.key.ordinal}项）"
