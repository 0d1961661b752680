"""What is counted of a petition: the attributes of `Fact`, and each measure as one entry.

A new measure is an entry here, a migration of its column and a test. An attribute that no
measure could read before is a field of `Fact` in the same file and migration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any

from services.analytics.registry.domain.dimensions import Cell
from services.analytics.registry.domain.record import PetitionRecord
from shared.vocabulary.petitions import Purpose


class Unit(StrEnum):
    """Units of counts, as printed."""

    ITEM_TIMES = "件次"
    ITEMS = "件"
    BATCHES = "批"
    PERSON_TIMES = "人次"


class Weight(StrEnum):
    """What a petition counts: 1, or its number of persons."""

    ITEMS = "items"
    PERSON_TIMES = "person_times"


def attribute(source: Callable[[PetitionRecord], Any], **rest: Any) -> Any:
    """A field of `Fact` and how it is read from what is known of a petition."""
    return field(metadata={"source": source}, **rest)


def _answered_on(record: PetitionRecord) -> date | None:
    return record.answered_on


def _due_on(record: PetitionRecord) -> date | None:
    return record.answer_duty.due_on if record.answer_duty else None


def _legal(record: PetitionRecord) -> bool:
    answer = record.answer_duty
    return bool(answer and answer.nature == record.rules.legal_nature)


def _hidden_from(record: PetitionRecord) -> str | None:
    case, registration = record.case, record.registration
    purpose = case.purpose if case else registration.purpose
    complained = registration.complained_organ if purpose == Purpose.ACCUSATION else None
    return (case and case.hidden_from) or complained


@dataclass(frozen=True, slots=True)
class Fact:
    """One petition as it counts: one item, `person_times` 人次, with `batch` one 批次.

    It is answered, closed without an answer or open. `due_on` is the last day for the answer where
    a duty says so, `legal` whether that is a limit of law. `overdue`: open, and any duty about it
    is overdue; `answer_overdue`: open, and that one is. `hidden_from`: the organs an accusation
    complains of; they and those under them count without it."""

    cell: Cell
    person_times: int = attribute(lambda record: record.registration.person_times)
    batch: bool = attribute(lambda record: record.registration.batch)
    answered_on: date | None = attribute(_answered_on)  # noqa: RUF009  makes a field
    closed: bool = attribute(lambda record: record.closed)
    due_on: date | None = attribute(_due_on)  # noqa: RUF009  makes a field
    legal: bool = attribute(_legal)
    overdue: bool = attribute(lambda record: record.overdue)
    answer_overdue: bool = attribute(lambda record: record.answer_overdue)
    hidden_from: str | None = attribute(_hidden_from, default=None)

    @property
    def days(self) -> int | None:
        """Whole days from receipt to answer, the day after receipt being day one."""
        if self.answered_on is None:
            return None
        return max(0, (self.answered_on - self.cell.received_on).days)

    @property
    def answered(self) -> bool:
        """Whether there is an answer."""
        return self.answered_on is not None

    @property
    def judged(self) -> bool:
        """Whether there is an answer, and the last day for it is known."""
        return self.answered_on is not None and self.due_on is not None

    @property
    def on_time(self) -> bool:
        """Whether an answer is known to have come by the last day for it."""
        return bool(self.answered_on and self.due_on and self.answered_on <= self.due_on)


ATTRIBUTES: Mapping[str, Callable[[PetitionRecord], Any]] = {
    each.name: each.metadata["source"] for each in fields(Fact) if "source" in each.metadata
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One sum that is kept per cell: the petitions for which `holds` is true, by their weight.

    `sql` is the same condition over the columns of petition_fact, written apart so that the checker
    compares two definitions. `in_splits` measures are kept for each part of a split too, `shown`
    ones stand in the answer, `growing` ones are compared with the year before, `listed` ones are
    lines of `xinfang summary`. `explained` is the sentence of the API, `description` that of
    docs/figures.md. Changing `sql` makes all sums be counted anew."""

    name: str
    label: str
    unit: Unit
    holds: Callable[[Fact], bool]
    sql: str
    weight: Weight = Weight.ITEMS
    in_splits: bool = False
    shown: bool = True
    growing: bool = False
    listed: bool = False
    explained: str = ""
    description: str = ""

    def count(self, fact: Fact) -> int:
        """What one petition adds to the sum."""
        if not self.holds(fact):
            return 0
        return fact.person_times if self.weight is Weight.PERSON_TIMES else 1

    @property
    def sql_count(self) -> str:
        """What one row of petition_fact adds to the sum, in SQL."""
        value = "person_times" if self.weight is Weight.PERSON_TIMES else "1"
        return f"CASE WHEN {self.sql} THEN {value} ELSE 0 END"


