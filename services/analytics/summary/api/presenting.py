"""From figures to the answer: names for codes, groups in a stable order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from services.analytics.registry.domain.dimensions import (
    NO,
    SHOWN,
    UNDECIDED,
    VISITS,
    YES,
    Dimension,
    Register,
)
from services.analytics.registry.domain.measures import COUNTS
from services.analytics.registry.domain.period import Period
from services.analytics.registry.domain.rates import INDICATORS, NONE
from services.analytics.summary.api.schemas import (
    UNKNOWN_KEY,
    AskedOut,
    DaysOut,
    GrowthOut,
    PartOut,
    PreviousOut,
    RateOut,
    SizeOut,
    SummaryOut,
    VisitsOut,
)
from services.analytics.summary.domain.figures import Figures, Size
from services.analytics.summary.use_cases import Comparison
from shared.reference.counting import packaged_counting_rules
from shared.reference.editions import Reference
from shared.vocabulary.petitions import Channel
from shared.vocabulary.term import NumberedTerm, label_of

Name = Callable[[str], str]


def summary_out(comparison: Comparison, reference: Reference, *, as_of: date) -> SummaryOut:
    """The answer for a comparison."""
    query = comparison.query
    now, before = comparison.now, comparison.before
    base = reference.divisions.get(comparison.base)
    growing = [each.name for each in COUNTS if each.growing]
    return SummaryOut(
        **_figures(now, query.period, reference),
        as_of=as_of,
        division=comparison.base,
        division_name=base.name if base else comparison.base,
        asked=AskedOut(
            division=query.division,
            organ=query.organ,
            category=query.category,
            channel=Channel(query.channel) if query.channel else None,
        ),
        counting_rules=packaged_counting_rules().edition,
        previous=PreviousOut(
            **_figures(before, query.period.year_before, reference),
            growth={name: GrowthOut.of(now.counts[name], before.counts[name]) for name in growing},
        ),
    )


def _figures(figures: Figures, period: Period, reference: Reference) -> dict[str, Any]:
    counts, rates, visits = figures.counts, figures.rates, figures.parts[VISITS.name]
    median, p90 = figures.median_days, figures.p90_days
    values: dict[str, Any] = {
        "first_day": period.first,
        "last_day": period.last,
        "visits": VisitsOut(
            batches=sum(size.batches for size in visits.values()),
            person_times=sum(size.person_times for size in visits.values()),
            collective=_size(visits, YES),
            individual=_size(visits, NO),
        ),
        "days_to_answer": DaysOut(
            median=NONE if median is None else median, p90=NONE if p90 is None else p90
        ),
    }
    values |= {each.name: counts[each.name] for each in COUNTS if each.shown}
    values |= {each.name: RateOut.of(rates[each.name], each) for each in INDICATORS}
    for dimension in SHOWN:
        parts = figures.parts[dimension.name]
        if dimension.pair:
            (yes, _), (no, _) = dimension.pair
            values |= {yes: _size(parts, YES), no: _size(parts, NO)}
        else:
            values[f"by_{dimension.name}"] = _parts(parts, _name_in(dimension, reference))
    return values


def _size(sizes: Mapping[str, Size], key: str) -> SizeOut:
    return SizeOut.of(sizes.get(key, Size()))


def _parts(sizes: Mapping[str, Size], name: Name) -> dict[str, PartOut]:
    """Parts with the most items first; what is undecided comes last."""
    ordered = sorted(sizes.items(), key=lambda item: (not item[0], -item[1].items, item[0]))
    return {
        key or UNKNOWN_KEY: PartOut(
            name=name(key) if key else UNDECIDED,
            items=size.items,
            batches=size.batches,
            person_times=size.person_times,
        )
        for key, size in ordered
    }


def _name_in(dimension: Dimension, reference: Reference) -> Name:
    names = dimension.names
    if isinstance(names, Register):
        return lambda code: _registered(names, code, reference)
    if names is None:
        return str
    if issubclass(names, NumberedTerm):
        return lambda code: names(int(code)).label
    return lambda code: label_of(names, code)


def _registered(register: Register, code: str, reference: Reference) -> str:
    if register is Register.DIVISIONS:
        division = reference.divisions.get(code)
        return division.name if division else code
    category = reference.categories.get(code)
    return category.name if category else code
