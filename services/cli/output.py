"""What a command says: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)


def stdout() -> Console:
    """Where results for people go."""
    return Console(highlight=False)


def stderr() -> Console:
    """Where progress and complaints go."""
    return Console(stderr=True, highlight=False)


def tell(message: str) -> None:
    """One line about what is going on."""
    stderr().print(message, markup=False, soft_wrap=True)


@contextmanager
def counting(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error; call with the number done so far."""
    known = (BarColumn(), MofNCompleteColumn())
    unknown = (TextColumn("{task.completed}"), SpinnerColumn())
    bar = Progress(
        TextColumn("{task.description}"),
        *(unknown if total is None else known),
        TimeElapsedColumn(),
        console=stderr(),
    )
    with bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """A sign of life on standard error while nothing can be counted."""
    with stderr().status(what):
        yield


def finish(result: dict[str, Any], show: Callable[[Console], None], *, as_json: bool) -> None:
    """The result: one line of JSON, last on standard output, or whatever `show` prints."""
    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()
    else:
        show(stdout())


def fail(message: str, hint: str = "", *, as_json: bool = False) -> NoReturn:
    """Say what is wrong and what mends it, and end with exit code 1."""
    stderr().print(f"[bold red]错误：[/]{_plain(message)}", soft_wrap=True)
    if hint:
        stderr().print(f"  {_plain(hint)}", soft_wrap=True)
    if as_json:
        sys.stdout.write(json.dumps({"error": message}, ensure_ascii=False) + "\n")
    raise typer.Exit(1)


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
