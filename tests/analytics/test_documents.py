"""Documents of sums: the same answers as from the cells, whoever asks for whatever period."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.analytics.checking.jobs import check, figures_are_wrong
from services.analytics.registry.domain.dimensions import BY_NAME, PLACES
from services.analytics.registry.domain.period import Period
from services.analytics.rollups.store.documents import DOCUMENT
from services.analytics.summary.domain.plan import plan_of
from services.analytics.summary.domain.query import EVERYTHING, SummaryQuery, Visibility
from services.analytics.summary.use_cases import below
from shared.reference.division_files import packaged
from tests.analytics.making import (
    COUNTY,
    OTHER_COUNTY,
    Figures,
    a_petition,
)

PROVINCE_RANGE = ("430000000000", "439999999999")


async def test_the_checker_finds_a_document_that_is_wrong(figures: Figures) -> None:
    await figures.tell(a_petition(1), a_petition(2, division_code=OTHER_COUNTY))
    while await check(figures.sut.service):
        pass
    assert await figures_are_wrong(figures.sut.service) is None
    async with figures.sut.service.database.writing() as session:
        await session.execute(DOCUMENT.delete().where(DOCUMENT.c.division == COUNTY[:6]))
    while await check(figures.sut.service):
        pass
    assert await figures_are_wrong(figures.sut.service) == "figures_disagree"


def test_a_code_cut_short_lies_in_the_same_part() -> None:
    """So that a province's sums by county can be shown by city, and so on, for the whole tree."""
    divisions = packaged()
    digits_of = BY_NAME["division"].digits
    assert tuple(digits_of) == PLACES
    for depth, digits in digits_of.items():
        groups = {}
        for division in divisions:
            base = division.code[:depth].ljust(12, "0")
            if divisions.get(base) is None or division.level.width < depth:
                continue
            group = groups.setdefault(base, below(base, divisions))
            assert group(division.code) == group(division.code[:digits].ljust(12, "0"))


@pytest.mark.parametrize(
    ("query", "asked", "visible", "division"),
    [
        ({}, None, EVERYTHING, "43"),
        ({}, None, Visibility((PROVINCE_RANGE,)), "43"),
        ({}, ("430100000000", "430199999999"), EVERYTHING, "4301"),
        ({}, ("430102000000", "430102999999"), Visibility((PROVINCE_RANGE,)), "430102"),
        ({}, ("430102001000", "430102001999"), EVERYTHING, None),
        ({}, ("420000000000", "429999999999"), Visibility((PROVINCE_RANGE,)), None),
        ({}, None, Visibility((PROVINCE_RANGE,), frozenset({"x"})), None),
        ({}, PROVINCE_RANGE, Visibility((PROVINCE_RANGE,), frozenset({"x"})), "43"),
        ({}, None, Visibility(), None),
        ({"organ": "x"}, None, EVERYTHING, None),
        ({"category": "030000"}, None, EVERYTHING, None),
    ],
)
def test_documents_answer_for_whole_divisions_visible_only(
    query: dict[str, str], asked: Any, visible: Visibility, division: str | None
) -> None:
    period = Period(date(2026, 1, 1), date(2026, 6, 30))
    found = plan_of(
        SummaryQuery(period, **query), asked=asked, visible=visible, root=PROVINCE_RANGE
    )
    assert (found and found.division) == division
