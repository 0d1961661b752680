"""Categories and who is competent for them: levels above are there, kinds of organs are."""

from __future__ import annotations

from collections.abc import Collection

from shared.reference.categories import OTHER, Category
from shared.reference.checking.faults import Faults
from shared.reference.checking.specs import CATEGORIES, COMPETENCE
from shared.reference.checking.tables import rows_of


def check_categories(text: str, faults: Faults) -> None:
    """Note rows without the level above, two of one name side by side, and no 其他."""
    found = rows_of(CATEGORIES, text, faults)
    names: dict[tuple[str | None, str], int] = {}
    for line, row in found.values():
        above = Category(row["code"], row["name"]).parent_code
        if above is not None and above not in found:
            faults.add(CATEGORIES.name, line, f"{row['code']} 缺少上级分类 {above}")
        first = names.setdefault((above, row["name"]), line)
        if first != line:
            faults.add(CATEGORIES.name, line, f"与第 {first} 行同级同名：{row['name']}")
    if OTHER not in found:
        faults.add(CATEGORIES.name, 0, f"缺少 {OTHER} 其他")


def check_competence(
    text: str, faults: Faults, *, categories: Collection[str], kinds: Collection[str]
) -> None:
    """Note rows for a category or a kind of organ that is not there, and an empty table."""
    found = rows_of(COMPETENCE, text, faults)
    for line, row in found.values():
        if row["category"] not in categories:
            faults.add(COMPETENCE.name, line, f"没有分类 {row['category']}")
        if row["kind"] not in kinds:
            faults.add(COMPETENCE.name, line, f"没有机关类型 {row['kind']}")
    if not found:
        faults.add(COMPETENCE.name, 0, "没有任何一行")
