"""README's tour, in both languages, as a newcomer types it after a fresh start."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.listening import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 240

PATIENT = ["--retry", "30", "--retry-delay", "1", "--retry-all-errors", "--max-time", "120"]
STRICT = f"""set -euo pipefail
curl() {{ command curl --fail-with-body {" ".join(PATIENT)} "$@"; }}
"""
"""A request that stays refused ends the tour; README's own commands go on. What a busy machine
has not brought from one service to the next is asked again."""

pytestmark = pytest.mark.timeout(600)


def blocks(readme: str) -> list[str]:
    return SHELL.findall((ROOT / readme).read_text(encoding="utf-8"))


def the_block(readme: str, words: str) -> str:
    """The only block with these words."""
    (found,) = [block for block in blocks(readme) if words in block]
    return found


def setting(readme: str) -> str:
    """The root division that README sets before `make run`."""
    (found,) = re.findall(r"export XINFANG_ROOT_DIVISION=(\d+)", the_block(readme, "make run"))
    return str(found)


@pytest.fixture(params=["README.md", "README.zh-CN.md"])
def checkout(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path, str]]:
    """The README, a folder like a fresh checkout that `make run` serves, and its port."""
    readme = str(request.param)
    command = tmp_path / ".venv/bin/xinfang"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m services "$@"\n')
    command.chmod(0o755)
    port = str(free_port())
    plain = {key: value for key, value in os.environ.items() if not key.startswith("XINFANG_")}
    settings = plain | {
        "PYTHONPATH": str(ROOT), "XINFANG_ROOT_DIVISION": setting(readme), "XINFANG_PORT": port,
    }  # fmt: skip
    serving = subprocess.Popen(
        [command, "serve", "--data-dir", "./data"],
        cwd=tmp_path, env=settings, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert serving.stderr is not None
    said = ""
    for line in serving.stderr:
        said += line
        if "http://" in line:
            break
    assert serving.poll() is None, said
    subprocess.run(
        ["curl", "--silent", "--fail", *PATIENT, f"http://127.0.0.1:{port}/ready"],
        stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    yield readme, tmp_path, port
    serving.send_signal(signal.SIGTERM)
    _, left = serving.communicate(timeout=60)
    assert serving.returncode == 0, left


@pytest.mark.long
def test_the_tour_goes_through(checkout: tuple[str, Path, str]) -> None:
    readme, folder, port = checkout
    tour = the_block(readme, "B=http://127.0.0.1:8000").replace(
        "127.0.0.1:8000", f"127.0.0.1:{port}"
    )
    shell = shutil.which("bash")
    assert shell is not None
    plain = {key: value for key, value in os.environ.items() if not key.startswith("XINFANG_")}
    done = subprocess.run(
        [shell, "-c", STRICT + tour],
        cwd=folder,
        env=plain | {"PYTHONPATH": str(ROOT), "XINFANG_ROOT_DIVISION": setting(readme)},
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr

    answers = list(objects(done.stdout))
    receipt = next(answer for answer in answers if "query_code" in answer)
    explanation = next(answer for answer in answers if "decisions" in answer)
    progress = next(
        answer
        for answer in answers
        if answer.get("number") == receipt["number"] and "steps" in answer
    )
    assert explanation["decisions"][0]["trail"]
    assert "张三" not in json.dumps(explanation, ensure_ascii=False)
    assert progress["steps"]


def objects(output: str) -> Iterator[dict[str, object]]:
    """Every JSON object that stands in the output."""
    decoder, place = json.JSONDecoder(), output.find("{")
    while place >= 0:
        try:
            found, end = decoder.raw_decode(output, place)
        except json.JSONDecodeError:
            end = place + 1
        else:
            yield found
        place = output.find("{", end)
