"""An import that is killed again and again: nothing twice, nothing missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.truth.comparing import material
from tests.truth.killing import import_with_kills

KILLS, ROWS, SEED = 2, 800, 3


@pytest.mark.long
@pytest.mark.timeout(600)  # four starts of the whole platform, one after another
def test_an_import_killed_again_and_again_ends_as_if_never_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = import_with_kills(material(), tmp_path, kills=KILLS, rows=ROWS, seed=SEED, wait=False)
    with capsys.disabled():
        sys.stdout.write(f"\n{verdict.notes[0]}\n")
    assert verdict.different == []
    assert verdict.notes[0].startswith(f"N = {KILLS} ")
