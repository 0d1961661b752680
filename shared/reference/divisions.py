"""Administrative divisions (行政区划): the five-level tree and questions about places in it.

Pure: rows come in, answers go out. A code is always its 12-digit zero-padded form with the level
beside it, because codes are variable-width prefixes (2, 4, 6, 9, 12 digits) and padding alone
loses the level. An unknown code is never an error here: counties add places of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.vocabulary.places import Level

_CODE = re.compile(r"[0-9]{2}(?:[0-9]{2}(?:[0-9]{2}(?:[0-9]{3}(?:[0-9]{3})?)?)?)?")


_WIDTHS = {
    Level.PROVINCE: 2,
    Level.PREFECTURE: 4,
    Level.COUNTY: 6,
    Level.TOWNSHIP: 9,
    Level.VILLAGE: 12,
}


class Kind(StrEnum):
    """What stands behind a code.

    `placeholder` nodes exist in the statistics tree only (市辖区, 省直辖县级行政区划) and are never
    shown; `development_zone` codes have no administrative standing; `special` units exist but
    have no ordinary set of organs (农场, 特别行政区, 雄安新区).
    """

    ORDINARY = "ordinary"
    PLACEHOLDER = "placeholder"
    DEVELOPMENT_ZONE = "development_zone"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True)
class Division:
    """One division. `valid_to` is its last day, `successor_code` who took it over."""

    code: str
    name: str
    level: Level
    parent_code: str | None
    kind: Kind = Kind.ORDINARY
    valid_from: date | None = None
    valid_to: date | None = None
    successor_code: str | None = None

    def valid_on(self, day: date) -> bool:
        """Whether it exists on `day`; unknown dates count as always."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


def normalise_code(code: str) -> str:
    """The 12-digit form of a code of 2, 4, 6, 9 or 12 digits. Raises ValueError for others."""
    if not _CODE.fullmatch(code):
        message = f"not a division code: {code!r}"
        raise ValueError(message)
    return code.ljust(12, "0")


class Divisions:
    """One edition of the division tree. Raises ValueError for two rows with one code."""

    def __init__(self, rows: Iterable[Division], *, edition: str = "") -> None:
        self.edition = edition
        self._by_code: dict[str, Division] = {}
        self._children: dict[str | None, list[Division]] = {}
        for row in rows:
            if row.code in self._by_code:
                message = f"division code occurs twice: {row.code}"
                raise ValueError(message)
            self._by_code[row.code] = row
            self._children.setdefault(row.parent_code, []).append(row)

    def __len__(self) -> int:
        return len(self._by_code)

    def __iter__(self) -> Iterator[Division]:
        return iter(self._by_code.values())

    def get(self, code: str | None) -> Division | None:
        """The division of a code of any width, None when unknown or not a code."""
        if code is None:
            return None
        found = self._by_code.get(code)
        if found is None and _CODE.fullmatch(code):
            found = self._by_code.get(code.ljust(12, "0"))
        return found

    def nearest(self, code: str) -> Division | None:
        """The division of a code, or the known one with the longest prefix of it: counties add
        places of their own, and an unknown village still lies in a known township."""
        found = self.get(code)
        if found is not None or not _CODE.fullmatch(code):
            return found
        widths = (level.width for level in reversed(Level))
        parents = (self._by_code.get(code[:width].ljust(12, "0")) for width in widths)
        return next((parent for parent in parents if parent is not None), None)

    def current(self, code: str, on: date) -> Division | None:
        """The division valid on a day: itself, or along its successors. None when unknown."""
        division = self.get(code)
        seen: set[str] = set()
        while division is not None and not division.valid_on(on) and division.successor_code:
            if division.code in seen:
                return division
            seen.add(division.code)
            division = self.get(division.successor_code)
        return division

    def children(self, code: str | None, *, visible: bool = False) -> list[Division]:
        """Divisions directly below `code` (None: the roots).

        With `visible`, placeholders are replaced by what is below them.
        """
        result: list[Division] = []
        parent = self.get(code)
        for child in self._children.get(parent.code if parent else None, ()):
            if visible and child.kind is Kind.PLACEHOLDER:
                result.extend(self.children(child.code, visible=True))
            else:
                result.append(child)
        return result

    def visible_parent(self, code: str) -> Division | None:
        """The nearest ancestor that people know (no placeholder), None for a root."""
        return next((d for d in self.ancestors(code) if d.kind is not Kind.PLACEHOLDER), None)

    def ancestors(self, code: str) -> list[Division]:
        """All divisions above `code`, nearest first, placeholders included."""
        result: list[Division] = []
        division = self.get(code)
        while division is not None and division.parent_code is not None:
            division = self._by_code.get(division.parent_code)
            if division is None or division in result:
                break
            result.append(division)
        return result

    def at_level(self, code: str, level: Level) -> Division | None:
        """The visible division of `level` that `code` is or lies in, None where there is none."""
        chain = [self.get(code), *self.ancestors(code)]
        found = (d for d in chain if d and d.level == level and d.kind is not Kind.PLACEHOLDER)
        return next(found, None)

    def path_names(self, code: str) -> list[str]:
        """Names from the root down to `code`, without placeholders."""
        chain = [self.get(code), *self.ancestors(code)]
        return [d.name for d in reversed(chain) if d and d.kind is not Kind.PLACEHOLDER]

    def subtree_range(self, code: str) -> tuple[str, str]:
        """Lowest and highest 12-digit code in the subtree, both inclusive.

        Works for codes that are not in the table, by their shape. Raises ValueError for no code.
        """
        division = self.get(code)
        full = normalise_code(code)
        width = division.level.width if division else _width_by_shape(full)
        prefix = full[:width]
        return prefix.ljust(12, "0"), prefix.ljust(12, "9")

    def contains(self, root: str, code: str) -> bool:
        """Whether `code` is `root` or lies below it."""
        low, high = self.subtree_range(root)
        return low <= normalise_code(code) <= high

    def search(self, prefix: str, *, limit: int = 20) -> list[Division]:
        """Visible divisions whose name begins with `prefix`, highest level first."""
        if not prefix:
            return []
        hits = [
            d
            for d in self._by_code.values()
            if d.name.startswith(prefix) and d.kind is not Kind.PLACEHOLDER
        ]
        return sorted(hits, key=lambda d: (d.level, d.code))[:limit]


def _width_by_shape(full: str) -> int:
    for width in sorted(_WIDTHS.values()):
        if not full[width:].strip("0"):
            return width
    return 12
