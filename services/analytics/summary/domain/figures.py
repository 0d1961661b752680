"""The figures of a period, put together from summed rows, and proof that they add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from services.analytics.registry.domain.dimensions import DAYS, SHOWN, SUBSETS, TOTAL
from services.analytics.registry.domain.measures import COUNTS, Difference
from services.analytics.registry.domain.rates import HALF, INDICATORS, NINE_TENTHS, Rate, percentile
from services.analytics.rollups.domain.documents import SummedRow
from shared.kernel.errors import DomainError


class FiguresDisagree(DomainError):
    """Two ways to count the same things gave different numbers; `detail` names them."""

    code = "figures_disagree"


@dataclass(frozen=True, slots=True)
class Size:
    """Items (件次), visits among them (批次), heads (人次): three units, never mixed."""

    items: int = 0
    batches: int = 0
    person_times: int = 0

    def __add__(self, other: Size) -> Size:
        return Size(
            self.items + other.items,
            self.batches + other.batches,
            self.person_times + other.person_times,
        )

    @classmethod
    def of(cls, sums: Mapping[str, int]) -> Size:
        """The three counts among some sums."""
        return cls(sums.get("items", 0), sums.get("batches", 0), sums.get("person_times", 0))


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one period. Parts are by split and code; `days` is days to answer -> items."""

    totals: Mapping[str, int]
    parts: Mapping[str, Mapping[str, Size]]
    days: Mapping[int, int]

    @property
    def size(self) -> Size:
        """Everything received in the period."""
        return Size.of(self.totals)

    @property
    def counts(self) -> dict[str, int]:
        """Every count of the registry by its name."""
        totals = self.totals
        return {
            each.name: (
                totals.get(each.of, 0) - sum(totals.get(name, 0) for name in each.less)
                if isinstance(each, Difference)
                else totals.get(each.name, 0)
            )
            for each in COUNTS
        }

    @property
    def rates(self) -> dict[str, Rate]:
        """Every rate of the registry by its name."""
        return {each.name: each.of(self.totals) for each in INDICATORS}

    @property
    def median_days(self) -> int | None:
        """Half of the answers came within this many days."""
        return percentile(self.days, HALF)

    @property
    def p90_days(self) -> int | None:
        """Nine of ten answers came within this many days."""
        return percentile(self.days, NINE_TENTHS)


@dataclass(slots=True)
class Groups:
    """Sizes by a coarser key than the rows came with."""

    of: Callable[[str], str]
    sizes: dict[str, Size] = field(default_factory=dict)

    def add(self, key: str, size: Size) -> None:
        """Count a row under its group."""
        group = self.of(key)
        self.sizes[group] = self.sizes.get(group, Size()) + size

    def shown(self) -> dict[str, Size]:
        """Groups that have anything."""
        return {group: size for group, size in self.sizes.items() if size != Size()}


def assemble(rows: Iterable[SummedRow], *, coarser: Mapping[str, Callable[[str], str]]) -> Figures:
    """Figures from the store's rows; `coarser` maps codes of a split to the groups shown.

    Raises FiguresDisagree when a split does not add up to the total."""
    totals: Counter[str] = Counter()
    names = (*(each.name for each in SHOWN), *(each.name for each in SUBSETS))
    groups = {split: Groups(coarser.get(split, str)) for split in names}
    days: dict[int, int] = {}
    for row in rows:
        if row.split == TOTAL:
            totals.update(row.sums)
        elif row.split == DAYS:
            days[int(row.key)] = days.get(int(row.key), 0) + row.sums["items"]
        else:
            groups[row.split].add(row.key, Size.of(row.sums))
    figures = Figures(
        totals=totals,
        parts={split: group.shown() for split, group in groups.items()},
        days={number: items for number, items in days.items() if items},
    )
    check(figures)
    return figures


def check(figures: Figures) -> None:
    """Every split adds up to the whole, and so do answers. Raises FiguresDisagree."""
    parts, counts = figures.parts, figures.counts
    for dimension in SHOWN:
        if sum(parts[dimension.name].values(), Size()) != figures.size:
            raise FiguresDisagree(f"各{dimension.name}合计与总数不符")
    for subset in SUBSETS:
        whole = parts[subset.where].get(subset.value, Size())
        if sum(parts[subset.name].values(), Size()) != whole:
            raise FiguresDisagree("集体访、个体访合计与来访总数不符")
    if sum(figures.days.values()) != counts["answered"]:
        raise FiguresDisagree("答复天数分布与答复件数不符")
    if counts["open"] < 0 or counts["overdue_open"] > counts["open"]:
        raise FiguresDisagree("未办结件数与总数不符")
