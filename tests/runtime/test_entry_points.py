"""What each way into the program loads: libraries that few need are loaded by those few."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.test_house import ROOT

PRINTING = frozenset({"typst", "fontTools", "docx", "lxml", "xlsxwriter"})
SOMETIMES = PRINTING | {"alembic", "aio_pika", "opentelemetry.sdk", "sklearn", "numpy", "openpyxl"}
SERVING = SOMETIMES | {"typer", "uvicorn.main"}
NO_SERVICE = SERVING - {"typer"} | {"sqlalchemy", "services.deployment", "services.standalone"}

NEVER = [
    ("services.__main__", NO_SERVICE | {"pydantic", "httpx"}),
    ("services.cli.tokens", NO_SERVICE),
    ("services.standalone", SERVING - {"numpy"}),  # intake proposes categories
    pytest.param("services.intake.main", SERVING - {"numpy"}, marks=pytest.mark.long),
    pytest.param("services.routing.main", SERVING, marks=pytest.mark.long),
    pytest.param("services.supervision.main", SERVING, marks=pytest.mark.long),
    pytest.param("services.analytics.main", SERVING, marks=pytest.mark.long),
    pytest.param("tests.conftest", {"services"}, marks=pytest.mark.long),
]


@pytest.mark.parametrize(("entry", "never"), NEVER)
def test_an_entry_loads_nothing_it_does_not_need(entry: str, never: frozenset[str]) -> None:
    script = f"import sys, {entry}; print(*sorted(set(sys.modules) & set({sorted(never)})))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
