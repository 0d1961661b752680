"""The command as people and programs run it: real processes, exit codes, one line of JSON."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.cli.demo_input import SAMPLES
from shared.runtime.folder_lock import FolderBusy, FolderLock

HISTORY = SAMPLES / "history.csv"
HISTORY_ROWS = 88
SECONDS = 100


def environment(**settings: str) -> dict[str, str]:
    """Without the settings of the machine that runs the tests."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("XINFANG_")}
    return plain | {"XINFANG_ROOT_DIVISION": "43"} | settings


def xinfang(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services", *map(str, arguments)],
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The JSON line, which must be the last one on standard output."""
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A served data folder and its address; SIGTERM must end it in order."""
    folder = tmp_path_factory.mktemp("served")
    process = subprocess.Popen(
        [sys.executable, "-m", "services", "serve", "--data-dir", str(folder), "--port", "0"],
        env=environment(XINFANG_LOG_LEVEL="WARNING"),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if "http://" in line:
            break
    with pytest.raises(FolderBusy) as busy:
        FolderLock(folder).__enter__()
    url = busy.value.holder.url
    assert url in said, said
    yield folder, url
    process.send_signal(signal.SIGTERM)
    _, left = process.communicate(timeout=30)  # reads to the end and closes the pipe
    assert process.returncode == 0, left
    with FolderLock(folder):
        pass


def test_a_served_folder_is_reached_through_its_port(serving: tuple[Path, str]) -> None:
    folder, url = serving
    while httpx.get(f"{url}/ready").status_code != 200:
        time.sleep(0.05)  # loops come round for the first time after the address is told

    first = answer(
        xinfang("import", HISTORY, "--map", "message-board", "--json", "--data-dir", folder)
    )
    assert (first["rows"], first["imported"], first["duplicates"]) == (
        HISTORY_ROWS,
        HISTORY_ROWS,
        0,
    )
    again = answer(
        xinfang("import", HISTORY, "--map", "message-board", "--json", "--data-dir", folder)
    )
    assert (again["imported"], again["duplicates"], again["rejected"]) == (0, HISTORY_ROWS, 0)

    period = ("--from", "2024-01-01", "--to", "2026-12-31")
    figures = answer(xinfang("summary", *period, "--json", "--data-dir", folder))
    assert figures["items"] == figures["answered"] == HISTORY_ROWS
    assert sum(part["items"] for part in figures["by_channel"].values()) == HISTORY_ROWS

    token = xinfang("token", "--role", "supervisor", "--data-dir", folder).stdout.strip()
    duties = httpx.get(
        f"{url}/supervision/v1/duty-counts", headers={"Authorization": f"Bearer {token}"}
    )
    assert duties.status_code == 200

    assert answer(xinfang("parked", "list", "--json", "--data-dir", folder))["count"] == 0
    missing = xinfang(
        "parked", "show", "01a203ba-af52-759c-b5d9-98efc99eea18", "--data-dir", folder
    )
    assert missing.returncode == 1
    assert "没有编号为" in missing.stderr


@pytest.mark.long
def test_a_second_server_says_who_has_the_folder(serving: tuple[Path, str]) -> None:
    folder, url = serving
    for command in (("serve", "--port", "0"), ("migrate", "--json")):
        refused = xinfang(*command, "--data-dir", folder)
        assert refused.returncode == 1
        assert url in refused.stderr
        assert "Traceback" not in refused.stderr


@pytest.mark.long
def test_import_without_a_server_and_bad_rows_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    lines = HISTORY.read_text(encoding="utf-8").splitlines()[:4]
    lines.insert(2, "42,u,没有日期的一行,正文,,答复,")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    folder = tmp_path / "data"

    result = answer(
        xinfang("import", file, "--map", "message-board", "--json", "--data-dir", folder)
    )
    assert (result["rows"], result["imported"], result["rejected"]) == (4, 3, 1)
    (reject,) = Path(result["rejects_file"]).read_text(encoding="utf-8").splitlines()
    assert json.loads(reject) == {"line": 3, "reason": "没有收到日期"}


HEADER = "message_id,user,subject,text,submitted_at,reply,replied_at\n"


@pytest.mark.long
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04" + bytes(300), "工作簿"),
        ("工单编号,内容\n1,文\n".encode("gb18030"), "message_id"),
        (f"{HEADER}1,U,题,文,43529,,\n".encode(), "没有一行可以读取"),
    ],
)
def test_a_file_of_another_form_ends_with_one_sentence_and_1(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(content)
    refused = xinfang(
        "import", file, "--map", "message-board", "--json", "--data-dir", tmp_path / "data"
    )
    assert refused.returncode == 1
    said = json.loads(refused.stdout.splitlines()[-1])
    assert words in said["error"]
    assert said["error"] in refused.stderr.replace("\n", "")
    assert said["imported"] == said["duplicates"] == 0
    assert "Traceback" not in refused.stderr


@pytest.mark.long
def test_every_line_sent_to_a_server_is_accounted_for(
    serving: tuple[Path, str], tmp_path: Path
) -> None:
    folder, _ = serving
    file = tmp_path / "rows.csv"
    rows = [f"q{at},U,路灯不亮,坏了,2024/3/{at},," for at in range(1, 20)]
    rows[3] = rows[3].replace("路灯", '"路灯')
    rows[5:5] = ["", rows[0], rows[1].replace("坏了", "又坏了"), 'q77,U,题,"三\n行\n",2024-3-5,,']
    rows.append("q78,\x00\udcff,题,文😀\x01,2024-3-5,,")
    file.write_bytes((HEADER + "\r\n".join(rows)).encode("utf-8", "surrogateescape"))
    for imported in (20, 0):
        done = answer(
            xinfang("import", file, "--map", "message-board", "--json", "--data-dir", folder)
        )
        assert (done["rows"], done["imported"], done["rejected"]) == (23, imported, 2)
        assert done["rows"] == done["imported"] + done["duplicates"] + done["rejected"]
        assert (done["lines"], done["header_lines"], done["blank_lines"]) == (27, 1, 1)
        assert done["lines"] == done["header_lines"] + done["blank_lines"] + done["row_lines"]
        rejects = [
            json.loads(line)["line"] for line in Path(done["rejects_file"]).read_text().splitlines()
        ]
        assert rejects == [5, 9]


@pytest.mark.long
def test_a_demo_replays_counts_and_ends(tmp_path: Path) -> None:
    command = ("demo", "--file", SAMPLES / "petitions.csv", "--limit", 20, "--exit", "--json")
    result = answer(xinfang(*command, "--data-dir", tmp_path / "new"))
    assert result["received"] == 20
    assert result["routed"] + result["needs_person"] == 20
    assert result["parked"] == result["duties_overdue"] == 0
    assert result["duties_open"] > 0

    refused = xinfang(*command, "--data-dir", tmp_path / "new")
    assert refused.returncode == 1
    assert "不是空的" in refused.stderr
    assert json.loads(refused.stdout.splitlines()[-1])["error"]


@pytest.mark.long
def test_a_rule_is_saved_changed_tried_and_loaded(tmp_path: Path) -> None:
    folder, rules = tmp_path / "data", tmp_path / "rules"
    demo = ("demo", "--file", SAMPLES / "petitions.csv", "--limit", 8, "--exit", "--json")
    answer(xinfang(*demo, "--data-dir", folder))

    def editions(*arguments: object) -> dict[str, Any]:
        return answer(xinfang("editions", *arguments, "--json", "--data-dir", folder))

    (file,) = map(Path, editions("save", "limits", rules)["files"])
    assert file.name == "limits.csv"
    text = file.read_text(encoding="utf-8")
    assert editions("load", "limits", file)["published"] is False  # as it is
    file.write_text(re.sub("(?m)^(D3-2022,.*?,)15,", r"\g<1>12,", text), encoding="utf-8")
    tried = editions("load", "limits", file, "--trial")
    assert tried["open_cases"] > 0
    assert tried["due_dates"]
    assert all(each["earlier"] == each["cases"] for each in tried["due_dates"])
    assert editions("load", "limits", file)["published"] is True

    file.write_text(text.replace("calendar", "moon"), encoding="utf-8")
    broken = xinfang("editions", "load", "limits", file, "--data-dir", folder)
    assert (broken.returncode, "第 2 行" in broken.stderr) == (1, True)
    assert sorted(Path(each).name for each in editions("save", "organs", rules)["files"]) == [
        "organ_exceptions.csv", "organ_kinds.csv",
    ]  # fmt: skip
    other = xinfang("editions", "load", "organs", file, "--data-dir", folder)
    assert (other.returncode, "文件名应为" in other.stderr) == (1, True)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"XINFANG_MODE": "separated"}, "separated mode needs"),
        ({"XINFANG_PORT": "many"}, "XINFANG_PORT"),
        ({"XINFANG_CLOCK_FILE": "clock"}, "test mode only"),
    ],
)
def test_settings_that_clash_are_told_in_words(
    tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    refused = xinfang("editions", "list", "--data-dir", tmp_path, **settings)
    assert refused.returncode == 1
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr


def test_help_is_readable_in_any_locale() -> None:
    for locale in ("C", "POSIX", "en_US.ISO-8859-1"):
        done = subprocess.run(
            [sys.executable, "-m", "services", "--help"],
            env=environment(LC_ALL=locale, LANG=""),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        assert "信访办理平台" in done.stdout.decode("utf-8")
