"""Who may know of a case, and whose act it is."""

from __future__ import annotations

from services.routing.cases.domain.accused import is_hidden_from
from services.routing.cases.domain.case import Case
from services.routing.cases.domain.parts import assisting
from shared.reference.editions import Reference
from shared.vocabulary.acts import By
from shared.workflow.entities import Actor


def involved(case: Case) -> set[str]:
    """Organs that received the case, decide on it, got a copy, have it or had it, or have a part in
    it."""
    organs = {case.received_by, case.decider, case.copied_to or case.decider}
    held = (r.organ_code for r in case.referrals if r.state != "returned")
    return organs.union(held, (r.from_organ for r in case.referrals), assisting(case.parts))


def has_to_do_with(case: Case, actor: Actor, reference: Reference) -> bool:
    """Whether one of the actor's organs is involved, and none at which the person has a post is
    accused in it or under who is."""
    if not actor.organs & involved(case):
        return False
    desks = actor.organs | actor.held
    return not any(is_hidden_from(reference.organs, case, organ) for organ in desks)


def organs_of(case: Case, by: By) -> frozenset[str]:
    """The organs in a position."""
    held = case.hold
    if by is By.DECIDER or held is None:
        return frozenset((case.decider,))
    if by is By.ASSISTANT:
        return assisting(case.parts)
    sender, holder = held.from_organ, held.organ_code
    return frozenset({By.SENDER: (sender,), By.HOLDER: (holder,)}.get(by, (sender, holder)))
