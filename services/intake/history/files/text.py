"""The bytes of a foreign file as lines of text: what it is, how it is written, a little at a time.

What offices' programs write: UTF-8 with a mark or without, UTF-16 with one, GB18030 (and so GBK,
GB2312), lines that end in CR LF, LF or CR, all of it also gzipped.
"""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

BLOCK = 1 << 16
"""Bytes read at a time, and characters of the longest piece of a line."""
_GZIP = b"\x1f\x8b"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_SAVE_AS = "请在表格软件中另存为“CSV UTF-8（逗号分隔）”"
_OTHER_FORMS = (
    (b"PK\x03\x04", "工作簿（xlsx）或压缩包"), (b"PK\x05\x06", "工作簿（xlsx）或压缩包"),
    (b"\xd0\xcf\x11\xe0", "旧版工作簿（xls）"), (b"%PDF", "PDF"), (b"{\\rtf", "RTF 文档"),
    (b"7z\xbc\xaf", "压缩包"), (b"Rar!", "压缩包"), (_GZIP, "gzip 压缩（文件名应以 .gz 结尾）"),
    (b"<", "网页或 XML 表格"),
)  # fmt: skip
_FOUR = 4
_HIGH = bytes(range(0x80, 0x100))
_UNREADABLE = "\udcff"
"""Stands for bytes that are no text; no database takes it, so its row is refused."""
_LINE_END = re.compile(r"\r\n?|\n")
_BLANK = re.compile(r"(?:[ \t\x1a]*[\r\n]+)+")
"""Lines of blanks; \x1a is how old programs end a file."""


class FileRefused(ValueError):
    """The file as a whole can't be read: another form, no header, a needed column missing, or its
    compressed data damaged. Says so in one sentence of Chinese."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[Lines, Decoded]]:
    """The lines of a file and how they are written. Raises FileRefused, also while reading."""
    packed = path.name.lower().endswith(".gz")
    with path.open("rb") as file:
        first = file.read(len(_GZIP))
        file.seek(0)
        if packed and first != _GZIP:
            raise FileRefused("文件名以 .gz 结尾，但内容不是 gzip 压缩")
        with gzip.GzipFile(fileobj=file) if packed else file as raw:
            decoded = Decoded(_blocks(raw))
            yield Lines(decoded), decoded


def _unreadable(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return _UNREADABLE, error.end
    raise error


codecs.register_error("unreadable", _unreadable)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _blocks(raw: _Readable) -> Iterator[bytes]:
    try:
        while block := raw.read(BLOCK):
            yield block
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileRefused("压缩文件损坏或不完整") from error


class Decoded:
    """Blocks of text. `encoding` is known by the mark, else by the first bytes beyond ASCII."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.encoding = "utf-8"
        self._blocks = blocks

    def __iter__(self) -> Iterator[str]:
        """The text; bytes that are none stand as characters no row may have."""
        waiting = next(self._blocks, b"")
        mark, self.encoding = next(
            (known for known in _MARKS if waiting.startswith(known[0])), (b"", "")
        )
        waiting = waiting[len(mark) :]
        _refuse_other_forms(waiting, marked=bool(mark))
        while not self.encoding:
            if waiting.isascii():
                yield waiting.decode("ascii")
                waiting = b""
            block = next(self._blocks, b"")
            if not block or len(waiting) >= 2 * BLOCK:
                self.encoding = _encoding_of(waiting)
            waiting += block
        decoder = codecs.getincrementaldecoder(self.encoding)(errors="unreadable")
        yield decoder.decode(waiting)
        for block in self._blocks:
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)


def _refuse_other_forms(first: bytes, *, marked: bool) -> None:
    start = first.lstrip()
    for magic, name in _OTHER_FORMS:
        if start.startswith(magic) and not (marked and magic == _GZIP):
            raise FileRefused(f"文件的内容是{name}，不是 CSV 或 NDJSON 文本；{_SAVE_AS}")
    head = first.partition(b"\n")[0]
    if not marked and head.count(0) * 4 > len(head):
        raise FileRefused(f"文件不是文本，或是没有标记的 UTF-16；{_SAVE_AS}")


