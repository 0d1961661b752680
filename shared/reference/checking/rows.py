"""What an edition adds, changes and takes away, row by row; and a part put into the whole."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from shared.reference.checking.casework import FILE as CASEWORK
from shared.reference.checking.casework import entries
from shared.reference.checking.divisions import read_divisions, short
from shared.reference.checking.faults import Faults, listed
from shared.reference.checking.specs import TABLES
from shared.reference.checking.tables import kept_rows, rows_of, written
from shared.reference.division_files import dump
from shared.reference.divisions import Divisions

Files = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowChanges:
    """Ids of rows by what becomes of them; of those that stay the number."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int

    def unsaid(self, removes: Collection[str]) -> str:
        """Why it can't be taken as it is: rows it takes away without a word, or says to take away
        and has, or never were there. Empty when it can."""
        said = set(removes)
        if lost := [each for each in self.removed if each not in said]:
            return (
                f"会少掉现行版本的 {len(lost)} 行：{listed(lost)}。部分的行不能当作整表；"
                "请以现行版本为底稿修改，确要删除的须逐一列明"
            )
        if kept := sorted(said - set(self.removed)):
            return f"列为删除的行不在现行版本中，或者仍在文件里：{listed(kept)}"
        return ""


def changes(kind: str, old: Files, new: Files) -> RowChanges:
    """What becomes of each row between two editions of a kind, both readable."""
    same = 0
    if kind == "divisions":  # most of tens of thousands of lines are the same: read the others
        old, new, same = _without_common_lines(old, new)
    before, after = _rows(kind, old), _rows(kind, new)
    both = before.keys() & after.keys()
    changed = sorted(each for each in both if before[each] != after[each])
    return RowChanges(
        added=tuple(sorted(after.keys() - both)),
        changed=tuple(changed),
        removed=tuple(sorted(before.keys() - both)),
        unchanged=same + len(both) - len(changed),
    )


def merged(kind: str, base: Files, given: Files, *, removes: Collection[str]) -> dict[str, str]:
    """`base` with the rows of `given` added or put in their place by id, and those of `removes`
    taken out. A file that is no table (casework.toml) is taken as it is.

    Raises Invalid with line and reason for a file that can't be read."""
    if kind == "divisions":
        return {"divisions.csv": _divisions_merged(base, given, removes)}
    whole = {**base, **{name: text for name, text in given.items() if name not in TABLES}}
    for name, spec in TABLES.items():
        if name not in base:
            continue
        faults = Faults()
        fresh = rows_of(spec, given[name], faults) if name in given else {}
        faults.refuse()
        rows = kept_rows(spec, base[name]) | {each: row for each, (_, row) in fresh.items()}
        kept = {each: row for each, row in rows.items() if each not in removes or each in fresh}
        if name == "calendar.csv":
            kept = dict(sorted(kept.items()))
        whole[name] = written(spec, list(kept.values()))
    return whole


def _divisions_merged(base: Files, given: Files, removes: Collection[str]) -> str:
    (old,), (new,) = base.values(), given.values() or ("",)
    tree = {row.code: row for _, row in read_divisions(old, Faults())}
    faults = Faults()
    fresh = {row.code: row for _, row in read_divisions(new, faults)} if new else {}
    faults.refuse()
    kept = {c: row for c, row in tree.items() if short(c) not in removes and c not in removes}
    return dump(Divisions((kept | fresh).values()))


def _without_common_lines(old: Files, new: Files) -> tuple[Files, Files, int]:
    """Two division tables of one shape without the lines they share, and how many those are."""
    ((name, one),), ((other_name, other),) = old.items(), new.items()
    (head, *lines), (other_head, *others) = one.splitlines() or [""], other.splitlines() or [""]
    if head != other_head:
        return old, new, 0
    common = {line for line in set(lines) & set(others) if line}
    left, right = (
        "\n".join([head, *(line for line in each if line not in common)])
        for each in (lines, others)
    )
    return {name: left}, {other_name: right}, len(common)


def _rows(kind: str, files: Files) -> dict[str, Any]:
    if kind == "divisions":
        (text,) = files.values()
        return {short(row.code): row for _, row in read_divisions(text, Faults())}
    found: dict[str, Any] = {}
    for name, text in files.items():
        if name == CASEWORK:
            try:
                found |= entries(text)
            except tomllib.TOMLDecodeError:
                continue
        elif name in TABLES:
            found |= kept_rows(TABLES[name], text)
    return found
