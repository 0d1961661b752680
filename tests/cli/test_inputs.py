"""What a demo replays, how files are cut into requests, the lock."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli import demo_input
from services.cli.demo import fresh_folder
from services.cli.demo_input import SAMPLES, InputMissing, find_input, petition_rows
from services.cli.importing import CHUNK_CHARACTERS, CHUNK_ROWS, chunks
from services.intake.history.domain.mapping import ROW_LIMIT, RowRefused
from services.intake.history.files.reading import Row
from services.intake.history.use_cases.mappings import mapping_named
from shared.runtime.folder_lock import FolderBusy, FolderLock
from shared.runtime.settings import Settings
from shared.vocabulary.petitions import Purpose


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that may lie beside the checkout, here an empty one."""
    folder = tmp_path / "shared-data"
    folder.mkdir()
    monkeypatch.setattr(demo_input, "SHARED", folder)
    return folder


def a_file(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text("", encoding="utf-8")
    return path


def test_samples_are_used_where_there_is_nothing_else(beside: Path) -> None:
    found = find_input(None, None, "")
    assert found.messages == SAMPLES / "petitions.csv"
    assert (found.history, found.divisions, found.root) == (SAMPLES / "history.csv", None, "43")


def test_real_messages_beside_the_checkout_come_first(beside: Path) -> None:
    files = [
        a_file(beside, name)
        for name in ("messages.csv.gz", "replied.csv.gz", "divisions-sample.csv")
    ]
    found = find_input(None, None, "43")
    assert [found.messages, found.history, found.divisions] == files
    assert found.root == ""


def test_a_file_finds_its_tree_beside_itself_then_beside_the_checkout(
    beside: Path, tmp_path: Path
) -> None:
    file = a_file(tmp_path, "mine.csv")
    with pytest.raises(InputMissing):
        find_input(file, None, "")
    assert find_input(file, None, "4302").root == "4302"
    shared_tree = a_file(beside, "divisions-sample.csv")
    assert find_input(file, None, "").divisions == shared_tree
    own_tree = a_file(tmp_path, "divisions.csv")
    assert find_input(file, None, "").divisions == own_tree
    assert find_input(file, shared_tree, "").divisions == shared_tree


def test_rows_become_filings_of_a_registrar(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text(
        "message_id,user,subject,text,submitted_at\n"
        "1,U1,关于增设路灯的建议,请增设。,2026-01-05T08:00:00+08:00\n"
        "2,,,只有正文的一件,2026-01-05T08:00:00+08:00\n"
        "3,U3,没有正文,,2026-01-05T08:00:00+08:00\n",
        encoding="utf-8",
    )
    suggestion, text_only, subject_only = petition_rows(
        file, mapping_named("message-board"), limit=None
    )
    assert suggestion["purpose"] is Purpose.SUGGESTION
    assert suggestion["petitioners"][0]["name"] == "U1"
    assert text_only["subject"] == text_only["text"] == "只有正文的一件"
    assert subject_only["text"] == "没有正文"
    assert subject_only["purpose"] is Purpose.CLAIM
    assert len(list(petition_rows(file, mapping_named("message-board"), limit=2))) == 2


def test_a_demo_reads_what_an_import_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules, file = mapping_named("message-board"), tmp_path / "m.csv"
    rows = ["message_id;subject;text;submitted_at", "1;路灯;不亮;2026/1/5", '2;"路灯;不亮;2026/1/5',
            "3;路灯;不亮;2026/1/5"]  # fmt: skip
    file.write_bytes("\r\n".join(rows).encode("gb18030"))
    assert [each["subject"] for each in petition_rows(file, rules, limit=None)] == ["路灯"] * 2
    assert "第 3 行" in capsys.readouterr().err
    file.write_bytes(b"PK\x03\x04")
    with pytest.raises(InputMissing, match="工作簿"):
        list(petition_rows(file, rules, limit=None))


def test_a_row_fits_into_a_request_whatever_its_characters() -> None:
    most = mapping_named("message-board")
    for character in "\x01", "😀", "路", '"':
        row = {"message_id": "7", "subject": "题", "text": "文", "submitted_at": "2019-03-05"}
        answer = character * (ROW_LIMIT - sum(map(len, row.values())))
        assert most.read(row | {"reply": answer}).answer
        body = json.dumps({"rows": [row | {"reply": answer}]}, ensure_ascii=False).encode()
        assert len(body) < Settings().max_body_bytes
        with pytest.raises(RowRefused):
            most.read(row | {"reply": answer + "."})


def test_requests_stay_below_the_body_limit() -> None:
    def rows() -> Iterator[Row]:
        for line in range(1000):
            yield Row(line, None, "", {"text": "信" * (3 * line)})

    cut = list(chunks(rows()))
    assert [row.line for chunk in cut for row in chunk] == list(range(1000))
    for chunk in cut:
        assert len(chunk) <= CHUNK_ROWS
        size = sum(len(str((row.cells or {})["text"])) for row in chunk)
        assert size <= CHUNK_CHARACTERS or len(chunk) == 1


def test_a_demo_folder_is_always_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first, second = fresh_folder(None, keep=True), fresh_folder(None, keep=True)
    assert [first, second] == [Path("data/demo-1"), Path("data/demo-2")]


def test_the_lock_is_exclusive_names_its_holder_and_may_be_entered_again(tmp_path: Path) -> None:
    mine, other = FolderLock(tmp_path), FolderLock(tmp_path)
    with mine:
        mine.announce("http://127.0.0.1:1")
        with mine:
            pass
        with pytest.raises(FolderBusy) as busy:
            other.__enter__()
        assert busy.value.holder.url == "http://127.0.0.1:1"
    with other, pytest.raises(RuntimeError):
        mine.announce("http://127.0.0.1:2")
