"""Rule files as people bring them: read, put into the edition in force row by row, and their own
lines in what the platform says about them."""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from shared.reference.checking.divisions import read_divisions, short
from shared.reference.checking.faults import Faults
from shared.reference.checking.rows import changes, merged
from shared.reference.checking.specs import FILES, TABLES
from shared.reference.checking.tables import rows_of
from shared.reference.division_files import PACKAGED_COLUMNS, dump
from shared.reference.divisions import Division, Divisions

Files = Mapping[str, str]
_PLACE = re.compile(r"(\w+\.csv) 第 (\d+) 行")


def read_text(file: Path) -> str:
    """A rule file in UTF-8, plain or .xz. Raises ValueError, named."""
    raw = file.read_bytes()
    try:
        return (lzma.decompress(raw) if file.suffix == ".xz" else raw).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file.name} 不是 UTF-8 编码，请另存为 UTF-8") from error
    except lzma.LZMAError as error:
        raise ValueError(f"{file.name} 不是完整的 .xz 文件") from error


def named(kind: str, given: Files) -> dict[str, str]:
    """Files under the names they have in an edition; one file for the only one may have any name.

    Raises ValueError for a name the kind does not have."""
    names = FILES[kind]
    if len(names) == len(given) == 1:
        return dict(zip(names, given.values(), strict=True))
    if unknown := given.keys() - set(names):
        raise ValueError(f"文件名应为 {'、'.join(names)}，没有 {'、'.join(sorted(unknown))}")
    return dict(given)


def joined(
    kind: str, base: Files, given: Files, *, removes: Iterable[str], whole: bool
) -> tuple[dict[str, str], list[str]]:
    """The whole edition the files stand for, and the ids of rows that go.

    Rows are added to those in force or take their place by id. Rows go when they are named in
    `removes`; with `whole` also all that a given file does not have. Raises Invalid with the
    lines of a file that can't be read."""
    going = {_plain(kind, each) for each in removes}
    if whole:
        kept = {"divisions.csv": next(iter(base.values()))} if kind == "divisions" else base
        going |= set(changes(kind, kept, {**kept, **given}).removed)
    return merged(kind, base, given, removes=going), sorted(going)


def within(text: str, root: str, base: str) -> str:
    """Of a division table what concerns a deployment, in any shape: divisions inside its root, and
    those its tree has already. Raises Invalid for rows that can't be read, ValueError when there
    is none."""
    faults = Faults()
    rows = read_divisions(text, faults)
    faults.refuse()
    known = {row.code: row for _, row in read_divisions(base, Faults())}
    tree = Divisions(row for _, row in rows)
    own = [row for _, row in rows if row.code in known or tree.contains(root, row.code)]
    if not text.removeprefix("\ufeff").startswith(",".join(PACKAGED_COLUMNS)):
        own = [_with_the_rest(row, known.get(row.code)) for row in own]
    if not any(tree.contains(root, row.code) for row in own):
        raise ValueError(f"文件中没有根区划 {short(root)} 之内的区划")
    return _in_their_lines(own, rows)


def _with_the_rest(row: Division, known: Division | None) -> Division:
    """What a shape without these columns does not say stays as it is."""
    if known is None:
        return row
    return replace(
        row,
        kind=known.kind,
        valid_from=known.valid_from,
        valid_to=known.valid_to,
        successor_code=known.successor_code,
    )


def _in_their_lines(own: list[Division], rows: list[tuple[int, Division]]) -> str:
    """The rows in the plain shape, each in the line it had."""
    head, *body = dump(own, in_order=True).splitlines()
    wanted = {row.code for row in own}
    lines = [line for line, row in rows if row.code in wanted]
    out = [head]
    for line, row in zip(lines, body, strict=True):
        out += [""] * (line - len(out) - 1) + [row]
    return "\n".join(out) + "\n"


def in_own_lines(words: str, kind: str, whole: Files, given: Files) -> str:
    """Words about lines of the joined edition as words about the lines of the files given; about
    rows that come from the edition in force, by their id."""
    ids = {(name, line): each for name, each, line in _lines(kind, whole)}
    own = {(name, each): line for name, each, line in _lines(kind, given)}

    def place(match: re.Match[str]) -> str:
        name, line = match[1], int(match[2])
        each = ids.get((name, line))
        if each is None:
            return match[0]
        mine = own.get((name, each))
        return f"{name} 第 {mine} 行" if mine else f"{name}（现行版本的 {each}）"

    return _PLACE.sub(place, words)


def _lines(kind: str, files: Files) -> Iterable[tuple[str, str, int]]:
    for name, text in files.items():
        if kind == "divisions":
            for line, row in read_divisions(text, Faults()):
                yield name, row.code, line
        elif name in TABLES:
            for each, (line, _) in rows_of(TABLES[name], text, Faults(), sound=False).items():
                yield name, each, line


def _plain(kind: str, row_id: str) -> str:
    return short(row_id.ljust(12, "0")) if kind == "divisions" else row_id
