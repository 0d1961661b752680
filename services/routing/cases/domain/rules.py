"""The rules over the reference data in force, built once per edition."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from services.routing.cases.domain.accused import decider_for
from services.routing.cases.domain.due import Due, handling_due, next_due
from services.routing.jurisdiction.domain.jurisdiction import Jurisdiction
from services.routing.jurisdiction.domain.organ_words import packaged_organ_words
from services.routing.places.domain.place_names import Gazetteer
from services.routing.places.domain.places import Places
from shared.kernel.errors import Invalid
from shared.reference import place_words
from shared.reference.divisions import Divisions, normalise_code
from shared.reference.editions import Reference
from shared.reference.limits import LimitRow
from shared.vocabulary.duties import Stop
from shared.vocabulary.places import Level

if TYPE_CHECKING:
    from services.routing.cases.domain.case import Case


_built: list[tuple[Divisions, date, Places]] = []
"""The finder last built; compared by identity of the tree, so editions never mix."""


def places(reference: Reference, on: date) -> Places:
    """The place finder over the division tree in force."""
    for divisions, day, finder in _built:
        if divisions is reference.divisions and day == on:
            return finder
    finder = Places(Gazetteer(reference.divisions, place_words.packaged(), on=on))
    _built[:] = [(reference.divisions, on, finder)]
    return finder


def jurisdiction(reference: Reference) -> Jurisdiction:
    """The competence rules over the editions in force."""
    return Jurisdiction(
        divisions=reference.divisions,
        organs=reference.organs,
        categories=reference.categories,
        competence=reference.competence,
        cadres=reference.casework.cadres,
        root=reference.root_division,
        editions=reference.ids
        | {
            "place_words": place_words.packaged().edition,
            "organ_words": packaged_organ_words().edition,
        },
    )


def decider_of(reference: Reference, case: Case, office: str, *, on: date) -> str:
    """Who decides in a case that comes before an office: nobody who is complained of in it."""
    return decider_for(
        reference.organs, reference.casework.cadres, case, office,
        root=reference.root_division, on=on,
    )  # fmt: skip


def due_of(reference: Reference, case: Case) -> Due | None:
    """Last day of what somebody owes the case next."""
    return next_due(case, limits=reference.limits, calendar=reference.calendar)


def suspending(reference: Reference, case: Case) -> LimitRow | None:
    """The handling limit in force if its rule knows suspension (中止); the national ones do not."""
    due = handling_due(case, limits=reference.limits, calendar=reference.calendar)
    row = reference.limits[due.limit_id] if due else None
    return row if row and Stop.SUSPENSION in row.stops else None


def home_county(reference: Reference, code: str, on: date) -> str:
    """The county of a division. Raises Invalid for one that is not there."""
    divisions = reference.divisions
    home = divisions.current(normalise_code(code), on)
    county = home and (divisions.at_level(home.code, Level.COUNTY) or home)
    if county is None:
        raise Invalid("没有这个区划代码", field="home_division_code")
    return county.code
