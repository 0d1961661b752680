"""A division table: the code, its level and the level above it say the same, and nothing hangs
in the air. Scope stands on the digits of codes, so that they must not lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.reference.checking.columns import shown, words
from shared.reference.checking.faults import Faults
from shared.reference.checking.tables import lines_of
from shared.reference.division_files import row_reader
from shared.reference.divisions import Division
from shared.vocabulary.places import Level

FILE = "divisions.csv"
_NAME = words(60)
_LEVELS = ("省", "市", "县", "乡镇、街道", "村、社区")
_ABOVE = {Level.PROVINCE: 0, Level.PREFECTURE: 2, Level.COUNTY: 4, Level.TOWNSHIP: 6,
          Level.VILLAGE: 9}  # fmt: skip


def read_divisions(text: str, faults: Faults) -> list[tuple[int, Division]]:
    """(line, division) of every row that can be read, in any of the shapes known; the faults of
    the others, and of codes that occur twice."""
    lines = lines_of(text.removeprefix("\ufeff"), FILE, faults)
    _, header = next(lines, (1, []))
    try:
        read = row_reader(header)
    except ValueError:
        faults.add(FILE, 1, f"不认识的列名：{shown(','.join(header))}")
        return []
    found: list[tuple[int, Division]] = []
    seen: dict[str, int] = {}
    for line, fields in lines:
        try:
            row = read(fields)
        except (ValueError, KeyError, IndexError):
            faults.add(FILE, line, f"不能读取：{shown(','.join(fields))}")
            continue
        if row.code in seen:
            faults.add(FILE, line, f"代码与第 {seen[row.code]} 行重复：{short(row.code)}")
        else:
            seen[row.code] = line
            found.append((line, row))
    return found


def check_divisions(
    rows: list[tuple[int, Division]],
    tree: Mapping[str, Division],
    faults: Faults,
    *,
    top: str | None = None,
) -> None:
    """Note what is wrong with `rows` in `tree`, which holds them too. `top`: the root of the
    deployment, which needs nothing above it."""
    for line, row in rows:
        for reason in _reasons(row, tree, top=top):
            faults.add(FILE, line, reason)


def short(code: str) -> str:
    """A code as people write it, without the zeros that fill it up."""
    width = next(w for w in (2, 4, 6, 9, 12) if not code[w:].strip("0"))
    return code[:width]


def _reasons(row: Division, tree: Mapping[str, Division], *, top: str | None) -> Iterator[str]:
    if fault := _NAME(row.name):
        yield f"{short(row.code)} 的名称{fault}：“{shown(row.name)}”"
    if fault := _by_code(row):
        yield fault
        return
    above = row.code[: _ABOVE[row.level]].ljust(12, "0") if _ABOVE[row.level] else None
    free = row.code == top  # a tree may begin at the deployment's root
    if row.parent_code != above and not (free and row.parent_code is None):
        wrote = "空" if row.parent_code is None else short(row.parent_code)
        own = "（写成了自己）" if row.parent_code == row.code else ""
        should = short(above) if above else "空"
        yield f"{row.name}（{short(row.code)}）的上级应为 {should}，写的是 {wrote}{own}"
    elif above is not None and above not in tree and not free:
        yield f"{row.name}（{short(row.code)}）的上级区划 {short(above)} 不存在"
    yield from _in_time(row, tree)


def _by_code(row: Division) -> str:
    """Why the code can't be one of the level."""
    width = row.level.width
    fits = not row.code[width:].strip("0") and row.code[_ABOVE[row.level] : width].strip("0")
    if fits:
        return ""
    return (
        f"{row.name}：级别 {row.level.value}（{_LEVELS[row.level - 1]}）的代码是 {width} 位，"
        f"{short(row.code)} 不是"
    )


def _in_time(row: Division, tree: Mapping[str, Division]) -> Iterator[str]:
    name = f"{row.name}（{short(row.code)}）"
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        yield f"{name}的 valid_to {row.valid_to} 早于 valid_from {row.valid_from}"
    if row.successor_code is None:
        return
    if row.valid_to is None:
        yield f"{name}有继任区划却没有 valid_to"
    seen, successor = {row.code}, tree.get(row.successor_code)
    if successor is None:
        yield f"{name}的继任区划 {row.successor_code} 不存在"
    while successor is not None:
        if successor.code in seen:
            yield f"{name}的继任区划绕回自己"
            return
        seen.add(successor.code)
        successor = tree.get(successor.successor_code or "")
