"""Which organs an organ is under: those that lead it, direct its work, or whom it took over.

What is filed against an organ must reach neither it nor those under it (条例 Art. 30(3), 46(5)).
An organ is under the one a tier up in its own line (上级主管部门; a government: the one above it)
and under the government it is a department of, petition office and township government included
(地方组织法 Art. 79, 82, 83; column `led_by` of organ_kinds.csv). Organs led from above (垂直管理),
Party bodies, courts and mass organisations are under no local government. So with a government go
its departments and every government below it with theirs; with a department only the departments
of its line below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.reference.organs import Organs


class Subordination:
    """The relation over one edition of organs."""

    def __init__(self, organs: Organs) -> None:
        self._organs = organs
        self._known: dict[str, frozenset[str]] = {}

    def above(self, code: str) -> frozenset[str]:
        """The organ itself and every organ it is under, with the abolished ones each of them took
        over: an accusation of the old bureau is one of the new. Of an unknown code itself alone."""
        if code not in self._known:
            found = self._above(code)
            if self._organs.get(code) is None:
                return found  # not kept: codes that lead nowhere come from outside without end
            self._known[code] = found
        return self._known[code]

    def _above(self, code: str) -> frozenset[str]:
        found: set[str] = set()
        waiting = [code]
        while waiting:
            organ = waiting.pop()
            if organ not in found:
                found.add(organ)
                waiting += self._leading(organ)
        return frozenset(found | {old for each in found for old in self._taken_over(each)})

    def _leading(self, code: str) -> Iterator[str]:
        above = self._organs.superior(code)
        if above is not None:
            yield above.code
        division, _, kind = code.partition("-")
        row = self._organs.kinds.get(kind)
        if row is not None and row.led_by:
            place = self._organs.divisions.nearest(division)
            while place is not None:
                leader = self._organs.organ(place.code, row.led_by)
                if leader is not None:
                    yield leader.code
                    break
                place = self._organs.divisions.visible_parent(place.code)
        yield from self._successors(code)

    def _successors(self, code: str) -> Iterator[str]:
        """Of an abolished organ the one that has its people and its work now."""
        division, _, kind = code.partition("-")
        named = self._organs.successor(code)
        row, place = self._organs.kinds.get(kind), self._organs.divisions.get(division)
        if named:
            yield named
        if row is not None and row.successor:
            yield f"{division}-{row.successor}"
        if place is not None and place.successor_code:
            yield f"{place.successor_code}-{kind}"

    def _taken_over(self, code: str) -> Iterator[str]:
        """Abolished organs whose successor this is, over any number of steps."""
        seen, waiting = {code}, [code]
        while waiting:
            division, _, kind = waiting.pop().partition("-")
            before = [
                *(f"{division}-{old}" for old in self._old_kinds.get(kind, ())),
                *(f"{old}-{kind}" for old in self._old_divisions.get(division, ())),
                *self._old_organs.get(f"{division}-{kind}", ()),
            ]
            fresh = [old for old in before if old not in seen]
            seen.update(fresh)
            waiting += fresh
            yield from fresh

    @cached_property
    def _old_kinds(self) -> Mapping[str, Sequence[str]]:
        return _inverse((each.code, each.successor) for each in self._organs.kinds.values())

    @cached_property
    def _old_divisions(self) -> Mapping[str, Sequence[str]]:
        return _inverse((each.code, each.successor_code) for each in self._organs.divisions)

    @cached_property
    def _old_organs(self) -> Mapping[str, Sequence[str]]:
        return _inverse(self._organs.successions)


def _inverse(pairs: Iterable[tuple[str, str | None]]) -> Mapping[str, Sequence[str]]:
    """By successor those before it."""
    found: dict[str, list[str]] = {}
    for before, after in pairs:
        if after:
            found.setdefault(after, []).append(before)
    return found
