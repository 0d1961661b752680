"""From figures to the answer: names for codes, groups in a stable order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from services.analytics.api.schemas import (
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
from services.analytics.domain.rates import NONE
from services.analytics.domain.summary import NO, YES, Figures, Period, Size
from services.analytics.use_cases.summarising import Comparison
from shared.reference.counting import packaged_counting_rules
from shared.reference.editions import Reference
from shared.vocabulary.petitions import Channel, Origin, Purpose
from shared.vocabulary.places import Level
from shared.vocabulary.term import label_of

GROWING = ("items", "batches", "person_times", "answered", "answered_on_time", "overdue_open")
UNDECIDED = "未确定"
Name = Callable[[str], str]


def summary_out(comparison: Comparison, reference: Reference, *, as_of: date) -> SummaryOut:
    """The answer for a comparison."""
    wanted = comparison.wanted
    now, before = comparison.now, comparison.before
    names = _names(reference)
    base = reference.divisions.get(comparison.base)
    return SummaryOut(
        **_figures(now, wanted.period, names),
        as_of=as_of,
        division=comparison.base,
        division_name=base.name if base else comparison.base,
        asked=AskedOut(
            division=wanted.division,
            organ=wanted.organ,
            category=wanted.category,
            channel=Channel(wanted.channel) if wanted.channel else None,
        ),
        counting_rules=packaged_counting_rules().edition,
        previous=PreviousOut(
            **_figures(before, wanted.period.year_before, names),
            growth={name: GrowthOut.of(now.totals[name], before.totals[name]) for name in GROWING},
        ),
    )


def _figures(figures: Figures, period: Period, names: Mapping[str, Name]) -> dict[str, Any]:
    parts, totals = figures.parts, figures.totals
    median, p90 = figures.median_days, figures.p90_days
    values = {
        "first_day": period.first,
        "last_day": period.last,
        "items": totals["items"],
        "batches": totals["batches"],
        "person_times": totals["person_times"],
        "collective": _size(parts["collective"], YES),
        "individual": _size(parts["collective"], NO),
        "visits": VisitsOut(
            batches=sum(size.batches for size in figures.visits.values()),
            person_times=sum(size.person_times for size in figures.visits.values()),
            collective=_size(figures.visits, YES),
            individual=_size(figures.visits, NO),
        ),
        "first": _size(parts["repeat"], NO),
        "repeat": _size(parts["repeat"], YES),
        "open": figures.open,
        "answered": totals["answered"],
        "closed_without_answer": totals["closed_without_answer"],
        "answered_on_time": totals["answered_on_time"],
        "on_time_rate": RateOut.of(figures.on_time_rate),
        "due_on_time_rate": RateOut.of(figures.due_on_time_rate),
        "legal_on_time_rate": RateOut.of(figures.legal_on_time_rate),
        "overdue_open": totals["overdue_open"],
        "days_to_answer": DaysOut(
            median=NONE if median is None else median, p90=NONE if p90 is None else p90
        ),
    }
    return values | {f"by_{split}": _parts(parts[split], name) for split, name in names.items()}


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


def _names(reference: Reference) -> dict[str, Name]:
    def category(code: str) -> str:
        known = reference.categories.get(code)
        return known.name if known else code

    def division(code: str) -> str:
        known = reference.divisions.get(code)
        return known.name if known else code

    return {
        "category": category,
        "division": division,
        "channel": lambda code: label_of(Channel, code),
        "purpose": lambda code: label_of(Purpose, code),
        "origin": lambda code: label_of(Origin, code),
        "tier": lambda code: Level(int(code)).label,
    }
