"""What was asked, what came back, and what should not have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

COLUMNS = ("2xx", "400 422", "401 403", "404", "409", "other")


def column(status: int) -> str:
    """The column of the tables a status is counted in."""
    if 200 <= status < 300:
        return "2xx"
    return next((each for each in COLUMNS if str(status) in each), "other")


@dataclass(frozen=True)
class Asked:
    """One case: `mode` says whether its data keeps the schema (positive) or breaks it."""

    operation: str
    caller: str
    mode: str
    status: int


@dataclass
class Tally:
    """Counts of cases; findings by what they say, each with its number and its first example."""

    asked: Counter[Asked] = field(default_factory=Counter)
    findings: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        return self.asked.total()

    def find(self, operation: str, what: str, example: str, times: int = 1) -> None:
        """Note something that must not be."""
        before, first = self.findings.get((operation, what), (0, example))
        self.findings[operation, what] = before + times, first

    def add(self, other: Tally) -> None:
        """Take over what another run counted."""
        self.asked += other.asked
        for (operation, what), (times, example) in other.findings.items():
            self.find(operation, what, example, times)

    def answered(self, **wanted: str) -> int:
        """Cases answered with 2xx, of an operation, a caller or a mode."""
        return sum(
            times for each, times in self.asked.items()
            if column(each.status) == "2xx"
            and all(getattr(each, name) == value for name, value in wanted.items())
        )  # fmt: skip

    def report(self) -> str:
        """Tables per operation, caller and mode, then the findings."""
        found = sum(times for times, _ in self.findings.values())
        parts = [
            *self._table("operation", lambda each: each.operation),
            *self._table("caller", lambda each: each.caller),
            *self._table("data", lambda each: each.mode),
            *self._table("status", lambda each: str(each.status)),
            f"{self.cases} cases, {found} findings of {len(self.findings)} kinds",
        ]
        for (operation, what), (times, example) in sorted(self.findings.items()):
            parts += ["", f"{times} x {operation}: {what}", example]
        return "\n".join(parts)

    def _table(self, title: str, name: Callable[[Asked], str]) -> Iterable[str]:
        rows: dict[str, Counter[str]] = {}
        for each, times in self.asked.items():
            rows.setdefault(name(each), Counter())[column(each.status)] += times
        wide = max(map(len, (title, *rows)), default=0)
        yield f"{title:{wide}} {'cases':>7}" + "".join(f"{each:>9}" for each in COLUMNS)
        for row, counts in sorted(rows.items()):
            yield f"{row:{wide}} {counts.total():7}" + "".join(
                f"{counts[each] or '':>9}" for each in COLUMNS
            )
        yield ""
