"""A limit table: each row for itself, two that contradict each other, and what has no limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from itertools import combinations, product

from shared.reference.checking.faults import Faults
from shared.reference.checking.specs import LIMITS, PURPOSES
from shared.reference.checking.tables import Row, rows_of
from shared.reference.divisions import Divisions
from shared.reference.limits import LimitRow, limit_row, packaged_limits
from shared.vocabulary.duties import Nature

_FIXED = (Nature.WINDOW, Nature.ASSIGNED)
"""A kind has these natures always or never: what lapses and what the act sets is the program's."""


def check_limits(text: str, faults: Faults, *, divisions: Divisions, root: str) -> None:
    """Note all that is wrong, with lines; among it kinds of duties the table of the program has a
    limit for and this one has not."""
    before = len(faults.found)
    found = rows_of(LIMITS, text, faults)
    for line, raw in found.values():
        for reason in _reasons(raw, divisions):
            faults.add(LIMITS.name, line, reason)
    if len(faults.found) > before:
        return
    rows = {limit_id: (line, limit_row(raw)) for limit_id, (line, raw) in found.items()}
    for (_, one), (line, other) in combinations(rows.values(), 2):
        if one.kind == other.kind and one.clashes_with(other):
            reason = f"{other.limit_id} 与第 {rows[one.limit_id][0]} 行 {one.limit_id} 时限重叠"
            faults.add(LIMITS.name, line, reason)
    if missing := list(_uncovered([row for _, row in rows.values()], root)):
        faults.add(LIMITS.name, 0, f"这些时限种类会没有时限：{'；'.join(missing)}")


def _reasons(raw: Row, divisions: Divisions) -> Iterable[str]:
    natures = _natures().get(raw["kind"])
    nature = Nature(raw["nature"])
    if natures is None:
        yield f"没有“{raw['kind']}”这个时限种类，应为 {'、'.join(_natures())} 之一"
    elif (nature in _FIXED or natures <= set(_FIXED)) and nature not in natures:
        yield f"{raw['kind']} 的 nature 应为 {'、'.join(sorted(natures))}，写的是 {nature}"
    if raw["region"] and divisions.get(raw["region"]) is None:
        yield f"没有区划 {raw['region']}"
    if raw["effective_to"] and raw["effective_to"] < raw["effective_from"]:
        yield f"effective_to {raw['effective_to']} 早于 effective_from {raw['effective_from']}"
    if (raw["length"] == "") != (nature is Nature.ASSIGNED):
        yield "length 只在 nature 为 assigned 时空着，其余必须填写"
    elif raw["length"]:
        warned = filter(None, raw["warn_days"].split(";"))
        if late := [each for each in warned if int(each) >= int(raw["length"])]:
            yield f"warn_days {'、'.join(late)} 不小于期限 {raw['length']}"


def _uncovered(rows: list[LimitRow], root: str) -> Iterable[str]:
    """For each kind the circumstances that the program's table answers and `rows` do not."""
    needed = packaged_limits().rows
    sources = sorted({row.source for row in needed})
    days = sorted({*_edges(needed), *_edges(rows)})
    for kind in _natures():
        model, mine = ([r for r in table if r.kind == kind] for table in (needed, rows))
        missing: dict[str, tuple[date, str]] = {}
        for purpose, source, on in product(PURPOSES, sources, days):
            asked = (root, purpose, source, on)
            if purpose not in missing and _fits(model, *asked) and not _fits(mine, *asked):
                missing[purpose] = (on, source)
        if missing:
            on, source = min(missing.values())
            of = " " if len(missing) == len(PURPOSES) else f"（{'、'.join(missing)}）"
            yield f"{kind}{of}自 {on} 起" + (f"（来源 {source}）" if source else "")


def _fits(rows: list[LimitRow], root: str, purpose: str, source: str, on: date) -> bool:
    return any(row.fits(division_code=root, purpose=purpose, source=source, on=on) for row in rows)


def _edges(rows: Iterable[LimitRow]) -> Iterable[date]:
    """The days on which a table's answers may change."""
    for row in rows:
        yield row.effective_from
        if row.effective_to and row.effective_to < date.max:
            yield row.effective_to + timedelta(days=1)


@cache
def _natures() -> Mapping[str, set[Nature]]:
    """Kinds the program knows, with the natures of their rows."""
    found: dict[str, set[Nature]] = {}
    for row in packaged_limits().rows:
        found.setdefault(row.kind, set()).add(row.nature)
    return found
