"""Files as offices' programs write them, and files that are something else."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from services.intake.history.files import text
from services.intake.history.files.reading import HistoricalFile
from services.intake.history.files.text import FileRefused
from services.intake.history.use_cases.mappings import mapping_named
from tests.intake.test_history_files import COLUMNS

ROWS = [
    "7,U,路灯不亮,坏了半个月。,2019/3/5 8:00,已修复。,",
    "8,U,村口路塌了,\U00020bb7𠮷㐂家门口,2019/3/6,,",
]


def content(separator: str = ",", end: str = "\r\n", rows: list[str] = ROWS) -> str:
    return "".join(each.replace(",", separator) + end for each in [",".join(COLUMNS), *rows])


def texts(folder: Path, raw: bytes, name: str = "h.csv") -> tuple[list[str], str]:
    (folder / name).write_bytes(raw)
    source = HistoricalFile(folder / name, mapping_named("message-board"))
    rows = list(source.rows())
    assert all(row.petition for row in rows), rows
    return [row.petition.text for row in rows if row.petition], source.encoding


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "，"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_every_form_of_table_is_read(
    tmp_path: Path, separator: str, end: str, encoding: str
) -> None:
    raw = content(separator, end).encode(encoding)
    for name, packed in (("h.csv", raw), ("h.csv.gz", gzip.compress(raw))):
        found, told = texts(tmp_path, packed, name)
        assert found == ["坏了半个月。", "\U00020bb7𠮷㐂家门口"]
        assert told == {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)


def test_big_endian_text_is_read(tmp_path: Path) -> None:
    assert texts(tmp_path, b"\xfe\xff" + content().encode("utf-16-be"))[1] == "utf-16-be"


@pytest.mark.parametrize(
    ("encoding", "block"),
    [("utf-8", 3), ("utf-8", 5), ("utf-8", 64), ("gb18030", 64), ("gb18030", 1 << 16),
     ("utf-16", 3), ("utf-16", 64)],
)  # fmt: skip
def test_characters_are_whole_at_any_border(
    tmp_path: Path, encoding: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "BLOCK", block)
    words = "路灯𠮷坏了㐂" * 40_000
    rows = [f"{at},U,路灯不亮,{words[at : at + 300]},2019-03-05,," for at in range(100)]
    rows.append(f"101,U,路灯不亮,{words[:15_000]},2019-03-05,,")
    found, told = texts(tmp_path, content(rows=rows).encode(encoding))
    assert told == {"utf-16": "utf-16-le"}.get(encoding, encoding)
    assert found == [row.split(",")[3] for row in rows]


def test_an_encoding_is_settled_by_the_first_words_however_late(tmp_path: Path) -> None:
    plain = [f"{at},U,street light,broken,2019-03-05,," for at in range(5_000)]
    for encoding in ("utf-8", "gb18030"):
        found, told = texts(tmp_path, content(rows=plain + ROWS).encode(encoding))
        assert told == encoding
        assert found[-2] == "坏了半个月。"


def test_few_bad_bytes_spoil_their_rows_only(tmp_path: Path) -> None:
    path = tmp_path / "h.csv"
    for encoding in ("utf-8", "gb18030"):
        rows = [f"{at},U,路灯不亮,坏了半个月没有人来修,2019-03-05,," for at in range(50)]
        raw = content(rows=rows).encode(encoding)
        path.write_bytes(raw + b"99,U,a\xff\xffb,t,2019-03-05,,\n")
        *good, last = HistoricalFile(path, mapping_named("message-board")).rows()
        assert all(row.petition for row in good)
        assert last.petition is None


def workbook() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("xl/workbook.xml", "<x/>")
    return out.getvalue()


CSV = content().encode()
HOTLINE = "工单编号,来电人,标题,内容,受理时间\n1,U,题,文,2019-03-05\n"
OTHER = {
    "a workbook": workbook(),
    "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "a web page": b"\xef\xbb\xbf\r\n <html><table><tr><td>message_id</td></tr></table></html>",
    "xml": b'<?xml version="1.0"?><Workbook/>',
    "a pdf": b"%PDF-1.7\n",
    "gzip by another name": gzip.compress(CSV),
    "utf-16 without a mark": content().encode("utf-16-le"),
    "bytes": bytes(range(256)) * 40,
    "big5": content(rows=["7,U,路燈不亮,壞了半個月沒有人來修,2019/3/5,,"] * 30).encode("big5"),
    "a header of another system": HOTLINE.encode(),
    "the same in gb18030": HOTLINE.encode("gb18030"),
    "no header": CSV.split(b"\r\n", 1)[1],
    "a column is missing": CSV.replace(b"submitted_at", b"submitted"),
    "a column is there twice": CSV.replace(b"user", b"text"),
    "json in csv": b'{"message_id": "7"}\n',
    "blanks between": content(separator=" ").encode(),
}  # fmt: skip


@pytest.mark.parametrize("form", OTHER)
@pytest.mark.parametrize("packed", [False, True])
def test_another_form_is_refused_in_a_sentence(tmp_path: Path, form: str, packed: bool) -> None:
    path = tmp_path / ("h.csv.gz" if packed else "h.csv")
    path.write_bytes(gzip.compress(OTHER[form]) if packed else OTHER[form])
    with pytest.raises(FileRefused) as refused:
        list(HistoricalFile(path, mapping_named("message-board")).rows())
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith("文件")


def test_a_refusal_names_the_columns_that_are_missing(tmp_path: Path) -> None:
    for name, raw in (("h.csv", "工单编号,text\n1,文\n"), ("h.ndjson", '{"工单编号": 1}\n')):
        (tmp_path / name).write_text(raw, encoding="utf-8")
        with pytest.raises(FileRefused, match="message_id、subject"):
            list(HistoricalFile(tmp_path / name, mapping_named("message-board")).rows())


PACKED = gzip.compress(CSV, mtime=0)  # the same in every worker


@pytest.mark.parametrize(
    "raw",
    [b"", CSV, b"\x1f\x8b", PACKED[:-9], PACKED[:20], PACKED[:30] + b"\xff" * 30, PACKED + CSV],
    ids=["nothing", "csv", "two bytes", "no end", "twenty bytes", "damaged", "more behind"],
)
def test_what_is_no_whole_gzip_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "h.csv.gz").write_bytes(raw)
    with pytest.raises(FileRefused):
        list(HistoricalFile(tmp_path / "h.csv.gz", mapping_named("message-board")).rows())


def test_headers_are_read_as_meant(tmp_path: Path) -> None:
    head = '\ufeff" message_id" ,user,subject\u3000, text,submitted_at,reply,replied_at,x,x\n'
    for header in (head.replace('"', ""), head.replace('" message_id" ', '" message_id "')):
        found, _ = texts(tmp_path, (header + "7,U,题,文,2019-03-05,,,1,2\n").encode())
        assert found == ["文"]


def test_a_json_array_is_refused(tmp_path: Path) -> None:
    for raw in ('[{"message_id": 1}]', "[\n{}\n]", "[\r\n{}]"):
        (tmp_path / "h.ndjson").write_text(raw, encoding="utf-8")
        with pytest.raises(FileRefused, match="数组"):
            list(HistoricalFile(tmp_path / "h.ndjson", mapping_named("message-board")).rows())
