"""Records of a CSV file in which a faulty one takes no neighbour with it.

The library's reader can't say where a quoted field began or which lines it ran over, and reads on
to wherever a stray quote happens to end. Here a quote that is never closed costs its own row: the
lines behind it are read again from the first that is a row of its own. Every physical line belongs
to exactly one record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, takewhile

from services.intake.history.text import FileRefused, Lines, ends_line

LINE_LIMIT = 1_000_000
"""Characters of one row; a longer one is rejected and never whole in memory."""
SEPARATORS = ",\t;|，"
_AROUND = " \t\r\n\u3000\xa0\ufeff\u200b"
OPEN, STRAY, LONG = "引号没有闭合", "引号之后有多余的文字", "行过长"
Cells = Mapping[str, str]
Feed = Callable[[], str | None]
"""Pieces of lines, then None."""


@dataclass(frozen=True, slots=True)
class Record:
    """Lines `line` to `last_line` of the file: cells by column, or what is wrong with them."""

    line: int
    last_line: int
    cells: dict[str, str] | None
    fault: str | None = None


@dataclass(slots=True)
class Raw:
    """What was read as one record: pieces of lines, then cells or a fault.

    `closings`: column and piece of quoted fields that may have run over lines, where they ended;
    `quoted`: there is such a field at all; `bare`: a quote stands in one that is not quoted."""

    pieces: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    fault: str | None = None
    closings: list[tuple[int, int]] = field(default_factory=list)
    quoted: bool = False
    bare: bool = False


def read_record(feed: Feed, separator: str, *, keep: bool = True) -> Raw:
    """The record that begins with the next piece; where `keep` is not set, it is only passed over.

    Reads no further than to a fault: the rest of its line is left."""
    raw = Raw()
    piece = feed()
    if piece is None:
        return raw
    raw.pieces.append(piece)
    if '"' not in piece and ends_line(piece):
        raw.cells = piece.rstrip("\r\n").split(separator)
        return raw
    parts: list[str] = []
    at, size, inside, fresh = 0, len(piece), False, True
    while True:
        held = ""
        if inside:
            end = piece.find('"', at)
            if 0 <= end < len(piece) - 1:
                parts.append(piece[at:end])
                after, at = piece[end + 1], end + 2
                if after == '"':
                    parts.append(after)
                    continue
                raw.closings.append((len(raw.cells), len(raw.pieces) - 1))
                raw.cells.append("".join(parts))
                inside, parts = False, []
                if after == separator:
                    fresh = True
                    continue
                raw.fault = None if after in "\r\n" else STRAY
                return raw
            parts.append(piece[at:] if end < 0 else piece[at:end])
            held = "" if end < 0 else '"'
        else:
            if fresh and piece.startswith('"', at):
                inside = raw.quoted = True
                at += 1
                continue
            end = piece.find(separator, at)
            over = end < 0 and ends_line(piece)
            parts.append(piece[at:] if end < 0 else piece[at:end])
            if end >= 0 or over:
                cell = "".join(parts)
                raw.bare = raw.bare or '"' in cell
                raw.cells.append(cell.rstrip("\r\n") if over else cell)
                at, fresh, parts = end + 1, True, []
                if over:
                    return raw
                if not keep:
                    raw.cells.clear()
                continue
            fresh = fresh and at == len(piece)
        more = feed()
        size += len(more or "")
        if more is None or (keep and size > LINE_LIMIT):
            raw.pieces += [more] if more else []
            raw.fault = LONG if more else OPEN
            return raw
        if keep:
            raw.pieces.append(more)
        else:
            parts.clear()
        piece, at = held + more, 0


class Records:
    """Records of one file by its header. Raises FileRefused when a column of `needed` is missing
    or one of `mapped` is there twice; `looks_like_row` tells a row from words that have commas."""

    def __init__(
        self,
        lines: Lines,
        *,
        needed: Iterable[str],
        mapped: Iterable[str],
        looks_like_row: Callable[[Cells], bool],
    ) -> None:
        self.blank_lines = lines.skip_blank()
        self._lines, self._looks_like_row = lines, looks_like_row
        needed = list(needed)
        self.separator, self.columns = _header(lines, needed)
        self.header_lines = lines.done - self.blank_lines
        if missing := [name for name in needed if name not in self.columns]:
            raise FileRefused(
                f"文件缺少列：{'、'.join(missing)}（列名在首行，编码和分隔符须能识别）"
            )
        if twice := [name for name in mapped if self.columns.count(name) > 1]:
            raise FileRefused(f"文件的表头中有重复的列：{'、'.join(twice)}")
        self._unclosed: int | None = None

    def __iter__(self) -> Iterator[Record]:
        """All records in file order."""
        while True:
            self.blank_lines += self._lines.skip_blank()
            line = self._lines.done + 1
            raw = self._read()
            if not raw.pieces:
                return
            yield self._judged(raw, line)

    def _read(self) -> Raw:
        return read_record(self._lines.piece, self.separator)

    def _judged(self, raw: Raw, line: int) -> Record:
        width, lines = len(self.columns), self._lines
        if raw.fault is None and self._unclosed and raw.bare:
            raw.fault = f"第 {self._unclosed} 行没有闭合的引号可能到此行为止"
            self._unclosed = None
        elif raw.fault is None and len(raw.cells) != width:
            raw.fault = f"列数与表头不符（应为 {width} 列，实为 {len(raw.cells)} 列）"
        elif raw.fault is None and self._swallows(raw):
            raw.fault = OPEN
        elif raw.quoted and raw.fault is None:
            self._unclosed = None
        cells = None if raw.fault else dict(zip(self.columns, raw.cells, strict=True))
        whole = lines.done
        if whole > line and (cells is None or not self._looks_like_row(cells)):
            lines.put_back(raw.pieces)
            self._pass_line()
            if self._comes_to_row(whole):
                self._unclosed = line
                return Record(line, lines.done, None, OPEN)
            if raw.fault == LONG:
                partial = len(list(takewhile(lambda p: not ends_line(p), reversed(raw.pieces))))
                lines.put_back(raw.pieces[: len(raw.pieces) - partial])
        elif raw.fault == LONG:
            lines.put_back(raw.pieces)
        if raw.fault == LONG:
            self._pass_record(line, whole)
        elif raw.fault and not ends_line(raw.pieces[-1]):
            self._pass_line()
        return Record(line, lines.done, cells, raw.fault)

    def _comes_to_row(self, last: int) -> bool:
        """Go on to the first line, but none behind `last`, that begins a row of its own."""
        lines = self._lines
        while lines.done < last:
            (piece,) = first = list(islice(iter(lines.piece, None), 1))
            lines.put_back(first)
            # Most lines of a text can be told from rows without reading them.
            if '"' in piece or piece.count(self.separator) == len(self.columns) - 1:
                raw = self._read()
                lines.put_back(raw.pieces)
                if self._is_row(raw):
                    return True
            self._pass_line()
        return False

    def _pass_line(self) -> None:
        for _ in self._lines.pieces():
            pass

    def _pass_record(self, line: int, looked_at: int) -> None:
        """Pass over a record too long to keep, up to its end or to a line behind `looked_at` that
        is a row of its own."""
        lines, before = self._lines, ""

        def feed() -> str | None:
            nonlocal before
            piece = lines.piece()
            if piece and before and ends_line(before) and lines.done > looked_at:
                alone = iter([piece])
                if self._is_row(read_record(lambda: next(alone, None), self.separator)):
                    lines.put_back([piece])
                    self._unclosed = line
                    return None
            before = piece or before
            return piece

        read_record(feed, self.separator, keep=False)
        if not ends_line(before):
            self._pass_line()

    def _swallows(self, raw: Raw) -> bool:
        """Whether a quoted field ran into the next rows: the line in which it ends is, read from
        its beginning, a row of its own. (The end of a first field always reads like one, so there
        the lines inside are asked.)"""
        pieces = raw.pieces
        for column, end in raw.closings:
            start = end
            while start and not ends_line(pieces[start - 1]):
                start -= 1
            inside = [at for at in range(1, start) if ends_line(pieces[at - 1])]
            for at in ([start] if start else []) if column else inside:
                feed = iter(islice(pieces, at, None)) if at == start else iter(pieces[at : at + 1])
                if self._is_row(read_record(lambda: next(feed, None), self.separator)):  # noqa: B023
                    return True
        return False

    def _is_row(self, raw: Raw) -> bool:
        return (
            raw.fault is None
            and len(raw.cells) == len(self.columns)
            and self._looks_like_row(dict(zip(self.columns, raw.cells, strict=True)))
        )


def _header(lines: Lines, needed: list[str]) -> tuple[str, list[str]]:
    """The separator that gives the needed columns, else the comma, and the names it gives."""
    found: list[tuple[str, list[str]]] = []
    for separator in SEPARATORS:
        raw = read_record(lines.piece, separator)
        names = [name.strip(_AROUND) for name in raw.cells]
        if not raw.pieces:
            break
        if raw.fault is None and all(name in names for name in needed):
            return separator, names
        lines.put_back(raw.pieces)
        found.append((separator, names))
    return found[0] if found else (SEPARATORS[0], [])
