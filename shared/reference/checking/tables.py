"""Rows of rule files with their lines and ids: what every file's rows are told apart by."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

from shared.reference.checking.columns import Check
from shared.reference.checking.faults import Faults

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One CSV file of an edition: its columns in order, each with its check, and which of them
    tell its rows apart. `later` are columns that files of before do not have, with what a row
    means without them."""

    name: str
    columns: Mapping[str, Check]
    key: Sequence[str]
    later: Mapping[str, Callable[[Row], str]] = field(default_factory=dict)

    def header_of(self, given: Sequence[str]) -> list[str]:
        """The columns a file with this header must have."""
        return [each for each in self.columns if each in given or each not in self.later]

    def id_of(self, row: Row) -> str:
        """What names the row, in a message and in a list of rows to remove."""
        return "/".join(row[column] or "*" for column in self.key)


def lines_of(text: str, name: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """(line, fields) of a CSV text, the header first. A field never goes over the end of a line
    in these files: a quote that is not closed would take the rows after it with it, unsaid."""
    reader = csv.reader(StringIO(text), strict=True)
    before = 0
    try:
        for fields in reader:
            if reader.line_num != before + 1:
                faults.add(name, before + 1, "引号没有在同一行内结束")
            elif fields or before == 0:
                yield reader.line_num, fields
            before = reader.line_num
    except csv.Error as error:
        faults.add(name, before + 1, f"不是 CSV：{error}")


def rows_of(
    spec: TableSpec, text: str, faults: Faults, *, sound: bool = True
) -> dict[str, tuple[int, Row]]:
    """Id -> (line, row) of the rows whose every column is sound, or of all that have the columns;
    the faults of the others."""
    lines = lines_of(text.removeprefix("\ufeff"), spec.name, faults)
    _, header = next(lines, (1, []))
    if header != spec.header_of(header):
        faults.add(spec.name, 1, f"列名应为 {','.join(spec.columns)}")
        return {}
    found: dict[str, tuple[int, Row]] = {}
    for line, fields in lines:
        if len(fields) != len(header):
            faults.add(spec.name, line, f"应有 {len(header)} 列，实有 {len(fields)} 列")
            continue
        row = dict(zip(header, fields, strict=True))
        row |= {each: meant(row) for each, meant in spec.later.items() if each not in row}
        reasons = [
            f"{column} {reason}"
            for column, check in spec.columns.items()
            if (reason := check(row[column]))
        ]
        for reason in reasons:
            faults.add(spec.name, line, reason)
        row_id = spec.id_of(row)
        if row_id in found:
            faults.add(spec.name, line, f"与第 {found[row_id][0]} 行重复：{row_id}")
        elif not (reasons and sound):
            found[row_id] = (line, row)
    return found


def written(spec: TableSpec, rows: Iterator[Row] | Sequence[Row]) -> str:
    """Rows as the text of the file."""
    out = StringIO()
    writer = csv.DictWriter(out, list(spec.columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def kept_rows(spec: TableSpec, text: str) -> dict[str, Row]:
    """Id -> row of a file in force, whatever was found wrong with it since it was published."""
    return {each: row for each, (_, row) in rows_of(spec, text, Faults(), sound=False).items()}
