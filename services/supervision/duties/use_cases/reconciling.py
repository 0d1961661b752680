"""Take in facts of petitions and cases, and bring the duties in line with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.supervision.alarms import store as alarms
from services.supervision.alarms.store import Alarm
from services.supervision.duties import outgoing
from services.supervision.duties.domain.duty import Duty, DutyKey
from services.supervision.duties.domain.obligations import obligations_of
from services.supervision.duties.domain.raising import ended_with
from services.supervision.duties.domain.reconciliation import Change, reconcile
from services.supervision.duties.store import duties
from services.supervision.facts import store as facts
from services.supervision.facts.domain import CaseFacts, PetitionFacts, WholeFacts, hidden_from
from services.supervision.facts.store import KnownPetition, Ranked
from shared.db.unit_of_work import UnitOfWork
from shared.vocabulary.duties import AlarmCode, DutyState


@dataclass(frozen=True, slots=True)
class Group:
    """A case with its petitions, or one petition without a case yet."""

    whole: WholeFacts

    @property
    def subjects(self) -> list[UUID]:
        """Everything of the group a duty may be about."""
        case = self.whole.case
        known = [petition.petition_id for petition in self.whole.petitions]
        return known if case is None else [case.case_id, *case.petition_ids, *known]


async def take_in(
    uow: UnitOfWork,
    petitions: Sequence[Ranked[PetitionFacts]],
    cases: Sequence[Ranked[CaseFacts]],
) -> None:
    """Keep the newest facts and let exactly the duties exist that they call for.

    Repeats and older facts change nothing; whichever of petition and case comes first, the
    duties come out the same.
    """
    groups = await _keep(uow, petitions, cases)
    if groups:
        await bring_in_line(uow, groups)


async def _keep(
    uow: UnitOfWork,
    petitions: Sequence[Ranked[PetitionFacts]],
    cases: Sequence[Ranked[CaseFacts]],
) -> list[Group]:
    """Store what is newer than what is known; the groups that this touches."""
    session = uow.session
    newest = {each.facts.case_id: each for each in sorted(cases, key=lambda each: each.rank)}
    stored = await facts.cases(session, newest)
    fresh = {
        case_id: each
        for case_id, each in newest.items()
        if case_id not in stored or each.rank > stored[case_id].rank
    }
    members = {petition for each in fresh.values() for petition in each.facts.petition_ids}
    known = await facts.petitions(session, members | {p.facts.petition_id for p in petitions})
    touched: dict[UUID, KnownPetition] = {}
    for ranked in petitions:
        petition = known.setdefault(
            ranked.facts.petition_id, KnownPetition(ranked.facts.petition_id)
        )
        if petition.facts is None or ranked.rank > petition.rank:
            petition.facts, petition.rank = ranked.facts, ranked.rank
            touched[petition.petition_id] = petition
    for case_id, each in fresh.items():
        for petition_id in () if each.facts.history else each.facts.petition_ids:
            petition = known.setdefault(petition_id, KnownPetition(petition_id))
            if petition.case_id != case_id:
                petition.case_id = case_id
                touched[petition_id] = petition
    await facts.save_petitions(session, list(touched.values()))
    await facts.save_cases(session, fresh)
    return await groups_of(uow, fresh, touched.values())


async def groups_of(
    uow: UnitOfWork, fresh: dict[UUID, Ranked[CaseFacts]], touched: Collection[KnownPetition]
) -> list[Group]:
    """The whole groups that these cases and petitions belong to."""
    whole_cases = dict(fresh)
    missing = {p.case_id for p in touched if p.case_id is not None} - set(fresh)
    whole_cases |= await facts.cases(uow.session, missing)
    members = {p for each in whole_cases.values() for p in each.facts.petition_ids}
    known = await facts.petitions(uow.session, members)
    await _hide(uow, whole_cases, {each.petition_id: each for each in touched} | known)
    groups = [
        Group(WholeFacts(petitions=_petitions_of(each.facts, known), case=each.facts))
        for each in whole_cases.values()
    ]
    alone = (p.facts for p in touched if p.case_id is None and p.facts is not None)
    return groups + [Group(WholeFacts(petitions=(petition,))) for petition in alone]


async def _hide(
    uow: UnitOfWork,
    cases: dict[UUID, Ranked[CaseFacts]],
    known: dict[UUID, KnownPetition],
) -> None:
    """Note from whom accusations are hidden; few are, and that seldom changes."""
    changed = []
    for petition in known.values():
        case = cases.get(petition.case_id) if petition.case_id else None
        organ = hidden_from(petition.facts, case.facts if case else None)
        if organ != petition.hidden_from:
            petition.hidden_from = organ
            changed.append(petition)
    await facts.save_petitions(uow.session, changed)


def _petitions_of(case: CaseFacts, known: dict[UUID, KnownPetition]) -> tuple[PetitionFacts, ...]:
    found = (known[each].facts for each in case.petition_ids if each in known)
    return tuple(
        # Of the organ that received it, the case says for sure whether it is a petition office.
        replace(petition, by_petition_office=case.by_petition_office)
        if petition.received_by == case.received_by
        else petition
        for petition in found
        if petition is not None
    )


async def bring_in_line(
    uow: UnitOfWork, groups: Sequence[Group], *, again: bool = False
) -> set[str]:
    """Let exactly the duties exist that the facts of these groups call for by the rules in force;
    subjects (`case/…`, `petition/…`) of obligations that have no limit.

    `again`: no fact is new, the rules are: what has no limit had its alarm, and a duty that only
    the rules before called for is cancelled even where it has ended."""
    reference, now = uow.reference, uow.clock.now()
    today = uow.clock.today()
    stored = await duties.about(uow.session, (s for group in groups for s in group.subjects))
    by_subject: dict[UUID, list[Duty]] = {}
    for duty in stored:
        by_subject.setdefault(duty.key.subject_id, []).append(duty)
    changes: list[Change] = []
    missing: list[Alarm] = []
    for group in groups:
        owed = obligations_of(group.whole, limits=reference.limits, calendar=reference.calendar)
        mine = {d.key: d for subject in set(group.subjects) for d in by_subject.get(subject, ())}
        changes += reconcile(
            owed.owed,
            mine,
            calendar=reference.calendar,
            zone=uow.clock.zone,
            now=now,
            today=today,
            again=again,
        )
        missing += [_without_limit(group, key) for key in owed.without_limit]
    sounded = [] if again else list(missing)
    sounded += [_unanswered(change.duty) for change in changes if _is_unanswered(change)]
    changes += await _superiors(uow, changes)
    await duties.save(uow.session, changes, editions=reference.ids)
    await alarms.sound(uow.session, sounded, at=now)
    outgoing.record_changes(uow, changes)
    return {alarm.subject for alarm in missing}


async def _superiors(uow: UnitOfWork, changes: Sequence[Change]) -> list[Change]:
    """The superiors' duties that end because the duty they are about is no longer overdue."""
    roots = {
        change.duty.key.duty_id: change.duty
        for change in changes
        if change.before is not None
        and change.before.state is DutyState.OVERDUE
        and change.duty.state is not DutyState.OVERDUE
    }
    if not roots:
        return []
    now, today = uow.clock.now(), uow.clock.today()
    return [
        Change(
            duty=ended_with(raised, roots[raised.key.subject_id], now=now, today=today),
            before=raised,
        )
        for raised in await duties.open_raised(uow.session, roots)
    ]


def _is_unanswered(change: Change) -> bool:
    """History that turns out never to have been answered in time to count as answered at all."""
    was = change.before is not None and change.before.state is DutyState.OVERDUE
    return change.duty.silent and change.duty.state is DutyState.OVERDUE and not was


def _unanswered(_: Duty) -> Alarm:
    return Alarm(
        AlarmCode.HISTORY_UNANSWERED, "history", detail="导入的历史信访件至今没有答复，数量见次数"
    )


def _without_limit(group: Group, key: DutyKey) -> Alarm:
    case = group.whole.case
    subject = f"{key.subject_kind}/{key.subject_id}"
    if case is not None and case.history is not None:
        subject = f"case/{case.case_id}"  # of a petition of history nothing is kept but its case
    return Alarm(
        AlarmCode.LIMIT_MISSING,
        subject,
        detail=f"时限种类 {key.kind} 在起算日没有适用的时限",
    )
