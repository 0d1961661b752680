"""What a command says: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import typer
from rich.console import Console


def stdout() -> Console:
    """Where results for people go."""
    return Console(highlight=False)


def stderr() -> Console:
    """Where progress and complaints go."""
    return Console(stderr=True, highlight=False)


def tell(message: str) -> None:
    """One line about what is going on."""
    stderr().print(message, markup=False, soft_wrap=True)


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
