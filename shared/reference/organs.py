"""Organs (机关单位): derived from division x kind by the table data/organ_kinds.csv.

An organ's code is `<12-digit division>-<KIND>`. Names, levels where a kind exists, who is above
it and who took it over are data; the table of exceptions (data/organ_exceptions.csv) wins over
the template. Nothing here knows a single department.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from shared.reference.divisions import Division, Divisions, Kind
from shared.reference.organ_rows import OrganException, OrganKind
from shared.reference.subordination import Subordination
from shared.vocabulary.places import Level

_UP = "UP"
_SAME = "same"
_STREET = "街道"
_DISTRICT = "区"


@dataclass(frozen=True, slots=True)
class Organ:
    """One organ of one division."""

    code: str
    name: str
    kind: str
    division_code: str
    level: Level
    vertical: bool
    guided: bool
    petition_office: bool
    valid_from: date | None = field(default=None, compare=False)
    valid_to: date | None = field(default=None, compare=False)
    mark: str = field(default="", compare=False)

    def valid_on(self, day: date) -> bool:
        """Whether it exists on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


class Organs:
    """One edition of the organ table over one edition of the division tree."""

    def __init__(
        self,
        divisions: Divisions,
        kinds: Iterable[OrganKind],
        *,
        exceptions: Iterable[OrganException] = (),
        edition: str = "",
    ) -> None:
        self.divisions = divisions
        self.edition = edition
        self.kinds = {kind.code: kind for kind in kinds}
        self._exceptions = {exception.code: exception for exception in exceptions}
        self._known: dict[tuple[str, str], Organ] = {}
        self._subordination = Subordination(self)
        self._offices = [kind.code for kind in self.kinds.values() if kind.petition_office]

    def get(self, code: str) -> Organ | None:
        """The organ of a code, whether or not it still exists; None when there never was one."""
        division_code, _, kind = code.partition("-")
        return self.organ(division_code, kind)

    def organ(self, division_code: str, kind: str) -> Organ | None:
        """The organ of exactly this kind in a division, None when the division has none.

        Placeholders and development zones have no organs of their own: their visible parent's
        answer. Township-level farms and the like have the township government's place.
        """
        key = (division_code, kind)
        if key not in self._known:
            organ = self._make(division_code, kind)
            if organ is None:
                return None  # not kept: codes that lead nowhere come from outside without end
            self._known[key] = organ
        return self._known[key]

    def _make(self, division_code: str, kind: str) -> Organ | None:
        known = self.divisions.get(division_code)
        division = self._with_organs(known.code) if known else None
        row = self.kinds.get(kind)
        if division is None or row is None:
            return None
        code = f"{division.code}-{kind}"
        exception = self._exception(division.code, kind)
        if exception is not None and not exception.exists:
            return None
        name = self._name(row, division)
        if exception is not None and exception.name:
            name = exception.name
        if not name:
            return None
        return Organ(
            code=code,
            name=name,
            kind=kind,
            division_code=division.code,
            level=division.level,
            vertical=row.vertical,
            guided=row.guided,
            petition_office=row.petition_office,
            valid_from=(exception and exception.valid_from) or row.valid_from,
            valid_to=(exception and exception.valid_to) or row.valid_to,
            mark=exception.mark if exception and exception.code == code else "",
        )

    def resolve(self, division_code: str, kind: str, *, on: date) -> Organ | None:
        """The organ that does the work of `kind` for a division on a day.

        Follows successors of abolished divisions, organs and kinds, and `falls_to` where the
        division's level has no such organ (Art. 24: merged or abolished body -> successor).
        """
        seen: set[tuple[str, str]] = set()
        division = self.divisions.current(division_code, on)
        while division is not None and (division.code, kind) not in seen:
            seen.add((division.code, kind))
            organ = self.organ(division.code, kind)
            row = self.kinds.get(kind)
            if row is None:
                return None
            if organ is not None and organ.valid_on(on):
                return organ
            exception = self._exception(division.code, kind)
            if exception is not None and exception.successor:
                target, _, kind = exception.successor.partition("-")
                division = self.divisions.get(target)
            elif row.successor and not row.valid_on(on):
                kind = row.successor
            elif row.falls_to == _UP:
                division = self.divisions.visible_parent(division.code)
            elif row.falls_to:
                kind = row.falls_to
            else:
                return None
        return None

    def current(self, code: str, on: date) -> Organ | None:
        """The organ of a code on a day: itself while it and its division exist, else who took its
        work over (Art. 24), None when there never was one or nobody did. Lists of codes that
        clients keep are years old."""
        organ = self.get(code)
        if organ is None:
            return None
        division = self.divisions.get(organ.division_code)
        if organ.valid_on(on) and (division is None or division.valid_on(on)):
            return organ
        return self.resolve(organ.division_code, organ.kind, on=on)

    def superior(self, code: str, *, root: str | None = None) -> Organ | None:
        """The organ one tier up (上一级机关), None at the top or outside the subtree of `root`."""
        division_code, _, kind = code.partition("-")
        row = self.kinds.get(kind)
        if row is None:
            return None
        exception = self._exceptions.get(code)
        if exception is not None and exception.superior:
            found = self.get(exception.superior)
            return found if found and self._inside(found, root) else None
        above = kind if row.superior == _SAME else row.superior
        division = self._with_organs(division_code)
        parent = self.divisions.visible_parent(division.code) if division else None
        while parent is not None:
            organ = self.organ(parent.code, above)
            if organ is not None:
                return organ if self._inside(organ, root) else None
            parent = self.divisions.visible_parent(parent.code)
        return None

    def common_superior(self, codes: Iterable[str], *, root: str | None = None) -> Organ | None:
        """The petition office of the nearest division that has all these organs under it and is
        above the first one's (共同的上一级, Art. 24); None at the top or outside `root`."""
        divisions = [code.partition("-")[0] for code in codes]
        parent = self.divisions.visible_parent(divisions[0]) if divisions else None
        while parent is not None:
            if all(self.divisions.contains(parent.code, each) for each in divisions):
                office = self.petition_office(parent.code)
                return office if office and self._inside(office, root) else None
            parent = self.divisions.visible_parent(parent.code)
        return None

    def under(self, code: str) -> frozenset[str]:
        """The organ itself and all it is under by its line or as a department: what is filed
        against one of them is kept from it (Art. 30(3)). See `subordination`."""
        return self._subordination.above(code)

    def at_or_above(self, code: str) -> frozenset[str]:
        """The organ itself and all above it in its own line, one tier up after the other."""
        found: set[str] = set()
        organ: str | None = code
        while organ is not None and organ not in found:
            found.add(organ)
            above = self.superior(organ)
            organ = above.code if above else None
        return frozenset(found)

    @property
    def successions(self) -> Iterator[tuple[str, str]]:
        """Single organs with the one that took each over."""
        return ((each.code, each.successor) for each in self._exceptions.values())

    def successor(self, code: str) -> str:
        """Who took over one organ by a row of its own; empty where no row says so."""
        exception = self._exceptions.get(code)
        return exception.successor if exception else ""

    def petition_office(self, division_code: str) -> Organ | None:
        """Who receives petitions for a division: its petition bureau, or its township government.

        A division without one (village, unknown) is answered by the nearest above.
        """
        division = self._with_organs(division_code)
        while division is not None:
            for kind in self._offices:
                organ = self.organ(division.code, kind)
                if organ is not None:
                    return organ
            division = self.divisions.visible_parent(division.code)
        return None

    def organs_of(self, division_code: str, *, on: date) -> list[Organ]:
        """All organs a division has on a day, in the order of the table."""
        found = (self.organ(division_code, kind) for kind in self.kinds)
        return [organ for organ in found if organ is not None and organ.valid_on(on)]

    def _with_organs(self, code: str) -> Division | None:
        division = self.divisions.nearest(code)
        while division is not None and division.kind in (Kind.PLACEHOLDER, Kind.DEVELOPMENT_ZONE):
            division = self.divisions.visible_parent(division.code)
        return division

    def _name(self, kind: OrganKind, division: Division) -> str:
        pattern = kind.patterns.get(division.level, "")
        if division.level is Level.COUNTY and division.name.endswith(_DISTRICT):
            pattern = kind.district or pattern
        if division.level is Level.TOWNSHIP and division.name.endswith(_STREET):
            pattern = kind.street or pattern
        parent = self.divisions.visible_parent(division.code)
        if "{parent}" in pattern and parent is not None and parent.level is Level.PROVINCE:
            city_province = parent.name.endswith("市")
            pattern = pattern if city_province else kind.patterns.get(Level.PREFECTURE, "")
        if "{parent}" in pattern:
            return pattern.format(name=division.name, parent=parent.name if parent else "")
        return pattern.format(name=self._full_name(division))

    def _full_name(self, division: Division) -> str:
        """The division's name as organs carry it: with its city where it is a 区 or a township."""
        parent = self.divisions.visible_parent(division.code)
        if parent is None or division.level is Level.PREFECTURE:
            return division.name
        district = division.level is Level.COUNTY and division.name.endswith(_DISTRICT)
        if district or division.level is Level.TOWNSHIP:
            return f"{self._full_name(parent)}{division.name}"
        return division.name

    def _exception(self, division_code: str, kind: str) -> OrganException | None:
        return self._exceptions.get(f"{division_code}-{kind}") or self._exceptions.get(
            f"{division_code}-*"
        )

    def _inside(self, organ: Organ, root: str | None) -> bool:
        return root is None or self.divisions.contains(root, organ.division_code)
