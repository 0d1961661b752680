"""Handling guides and policy changes by topic (办理指引、政策变动), in versions never rewritten.

A version is drafted, published, and later overtaken by the next one or withdrawn; from the first
day of the next one it is offered no more and stays readable. Which step is possible when is the
table in `procedure.csv`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Final
from uuid import UUID

from shared.kernel.errors import Invalid
from shared.reference.editions import Reference
from shared.vocabulary.guides import GuideAct, GuideBy, GuideKind, GuideState
from shared.workflow.guards import Guards, Step
from shared.workflow.journal import Journal
from shared.workflow.table import IllegalStep, Row, Table, read


class IllegalGuideStep(IllegalStep):
    """The step is not allowed with this version. `extra` has `current` and `allowed`."""

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

    def placed(self, organ_code: str, reference: Reference, *, on: date) -> Content:
        """The content of a guide of an organ with its division, which the organ's own one holds;
        without one it is the organ's own.

        Raises Invalid for an end before the beginning, a policy change without article, an unknown
        category or organ, and a division outside of the organ's."""
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise Invalid("失效日期不得早于生效日期", field="valid_to")
        if self.kind is GuideKind.POLICY_CHANGE and not self.legal_basis:
            raise Invalid("政策变动须写明依据条款", field="legal_basis")
        if reference.categories.get(self.category_code) is None:
            raise Invalid("没有这个内容分类", field="category_code")
        organ = reference.organs.get(organ_code)
        if organ is None:
            raise Invalid("没有这个机关单位", field="organ_code")
        if not self.division_code:
            return replace(self, division_code=organ.division_code)
        known = reference.divisions.current(self.division_code, on)
        if known is None or not reference.divisions.contains(organ.division_code, known.code):
            raise Invalid("区划须在本机关所在区划之内", field="division_code")
        return replace(self, division_code=known.code)


@dataclass(slots=True, kw_only=True)
class Guide:
    """The newest version of a guide. `number` counts the versions, `version` the changes of this
    one, 0 while it is not stored. `earlier` is, beside a draft, the newest version that was ever
    published; `superseded_on` the first day on which a later one is in the place of this one.
    `about` is the version the last act changed, None after a draft was removed."""

    guide_id: UUID
    number: int
    organ_code: str
    content: Content
    drafted_by: str
    state: GuideState = GuideState.DRAFT
    published_by: str | None = None
    published_on: date | None = None
    superseded_on: date | None = None
    withdrawn_on: date | None = None
    withdrawal_reasons: str | None = None
    version: int = 0
    awaits: str | None = None
    earlier: Guide | None = None
    about: Guide | None = field(init=False)
    journal: Journal[Any] = field(default_factory=Journal)

    def __post_init__(self) -> None:
        self.about = self

    @property
    def entity_id(self) -> UUID:
        """Its identity."""
        return self.guide_id

    @property
    def published(self) -> Guide:
        """The version that is offered or was last: beside a draft an earlier one."""
        return self.earlier or self

    def take(self, row: Row, step: Step) -> None:  # noqa: ARG002  versions are the journal
        """Move by a row of the table, unless the act begins another version."""
        if row.act is not GuideAct.REDRAFT and row.to is not None:
            self.state = row.to

    def redraft(self, content: Content, *, by: str) -> None:
        """Give the draft another content, or begin the draft of the next version."""
        if self.state is not GuideState.DRAFT:
            self.earlier, self.number, self.version = replace(self), self.number + 1, 0
            self.published_by = self.published_on = self.superseded_on = None
            self.withdrawn_on = self.withdrawal_reasons = None
            self.state = GuideState.DRAFT
        self.content, self.drafted_by = content, by

    def discard(self) -> None:
        """Give the draft up; an earlier version is the newest again."""
        self.state = self.published.state
        self.about = None

    def publish(self, *, by: str, on: date) -> None:
        """Publish the draft: from its first day it is in the place of those before."""
        self.published_by, self.published_on = by, on

    def withdraw(self, reasons: str, *, on: date) -> None:
        """Offer what was published no more; versions before do not come back."""
        gone = self.published
        gone.state, gone.withdrawn_on, gone.withdrawal_reasons = GuideState.WITHDRAWN, on, reasons
        self.about = gone


def _rows() -> tuple[Row, ...]:
    text = Path(__file__).with_name("procedure.csv").read_text(encoding="utf-8")
    source = "guides/procedure.csv"
    return read(text, Row, act=GuideAct, state=GuideState, by=GuideBy, source=source).rows


TABLE: Final[Table[Row]] = Table(_rows)
GUARDS: Final = Guards[Guide]()


@GUARDS.entity("has_earlier", "曾经发布过")
def has_earlier(guide: Guide) -> bool:
    """An earlier version was published."""
    return guide.earlier is not None


@GUARDS.entity("earlier_published", "有已发布且未撤回的版本")
def earlier_published(guide: Guide) -> bool:
    """An earlier version is published and not withdrawn."""
    return guide.earlier is not None and guide.earlier.state is GuideState.PUBLISHED


def topics_above(category_code: str) -> list[str]:
    """A six-digit category and those above it by the shape of the code, nearest first.

    Most specific first is also descending order of the codes; the same holds for divisions."""
    codes = [category_code[:width].ljust(6, "0") for width in (6, 4, 2)]
    return list(dict.fromkeys(codes))


def topics_below(category_code: str) -> str:
    """The highest code in the subtree of a six-digit category, itself the lowest."""
    width = next(w for w in (2, 4, 6) if category_code[w:].strip("0") == "")
    return category_code[:width].ljust(6, "9")
