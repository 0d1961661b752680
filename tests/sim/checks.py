"""What must be true after every run, whatever happened in it; each breach is one line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.analytics.domain.facts import merge
from services.analytics.domain.kept import changes as kept_changes
from services.analytics.domain.rollup import counted
from services.analytics.handlers.projection import part_of
from services.routing.cases.outgoing import case_facts as public_case
from services.supervision.duties.domain.clock_trust import TOLERANCE
from services.supervision.duties.domain.duty import Duty, Outcome, judge
from services.supervision.duties.domain.obligations import obligations_of
from services.supervision.duties.domain.raising import is_raised
from services.supervision.duties.handlers import case_facts, petition_facts
from services.supervision.duties.use_cases.firing import ladder_of
from services.supervision.duties.use_cases.reconciling import _petitions_of
from services.supervision.facts.domain import WholeFacts
from services.supervision.facts.store import KnownPetition
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.supervision import DutyEvent, DutyFacts, DutyOverdueV1, DutyWarnedV1
from shared.messaging.subscriptions import Received
from shared.reference.counting import packaged_counting_rules
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import ClosingKind, ReferralKind
from shared.vocabulary.duties import DutyKind, DutyState
from tests.sim.world import QUIET_ROUNDS, World
from tests.support.law import packaged_reference


def breaches(world: World, rounds: int) -> Iterator[str]:
    """Every broken promise of a world that has been healed."""
    if rounds == QUIET_ROUNDS:
        yield f"silently stuck: {world.pending()} events never settle"
        return
    yield from _nothing_lost(world)
    yield from _every_event_arrived(world)
    yield from _streams_in_order(world)
    yield from _duties_are_those_of_the_facts(world)
    yield from _superiors_are_told(world)
    yield from _fired_once_and_never_early(world)
    yield from _figures_are_a_recount(world)


def _table(world: World, node: str, name: str) -> dict[Any, Any]:
    return world.nodes[node].tables.get(name, {})


def sent(world: World, name: str) -> list[Received[Any]]:
    """Every event a service ever published, as recorded."""
    return [row.event for row in _table(world, name, "outbox").values()]


def _nothing_lost(world: World) -> Iterator[str]:
    petitions = _table(world, "intake", "petition")
    for petition_id in world.acknowledged - set(petitions):
        yield f"lost: petition {petition_id} was acknowledged"
    if len(petitions) != world.keys:
        yield f"doubled or lost: {world.keys} keys, {len(petitions)} petitions"
    held = [p for case in _table(world, "routing", "case").values() for p in case.petition_ids]
    if sorted(held) != sorted(petitions):
        yield f"petitions in cases {len(held)}, registered {len(petitions)}"
    for case in _table(world, "routing", "case").values():
        if case.closing_kind is ClosingKind.SETTLED and any(u.is_open for u in case.undertakings):
            yield f"settled too early: {case.case_id} has promises nobody kept"
        for petition_id in case.petition_ids:
            told = _table(world, "intake", "progress").get(petition_id)
            if told is None or told["state"] != str(case.state):
                yield f"progress of {petition_id} differs from its case"


def _every_event_arrived(world: World) -> Iterator[str]:
    for producer in world.nodes:
        for event in sent(world, producer):
            for name, node in world.nodes.items():
                wanted = event.envelope.type in node.subscriptions.types
                if wanted and event.envelope.id not in _table(world, name, "inbox"):
                    yield f"lost: {event.envelope.type} never reached {name}"


def _streams_in_order(world: World) -> Iterator[str]:
    last: dict[str, int] = {}
    for envelope in _table(world, "intake", "applied").values():
        if envelope.source == "routing" and envelope.subject.startswith("case/"):
            if envelope.sequence != last.get(envelope.subject, 0) + 1:
                yield f"order: {envelope.subject} {envelope.sequence} after {last}"
            last[envelope.subject] = envelope.sequence
    for case in _table(world, "routing", "case").values():
        if last.get(f"case/{case.case_id}") != case.version:
            yield f"order: case {case.case_id} ends at {last}, not {case.version}"


def _groups(world: World) -> Iterator[WholeFacts]:
    """The facts as their owners have them, not as supervision was told."""
    organs = packaged_reference().organs
    known = {
        petition_id: KnownPetition(
            petition_id, facts=petition_facts(PetitionRegisteredV1(petition=petition), organs)
        )
        for petition_id, (_, petition) in _table(world, "intake", "petition").items()
    }
    for case in _table(world, "routing", "case").values():
        facts = case_facts(public_case(case))
        yield WholeFacts(petitions=_petitions_of(facts, known), case=facts)


def _duties_are_those_of_the_facts(world: World) -> Iterator[str]:
    stored: dict[UUID, Duty] = dict(_table(world, "supervision", "duty"))
    law = packaged_reference()
    for whole in _groups(world):
        owed = obligations_of(whole, limits=law.limits, calendar=law.calendar)
        for must in owed.owed:
            duty = stored.pop(must.key.duty_id, None)
            if duty is None:
                yield f"lost: no duty {must.key}"
                continue
            state, _ = judge(
                nature=must.row.nature,
                due=duty.due,
                ended_on=must.end.on if must.end else None,
                outcome=must.end.outcome if must.end else Outcome.FULFILLED,
                now=world.now,
            )
            if duty.due != duty.terms.due(law.calendar) or duty.terms.started_on != must.started_on:
                yield f"due: {must.key} is due {duty.due.last_day}"
            if duty.state is not state:
                yield f"state: {must.key} is {duty.state}, must be {state}"
    for duty in stored.values():
        if duty.key.kind is not DutyKind.RAISED and duty.state.is_open:
            yield f"unexpected: open duty {duty.key}"


def _superiors_are_told(world: World) -> Iterator[str]:
    duties: dict[UUID, Duty] = _table(world, "supervision", "duty")
    ladder = ladder_of(packaged_reference())
    raised = {(d.key.subject_id, d.key.ordinal): d for d in duties.values()
              if d.key.kind is DutyKind.RAISED}  # fmt: skip
    for duty in duties.values():
        again = duty.key.kind is DutyKind.RAISED
        if again and duty.state.is_open and not duties[duty.key.subject_id].state.is_open:
            yield f"raised: {duty.key} is open, what it is about has ended"
        if duty.state is not DutyState.OVERDUE or not is_raised(duty):
            continue
        if ladder.next_above(duty.organ_code) is None:
            continue
        root = duty.key.subject_id if again else duty.key.duty_id
        above = raised.get((root, duty.key.ordinal + 1 if again else 1))
        if above is None or not above.state.is_open:
            yield f"raised: nobody owes supervision of {duty.key}"


def _days_added(world: World, duty: DutyFacts) -> set[int]:
    """By how many days an act may have moved a due date: an extension by its own (Art. 34), a
    hearing in a re-review by as long as it lasted (Art. 36), the day the limit starts left out,
    which never counts."""
    case = _table(world, "routing", "case").get(duty.case_id)
    if case is None:
        return set()
    held = [
        each.to - max(each.start, duty.started_on + timedelta(days=1)) + timedelta(days=1)
        for referral in case.referrals
        for each in case.journal.intervals(
            Act.OPEN_HEARING, Act.CLOSE_HEARING, referral=referral.ordinal
        )
        if referral.kind is ReferralKind.RE_REVIEW and each.to is not None
    ]
    return {int(done.data["days"]) for done in case.journal.of(Act.EXTEND)} | {
        lasted.days for lasted in held
    }


def _fired_once_and_never_early(world: World) -> Iterator[str]:
    overdue: set[UUID] = set()
    versions: dict[UUID, int] = {}
    dates: dict[Any, Any] = {}
    events = (e for e in sent(world, "supervision") if isinstance(e.data, DutyEvent))
    for event in events:
        duty = event.data.duty
        if event.envelope.sequence != versions.get(duty.duty_id, 0) + 1:
            yield f"order: duty {duty.duty_id} {event.envelope.sequence} after {versions}"
        versions[duty.duty_id] = event.envelope.sequence
        terms = (duty.duty_id, duty.started_on, duty.limit_id)
        old = dates.get(terms, duty.due_at)
        dates[terms] = duty.due_at
        if old != duty.due_at and (duty.due_at - old).days not in _days_added(world, duty):
            yield f"due: {terms} moved from {old} to {duty.due_at}"
        if isinstance(event.data, DutyOverdueV1):
            if duty.duty_id in overdue:
                yield f"doubled: {duty.kind} {duty.duty_id} fired twice"
            if world.fired_at[event.envelope.id] < duty.due_at - TOLERANCE:
                yield f"early: {duty.kind} {duty.duty_id} before {duty.due_at}"
            overdue.add(duty.duty_id)
        elif isinstance(event.data, DutyWarnedV1) and duty.duty_id in overdue:
            yield f"order: a warning of {duty.duty_id} after it was overdue"
        elif duty.state != "overdue":
            overdue.discard(duty.duty_id)


def _figures_are_a_recount(world: World) -> Iterator[str]:
    newest: dict[Any, Any] = {}
    counted_types = world.nodes["analytics"].subscriptions.types
    for producer in ("intake", "routing", "supervision"):
        for event in sent(world, producer):
            if event.envelope.type in counted_types:
                part = part_of(event)
                old = newest.get(part.key)
                if old is None or part.rank > old.rank:
                    newest[part.key] = part
    of: dict[UUID, list[Any]] = {}
    for part in newest.values():
        for petition_id in part.petition_ids:
            of.setdefault(petition_id, []).append(part.facts)
    law = packaged_reference()
    home = law.divisions.subtree_range(law.root_division)
    merged = (merge(parts, packaged_counting_rules(), home=home) for parts in of.values())
    facts = [fact for fact in merged if fact is not None]
    must = counted(facts)
    recounted = {
        "count": dict(must.touched()),
        "days": dict(must.touched_days()),
        "kept": {place: sums.to_text() for place, sums in kept_changes(must).items()},
    }
    for name, figures in recounted.items():
        if _table(world, "analytics", name) != figures:
            yield f"counts: {name} differs from a recount"
    if len(facts) != len(_table(world, "intake", "petition")):
        yield f"counts: {len(facts)} of {len(_table(world, 'intake', 'petition'))} petitions"
