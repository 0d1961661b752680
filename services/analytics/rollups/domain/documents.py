"""Documents of sums for the usual questions: a division, whole months, no other filter.

Each petition counts in the documents of its province, its city and its county, found by the first
digits of its division code alone, so that no later tree moves what was counted. Documents are by
month; those of a province also by day, for periods that begin or end within a month. Everything
else is summed from the cells.

A document names every split, key and measure it holds, so one made by other entries of the
registry is never misread: what it does not name is not in it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.analytics.registry.domain.dimensions import (
    DAYS,
    PLACES,
    TOTAL,
    Cell,
    Code,
    Dimension,
    split_keys,
)
from services.analytics.registry.domain.measures import NAMES, SIZES
from services.analytics.rollups.domain.cells import RollupChange

DAY, MONTH = "d", "m"
DEEPEST_BY_DAY = 2
"""Digits of the smallest place that has documents by day."""


@dataclass(frozen=True, slots=True)
class SummedRow:
    """A split, a key of it, and sums by the name of their measure; a name left out is zero."""

    split: str
    key: str
    sums: Mapping[str, int]


@dataclass(frozen=True, slots=True, order=True)
class RollupKey:
    """One document: first digits of a division code, DAY or MONTH, and the first day of it."""

    division: str
    grain: str
    first_day: date


@dataclass(slots=True)
class RollupDocument:
    """Sums of a place and time: split -> key -> measure -> sum."""

    counts: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)

    def add(self, split: str, key: str, sums: Mapping[str, int]) -> None:
        """Count more."""
        have = self.counts.setdefault(split, {}).setdefault(key, {})
        for name, value in sums.items():
            have[name] = have.get(name, 0) + value

    def merge(self, other: RollupDocument) -> None:
        """Count everything of another one too."""
        for split, keys in other.counts.items():
            for key, sums in keys.items():
                self.add(split, key, sums)

    def rows(self) -> Iterator[SummedRow]:
        """As the rows a summary is put together from."""
        for split, keys in self.counts.items():
            for key, sums in keys.items():
                yield SummedRow(split, key, sums)

    def to_text(self) -> str:
        """As stored, without zeros; empty when nothing is left."""
        counts: dict[str, dict[str, dict[str, int]]] = {}
        for split, keys in self.counts.items():
            for key, sums in keys.items():
                if left := {name: value for name, value in sums.items() if value}:
                    counts.setdefault(split, {})[key] = left
        return json.dumps(counts, separators=(",", ":"), sort_keys=True) if counts else ""

    @classmethod
    def of_text(cls, text: str) -> RollupDocument:
        """What `to_text` wrote."""
        return cls(json.loads(text) if text else {})


def document_changes(change: RollupChange) -> dict[RollupKey, RollupDocument]:
    """What a change of cells changes in the documents."""
    found: dict[RollupKey, RollupDocument] = {}
    for cell, sums in change.touched():
        for place in _keys(cell.division_code, cell.received_on):
            _add_cell(found.setdefault(place, RollupDocument()), place, cell, sums)
    for (received_on, division, *_, days), items in change.touched_days():
        for place in _keys(division, received_on):
            found.setdefault(place, RollupDocument()).add(DAYS, str(days), {"items": items})
    return found


def _keys(division: str, day: date) -> Iterator[RollupKey]:
    for digits in PLACES:
        yield RollupKey(division[:digits], MONTH, day.replace(day=1))
        if digits <= DEEPEST_BY_DAY:
            yield RollupKey(division[:digits], DAY, day)


def _add_cell(
    document: RollupDocument, place: RollupKey, cell: Cell, sums: Mapping[str, int]
) -> None:
    document.add(TOTAL, "", sums)
    sizes = {name: sums[name] for name in SIZES}
    if not any(sizes.values()):
        return
    digits = len(place.division)

    def key(dimension: Dimension, value: Code) -> str:
        return dimension.document_key(value, digits)

    for split, code in split_keys(cell, key):
        document.add(split, code, sizes)


def totals_by_kind(texts: Iterable[tuple[str, str]]) -> dict[str, Counter[str]]:
    """Totals of all documents of a month, by kind: digits of the division and grain (`2d`, `4m`).
    Each kind covers every petition once, so all must be the same."""
    kinds = [f"{digits}{MONTH}" for digits in PLACES]
    kinds += [f"{digits}{DAY}" for digits in PLACES if digits <= DEEPEST_BY_DAY]
    found = {kind: Counter(dict.fromkeys(NAMES, 0)) for kind in kinds}
    for kind, text in texts:
        found[kind].update(RollupDocument.of_text(text).counts.get(TOTAL, {}).get("", {}))
    return found
