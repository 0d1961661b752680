"""From the sources of a petition to the fact it counts as."""

from __future__ import annotations

from collections.abc import Iterable

from services.analytics.registry.domain.dimensions import cell_of
from services.analytics.registry.domain.measures import ATTRIBUTES, Fact
from services.analytics.registry.domain.record import record_of
from services.analytics.sources.domain import SourceFacts
from shared.reference.counting import CountingRules


def fact_of(
    sources: Iterable[SourceFacts], rules: CountingRules, *, home: tuple[str, str]
) -> Fact | None:
    """A petition as it counts, from all its sources in whatever order; None before intake's one.

    `home` bounds the 12-digit division codes of the deployment, both included."""
    record = record_of(sources, rules, home=home)
    if record is None:
        return None
    return Fact(cell_of(record), **{name: source(record) for name, source in ATTRIBUTES.items()})
