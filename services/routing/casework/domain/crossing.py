"""三跨三分离: matters that reach past one region, department or place, and why they are taken so.

Two are read off the organs that have the matter, one off the places; the others a person notes with
the decision on where it goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from shared.reference.organs import Organs
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import CrossingKind

if TYPE_CHECKING:
    from services.routing.cases.domain.case import Case


@dataclass(frozen=True, slots=True)
class Crossing:
    """One flag and why; `noted`: a person said so."""

    kind: CrossingKind
    why: str
    noted: bool = False


def crossings(case: Case, organs: Organs) -> list[Crossing]:
    """The flags of a case, each kind once; a person's note before what is computed."""
    found: dict[CrossingKind, Crossing] = {}
    for each in (*_noted(case), *_computed(case, organs)):
        found.setdefault(each.kind, each)
    return [found[kind] for kind in CrossingKind if kind in found]


def home_of(case: Case) -> str | None:
    """The petitioner's home county as noted with the newest decision that says one."""
    homes = [done.data["home"] for done in case.journal.of(Act.DECIDE) if "home" in done.data]
    return str(homes[-1]) if homes else None


def _noted(case: Case) -> Iterator[Crossing]:
    for done in reversed(case.journal.of(Act.DECIDE)):
        for each in done.data.get("crossings", ()):
            yield Crossing(CrossingKind(each["kind"]), each["why"], noted=True)


def _computed(case: Case, organs: Organs) -> Iterator[Crossing]:
    held = case.current
    if held is not None:
        codes = [held.organ_code, *(each.organ_code for each in case.parts if each.is_there)]
        concerned = [organ for code in dict.fromkeys(codes) if (organ := organs.get(code))]
        names = "、".join(each.name for each in concerned)
        if _apart(organs, (each.division_code for each in concerned)):
            yield Crossing(CrossingKind.REGIONS, f"涉及不同地区的{names}")
        if len({each.kind for each in concerned}) > 1:
            yield Crossing(CrossingKind.DEPARTMENTS, f"涉及不同部门：{names}")
    home = home_of(case)
    if home and case.division_code and _apart(organs, (home, case.division_code)):
        division = organs.divisions.get(home)
        name = division.name if division else home
        yield Crossing(CrossingKind.MATTER_APART, f"信访人在{name}，事项发生地不在该地")


def _apart(organs: Organs, codes: Iterable[str]) -> bool:
    """Whether two of these divisions lie beside each other, neither inside the other."""
    inside = organs.divisions.contains
    pairs = combinations(sorted(set(codes)), 2)
    return any(not inside(one, other) and not inside(other, one) for one, other in pairs)
