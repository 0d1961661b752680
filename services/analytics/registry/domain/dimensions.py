"""The dimensions: by what the figures are split, each one entry of `Cell`.

A new dimension is a field here, an attribute of a source where none holds its value yet
(sources/domain.py), a migration of the columns and a test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import Enum
from typing import Any, get_type_hints

from services.analytics.registry.domain.record import PetitionRecord
from shared.vocabulary.petitions import Channel, Origin, Purpose
from shared.vocabulary.places import Level
from shared.vocabulary.term import NumberedTerm, Term

UNKNOWN = ""
"""Stands in a cell for a code that nobody has decided yet."""
UNDECIDED = "未确定"
"""Label of such a code."""
YES, NO = "1", "0"
"""Keys of a dimension that is true or false."""
TOTAL, DAYS = "total", "days"
"""Names beside those of the splits: all items, and answers by their number of days."""
PLACES = (2, 4, 6)
"""Digits of a division code that make a province, a city and a county: each has documents."""

Code = str | int | bool


class Register(Enum):
    """Reference data that has the names of a dimension's codes."""

    DIVISIONS = "divisions"
    CATEGORIES = "categories"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to tell petitions apart; each covers every item once
    (decision 0065).

    `source` reads the value from what is known of a petition. `names` has the Chinese label of each
    code, or says which register has. `length` is that of the longest code. `shown` dimensions split
    the figures of an answer; the others only filter. `listed` ones are tables of `xinfang summary`.
    `pair`: name and label of the figure of a yes and of a no.
    `digits`: digits of a place with documents -> leading digits of the code kept apart there, the
    rest made zero; without it the whole code is kept. Raise `version` when `source` or `digits`
    means something else: what is stored is then counted anew. `explained` is the sentence of
    the API, `description` that of docs/figures.md.
    `column_purpose`: what the column is for, by the review in tests/rights/test_no_tracking.py."""

    name: str
    label: str
    source: Callable[[PetitionRecord], Code]
    names: type[Term] | type[NumberedTerm] | Register | None = None
    length: int = 0
    shown: bool = True
    listed: bool = False
    pair: tuple[tuple[str, str], tuple[str, str]] | None = None
    digits: Mapping[int, int] = field(default_factory=dict)
    explained: str = ""
    description: str = ""
    column_purpose: str = "code"
    version: int = 1
    column: str = ""
    type: type[Code] = str

    def key(self, value: Code) -> str:
        """A value as the key of a split."""
        if self.type is bool:
            return YES if value else NO
        return str(value)

    def document_key(self, value: Code, place: int) -> str:
        """The key in a document of a place with so many digits."""
        key = self.key(value)
        if not self.digits or not key:
            return key
        return key[: self.digits[place]].ljust(self.length, "0")


def _place(record: PetitionRecord) -> str:
    """What was decided, else what was declared. Without a place, or with one outside the
    deployment, the petition counts in the division of the organ that received it."""
    registration, case = record.registration, record.case
    place = (case and case.division_code) or registration.division_code
    if not place or not record.home[0] <= place <= record.home[1]:
        place, _, _ = registration.received_by.partition("-")
    return place


def _organ(record: PetitionRecord) -> str:
    return (record.case and record.case.organ_code) or record.registration.received_by


def _category(record: PetitionRecord) -> str:
    decided = record.case and record.case.category_code
    return decided or record.registration.category_code or UNKNOWN


def _purpose(record: PetitionRecord) -> str:
    return record.case.purpose if record.case else record.registration.purpose


def _collective(record: PetitionRecord) -> bool:
    registration = record.registration
    return (
        registration.channel == Channel.VISIT
        and registration.person_times >= record.rules.collective_from
    )


def dimension(name: str, label: str, source: Callable[[PetitionRecord], Code], **rest: Any) -> Any:
    """A field of `Cell` with its entry; the field's name and type are those of the column."""
    return field(metadata={"dimension": Dimension(name, label, source, **rest)})


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Where a petition is counted: the day of receipt and a value of each dimension."""

    received_on: date
    division_code: str = dimension(
        "division", "地区", _place, names=Register.DIVISIONS, length=12, digits={2: 6, 4: 9, 6: 9},
        listed=True, column_purpose="place",
        description="place of the matter as decided, else as declared; without a place, or with one"
        " outside the deployment, the division of the receiving organ; shown one level below what"
        " was asked",
    )  # fmt: skip
    organ_code: str = dimension(
        "organ", "机关", _organ, length=40, shown=False, column_purpose="organ",
        description="organ that holds the matter or held it last, else the receiving one",
    )  # fmt: skip
    category_code: str = dimension(
        "category", "内容分类", _category, names=Register.CATEGORIES, length=6, listed=True,
        digits=dict.fromkeys(PLACES, 2),
        description="as decided, else as registered; `none` is 未确定",
    )  # fmt: skip
    channel: str = dimension(
        "channel", "形式", lambda record: record.registration.channel, names=Channel, length=8,
        listed=True,
        description="form in which the petition came",
    )  # fmt: skip
    purpose: str = dimension(
        "purpose", "目的", _purpose, names=Purpose, length=16, listed=True,
        description="as decided, else as declared",
    )  # fmt: skip
    origin: str = dimension(
        "origin", "来源", lambda record: record.registration.origin, names=Origin, length=16,
        description="how the petition reached the office that registered it",
    )  # fmt: skip
    tier: int = dimension(
        "tier", "受理层级", lambda record: record.registration.tier, names=Level,
        listed=True, column_purpose="count",
        explained="受理层级，1 省级 … 5 村级", description="1 province … 5 village",
    )  # fmt: skip
    repeat: bool = dimension(
        "repeat", "初次、重复", lambda record: record.registration.repeat,
        pair=(("repeat", "重复"), ("first", "初次")), description="as declared at registration",
        column_purpose="fact",
    )  # fmt: skip
    collective: bool = dimension(
        "collective", "集体访、个体访", _collective,
        pair=(("collective", "集体访"), ("individual", "其余：个体访和来访以外的各种形式")),

        description="visits of five people or more; individual is everything else, so that both"
        " cover all items; `visits` splits visits alone",
        column_purpose="fact",
    )  # fmt: skip


def _entries() -> tuple[Dimension, ...]:
    types = get_type_hints(Cell)
    return tuple(
        replace(each.metadata["dimension"], column=each.name, type=types[each.name])
        for each in fields(Cell)
        if each.metadata
    )


DIMENSIONS: tuple[Dimension, ...] = _entries()
BY_NAME: Mapping[str, Dimension] = {each.name: each for each in DIMENSIONS}
SHOWN: tuple[Dimension, ...] = tuple(each for each in DIMENSIONS if each.shown)


@dataclass(frozen=True, slots=True)
class Subset:
    """A shown dimension over some of the petitions: those with one value of another dimension."""

    name: str
    of: str
    where: str
    value: str


VISITS = Subset("visits", of="collective", where="channel", value=Channel.VISIT.value)
SUBSETS: tuple[Subset, ...] = (VISITS,)


def cell_of(record: PetitionRecord) -> Cell:
    """The cell a petition counts in."""
    values: list[Any] = [each.source(record) for each in DIMENSIONS]
    return Cell(record.registration.received_on, *values)


def split_keys(cell: Cell, key: Callable[[Dimension, Code], str]) -> list[tuple[str, str]]:
    """(split, key) for every split a cell counts in; `key` makes the key of a value."""
    keys = {each.name: key(each, getattr(cell, each.column)) for each in SHOWN}
    found = list(keys.items())
    found += [(part.name, keys[part.of]) for part in SUBSETS if keys[part.where] == part.value]
    return found
