"""Before which organ a sealed item lies: nobody opens an accusation of themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from shared.reference.cadres import impartial_body
from shared.reference.editions import Reference

NOBODY = ""
"""Stands for no organ of this deployment."""


def openers(reference: Reference) -> frozenset[str]:
    """The organs before which sealed items may lie: the petition office of the root, and the
    discipline body of the root where that office is accused."""
    body = reference.organs.organ(reference.root_division, reference.casework.cadres.discipline)
    return frozenset((reference.root_petition_office, *([body.code] if body else [])))


def opener_of(reference: Reference, accused: Collection[str], *, on: date) -> str:
    """The organ that decides on an item that accuses these: the petition office of the root, unless
    it is one of them or under one (Art. 30(3), 46(5)); then the discipline body competent by who
    manages their leaders, if it is one of `openers` and not accused itself. Else NOBODY."""
    office, organs = reference.root_petition_office, reference.organs
    concerned = organs.under(office).intersection(accused)
    if not concerned:
        return office
    body = impartial_body(
        organs, reference.casework.cadres, concerned, within=reference.root_division, on=on
    )
    if body is None or body.code not in openers(reference):
        return NOBODY
    return body.code if organs.under(body.code).isdisjoint(accused) else NOBODY
