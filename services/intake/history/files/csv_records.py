"""Records of a CSV file in which a faulty one takes no neighbour with it.

The library's reader can't say where a quoted field began or which lines it ran over, and reads on
to wherever a stray quote happens to end. Here a quote that is never closed costs its own row: the
lines behind it are read again from the first that is a row of its own. Every physical line belongs
to exactly one record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from services.intake.history.files.csv_record import LONG, OPEN, Raw, read_pieces, read_record
from services.intake.history.files.text import FileRefused, Lines, ends_line

SEPARATORS = ",\t;|，"
_AROUND = " \t\r\n\u3000\xa0\ufeff\u200b"
_WORD = re.compile(r"\w+")
Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """Lines `line` to `last_line` of the file: cells by column, or what is wrong with them."""

    line: int
    last_line: int
    cells: dict[str, str] | None
    fault: str | None = None


class Records:
    """Records of one file by its header. Raises FileRefused when a column of `needed` is missing
    or one of `mapped` is there twice. `id_of_row` gives the id of what looks like a row, None of
    what does not: so rows are told from words that have commas."""

    def __init__(
        self,
        lines: Lines,
        *,
        needed: Iterable[str],
        mapped: Iterable[str],
        id_of_row: Callable[[Cells], str | None],
    ) -> None:
        self.blank_lines = lines.skip_blank()
        self._lines, self._id_of_row = lines, id_of_row
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
        self._last_good: Cells | None = None

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
        raw.fault = raw.fault or self._fault(raw)
        whole = self._lines.done
        cells = None if raw.fault else dict(zip(self.columns, raw.cells, strict=True))
        if whole > line and (cells is None or not self._id_of_row(cells)):
            self._lines.put_back(raw.pieces)
            self._pass_line()
            if self._comes_to_row(whole):
                self._unclosed = line
                return Record(line, self._lines.done, None, OPEN)
            if raw.fault == LONG:
                partial = takewhile(lambda piece: not ends_line(piece), reversed(raw.pieces))
                self._lines.put_back(raw.pieces[: len(raw.pieces) - len(list(partial))])
        elif raw.fault == LONG:
            self._lines.put_back(raw.pieces)
        if raw.fault == LONG:
            self._pass_record(line, whole)
        elif raw.fault and not ends_line(raw.pieces[-1]):
            self._pass_line()
        self._last_good = cells or self._last_good
        return Record(line, self._lines.done, cells, raw.fault)

    def _fault(self, raw: Raw) -> str | None:
        """What is wrong with a record whose quotes are in order."""
        width = len(self.columns)
        if self._unclosed and raw.bare:
            fault, self._unclosed = f"第 {self._unclosed} 行没有闭合的引号可能到此行为止", None
            return fault
        if len(raw.cells) != width:
            return f"列数与表头不符（应为 {width} 列，实为 {len(raw.cells)} 列）"
        if self._swallows(raw):
            return OPEN
        if raw.quoted:
            self._unclosed = None
        return None

    def _swallows(self, raw: Raw) -> bool:
        """Whether a quoted field ran into the next rows: the line in which it ends is, read from
        its beginning, a row with an id like this one's, or this one's first line is a row whatever
        its quotes say. (The end of a first field always reads like a row, so there the lines inside
        are asked.)"""
        pieces, ends = raw.pieces, [ends_line(piece) for piece in raw.pieces]
        if sum(ends) == 1:
            return False
        own = self._id(raw.cells)
        if self._id(pieces[0].rstrip("\r\n").split(self.separator)):
            own = None
        for column, end in raw.closings:
            start = end
            while start and not ends[start - 1]:
                start -= 1
            if column == 0:
                inside = [[pieces[at]] for at in range(1, start) if ends[at - 1]]
            else:
                inside = [pieces[start:]] if start else []
            if any(self._is_row(read_pieces(each, self.separator), own) for each in inside):
                return True
        return False

    def _comes_to_row(self, last: int) -> bool:
        """Go on to the first line, but none behind `last`, that begins a row of its own."""
        like = self._id_of_row(self._last_good) if self._last_good else None
        while self._lines.done < last:
            if self._may_begin(self._lines.peek()):
                raw = self._read()
                self._lines.put_back(raw.pieces)
                if self._is_row(raw, like):
                    return True
            self._pass_line()
        return False

    def _may_begin(self, piece: str) -> bool:
        """Most lines of a text can be told from rows without reading them."""
        return '"' in piece or piece.count(self.separator) == len(self.columns) - 1

    def _pass_line(self) -> None:
        for _ in self._lines.pieces():
            pass

    def _pass_record(self, line: int, looked_at: int) -> None:
        """Pass over a record too long to keep, up to its end or to a line behind `looked_at` that
        is a row of its own."""
        lines, before = self._lines, ""
        like = self._id_of_row(self._last_good) if self._last_good else None

        def feed() -> str | None:
            nonlocal before
            piece = lines.piece()
            if piece and before and ends_line(before) and self._may_begin(piece):
                behind = lines.done > max(looked_at, line)
                if behind and self._is_row(read_pieces([piece], self.separator), like):
                    lines.put_back([piece])
                    self._unclosed = line
                    return None
            before = piece or before
            return piece

        read_record(feed, self.separator, keep=False)
        if before and not ends_line(before):
            self._pass_line()

    def _is_row(self, raw: Raw, like: str | None) -> bool:
        """Whether it is a row in itself, and its id like the other where one is given."""
        own = None if raw.fault else self._id(raw.cells)
        return own is not None and (like is None or _alike(own, like))

    def _id(self, cells: list[str]) -> str | None:
        if len(cells) != len(self.columns):
            return None
        return self._id_of_row(dict(zip(self.columns, cells, strict=True)))


def _alike(one: str, other: str) -> bool:
    """Whether two ids may be of one file: numbers of about one length, or the same marks between
    letters and digits."""
    if one.isdigit() or other.isdigit():
        return one.isdigit() and other.isdigit() and abs(len(one) - len(other)) <= 1
    return _WORD.sub("a", one) == _WORD.sub("a", other)


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
