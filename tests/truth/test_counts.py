"""Counted truth: what the product says of an imported history is what a plain count says."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.backends import BOTH
from tests.truth.comparing import compare, deployed, material
from tests.truth.counter import Counts, Tree, by_county, by_year

SLICE, SEED = 300, 2026


@pytest.mark.long
@pytest.mark.timeout(300)  # four processes start and read the national tree first
@pytest.mark.parametrize("separated", BOTH)
async def test_the_summary_says_what_an_independent_count_says(
    tmp_path: Path, separated: bool
) -> None:
    whole = material()
    chosen = random.Random(SEED).sample(whole.rows, min(SLICE, len(whole.rows)))
    part = replace(whole, rows=chosen)
    async with deployed(part, tmp_path, separated=separated) as reached:
        verdict = await compare(reached, part, tmp_path)
    assert verdict.different == []
    years = {row["submitted_at"][:4] for row in chosen}
    assert verdict.equal["years"] >= len(years)
    assert verdict.equal["counties"] == len(part.tree.counties)
    assert verdict.equal["undetermined"] == verdict.equal["wholes"] == 1
    assert len(part.told) > len(chosen) / 3  # the claim by county is about something


def row(received: str, answered: str, subject: str = "") -> dict[str, str]:
    return {"submitted_at": received, "replied_at": answered, "subject": subject}


def test_the_counter_counts_local_days_and_sixty_of_them() -> None:
    rows = [
        row("2019-12-31T23:59:59+08:00", "2020-02-29T23:59:59+08:00"),
        row("2019-12-31T23:59:59+08:00", "2020-03-01T00:00:00+08:00"),
        row("2019-12-31T16:00:00+00:00", ""),
    ]
    assert by_year(rows) == {2019: Counts(2, 2, 1), 2020: Counts(1, 0, 0)}


def test_the_counter_takes_a_county_only_when_it_is_clear() -> None:
    tree = Tree({"9001": "A市", "9003": "C市"}, {"900103": "A3区", "900305": "C5市"})
    subjects = {
        "A3区路灯不亮": "900103", "A市A3区路灯不亮": "900103", "A市路灯不亮": None,
        "A3区与C5市交界": None, "A市C5市北路停车": None,
    }  # fmt: skip
    for subject, county in subjects.items():
        found = by_county([row("2019-01-01T00:00:00+08:00", "", subject)], tree)
        assert found == {county: Counts(1, 0, 0)}, subject
