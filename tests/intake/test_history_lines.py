"""Every line of a file is one row's, and a faulty row takes no neighbour with it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.history.files import csv_record, text
from services.intake.history.files.reading import HistoricalFile, Row
from services.intake.history.files.text import FileRefused
from services.intake.history.use_cases.mappings import mapping_named
from tests.intake.test_history_files import COLUMNS

HEADER = ",".join(COLUMNS) + "\n"
MEGABYTES = 12


def row(number: int, text: str = "坏了") -> str:
    return f"{number},U,路灯不亮,{text},2019-03-05,,\n"


def read(folder: Path, content: str | bytes, name: str = "h.csv") -> list[Row]:
    """The rows of a file, each of whose physical lines is accounted for exactly once."""
    raw = content if isinstance(content, bytes) else content.encode()
    path = folder / name
    path.write_bytes(raw)
    source = HistoricalFile(path, mapping_named("message-board"))
    rows = list(source.rows())
    own = [line for each in rows for line in range(each.line, each.line + each.lines)]
    assert own == sorted(set(own))
    assert source.lines == source.header_lines + source.blank_lines + len(own)
    if not name.endswith(".gz"):
        assert source.lines == len(
            io.StringIO(raw.decode(errors="replace"), newline=None).readlines()
        )
    return rows


def ids(rows: list[Row]) -> list[str]:
    return [each.petition.source_id for each in rows if each.petition]


def bad(rows: list[Row]) -> list[tuple[int, int]]:
    return [(each.line, each.line + each.lines - 1) for each in rows if each.petition is None]


NEIGHBOURS = "".join(map(row, range(103, 120)))
FAULTY = {
    "a quote opens in a field": '102,U,"路灯不亮,坏了,2019-03-05,,\n',
    "a quote opens the row": '"102,U,路灯不亮,坏了,2019-03-05,,\n',
    "a quote opens the last field": '102,U,路灯不亮,坏了,2019-03-05,,"\n',
    "a closing quote is missing": '102,U,路灯不亮,"坏了,2019-03-05,,\n',
    "a word is quoted, not the field": '102,U,"低保"办理难,坏了,2019-03-05,,\n',
    "three quotes": '102,U,"""路灯不亮,坏了,2019-03-05,,\n',
    "quotes of all fields, one lost": '"102","U","路灯不亮","坏了","2019-03-05","","\n',
    "cells are missing": "102,U,路灯不亮\n",
}


@pytest.mark.parametrize("fault", FAULTY)
@pytest.mark.parametrize(
    "behind",
    [
        NEIGHBOURS,
        NEIGHBOURS + row(120, '路灯"不亮"了'),
        NEIGHBOURS + '120,U,题",坏了,2019-03-05,,\n' + row(121),
        NEIGHBOURS + row(120, '"有两行，\n很黑。"'),
        row(103, '"有两行，\n""很黑""。"') + NEIGHBOURS.replace("103,U", "999,U"),
        NEIGHBOURS.removesuffix("\n"),
        row(103).removesuffix("\n"),
    ],
    ids=[
        "to the end",
        "bare quotes",
        "to a quote",
        "to a quoted text",
        "next quoted",
        "no end",
        "one",
    ],
)
def test_a_faulty_row_is_alone(tmp_path: Path, fault: str, behind: str) -> None:
    good = read(tmp_path, HEADER + row(101) + behind)
    rows = read(tmp_path, HEADER + row(101) + FAULTY[fault] + behind)
    assert bad(rows)[0] == (3, 3)
    lost = set(ids(good)) - set(ids(rows))
    assert lost <= {"120"}, "at most the row in which the quote may have ended"
    assert set(ids(rows)) <= set(ids(good))


@pytest.mark.parametrize(
    "texts",
    [
        ["一", "二,三,四,五,2019-03-05,,"], ["1,2", "3,4,5,好"], ["a", "", ""],
        ['说""好"",', "2,3,4,5"],
        ["2019-03-05,a,b,c,d", "谢谢,请尽快,处理,好"], ["，" * 50, "a,b,c"],
    ],
)  # fmt: skip
def test_a_text_of_several_lines_stays_one(tmp_path: Path, texts: list[str]) -> None:
    for end in ("\n", "\r\n", "\r"):
        content = HEADER + row(101, '"' + "\n".join(texts) + '"') + row(102) + row(103, '"x\ny"')
        rows = read(tmp_path, content.replace("\n", end))
        assert ids(rows) == ["101", "102", "103"], rows
        assert [each.line for each in rows] == [2, 2 + len(texts), 3 + len(texts)]


_CELL = st.text(alphabet='",\n\r \u2028路灯ab12-', max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_CELL, _CELL, _CELL), min_size=1, max_size=8), st.sampled_from([0, 1]))
def test_what_a_writer_writes_is_read(
    tmp_path: Path, cells: list[tuple[str, str, str]], quoting: Any
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=quoting)
    writer.writerow(COLUMNS)
    for number, (user, words, reply) in enumerate(cells):
        writer.writerow([1000 + number, user, "题", f"文{words}", "2019-03-05", reply, ""])
    rows = read(tmp_path, out.getvalue())
    texts = [each.petition.text for each in rows if each.petition]
    assert texts == [f"文{words}".strip() for _, words, _ in cells]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='",,\n\r\x00路a1\x1a', max_size=80), st.integers(3, 40))
