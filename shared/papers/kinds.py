"""The kinds of paper: template files with their slots and parts, read and checked once."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from shared.papers.errors import PaperInvalid, TemplateInvalid

PLACE = re.compile(r"\{(\w+)\}")
COMMON = "common.toml"
MOST_CHARACTERS = 20_000


class SlotKind(StrEnum):
    """What a slot takes. `petitioner` is open: only intake has the value, the vault's."""

    LINE = "line"
    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    CHOICE = "choice"
    ROWS = "rows"
    PETITIONER = "petitioner"


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot. `options` are code -> word of a choice, `columns` head -> width of rows.

    `blank` is the width in characters of the line printed while an open slot is not filled.
    """

    name: str
    label: str
    kind: SlotKind
    required: bool = True
    most: int = MOST_CHARACTERS
    options: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, int] = field(default_factory=dict)
    blank: int = 8


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph (`text` with {slot} in it) or, with `rows`, the table of that slot.

    It is printed if every choice in `when` has one of the codes named there, and if no optional
    slot in it is empty.
    """

    style: str
    text: str = ""
    rows: str = ""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def slots(self) -> frozenset[str]:
        """Names of the slots it prints."""
        return frozenset(PLACE.findall(self.text)) | ({self.rows} if self.rows else set())


@dataclass(frozen=True, slots=True)
class PaperKind:
    """One kind of paper. `articles` are the law it rests on; `number` the pattern of its number."""

    kind: str
    title: str
    edition: str
    number: str
    articles: tuple[str, ...]
    slots: Mapping[str, Slot]
    parts: tuple[Part, ...]


def read_kind(text: str, common: str) -> PaperKind:
    """A kind from its TOML text and that of the parts all papers share.

    Raises TemplateInvalid when a part names an unknown slot or choice, or a slot is never used.
    """
    try:
        raw, shared = tomllib.loads(text), tomllib.loads(common)
        frame = shared["frames"][raw.get("frame", "notice")]
        parts = [_part(each) for each in (*frame["before"], *raw["parts"], *frame["after"])]
        named = {name for part in parts for name in (*part.slots, *part.when)}
        slots = {each["name"]: _slot(each) for each in shared["slots"] if each["name"] in named}
        slots |= {each["name"]: _slot(each) for each in raw.get("slots", ())}
        kind = PaperKind(
            kind=raw["kind"],
            title=raw["title"],
            edition=shared["edition"],
            number=raw["number"],
            articles=tuple(raw["articles"]),
            slots=slots,
            parts=tuple(parts),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise TemplateInvalid(f"文书模板无法读取：{error}") from error
    _check(kind, named)
    return kind


def _slot(raw: dict[str, Any]) -> Slot:
    return Slot(**{**raw, "kind": SlotKind(raw["kind"])})


def _part(raw: dict[str, Any]) -> Part:
    when = {name: tuple(codes) for name, codes in raw.get("when", {}).items()}
    return Part(**{**raw, "when": when})


def _check(kind: PaperKind, named: Iterable[str]) -> None:
    built_in = {"title"}
    unknown = set(named) - set(kind.slots) - built_in
    unused = set(kind.slots) - set(named)
    if unknown or unused:
        raise TemplateInvalid(f"{kind.kind}：未定义 {sorted(unknown)}，未使用 {sorted(unused)}")
    for part in kind.parts:
        for name, codes in part.when.items():
            if not set(codes) <= set(kind.slots[name].options):
                raise TemplateInvalid(f"{kind.kind}：{name} 没有选项 {codes}")


@dataclass(frozen=True, slots=True)
class Template:
    """The text a kind is read from. Its hash says which text a paper was written for, so that the
    same words can be made again after a newer program has another one."""

    text: str
    common: str

    @property
    def sha256(self) -> str:
        """Of both texts, hex."""
        return hashlib.sha256(f"{self.common}\n{self.text}".encode()).hexdigest()

    def read(self) -> PaperKind:
        """The kind. Raises TemplateInvalid."""
        return read_kind(self.text, self.common)


@lru_cache(maxsize=1)
def packaged_templates() -> Mapping[str, Template]:
    """The templates that come with the program, by the code of their kind."""
    folder = files("shared.reference") / "data" / "papers"
    common = (folder / COMMON).read_text(encoding="utf-8")
    made = (
        Template(each.read_text(encoding="utf-8"), common)
        for each in sorted(folder.iterdir(), key=lambda each: each.name)
        if each.name.endswith(".toml") and each.name != COMMON
    )
    return {template.read().kind: template for template in made}


@lru_cache(maxsize=1)
def packaged_kinds() -> Mapping[str, PaperKind]:
    """The kinds that come with the program, by their code."""
    return {code: template.read() for code, template in packaged_templates().items()}


def paper_kind(code: str) -> PaperKind:
    """The kind with this code. Raises PaperInvalid when there is none."""
    try:
        return packaged_kinds()[code]
    except KeyError:
        raise PaperInvalid(f"没有这种文书：{code}") from None
