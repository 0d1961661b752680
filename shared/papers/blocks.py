"""A composed page as plain data, between what a paper says and the formats it is printed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.papers.text import printable


@dataclass(frozen=True, slots=True)
class Blank:
    """A line to write on or to be filled by intake, as wide as so many characters."""

    width: int


Run = str | Blank


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph. `style` is a name that paper.typ and docx.py both know."""

    style: str
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose header repeats on every page; `widths` are parts of the whole width. Its cells
    are printable text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """What is printed: `day` is the date in the file's properties, so that equal input gives
    equal bytes."""

    title: str
    day: tuple[int, int, int]
    blocks: tuple[Block | Table, ...]


def paragraphs(style: str, runs: tuple[Run, ...] | str) -> Iterator[Block]:
    """One block per line of the runs; empty lines are kept out, as a form has no use for them."""
    line: list[Run] = []
    for run in (runs,) if isinstance(runs, str) else runs:
        if isinstance(run, Blank):
            line.append(run)
            continue
        first, *others = printable(run).split("\n")
        line.append(first)
        for other in others:
            yield from _block(style, line)
            line = [other]
    yield from _block(style, line)


def _block(style: str, line: list[Run]) -> Iterator[Block]:
    if any(isinstance(run, Blank) or run.strip() for run in line):
        yield Block(style, tuple(run for run in line if run))
