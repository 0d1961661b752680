"""Rows of the tables of organs: kinds of organ, and exceptions of single ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.vocabulary.places import Level


@dataclass(frozen=True, slots=True)
class OrganKind:
    """One kind of organ, a row of organ_kinds.csv.

    `patterns` maps a level to a name pattern with {name} (the division) and {parent} (its visible
    parent); `district` and `street` replace it for 区 and 街道. `superior` is "same" (this kind
    one tier up, 上级主管部门) or another kind one tier up. `falls_to` does its work where the kind
    does not exist at a level; "UP" means the same kind one tier up. `led_by`: the kind of organ
    it is a department of, in its division or the nearest above. `guided`: a body the petitioner is
    guided to (引导), never sent a case.
    """

    code: str
    patterns: Mapping[Level, str]
    district: str
    street: str
    superior: str
    falls_to: str
    vertical: bool
    guided: bool
    petition_office: bool
    valid_from: date | None
    valid_to: date | None
    successor: str
    source: str
    led_by: str = ""

    def valid_on(self, day: date) -> bool:
        """Whether organs of this kind exist on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class OrganException:
    """A row of organ_exceptions.csv. `code` may end in `-*` for all organs of a division. `mark`
    is the organ's own in the numbers of its papers (机关代字)."""

    code: str
    exists: bool
    name: str
    superior: str
    successor: str
    valid_from: date | None
    valid_to: date | None
    mark: str = ""
