"""What the stored figures are made by, as short hashes: another hash means counting anew."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_type_hints

from services.analytics.registry.domain.dimensions import DIMENSIONS, PLACES, SUBSETS, Cell
from services.analytics.registry.domain.measures import MEASURES, Fact
from services.analytics.sources.domain import KINDS, NAMES
from shared.reference.counting import packaged_counting_rules

MAPPING_VERSION = 1
"""Raise it when an attribute of a source is read from events in another way."""
COUNTING_VERSION = 1
"""Raise it when an attribute of a fact is read from the sources in another way."""


@dataclass(frozen=True, slots=True)
class Definition:
    """Hashes of how events become sources, sources become facts, and facts become roll-ups; each
    covers the one before. `rules` is the edition of the counting rules that the facts follow."""

    rules: str
    sources: str
    facts: str
    rollups: str


@lru_cache(maxsize=1)
def definition() -> Definition:
    """The definition of this program."""
    rules = packaged_counting_rules().edition
    sources = _hash(MAPPING_VERSION, {kind: NAMES[of] for kind, of in KINDS.items()})
    columns = {
        name: getattr(hint, "__name__", str(hint))
        for of in (Cell, Fact)
        for name, hint in get_type_hints(of).items()
    }
    versions = {each.name: each.version for each in DIMENSIONS}
    facts = _hash(sources, rules, COUNTING_VERSION, columns, versions)
    measures = [(each.name, each.sql_count, each.in_splits) for each in MEASURES]
    splits = [
        (each.name, each.column, sorted(each.digits.items())) for each in DIMENSIONS if each.shown
    ]
    subsets = [(each.name, each.of, each.where, each.value) for each in SUBSETS]
    rollups = _hash(facts, sorted(measures), sorted(splits), subsets, PLACES)
    return Definition(rules=rules, sources=sources, facts=facts, rollups=rollups)


def _hash(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
