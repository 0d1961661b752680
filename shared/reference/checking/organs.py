"""Organ kinds and exceptions: what they name is there, names can be made, nothing goes round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter

from shared.reference.checking.faults import Faults
from shared.reference.checking.specs import LEVELS, ORGAN_EXCEPTIONS, ORGAN_KINDS
from shared.reference.checking.tables import Row, rows_of
from shared.reference.divisions import Divisions

_PATTERNS = ("province", "prefecture", "county", "district", "township", "street")
_PARTS = {"name", "parent"}


def check_organs(
    kinds: str, exceptions: str, faults: Faults, *, divisions: Divisions, root: str
) -> None:
    """Note what is wrong with the two files. An exception of a division outside the deployment
    may name one that the tree does not have: nobody here asks for it."""
    found = rows_of(ORGAN_KINDS, kinds, faults)
    rows = {kind: row for kind, (_, row) in found.items()}
    for line, row in found.values():
        for reason in (*_names(row), *_relations(row, rows), *_in_time(row)):
            faults.add(ORGAN_KINDS.name, line, reason)
    if not any(row["petition_office"] == "yes" for row in rows.values()):
        faults.add(ORGAN_KINDS.name, 0, "没有一类机关是信访工作机构（petition_office 为 yes）")
    for line, row in rows_of(ORGAN_EXCEPTIONS, exceptions, faults).values():
        for reason in (*_exception(row, rows, divisions, root), *_in_time(row)):
            faults.add(ORGAN_EXCEPTIONS.name, line, reason)


def _names(row: Row) -> Iterator[str]:
    for column in _PATTERNS:
        try:
            parts = {
                field if not (spec or conversion) else "?"
                for _, field, spec, conversion in Formatter().parse(row[column])
                if field is not None
            }
        except ValueError:
            parts = {"?"}
        if parts - _PARTS:
            yield f"{column} 的花括号里只能是 {{name}} 或 {{parent}}：{row[column]}"
    if not any(row[column] for column in LEVELS):
        yield f"{row['kind']} 在哪一级都没有名称"


def _relations(row: Row, kinds: Mapping[str, Row]) -> Iterator[str]:
    own = row["kind"]
    known = {"superior": ("same", *kinds), "falls_to": ("", "UP", *kinds),
             "successor": ("", *kinds), "led_by": ("", *kinds)}  # fmt: skip
    for column, values in known.items():
        if row[column] not in values:
            yield f"{own} 的 {column} 指向没有的机关类型：{row[column] or '空'}"
    for column in ("falls_to", "successor", "led_by"):
        if _goes_round(own, column, kinds):
            yield f"{own} 的 {column} 绕回自己"
    if row["successor"] and not row["valid_to"]:
        yield f"{own} 有承继机关却没有 valid_to"


def _goes_round(kind: str, column: str, kinds: Mapping[str, Row]) -> bool:
    seen, step = {kind}, kinds[kind][column]
    while step in kinds and step not in seen:
        seen.add(step)
        step = kinds[step][column]
    return step == kind


def _exception(
    row: Row, kinds: Mapping[str, Row], divisions: Divisions, root: str
) -> Iterator[str]:
    for column in ("organ_code", "superior", "successor"):
        division, _, kind = row[column].partition("-")
        if not division:
            continue
        if kind != "*" and kind not in kinds:
            yield f"{row[column]}：没有机关类型 {kind}"
        known = divisions.get(division)
        if (known is None or known.code != division) and divisions.contains(root, division):
            yield f"{row[column]}：没有区划 {division}"
        if column != "organ_code" and row[column] == row["organ_code"]:
            yield f"{row[column]} 的 {column} 是自己"


def _in_time(row: Row) -> Iterator[str]:
    if row["valid_from"] and row["valid_to"] and row["valid_to"] < row["valid_from"]:
        yield f"valid_to {row['valid_to']} 早于 valid_from {row['valid_from']}"
