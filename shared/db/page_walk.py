"""The inner pages of an embedded database, read byte by byte (sqlite.org/fileformat2, section 1.6).

A tree's root and its inner pages lead to all the rest: one that is damaged hides everything below
it. They are a few in a thousand, so that reading them all takes a moment at any size, while the
leaves are left to the engine's own check.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from pathlib import Path

_INNER = {0x05, 0x02}
_LEAF = {0x0D, 0x0A}
_TABLE = {0x05, 0x0D}
MOST_PAGES = 20_000
"""Inner pages read at most; a file of 20 GB has about as many."""


class PageDamaged(ValueError):
    """A page that is no page of its tree; `page` counts from 1."""

    def __init__(self, page: int) -> None:
        super().__init__(f"page {page}")
        self.page = page


def walk(file: Path, roots: Iterable[int]) -> int:
    """Read every inner page below these roots, each root whatever it is; how many were read.

    Only for a file without a log beside it. Raises PageDamaged."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        return _Walk(descriptor).all(roots)
    finally:
        os.close(descriptor)


class _Walk:
    def __init__(self, descriptor: int) -> None:
        self._file = descriptor
        size = struct.unpack(">H", os.pread(descriptor, 2, 16))[0]
        self._size = 65_536 if size == 1 else size
        self._usable = self._size - os.pread(descriptor, 1, 20)[0]
        self._count = os.fstat(descriptor).st_size // self._size
        self._read = 0

    def all(self, roots: Iterable[int]) -> int:
        for root in roots:
            level, is_table = [root], None
            while level and self._read < MOST_PAGES:
                first = self._kind(level[0])
                if is_table is not None and (first in _TABLE) is not is_table:
                    raise PageDamaged(level[0])
                is_table = first in _TABLE
                if first in _LEAF and level != [root]:
                    break  # all leaves of a tree lie equally deep
                below: list[int] = []
                for page in level:
                    below += self._page(page, first)
                level = below
        return self._read

    def _kind(self, page: int) -> int:
        if not 1 <= page <= self._count:
            raise PageDamaged(page)
        found = os.pread(self._file, 1, (page - 1) * self._size + (100 if page == 1 else 0))
        if not found or (found[0] not in _INNER and found[0] not in _LEAF):
            raise PageDamaged(page)
        return found[0]

    def _page(self, page: int, kind: int) -> list[int]:
        """The pages below one, none below a leaf."""
        if self._kind(page) != kind:
            raise PageDamaged(page)
        self._read += 1
        raw = os.pread(self._file, self._size, (page - 1) * self._size)
        start = 100 if page == 1 else 0
        free, cells, content, _ = struct.unpack(">HHHB", raw[start + 1 : start + 8])
        head = start + (12 if kind in _INNER else 8)
        content = content or 65_536
        end = head + 2 * cells
        if end > self._usable or not end <= content <= self._usable:
            raise PageDamaged(page)
        if free and not content <= free <= self._usable - 4:
            raise PageDamaged(page)
        places = struct.unpack(f">{cells}H", raw[head:end])
        if any(not content <= place <= self._usable - 2 for place in places):
            raise PageDamaged(page)
        if kind in _LEAF:
            return []
        if cells and len(set(places)) < cells:
            raise PageDamaged(page)
        below = [struct.unpack(">I", raw[place : place + 4])[0] for place in places]
        below.append(struct.unpack(">I", raw[start + 8 : start + 12])[0])
        if len(set(below)) < len(below) or not self._may_be_below(below):
            raise PageDamaged(page)
        return below

    def _may_be_below(self, pages: list[int]) -> bool:
        return all(1 < page <= self._count for page in pages)
