"""Who an accusation goes to: by who manages the leaders complained of (干部管理权限, Art. 30)."""

from __future__ import annotations

from collections.abc import Collection
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


def impartial_body(
    organs: Organs, rules: CadreRules, accused: Collection[str], *, within: str, on: date
) -> Organ | None:
    """The discipline body that may decide in place of an office under one of these organs: the one
    competent for the leaders of each of them, inside a division, and under none of them itself. Of
    several the widest; None where one of them has none."""
    bodies = [discipline_body(organs, rules, each, on) for each in sorted(accused)]
    fit = [
        body
        for body in bodies
        if body is not None
        and organs.divisions.contains(within, body.division_code)
        and organs.under(body.code).isdisjoint(accused)
    ]
    if not fit or len(fit) < len(bodies):
        return None
    return min(fit, key=lambda body: (body.level, body.code))


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
