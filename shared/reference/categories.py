"""Content categories (内容分类): three levels, six-digit codes with two digits per level.

`030000` is a first-level category, `030600` one below it, `030602` below that; `990000` is 其他.
No official code table was found, so the codes, the parents of the second level and the whole
third level are ours and marked so in data/categories.csv.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO

from shared.kernel.errors import DomainError
from shared.reference.calendar import packaged_text

COLUMNS = ("code", "name", "assigned", "source")
OTHER = "990000"
_CODE = re.compile(r"[0-9]{6}")


class CategoriesInvalid(DomainError):
    """A category table is malformed; `detail` names the line and the fault."""

    code = "categories_invalid"


@dataclass(frozen=True, slots=True)
class Category:
    """One category. `assigned` says what of it is ours: "", "parent" or "row"."""

    code: str
    name: str
    assigned: str = ""
    source: str = ""

    @property
    def level(self) -> int:
        """1, 2 or 3, by the shape of the code."""
        if self.code.endswith("0000"):
            return 1
        return 2 if self.code.endswith("00") else 3

    @property
    def parent_code(self) -> str | None:
        """Code of the category directly above, None for the first level."""
        if self.level == 1:
            return None
        return self.code[: 2 * self.level - 2].ljust(6, "0")


class Categories:
    """One edition of the tree. Raises CategoriesInvalid for a bad code, repeat or orphan."""

    def __init__(self, rows: Iterable[Category]) -> None:
        self._by_code: dict[str, Category] = {}
        self._children: dict[str | None, list[Category]] = {}
        for row in rows:
            if not _CODE.fullmatch(row.code) or row.code.startswith("00"):
                raise CategoriesInvalid(f"不是分类代码：{row.code}")
            if row.code in self._by_code:
                raise CategoriesInvalid(f"分类代码重复：{row.code}")
            self._by_code[row.code] = row
            self._children.setdefault(row.parent_code, []).append(row)
        for parent in self._children:
            if parent is not None and parent not in self._by_code:
                raise CategoriesInvalid(f"缺少上级分类：{parent}")

    def __len__(self) -> int:
        return len(self._by_code)

    def __iter__(self) -> Iterator[Category]:
        return iter(self._by_code.values())

    def get(self, code: str | None) -> Category | None:
        """The category of a six-digit code, None when unknown."""
        return self._by_code.get(code) if code else None

    def parent(self, code: str) -> Category | None:
        """The category directly above, None for the first level and unknown codes."""
        known = self.get(code)
        return self.get(known.parent_code) if known else None

    def level1(self, code: str | None) -> Category | None:
        """The first-level category a code is or lies in, None when unknown."""
        known = self.get(code)
        return self.get(known.code[:2].ljust(6, "0")) if known else None

    def ancestry(self, code: str) -> list[Category]:
        """The category and those above it, nearest first; empty when unknown."""
        chain: list[Category] = []
        known = self.get(code)
        while known is not None:
            chain.append(known)
            known = self.get(known.parent_code)
        return chain

    def children(self, code: str | None) -> list[Category]:
        """Categories directly below a code (None: the first level), in the table's order."""
        return list(self._children.get(code, ()))

    def path_names(self, code: str) -> list[str]:
        """Names from the first level down to `code`; empty when unknown."""
        return [category.name for category in reversed(self.ancestry(code))]

    def search(self, words: str, *, limit: int = 20) -> list[Category]:
        """Categories whose name contains `words`, highest level first, then by code."""
        if not words:
            return []
        hits = [category for category in self if words in category.name]
        return sorted(hits, key=lambda category: (category.level, category.code))[:limit]


def read_categories(text: str) -> Categories:
    """A tree from the text of its CSV file (code, name, assigned, source; with header).

    Raises CategoriesInvalid.
    """
    reader = csv.DictReader(StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise CategoriesInvalid(f"列名应为 {','.join(COLUMNS)}")
    rows = []
    for row in reader:
        if None in row.values() or None in row or not row["name"]:
            raise CategoriesInvalid(f"第 {reader.line_num} 行：列数不符或缺少名称")
        rows.append(Category(row["code"], row["name"], row["assigned"], row["source"]))
    return Categories(rows)


@lru_cache(maxsize=1)
def packaged_categories() -> Categories:
    """The tree that comes with the program."""
    return read_categories(packaged_text("categories.csv"))
