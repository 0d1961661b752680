"""Values into the slots of a kind: what a paper says, before any format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from shared.papers.blocks import Blank, Block, Pages, Run, Table, paragraphs
from shared.papers.errors import PaperInvalid
from shared.papers.kinds import PLACE, PaperKind, Part, Slot, SlotKind
from shared.papers.numbers import chinese_date
from shared.papers.text import UNREADABLE, in_one_line, printable

Rows = tuple[tuple[str, ...], ...]
Value = str | int | date | Rows | list[list[str]]
"""A date may be ISO text, rows may be lists: values travel as JSON between services."""
MOST_ROWS = 500


def compose(kind: PaperKind, values: Mapping[str, Value]) -> Pages:
    """The paper as blocks.

    An empty petitioner's slot is printed as a line to write on: routing has no name to put there,
    intake calls this again with the two values (decision 0033). Raises PaperInvalid naming every
    required slot that is missing and every one the kind does not have, or the first of the wrong
    kind or too long. No character is refused here: what was received is quoted as it came.
    """
    given = {name: value for name, value in values.items() if value not in ("", None)}
    unknown = sorted(set(given) - set(kind.slots))
    if unknown:
        raise PaperInvalid(f"《{kind.title}》没有这些项目：{'、'.join(unknown)}", slots=unknown)
    missing = sorted(set(required_slots(kind, given)) - set(given))
    if missing:
        labels = "、".join(kind.slots[name].label for name in missing)
        raise PaperInvalid(f"《{kind.title}》缺少：{labels}", slots=missing)
    words: dict[str, Run] = {"title": kind.title}
    tables: dict[str, Table] = {}
    for name, value in given.items():
        slot = kind.slots[name]
        if slot.kind is SlotKind.ROWS:
            tables[name] = _table(slot, value)
        else:
            words[name] = _words(slot, value)
    for slot in kind.slots.values():
        if slot.kind is SlotKind.PETITIONER:
            words.setdefault(slot.name, Blank(slot.blank))
    blocks = tuple(
        block for part in _printed(kind, given) for block in _blocks(part, words, tables)
    )
    issued = _day(kind.slots["issued_on"], given["issued_on"])
    return Pages(kind.title, (issued.year, issued.month, issued.day), blocks)


def required_slots(kind: PaperKind, values: Mapping[str, Value]) -> Iterator[str]:
    """Names of the slots these values make necessary: a part left out by a choice asks nothing.

    Choices themselves are always asked when required.
    """
    printed = {name for part in kind.parts if _chosen(part, values) for name in part.slots}
    for slot in kind.slots.values():
        asked = slot.name in printed or slot.kind is SlotKind.CHOICE
        if slot.required and asked and slot.kind is not SlotKind.PETITIONER:
            yield slot.name


def _chosen(part: Part, values: Mapping[str, Value]) -> bool:
    return all(values.get(name) in codes for name, codes in part.when.items())


def _printed(kind: PaperKind, values: Mapping[str, Value]) -> Iterator[Part]:
    for part in kind.parts:
        optional = {
            name
            for name in part.slots & set(kind.slots)
            if kind.slots[name].kind is not SlotKind.PETITIONER
        }
        if _chosen(part, values) and optional <= set(values):
            yield part


def _blocks(
    part: Part, words: Mapping[str, Run], tables: Mapping[str, Table]
) -> Iterator[Block | Table]:
    if part.rows:
        yield tables[part.rows]
        return
    pieces = PLACE.split(part.text)
    runs = (words[piece] if odd % 2 else piece for odd, piece in enumerate(pieces))
    yield from paragraphs(part.style, tuple(runs))


def _words(slot: Slot, value: Value) -> str:
    match slot.kind, value:
        case SlotKind.DATE, date() | str():
            return chinese_date(_day(slot, value))
        case SlotKind.NUMBER, int() if not isinstance(value, bool) and value >= 0:
            return str(value)
        case SlotKind.CHOICE, str() if value in slot.options:
            return slot.options[value]
        case SlotKind.LINE | SlotKind.TEXT | SlotKind.PETITIONER, str():
            return _text(slot, value)
    raise PaperInvalid(f"“{slot.label}”的内容不符合要求", slots=[slot.name])


def _text(slot: Slot, value: str) -> str:
    if len(value) > slot.most:
        raise PaperInvalid(f"“{slot.label}”超过 {slot.most} 字", slots=[slot.name])
    if slot.kind is SlotKind.TEXT:
        return printable(value).strip() or UNREADABLE
    return in_one_line(value)


def _day(slot: Slot, value: Value) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise PaperInvalid(f"“{slot.label}”应为日期", slots=[slot.name]) from None


def _table(slot: Slot, value: Value) -> Table:
    head = tuple(slot.columns)
    fits = isinstance(value, list | tuple) and 0 < len(value) <= MOST_ROWS
    if not fits or any(len(row) != len(head) for row in value):  # type: ignore[union-attr]
        raise PaperInvalid(
            f"“{slot.label}”应有1至{MOST_ROWS}行，每行{len(head)}栏", slots=[slot.name]
        )
    rows = tuple(tuple(printable(str(cell)) for cell in row) for row in value)  # type: ignore[union-attr]
    return Table(head, rows, tuple(slot.columns.values()))