def test_no_line_of_any_text_is_lost(tmp_path: Path, behind: str, block: int) -> None:
    before, text.BLOCK = text.BLOCK, block
    try:
        read(tmp_path, HEADER + row(101) + behind + "x")
    finally:
        text.BLOCK = before


def test_a_long_cell_is_one_reject(tmp_path: Path) -> None:
    long = "\n".join(["坏" * 1000] * 200)
    rows = read(tmp_path, HEADER + row(101, f'"{long}"') + row(102))
    assert bad(rows) == [(2, 201)]
    assert ids(rows) == ["102"]


@pytest.mark.parametrize("limit", [300, 1000, 3000])
def test_an_unclosed_quote_is_left_at_the_limit(
    tmp_path: Path, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_record, "LINE_LIMIT", limit)
    rows = read(tmp_path, HEADER + row(101) + FAULTY["a quote opens in a field"] + NEIGHBOURS * 9)
    assert bad(rows) == [(3, 3)]
    prose = "路灯坏了\n" * 400
    rows = read(tmp_path, HEADER + row(101) + '102,U,题,"' + prose + NEIGHBOURS)
    assert bad(rows) == [(3, 402)]
    assert ids(rows) == ["101", *map(str, range(103, 120))]


def test_nul_bytes_spoil_one_row(tmp_path: Path) -> None:
    rows = read(tmp_path, HEADER + row(101, "a\x00b") + row(102) + row(103, "\x00" * 9))
    assert ids(rows) == ["102"]


def test_keys_that_stand_twice_are_rejected(tmp_path: Path) -> None:
    good = {"message_id": "1", "subject": "题", "text": "文", "submitted_at": "2019-03-05"}
    line = json.dumps(good, ensure_ascii=False)
    twice = line.replace('"text"', '"subject": "另一题", "text"')
    nested = line.replace("}", ', "更多": {"a": 1, "a": 2}}')
    rows = read(tmp_path, f"{line}\r\n\r\n{twice}\n  \n{nested}\n{line}", "h.ndjson")
    assert bad(rows) == [(3, 3), (5, 5)]
    assert [each.reason for each in rows if each.reason] == ["同一个键出现多次"] * 2


@pytest.mark.parametrize(
    "written",
    ["2.02003E+14", "2.02003e14", "2E+14", "1,5E+10", "-1.0E-5"],
)
def test_a_rounded_id_is_named_as_one(tmp_path: Path, written: str) -> None:
    quoted = f'"{written}"' if "," in written else written
    table = HEADER + row(7).replace("7,U", f"{quoted},U") + row(8)
    named = f'"message_id": {written.replace(",", ".")}'
    line = f'{{{named}, "subject": "题", "text": "文", "submitted_at": "2019-03-05"}}\n'
    for name, content in (("h.csv", table), ("h.ndjson", line)):
        first = read(tmp_path, content, name)[0]
        assert first.reason is not None
        assert "约数" in first.reason


def test_ids_that_only_look_rounded_are_ids(tmp_path: Path) -> None:
    names = ["12E5", "1234e567", "E+14", "2.02003", "20200301E", "3e10"]
    rows = read(tmp_path, HEADER + "".join(row(0).replace("0,U", f"{n},U", 1) for n in names))
    assert ids(rows) == names


@pytest.mark.parametrize(
    ("head", "unit", "behind"),
    [
        (HEADER, "a", "\n" + row(7)),
        (HEADER, "\n", row(7)),
        (HEADER, "\r\n", row(7)),
        (HEADER, "a" * 500 + ",", "\n" + row(7)),
        (HEADER + '1,U,题,"', "a", '",2019-03-05,,\n' + row(7)),
        (HEADER + '1,U,题,"', '""', '",2019-03-05,,\n' + row(7)),
        (HEADER + '1,U,题,"', "0123456789abcdef" * 4096 + "\n", '",2019-03-05,,\n' + row(7)),
    ],
)
def test_memory_does_not_grow_with_a_line(
    tmp_path: Path, head: str, unit: str, behind: str
) -> None:
    path = tmp_path / "h.csv.gz"
    portion = (unit * (1 + (1 << 20) // len(unit))).encode()
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(head.encode())
        for _ in range(MEGABYTES):
            file.write(portion)
        file.write(behind.encode())
    source = HistoricalFile(path, mapping_named("message-board"))
    tracemalloc.start()
    rows = list(source.rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ids(rows) == ["7"]
    assert len(rows) <= 2
    assert source.lines == source.header_lines + source.blank_lines + sum(r.lines for r in rows)
    assert peak < 9 << 20


def test_a_json_line_of_any_length_is_one_reject(tmp_path: Path) -> None:
    good = '{"message_id":"7","subject":"题","text":"文","submitted_at":"2019-03-05"}'
    rows = read(tmp_path, '{"a": "' + "x" * (3 << 20) + f'"}}\n{good}\n', "h.ndjson")
    assert (bad(rows), ids(rows)) == ([(1, 1)], ["7"])


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    for name, content in (
        ("h.csv", ""), ("h.csv", HEADER), ("h.csv", "\n\n"), ("h.csv", HEADER + " \n\r\n\x1a"),
        ("h.csv", "\ufeff"), ("h.ndjson", ""), ("h.ndjson", "\n \n"),
    ):  # fmt: skip
        with pytest.raises(FileRefused):
            read(tmp_path, content, name)
