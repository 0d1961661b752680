"""Sums kept ready: the same answers as from the cells, whoever asks for whatever period."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from services.analytics.domain.kept import DEPTHS, reading_of
from services.analytics.domain.summary import EVERYTHING, Period, Sight, Wanted
from services.analytics.jobs.checker import check, figures_are_wrong
from services.analytics.jobs.filler import fill_kept_sums
from services.analytics.store import kept
from services.analytics.use_cases.summarising import below
from shared.reference.division_files import packaged
from shared.vocabulary.posts import Role
from tests.analytics.conftest import Summary
from tests.analytics.making import (
    CITY,
    COUNTY,
    OTHER_COUNTY,
    PROVINCE,
    Figures,
    a_case,
    a_duty,
    a_petition,
    a_visit,
)

PROVINCE_RANGE = ("430000000000", "439999999999")
FIRST = date(2025, 11, 20)
PLACES = [CITY, COUNTY, OTHER_COUNTY, "430102001000", "430281104000", "430000000000"]
PERIODS = [
    ("2026-01-01", "2026-01-31"),
    ("2025-11-20", "2026-03-15"),
    ("2026-01-10", "2026-02-09"),
    ("2026-01-05", "2026-01-25"),
    ("2020-02-29", "2026-12-31"),
]


def the_year(chance: random.Random) -> list[Any]:
    told: list[Any] = []
    for number in range(60):
        received = FIRST + timedelta(days=chance.randrange(130))
        facts = {"received_on": received, "division_code": chance.choice(PLACES)}
        visit = chance.random() < 0.4
        told.append(
            a_visit(number, chance.randint(1, 9), **facts) if visit else a_petition(number, **facts)
        )
        told.append(a_duty(number, due_on=received + timedelta(days=60)))
        if chance.random() < 0.5:
            on = received + timedelta(days=chance.randrange(90))
            told.append(
                a_case(number, answered_on=on, closed_on=on, division_code=chance.choice(PLACES))
            )
    return told


async def answers(summary: Summary) -> list[dict[str, Any]]:
    places: list[dict[str, str]] = [{}, {"division": PROVINCE}, {"division": CITY}]
    places += [{"division": COUNTY}, {"division": "430102001"}, {"channel": "visit"}]
    return [await summary(*period, **place) for period in PERIODS for place in places]


@pytest.mark.parametrize("seed", range(2))
async def test_kept_sums_and_cells_give_the_same_answers(
    figures: Figures, summary: Summary, seed: int
) -> None:
    told = figures.told(*the_year(random.Random(seed)))
    half = len(told) // 2
    await figures.sut.deliver(*told[:half])
    await figures.sut.deliver(*told[half:])
    ready, tables = await answers(summary), await figures.tables()
    await note(figures, kept.NOT_BEGUN)
    assert await answers(summary) == ready
    months = 0
    while await fill_kept_sums(figures.sut.service):
        months += 1
    assert months == 5
    assert await figures.tables() == tables
    assert await answers(summary) == ready


async def test_what_comes_while_sums_are_filled_is_in_them_once(
    figures: Figures, summary: Summary
) -> None:
    told = figures.told(*the_year(random.Random(3)))
    await figures.sut.deliver(*told[:100])
    await note(figures, kept.NOT_BEGUN)
    await fill_kept_sums(figures.sut.service)
    await fill_kept_sums(figures.sut.service)
    await figures.sut.deliver(*told[100:])
    while await fill_kept_sums(figures.sut.service):
        pass
    tables, ready = await figures.tables(), await answers(summary)
    headers = await figures.sut.login(Role.OPERATOR, f"{PROVINCE}-PETITION")
    rebuilt = await figures.sut.client.post("/analytics/v1/rebuilds", headers=headers)
    assert rebuilt.status_code == 201
    assert await figures.tables() == tables
    assert await answers(summary) == ready


async def test_the_checker_finds_a_kept_sum_that_is_wrong(figures: Figures) -> None:
    await figures.tell(a_petition(1), a_petition(2, division_code=OTHER_COUNTY))
    while await check(figures.sut.service):
        pass
    assert await figures_are_wrong(figures.sut.service) is None
    async with figures.sut.service.database.writing() as session:
        await session.execute(kept.KEPT.delete().where(kept.KEPT.c.division == COUNTY[:6]))
    while await check(figures.sut.service):
        pass
    assert await figures_are_wrong(figures.sut.service) == "figures_disagree"


def test_a_code_cut_short_lies_in_the_same_part() -> None:
    """So that a province's sums by county can be shown by city, and so on, for the whole tree."""
    divisions = packaged()
    for depth, digits in DEPTHS.items():
        groups = {}
        for division in divisions:
            base = division.code[:depth].ljust(12, "0")
            if divisions.get(base) is None or division.level.width < depth:
                continue
            group = groups.setdefault(base, below(base, divisions))
            assert group(division.code) == group(division.code[:digits].ljust(12, "0"))


@pytest.mark.parametrize(
    ("wanted", "asked", "sight", "division"),
    [
        ({}, None, EVERYTHING, "43"),
        ({}, None, Sight((PROVINCE_RANGE,)), "43"),
        ({}, ("430100000000", "430199999999"), EVERYTHING, "4301"),
        ({}, ("430102000000", "430102999999"), Sight((PROVINCE_RANGE,)), "430102"),
        ({}, ("430102001000", "430102001999"), EVERYTHING, None),
        ({}, ("420000000000", "429999999999"), Sight((PROVINCE_RANGE,)), None),
        ({}, None, Sight((PROVINCE_RANGE,), frozenset({"x"})), None),
        ({}, PROVINCE_RANGE, Sight((PROVINCE_RANGE,), frozenset({"x"})), "43"),
        ({}, None, Sight(), None),
        ({"organ": "x"}, None, EVERYTHING, None),
        ({"category": "030000"}, None, EVERYTHING, None),
    ],
)
def test_kept_sums_answer_for_whole_divisions_in_sight_only(
    wanted: dict[str, str], asked: Any, sight: Sight, division: str | None
) -> None:
    period = Period(date(2026, 1, 1), date(2026, 6, 30))
    found = reading_of(Wanted(period, **wanted), asked=asked, sight=sight, root=PROVINCE_RANGE)
    assert (found and found.division) == division


async def note(figures: Figures, mark: str) -> None:
    async with figures.sut.service.database.writing() as session:
        await kept.set_mark(session, mark)
