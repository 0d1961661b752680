"""Who must not know of a case, and who may decide on it instead (条例 Art. 30(3), 46(5))."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from shared.reference.cadres import impartial_body
from shared.reference.casework import CadreRules
from shared.reference.organs import Organs
from shared.vocabulary.cases import DecisionReason

if TYPE_CHECKING:
    from services.routing.cases.domain.case import Case


def accused_in(case: Case) -> frozenset[str]:
    """The organs complained of: the one named, and those a report of retaliation is kept from
    besides (`also_accused`, codes between spaces)."""
    named = (case.complained_organ, *(case.also_accused or "").split())
    return frozenset(code for code in named if code)


def kept_from(case: Case) -> list[str]:
    """The organs that must not know of a case, the one complained of first: those an accusation
    complains of and, while a person looks whether its text accuses one, that one, but for the
    office that looks."""
    found = []
    if case.purpose == "accusation":
        found = [case.complained_organ or "", *sorted(accused_in(case))]
    if (
        case.needs_person_reason is DecisionReason.ACCUSED_IN_TEXT
        and case.suspected_organ != case.decider
    ):
        found.append(case.suspected_organ or "")
    return list(dict.fromkeys(code for code in found if code))


def is_complained_of(organs: Organs, case: Case, organ: str) -> bool:
    """Whether an organ is complained of in a case or under who is: it handles nothing of it. Of a
    claim or suggestion only organs of the same line are meant, for what a county's government does
    its departments put right; of an accusation all that are under it in any way."""
    above = organs.under(organ) if case.purpose == "accusation" else organs.at_or_above(organ)
    return not above.isdisjoint(accused_in(case))


def is_hidden_from(organs: Organs, case: Case, organ: str) -> bool:
    """Whether an organ must not learn that a case exists: it is an accusation of it or of one it is
    under. A claim about an organ is no secret before it."""
    return case.purpose == "accusation" and is_complained_of(organs, case, organ)


def decider_for(
    organs: Organs, cadres: CadreRules, case: Case, office: str, *, root: str, on: date
) -> str:
    """Who decides where a case goes: the office; where it is complained of, the nearest petition
    office above it that is not; of an accusation, where none is in the deployment, the discipline
    body by who manages the leaders complained of. Where nobody may, it stays with the highest
    office, which does not see it, and operators are told that something waits."""
    found = office
    while is_complained_of(organs, case, found):
        above = organs.superior(found, root=root)
        if above is None:
            break
        found = above.code
    if not is_hidden_from(organs, case, found):
        return found
    body = impartial_body(
        organs, cadres, accused_in(case) & organs.under(found), within=root, on=on
    )
    return body.code if body and not is_hidden_from(organs, case, body.code) else found
