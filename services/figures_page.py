"""The part of docs/figures.md that follows from the registry of figures."""

from __future__ import annotations

from collections.abc import Iterator

from services.analytics.registry.domain.dimensions import DIMENSIONS, Dimension
from services.analytics.registry.domain.measures import COUNTS, Difference, Measure
from services.analytics.registry.domain.rates import INDICATORS

BEGIN = "<!-- from the registry, by `make contracts` -->"
END = "<!-- end -->"


def figures_page(page: str) -> str:
    """A page with the text between its two marks made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join((f"{before}{BEGIN}", *_tables(), f"{END}{after}"))


def _tables() -> Iterator[str]:
    yield "| figure | 名称 | unit | meaning |\n|---|---|---|---|"
    for each in COUNTS:
        yield _line(each.name, each.label, each.unit, _meaning(each))
    yield "\n| rate | 名称 | unit | meaning |\n|---|---|---|---|"
    for rate in INDICATORS:
        above, below = " + ".join(rate.numerator), " + ".join(rate.denominator)
        counted = f"{rate.description}: ({above}) / ({below}), by {rate.weight}"
        yield _line(rate.name, rate.label, rate.per, counted)
    yield "\n| dimension | 名称 | in the answer | meaning |\n|---|---|---|---|"
    for dimension in DIMENSIONS:
        yield _line(dimension.name, dimension.label, _place(dimension), dimension.description)


def _meaning(count: Measure | Difference) -> str:
    text = count.description
    return text if count.shown else f"{text} (not in the answer, only in rates)"


def _place(dimension: Dimension) -> str:
    if not dimension.shown:
        return "only a filter"
    if dimension.pair:
        return ", ".join(f"`{name}`" for name, _ in dimension.pair)
    return f"`by_{dimension.name}`"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
