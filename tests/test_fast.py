"""The list of fast tests names tests that exist, and every folder has some or says why not."""

from __future__ import annotations

from pathlib import Path

from tests.fast import FAST, LEFT_OUT

ROOT = Path(__file__).resolve().parents[1]
PATHS = [path for paths in FAST.values() for path in paths]


def test_every_named_test_exists() -> None:
    missing = []
    for path in PATHS:
        file, _, function = path.partition("::")
        there = (ROOT / file).exists()
        if not there or (function and f"def {function}(" not in (ROOT / file).read_text("utf-8")):
            missing.append(path)
    assert missing == []
    assert len(set(PATHS)) == len(PATHS)


def test_every_folder_has_a_fast_test_or_says_why_not() -> None:
    folders = {file.parent.name for file in (ROOT / "tests").glob("*/test_*.py")}
    named = {path.split("/")[1] for path in PATHS}
    assert folders - named == set(LEFT_OUT)
