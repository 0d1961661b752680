"""A year of invented petitions at random, and the questions that every way to count answers."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from tests.analytics.conftest import Summary
from tests.analytics.making import (
    CITY,
    COUNTY,
    OTHER_COUNTY,
    PROVINCE,
    a_case,
    a_duty,
    a_petition,
    a_visit,
)

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
