"""The figures of a period, put together from summed rows, and proof that they add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.analytics.domain.rates import HALF, NINE_TENTHS, Rate, percentile
from shared.kernel.errors import DomainError

PARTITIONS = (
    "category",
    "division",
    "channel",
    "purpose",
    "origin",
    "tier",
    "repeat",
    "collective",
)
"""Ways to split the figures; each covers every item once (decision 0065)."""
TOTAL = "total"
VISITS = "visits"
DAYS = "days"
YES, NO = "1", "0"
VISIT = "visit"


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


@dataclass(frozen=True, slots=True)
class SummedRow:
    """One line of the answer of the store: a split, a value of it, and the sums of its figures."""

    split: str
    key: str
    sums: Mapping[str, int]

    @property
    def size(self) -> Size:
        """Its three counts."""
        return Size(self.sums["items"], self.sums["batches"], self.sums["person_times"])


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one period. Parts are by code; `days` is days to answer -> items."""

    totals: Mapping[str, int]
    parts: Mapping[str, Mapping[str, Size]]
    visits: Mapping[str, Size]
    days: Mapping[int, int]

    @property
    def size(self) -> Size:
        """Everything received in the period."""
        return Size(*(self.totals[name] for name in ("items", "batches", "person_times")))

    @property
    def open(self) -> int:
        """Items neither answered nor closed otherwise."""
        return self.totals["items"] - self.totals["answered"] - self.totals["closed_without_answer"]

    @property
    def on_time_rate(self) -> Rate:
        """Answered in time ÷ answered with a known last day."""
        return Rate(self.totals["answered_on_time"], self.totals["judged"])

    @property
    def due_on_time_rate(self) -> Rate:
        """Answered in time ÷ all that were due: those answered and those overdue."""
        due = self.totals["judged"] + self.totals["answer_overdue_open"]
        return Rate(self.totals["answered_on_time"], due)

    @property
    def legal_on_time_rate(self) -> Rate:
        """Answered in time ÷ answered, of those with a limit of law (decision 0007)."""
        return Rate(self.totals["legal_on_time"], self.totals["legal_judged"])

    @property
    def median_days(self) -> int | None:
        """Half of the answers came within this many days."""
        return percentile(self.days, HALF)

    @property
    def p90_days(self) -> int | None:
        """Nine of ten answers came within this many days."""
        return percentile(self.days, NINE_TENTHS)


@dataclass(frozen=True, slots=True)
class Period:
    """Local dates of receipt, both included."""

    first: date
    last: date

    @property
    def year_before(self) -> Period:
        """The same period last year; 29 February becomes 28 February."""
        return Period(_year_before(self.first), _year_before(self.last))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a summary is asked for; None means no restriction.

    `division` and `category` are codes whose whole subtree counts."""

    period: Period
    division: str | None = None
    organ: str | None = None
    category: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """What the reader may see: ranges of 12-digit division codes, and organs; else nothing. Nor
    accusations of an organ in `above`: the reader's own and all they are under (Art. 30)."""

    divisions: tuple[tuple[str, str], ...] = ()
    organs: frozenset[str] = frozenset()
    above: frozenset[str] = frozenset()


EVERYTHING = Sight(divisions=(("", "9" * 12),))
"""For the operator's own commands on the machine."""


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

    Raises FiguresDisagree when a split does not add up to the total.
    """
    totals: Counter[str] = Counter()
    groups = {split: Groups(coarser.get(split, str)) for split in (*PARTITIONS, VISITS)}
    days: dict[int, int] = {}
    for row in rows:
        if row.split == TOTAL:
            totals.update(row.sums)
        elif row.split == DAYS:
            days[int(row.key)] = days.get(int(row.key), 0) + row.sums["items"]
        else:
            groups[row.split].add(row.key, row.size)
    figures = Figures(
        totals=totals,
        parts={split: groups[split].shown() for split in PARTITIONS},
        visits=groups[VISITS].shown(),
        days={number: items for number, items in days.items() if items},
    )
    check(figures)
    return figures


def check(figures: Figures) -> None:
    """Every split adds up to the whole, and so do answers. Raises FiguresDisagree."""
    for split, sizes in figures.parts.items():
        if sum(sizes.values(), Size()) != figures.size:
            raise FiguresDisagree(f"各{split}合计与总数不符")
    visits = figures.parts["channel"].get(VISIT, Size())
    if sum(figures.visits.values(), Size()) != visits:
        raise FiguresDisagree("集体访、个体访合计与来访总数不符")
    if sum(figures.days.values()) != figures.totals["answered"]:
        raise FiguresDisagree("答复天数分布与答复件数不符")
    if figures.open < 0 or figures.totals["overdue_open"] > figures.open:
        raise FiguresDisagree("未办结件数与总数不符")


def _year_before(day: date) -> date:
    if day.year == date.min.year:  # the calendar has no earlier one
        return day
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
