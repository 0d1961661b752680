"""What is wrong with a rule file: file, line and reason, many at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from shared.kernel.errors import Invalid

TOLD: Final = 20
"""Faults told in words; of the others the number."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault. `line` 0: the file as a whole, or what it would leave behind."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        place = f" 第 {self.line} 行" if self.line else ""
        return f"{self.file}{place}：{self.reason}"


@dataclass(slots=True)
class Faults:
    """The faults of an edition, in the order of its lines."""

    found: list[Fault] = field(default_factory=list)

    def add(self, file: str, line: int, reason: str) -> None:
        """Note a fault once."""
        fault = Fault(file, line, reason)
        if fault not in self.found[-TOLD:]:
            self.found.append(fault)

    def __bool__(self) -> bool:
        return bool(self.found)

    @property
    def words(self) -> str:
        """The first of them in words, one a line, and how many there are in all."""
        return told(str(each) for each in sorted(self.found))

    def refuse(self) -> None:
        """Raises Invalid when there is any."""
        if self.found:
            raise Invalid(self.words, field="files")


def told(words: Iterable[str], *, most: int = TOLD) -> str:
    """The first `most` of them, and how many there are."""
    every = list(words)
    more = [f"……共 {len(every)} 处"] if len(every) > most else []
    return "\n".join([*every[:most], *more])


def listed(names: Iterable[str], *, most: int = 10) -> str:
    """Names side by side, the first `most`, and how many there are."""
    every = list(names)
    return "、".join(every[:most]) + (f" 等 {len(every)} 个" if len(every) > most else "")
