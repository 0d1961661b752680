"""Handling guides and policy changes by topic (办理指引、政策变动), in versions never rewritten.

A version is drafted, published, and later overtaken by the next one or withdrawn; from the first
day of the next one it is offered no more and stays readable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from shared.kernel.errors import Conflict, Invalid
from shared.vocabulary.help import GuideKind, GuideState


class IllegalGuideStep(Conflict):
    """The step is not allowed with this version. `extra` has `current`."""

    code: ClassVar[str] = "illegal_guide_step"


@dataclass(frozen=True, slots=True)
class Content:
    """What a version says. `valid_to` is its last day, None for no end; of a policy change
    `valid_from` is the day of the change and `legal_basis` its article."""

    kind: GuideKind
    title: str
    category_code: str
    division_code: str
    text: str
    legal_basis: str | None
    valid_from: date
    valid_to: date | None

    def check(self) -> None:
        """Raises Invalid for an end before the beginning and a policy change without article."""
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise Invalid("失效日期不得早于生效日期", field="valid_to")
        if self.kind is GuideKind.POLICY_CHANGE and not self.legal_basis:
            raise Invalid("政策变动须写明依据条款", field="legal_basis")


def need(state: GuideState, wanted: GuideState) -> None:
    """Raises IllegalGuideStep when a version is not in the state a step needs."""
    if state is not wanted:
        raise IllegalGuideStep(f"当前状态为{state.label}", current=str(state))


def topics_above(category_code: str) -> list[str]:
    """A six-digit category and those above it by the shape of the code, nearest first.

    Most specific first is also descending order of the codes; the same holds for divisions."""
    codes = [category_code[:width].ljust(6, "0") for width in (6, 4, 2)]
    return list(dict.fromkeys(codes))


def topics_below(category_code: str) -> str:
    """The highest code in the subtree of a six-digit category, itself the lowest."""
    width = next(w for w in (2, 4, 6) if category_code[w:].strip("0") == "")
    return category_code[:width].ljust(6, "9")