def _encoding_of(sample: bytes) -> str:
    """UTF-8 unless much of what is beyond ASCII is none; then GB18030 if it reads as Chinese.

    Few bad bytes spoil their rows, not the file. Raises FileRefused for other encodings (Big5,
    Shift-JIS), whose rows would go in as characters nobody wrote."""
    beyond = len(sample) - len(sample.translate(None, _HIGH))
    bad = _read_as("utf-8", sample).count(_UNREADABLE)
    if bad * 4 <= beyond:
        return "utf-8"
    text = _read_as("gb18030", sample)
    if text.count(_UNREADABLE) * 20 > beyond:
        return "utf-8"
    known = [_usual(character) for character in {*text} if not character.isascii()]
    if sum(known) * 2 < len(known):
        raise FileRefused(f"文件的编码不能识别（不是 UTF-8，也不像 GB18030）；{_SAVE_AS}")
    return "gb18030"


def _read_as(encoding: str, sample: bytes) -> str:
    return codecs.getincrementaldecoder(encoding)(errors="unreadable").decode(sample)


def _usual(character: str) -> bool:
    """Whether GB18030 is likely meant: a character of GB 2312, or one of four bytes, whose form is
    not found by chance."""
    try:
        return bool(character.encode("gb2312"))
    except UnicodeEncodeError:
        return character != _UNREADABLE and len(character.encode("gb18030")) == _FOUR


class Lines:
    """Lines in pieces of at most some BLOCK characters, so that no line is in memory unless its
    reader keeps it. Every line has an end: the file's last one gets it where it has none.

    `done` counts the physical lines whose end was handed out."""

    def __init__(self, blocks: Iterable[str]) -> None:
        self.done = 0
        self._blocks = iter(blocks)
        self._ahead: deque[str] = deque()
        self._block, self._at = "", 0
        self._over = False
        self._unended = False

    def piece(self) -> str | None:
        """The next piece, with the line's end where it has it; None at the end of the file."""
        piece = self._ahead.popleft() if self._ahead else self._next()
        if piece and ends_line(piece):
            self.done += 1
        return piece or None

    def peek(self) -> str:
        """The next piece, which stays; empty at the end of the file."""
        if not self._ahead and (piece := self._next()):
            self._ahead.append(piece)
        return self._ahead[0] if self._ahead else ""

    def pieces(self) -> Iterator[str]:
        """The pieces of the next line; no more than one unless it is long."""
        while piece := self.piece():
            yield piece
            if ends_line(piece):
                return

    def put_back(self, pieces: list[str]) -> None:
        """Hand these out again, next."""
        self._ahead.extendleft(reversed(pieces))
        self.done -= sum(map(ends_line, pieces))

    def skip_blank(self) -> int:
        """Pass over lines of blanks, however many; how many they were."""
        before = self.done
        while self._ahead and not self._ahead[0].strip(" \t\x1a\r\n") and ends_line(self._ahead[0]):
            self.piece()
        while not self._ahead:
            if found := _BLANK.match(self._block, self._at):
                run = found.group()
                if run[-1] == "\r" and found.end() == len(self._block) and not self._over:
                    run = run[:-1]  # its line feed may be in the next block
                self.done += run.count("\n") + run.count("\r") - run.count("\r\n")
                self._at += len(run)
            if self._over or len(self._block) - self._at >= BLOCK:
                break
            self._fill()
        return self.done - before

    def _next(self) -> str:
        while True:
            end = _LINE_END.search(self._block, self._at)
            if end and (end.group() != "\r" or end.end() < len(self._block) or self._over):
                return self._cut(end.end())
            if self._over:
                return ""
            if len(self._block) - self._at > BLOCK:
                return self._cut(len(self._block) - (self._block[-1] == "\r"))
            self._fill()

    def _cut(self, end: int) -> str:
        piece, self._at = self._block[self._at : end], end
        self._unended = not ends_line(piece)
        return piece

    def _fill(self) -> None:
        left, block = self._block[self._at :], next(self._blocks, None)
        if block is None:
            self._over = True
            block = "\n" if (not ends_line(left) if left else self._unended) else ""
        self._block, self._at = left + block, 0


def ends_line(piece: str) -> bool:
    """Whether a piece is the last one of its line."""
    return piece[-1] in "\r\n"
