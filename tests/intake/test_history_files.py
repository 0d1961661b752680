"""Reading historical files: both kinds, compressed or not, with bad rows among the good."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.intake.history.domain.mapping import MappingFile
from services.intake.history.files.reading import FileRefused, HistoricalFile, Rejects
from services.intake.history.use_cases.mappings import mapping_named
from shared.vocabulary.petitions import Channel, Purpose

COLUMNS = ["message_id", "user", "subject", "text", "submitted_at", "reply", "replied_at"]


def a_row(**changes: Any) -> dict[str, Any]:
    return {
        "message_id": "7", "user": "U1", "subject": "路灯不亮", "text": "路灯坏了，\n很黑。",
        "submitted_at": "2019-12-31T23:30:00+08:00", "reply": "已修好。",
        "replied_at": "2020-01-05T09:00:00+08:00",
    } | changes  # fmt: skip


def written(folder: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    text = io.StringIO()
    if ".csv" in name:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    else:
        text.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    raw = text.getvalue().encode()
    path = folder / name
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


def read(path: Path) -> HistoricalFile:
    return HistoricalFile(path, mapping_named("message-board"))


@pytest.mark.parametrize("name", ["h.csv", "h.csv.gz", "h.ndjson", "h.ndjson.gz", "H.JSONL"])
def test_rows_become_petitions(tmp_path: Path, name: str) -> None:
    rows = list(
        read(
            written(tmp_path, name, [a_row(), a_row(message_id="8", reply="", replied_at="")])
        ).rows()
    )
    first, second = (row.petition for row in rows)
    assert first is not None
    assert second is not None
    assert (first.source, first.source_id) == ("message-board", "7")
    assert first.received_on == date(2019, 12, 31)
    assert first.answered_on == date(2020, 1, 5)
    assert first.text == "路灯坏了，\n很黑。"
    assert first.answer == "已修好。"
    assert first.channel is Channel.ONLINE
    assert first.purpose is Purpose.CLAIM
    assert second.answered_on is None
    assert second.answer is None


def test_days_are_local_to_the_mapping(tmp_path: Path) -> None:
    path = written(tmp_path, "h.csv", [a_row(submitted_at="2019-12-31T16:30:00Z")])
    (row,) = read(path).rows()
    assert row.petition is not None
    assert row.petition.received_on == date(2020, 1, 1)


def test_a_suggestion_is_known_by_its_subject(tmp_path: Path) -> None:
    path = written(tmp_path, "h.csv", [a_row(subject="关于增设公交站的建议")])
    (row,) = read(path).rows()
    assert row.petition is not None
    assert row.petition.purpose is Purpose.SUGGESTION


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": ""}, {"message_id": "x" * 101}, {"subject": " "}, {"text": ""},
        {"text": "字" * 20_001}, {"submitted_at": ""}, {"submitted_at": "gestern"},
        {"replied_at": "2019-01-01T00:00:00+08:00"}, {"text": "a\x00b"},
    ],
)  # fmt: skip
def test_a_bad_row_is_set_aside_and_the_good_go_in(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = written(tmp_path, "h.ndjson", [a_row(), a_row(**changes), a_row(message_id="9")])
    rows = list(read(path).rows())
    assert [row.petition is not None for row in rows] == [True, False, True]
    assert rows[1].line == 2
    assert rows[1].reason
    assert not any(str(value) in rows[1].reason for value in changes.values() if str(value).strip())


def test_broken_lines_are_told_by_their_line(tmp_path: Path) -> None:
    path = tmp_path / "h.ndjson"
    good = json.dumps(a_row())
    path.write_text(f'{good}\n{{"message_id": \n[]\n\n{{"message_id": NaN}}\n"x"\n{good}\n')
    rows = list(read(path).rows())
    assert [(row.line, row.petition is not None) for row in rows] == [
        (1, True), (2, False), (3, False), (5, False), (6, False), (7, True)]  # fmt: skip


def test_a_csv_row_with_too_few_or_too_many_cells_is_set_aside(tmp_path: Path) -> None:
    path = written(tmp_path, "h.csv", [a_row(text="一行")])
    with path.open("a", encoding="utf-8") as file:
        file.write("8,U,题\n9,U,题,文,2019-01-01,,,多,余\n10,U,题,文,2019-01-01,,\n")
    rows = list(read(path).rows())
    assert [(row.line, row.petition is not None) for row in rows] == [
        (2, True), (3, False), (4, False), (5, True)]  # fmt: skip


def test_bytes_that_are_no_text_spoil_one_row_only(tmp_path: Path) -> None:
    path = tmp_path / "h.csv"
    head = ",".join(COLUMNS).encode()
    path.write_bytes(head + b"\n1,U,\xff\xfe,t,2019-01-01,,\n2,U,s,t,2019-01-01,,\n")
    rows = list(read(path).rows())
    assert [row.petition is not None for row in rows] == [False, True]


def test_flags_about_persons_are_dropped_and_told(tmp_path: Path) -> None:
    path = written(tmp_path, "h.csv", [a_row(老户="是", 稳控等级="三", risk_score="9")])
    source = read(path)
    (row,) = source.rows()
    assert source.dropped_columns == {"老户", "稳控等级", "risk_score"}
    assert row.petition is not None
    assert "三" not in repr(row.petition)


@pytest.mark.parametrize("name", ["h.xlsx", "h.csv.zip", "h"])
def test_other_kinds_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    with pytest.raises(FileRefused):
        list(read(tmp_path / name).rows())


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "h.csv.gz", [a_row(message_id=str(i)) for i in range(2000)])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(FileRefused):
        list(read(path).rows())


def test_rejects_hold_line_and_reason_only(tmp_path: Path) -> None:
    path = written(tmp_path, "h.ndjson", [a_row(subject="秘密的题目", text="")])
    rejects = Rejects(tmp_path / "rejects.ndjson")
    for row in read(path).rows():
        rejects.add(row)
    rejects.close()
    (line,) = (tmp_path / "rejects.ndjson").read_text(encoding="utf-8").splitlines()
    assert json.loads(line).keys() == {"line", "reason"}
    assert "秘密" not in line
    assert rejects.count == 1


def test_a_mapping_without_a_needed_column_is_no_mapping() -> None:
    with pytest.raises(ValueError, match="columns"):
        MappingFile({"name": "x", "source": "x", "edition": "1", "published": True})
