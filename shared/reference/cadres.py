"""Who an accusation goes to: by who manages the leaders complained of (干部管理权限, Art. 30)."""

from __future__ import annotations

from datetime import date

from shared.reference.casework import CadreRules
from shared.reference.divisions import Division
from shared.reference.organs import Organ, Organs


def discipline_body(organs: Organs, rules: CadreRules, accused: str, on: date) -> Organ | None:
    """The discipline body competent for an accused organ's leaders; None where the data has none,
    as above the top of the tree: a person finds it then."""
    return _managing(organs, rules, accused, rules.discipline, on)


def organisation_department(
    organs: Organs, rules: CadreRules, accused: str, on: date
) -> Organ | None:
    """The organisation department (组织部) that manages them, which may have to be informed."""
    return _managing(organs, rules, accused, rules.organisation, on)


def _managing(organs: Organs, rules: CadreRules, accused: str, kind: str, on: date) -> Organ | None:
    division = _managing_division(organs, rules, accused)
    found = organs.resolve(division.code, kind, on=on) if division else None
    return found if found and accused not in organs.under(found.code) else None


def _managing_division(organs: Organs, rules: CadreRules, accused: str) -> Division | None:
    organ = organs.get(accused)
    if organ is None:
        return None
    if organ.vertical or organ.kind in rules.managed_above:
        return organs.divisions.visible_parent(organ.division_code)
    return organs.divisions.get(organ.division_code)
