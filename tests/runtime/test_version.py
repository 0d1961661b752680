"""The version stands in pyproject.toml; program, changelog and interface say the same."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.__main__ import command
from shared.runtime.version import release

ROOT = Path(__file__).resolve().parent.parent.parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def test_the_installed_program_is_of_that_version() -> None:
    assert release() == VERSION


def test_the_command_says_it() -> None:
    done = CliRunner().invoke(command(), ["--version"])
    assert (done.exit_code, done.output) == (0, f"{VERSION}\n")


def test_the_newest_dated_heading_of_the_changelog_is_it() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\](.*)$", text, re.MULTILINE)
    assert headings[0] == ("Unreleased", "")
    assert headings[1][0] == VERSION
    assert all(re.fullmatch(r" - \d{4}-\d\d-\d\d", date) for _, date in headings[1:])


@pytest.mark.parametrize("service", ["intake", "routing", "supervision", "analytics"])
def test_the_frozen_interface_names_it(service: str) -> None:
    text = (ROOT / f"contracts/openapi/{service}.json").read_text(encoding="utf-8")
    assert json.loads(text)["info"]["version"] == VERSION


def test_it_stands_nowhere_else() -> None:
    pattern = re.compile(rf"(?<![\d.]){re.escape(VERSION)}(?![\d.])")
    places = [
        *(ROOT / "shared").rglob("*.py"),
        *(ROOT / "services").rglob("*.py"),
        *ROOT.glob("*.yml"),
    ]
    assert [path.name for path in places if pattern.search(path.read_text(encoding="utf-8"))] == []