@dataclass(frozen=True, slots=True)
class Difference:
    """A count that follows from measures and is never kept: `of` without all of `less`."""

    name: str
    label: str
    unit: Unit
    of: str
    less: tuple[str, ...]
    shown: bool = True
    growing: bool = False
    listed: bool = False
    explained: str = ""
    description: str = ""


_ANSWERED = "answered_on IS NOT NULL"
_ON_TIME = "answered_on <= due_on"
COUNTS: tuple[Measure | Difference, ...] = (
    Measure(
        "items", "信访件", Unit.ITEM_TIMES, lambda _: True, "1 = 1",
        in_splits=True, growing=True, listed=True,
        description="petitions received; a visit of a group is one item",
    ),
    Measure(
        "batches", "来访批次", Unit.BATCHES, lambda fact: fact.batch, "batch",
        in_splits=True, growing=True, listed=True, description="visits only",
    ),
    Measure(
        "person_times", "人次", Unit.PERSON_TIMES, lambda _: True, "1 = 1",
        weight=Weight.PERSON_TIMES, in_splits=True, growing=True, listed=True,
        description="heads of a visit, else the number who signed or called, at least 1; never"
        " added to items",
    ),
    Measure(
        "answered", "已答复", Unit.ITEMS, lambda fact: fact.answered, _ANSWERED,
        growing=True, listed=True,
        description="a written opinion was issued, or imported history has an answer",
    ),
    Measure(
        "answered_person_times", "已答复人次", Unit.PERSON_TIMES,
        lambda fact: fact.answered, _ANSWERED, weight=Weight.PERSON_TIMES, shown=False,
        description="person-times of the answered",
    ),
    Measure(
        "closed_without_answer", "未出具答复而办结", Unit.ITEMS, lambda fact: fact.closed, "closed",
        explained="未出具答复而办结，如引导至法定途径",
        description="closed otherwise, for example guided to a statutory route",
    ),
    Measure(
        "judged", "有答复期限的已答复", Unit.ITEMS, lambda fact: fact.judged,
        f"{_ANSWERED} AND due_on IS NOT NULL", shown=False,
        description="answered, and the last day for the answer is known",
    ),
    Measure(
        "answered_on_time", "其中按期", Unit.ITEMS, lambda fact: fact.on_time, _ON_TIME,
        growing=True, listed=True, explained="按期答复",
        description="answered by the last day for it",
    ),
    Measure(
        "legal_judged", "有法定期限的已答复", Unit.ITEMS, lambda fact: fact.judged and fact.legal,
        f"{_ANSWERED} AND due_on IS NOT NULL AND legal", shown=False,
        description="answered, with a last day by law",
    ),
    Measure(
        "legal_on_time", "法定期限内答复", Unit.ITEMS, lambda fact: fact.on_time and fact.legal,
        f"{_ON_TIME} AND legal", shown=False, description="answered by the last day by law",
    ),
    Difference(
        "open", "办理中", Unit.ITEMS, of="items", less=("answered", "closed_without_answer"),
        listed=True, explained="未答复且未办结",
        description="neither; answered + closed_without_answer + open = items",
    ),
    Measure(
        "overdue_open", "超期未办结", Unit.ITEMS, lambda fact: fact.overdue, "overdue",
        growing=True, listed=True, explained="未办结且有任务超期",
        description="open items about which any duty is overdue, acceptance for example",
    ),
    Measure(
        "answer_overdue_open", "超期未答复", Unit.ITEMS, lambda fact: fact.answer_overdue,
        "answer_overdue", shown=False, description="open items whose answer is overdue",
    ),
)  # fmt: skip
MEASURES: tuple[Measure, ...] = tuple(each for each in COUNTS if isinstance(each, Measure))
NAMES: tuple[str, ...] = tuple(each.name for each in MEASURES)
SIZES: tuple[str, ...] = tuple(each.name for each in MEASURES if each.in_splits)
"""Names of what each part of a split has."""


def counts_of(fact: Fact) -> dict[str, int]:
    """What one petition adds to the sums of its cell, by name."""
    return {each.name: each.count(fact) for each in MEASURES}
