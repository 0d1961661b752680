"""One record of a CSV file, read from pieces of lines, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from services.intake.history.files.text import ends_line

LINE_LIMIT = 1_000_000
"""Characters of one row; a longer one is rejected and never whole in memory."""
OPEN, STRAY, LONG = "引号没有闭合", "引号之后有多余的文字", "行过长"
_QUOTES = re.compile('"+')
Feed = Callable[[], str | None]
"""Pieces of lines, then None."""


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
    """The record that begins with the next piece, in time linear in its length; where `keep` is
    not set, it is only passed over.

    Reads no further than to a fault: the rest of that line is left."""
    raw = Raw()
    piece = feed()
    if piece is None:
        return raw
    raw.pieces.append(piece)
    if '"' not in piece and ends_line(piece):
        raw.cells = piece.rstrip("\r\n").split(separator)
        return raw
    reading = _Reading(raw, feed, separator, keep, piece)
    while reading.goes_on():
        pass
    return raw


def read_pieces(pieces: Iterable[str], separator: str) -> Raw:
    """The record with which these pieces begin."""
    left = iter(pieces)
    return read_record(lambda: next(left, None), separator)


class _Reading:
    """Where the reading of a record is: at `at` in `piece`, inside quotes or not."""

    def __init__(self, raw: Raw, feed: Feed, separator: str, keep: bool, piece: str) -> None:  # noqa: FBT001
        self._raw, self._feed, self._separator, self._keep = raw, feed, separator, keep
        self._piece, self._at, self._size = piece, 0, len(piece)
        self._parts: list[str] = []
        self._inside, self._begins = False, True

    def goes_on(self) -> bool:
        """One step further; False at the end of the record or at a fault."""
        return self._in_quotes() if self._inside else self._plain()

    def _in_quotes(self) -> bool:
        piece, raw = self._piece, self._raw
        at = piece.find('"', self._at)
        if at < 0:
            self._parts.append(piece[self._at :])
            return self._more()
        run = _QUOTES.match(piece, at)
        end = run.end() if run else at
        self._parts += piece[self._at : at], '"' * ((end - at) // 2)
        last = '"' * ((end - at) % 2)
        if end == len(piece):  # what follows the last one is in the next piece
            return self._more(held=last)
        self._at = end
        if not last:
            return True
        after = piece[self._at]
        self._at += 1
        raw.closings.append((len(raw.cells), len(raw.pieces) - 1))
        self._inside = False
        self._cell("".join(self._parts))
        if after == self._separator:
            return True
        raw.fault = None if after in "\r\n" else STRAY
        return False

    def _plain(self) -> bool:
        piece, raw = self._piece, self._raw
        if self._begins and piece.startswith('"', self._at):
            self._inside = raw.quoted = True
            self._at += 1
            return True
        if not self._keep and self._at < len(piece) and piece.find('"', self._at) < 0:
            self._at = len(piece) - (piece[-1] == self._separator)
        end = piece.find(self._separator, self._at)
        if end < 0 and not ends_line(piece):
            self._begins = self._begins and self._at == len(piece)
            self._parts.append(piece[self._at :])
            return self._more()
        self._parts.append(piece[self._at : end if end >= 0 else None])
        cell = "".join(self._parts)
        raw.bare = raw.bare or '"' in cell
        self._at = end + 1
        self._cell(cell if end >= 0 else cell.rstrip("\r\n"))
        return end >= 0

    def _cell(self, value: str) -> None:
        self._parts, self._begins = [], True
        if self._keep:
            self._raw.cells.append(value)

    def _more(self, held: str = "") -> bool:
        more, raw = self._feed(), self._raw
        if more is None:
            raw.fault = OPEN
            return False
        self._size += len(more)
        if self._keep:
            raw.pieces.append(more)
            if self._size > LINE_LIMIT:
                raw.fault = LONG
                return False
        else:
            self._parts.clear()
        self._piece, self._at = held + more, 0
        return True
