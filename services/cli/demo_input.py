"""What a demo replays: messages, answered history, and the division tree they mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from services.cli.output import tell
from services.intake.history.domain.mapping import MappingFile, RowRefused
from services.intake.history.files.csv_records import Records
from services.intake.history.files.text import FileRefused, opened
from services.intake.petitions.domain.filing import SUBJECT_LIMIT
from shared.vocabulary.petitions import Purpose

HOME = Path(__file__).resolve().parents[2]
SHARED = HOME.parent / "shared" / "data"
SAMPLES = HOME / "shared" / "reference" / "data" / "samples"
SAMPLE_ROOT = "43"
"""The samples are set in two cities of Hunan province."""
NEEDED = ("subject", "text")
TREES = ("divisions.csv", "divisions-sample.csv")


class InputMissing(ValueError):
    """What the demo needs is not there; the message says what and how to name it."""


@dataclass(frozen=True, slots=True)
class DemoInput:
    """Files of a demo. `divisions` None means the national tree, whose `root` then says whose
    deployment it is; a tree of its own has one root."""

    messages: Path
    history: Path | None
    divisions: Path | None
    root: str
    title: str


def find_input(file: Path | None, divisions: Path | None, root: str) -> DemoInput:
    """The named file, else the real messages beside the checkout, else the project's samples.

    Raises InputMissing when nobody says which divisions a file means."""
    if file is None:
        messages, history = SHARED / "messages.csv.gz", SHARED / "replied.csv.gz"
        if messages.is_file() and history.is_file() and (divisions or _tree_in(SHARED)):
            tree = divisions or _tree_in(SHARED)
            return DemoInput(messages, history, tree, "", "留言板真实数据")
        messages, history = SAMPLES / "petitions.csv", SAMPLES / "history.csv"
        return DemoInput(messages, history, divisions, "" if divisions else root or SAMPLE_ROOT,
                         "项目自带样例")  # fmt: skip
    if file.resolve().is_relative_to(SAMPLES):
        return DemoInput(file, None, divisions, "" if divisions else SAMPLE_ROOT, file.name)
    tree = divisions or _tree_in(file.resolve().parent)
    if tree is None and not root:
        tree = _tree_in(SHARED)
    if tree is None and not root:
        raise InputMissing(
            "找不到这些信访件所用的区划表：请用 --divisions 指明，"
            "或用 XINFANG_ROOT_DIVISION 指明全国区划中的根区划"
        )
    return DemoInput(file, None, tree, "" if tree else root, file.name)


def _tree_in(folder: Path) -> Path | None:
    return next((folder / name for name in TREES if (folder / name).is_file()), None)


def petition_rows(file: Path, rules: MappingFile, *, limit: int | None) -> Iterator[dict[str, Any]]:
    """Each row as the body of a filing by a registrar, at most `limit`. Raises InputMissing."""
    try:
        with opened(file) as (lines, _):
            records = Records(lines, needed=NEEDED, mapped=NEEDED, id_of_row=rules.id_of_row)
            for record in islice(records, limit):
                if record.cells is None:
                    tell(f"{file.name} 第 {record.line} 行没有登记：{record.fault}")
                else:
                    yield _filing(record.cells, rules)
    except FileRefused as refused:
        raise InputMissing(f"{file.name}：{refused}") from refused


def _filing(row: dict[str, Any], rules: MappingFile) -> dict[str, Any]:
    text = (row["text"] or "").strip()
    subject = (row["subject"] or "").strip() or text[:30]
    user = (row.get("user") or "").strip() or "网友"
    body = {
        "channel": "online",
        # A board knows its users and can answer them; nobody else learns who they are.
        "petitioners": [{"name": user[:100], "email": f"{user[:60]}@example.invalid"}],
        "purpose": _purpose(row, rules),
        "subject": subject[:SUBJECT_LIMIT],
        "text": text or subject,
    }
    if division := (row.get("division_code") or "").strip():
        body["division_code"] = division
    return body


def _purpose(row: dict[str, Any], rules: MappingFile) -> Purpose:
    """What a registrar who reads the subject would tick: suggestion or claim."""
    try:
        return Purpose(rules.read(row).purpose.value)
    except RowRefused:
        return Purpose.CLAIM
