"""A case whose text may accuse the organ chosen for it waits for a person (Art. 30(3), 46(5))."""

from __future__ import annotations

from dataclasses import replace

from services.routing.jurisdiction.domain.accused_in_text import AccusedInText
from services.routing.jurisdiction.domain.decision import Decision, Option, Step, Suspected
from services.routing.jurisdiction.domain.jurisdiction import ART_30, PROTECTION, TIER
from services.routing.jurisdiction.domain.organ_names import packaged_organ_names
from services.routing.places.domain.place import Evidence
from shared.contracts.intake import PetitionContentV1
from shared.reference.editions import Reference
from shared.reference.organs import Organ, Organs
from shared.vocabulary.cases import Confidence, DecisionKind, DecisionReason
from shared.vocabulary.places import PlaceField

_LEAVES = frozenset({DecisionKind.TRANSFER, DecisionKind.OWN})
_built: list[tuple[Organs, AccusedInText]] = []
"""The reading last built; compared by identity of the table, so editions never mix."""


def kept_back(reference: Reference, decision: Decision, content: PetitionContentV1) -> Decision:
    """The decision, or that a person must look first, where the text may accuse the organ that
    would have the case or the petition office that would see it. Whatever has an end already
    (imported history) stays as decided."""
    if decision.kind not in _LEAVES or content.petition.history is not None:
        return decision
    for code in (decision.organ_code, decision.copied_to):
        organ = reference.organs.get(code) if code else None
        words = _words_about(reference, organ, content)
        if organ is not None and words is not None:
            return _waits(reference, decision, organ, words)
    return decision


def decider_apart(reference: Reference, decider: str, content: PetitionContentV1) -> str:
    """The office a waiting case is before: the one above where the text may accuse the first."""
    office = reference.organs.get(decider)
    above = reference.organs.superior(decider, root=reference.root_division)
    if above is None or _words_about(reference, office, content) is None:
        return decider
    return above.code


def _words_about(
    reference: Reference, organ: Organ | None, content: PetitionContentV1
) -> Evidence | None:
    if organ is None:
        return None
    fields = {
        PlaceField.SUBJECT: content.title,
        PlaceField.TEXT: content.text,
        PlaceField.PLACE: content.place or "",
    }
    return _reader(reference.organs).words_about(organ, fields)


def _reader(organs: Organs) -> AccusedInText:
    for known, reader in _built:
        if known is organs:
            return reader
    reader = AccusedInText(packaged_organ_names(), organs.kinds)
    _built[:] = [(organs, reader)]
    return reader


def _waits(reference: Reference, decision: Decision, organ: Organ, words: Evidence) -> Decision:
    reason = DecisionReason.ACCUSED_IN_TEXT
    chosen = reference.organs.get(decision.organ_code or "") or organ
    above = reference.organs.superior(organ.code, root=reference.root_division)
    steps = [
        Step(PROTECTION, f"文中提到{organ.name}或者其人员，可能涉及该单位，请人工判断", ART_30),
        Step("待人工核定", reason.label, ART_30),
        Step("参考", f"只是提到、并不涉及该单位的，可以确定由{chosen.name}办理"),
    ]
    if above is not None:
        steps.append(Step("参考", f"反映的就是该单位或者其人员的，可考虑其上一级{above.name}"))
    return replace(
        decision,
        kind=DecisionKind.NEEDS_PERSON,
        confidence=Confidence.UNSURE,
        organ_code=None,
        organ_division=None,
        copied_to=None,
        reason=reason,
        suspected=Suspected(organ.code, words),
        trail=(*(step for step in decision.trail if step.rule != TIER), *steps),
        runner_up=Option(
            chosen.code, chosen.name, "按职责推算；文中提到该单位或者其信访部门，须先判断"
        ),
    )
