"""What the accused unit and those under it count of an accusation: nothing (条例 Art. 30)."""

from __future__ import annotations

from typing import Any

import pytest

from shared.vocabulary.petitions import Channel, Purpose
from shared.vocabulary.posts import Role
from tests.analytics.making import (
    CITY,
    COUNTY_HOUSING,
    COUNTY_OFFICE,
    PROVINCE_OFFICE,
    Figures,
    a_case,
    a_petition,
    a_visit,
    name_of,
)

CITY_HOUSING = f"{CITY}-HOUSING"
WHOLE_YEAR = {"from": "2026-01-01", "to": "2026-12-31"}
A_WEEK = {"from": "2026-01-05", "to": "2026-01-11"}
BY_CATEGORY = WHOLE_YEAR | {"category": "030000"}
BY_CHANNEL = WHOLE_YEAR | {"channel": "visit"}


async def counted(figures: Figures, role: Role, organ: str, asked: dict[str, str]) -> Any:
    headers = await figures.sut.login(role, organ)
    answer = await figures.sut.client.get("/analytics/v1/summary", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("asked", [WHOLE_YEAR, A_WEEK, BY_CATEGORY, BY_CHANNEL])
@pytest.mark.parametrize("accused", [COUNTY_HOUSING, CITY_HOUSING])
async def test_its_figures_are_those_without_the_accusation(
    figures: Figures, accused: str, asked: dict[str, str]
) -> None:
    plain = [a_petition(1), a_visit(2, 7, category_code="030800"), a_petition(3, repeat=True)]
    await figures.tell(*plain)
    without = await counted(figures, Role.ANALYST, COUNTY_HOUSING, asked)
    accusing: dict[str, Any] = {"purpose": Purpose.ACCUSATION, "complained_organ": accused}
    await figures.tell(
        a_visit(4, 3, category_code="030800", **accusing),
        a_petition(5, channel=Channel.LETTER, **accusing),
    )
    assert await counted(figures, Role.ANALYST, COUNTY_HOUSING, asked) == without
    assert await counted(figures, Role.HEAD, COUNTY_HOUSING, asked) != {}
    for organ in (COUNTY_OFFICE, PROVINCE_OFFICE):
        seen = await counted(figures, Role.ANALYST, organ, asked)
        assert seen["items"] > without["items"]
        assert seen["by_purpose"]["accusation"]["items"] in (1, 2)


async def test_an_answered_accusation_is_taken_off_the_days_too(figures: Figures) -> None:
    petition = a_petition(1, purpose=Purpose.ACCUSATION, complained_organ=COUNTY_HOUSING)
    await figures.tell(petition)
    await figures.tell(a_case(1, purpose=Purpose.ACCUSATION, answered_on=petition.received_on))
    seen = await counted(figures, Role.ANALYST, COUNTY_HOUSING, WHOLE_YEAR)
    assert (seen["items"], seen["answered"], seen["by_purpose"]) == (0, 0, {})
    assert seen["days_to_answer"]["median"] == "—"
    assert (await counted(figures, Role.ANALYST, COUNTY_OFFICE, WHOLE_YEAR))["answered"] == 1


async def test_a_petition_that_joined_an_accusation_is_left_out_with_it(figures: Figures) -> None:
    """It names nobody itself; the case does."""
    await figures.tell(a_petition(1), a_petition(2))
    both = [name_of("petition", number) for number in (1, 2)]
    accusing = {"purpose": Purpose.ACCUSATION, "hidden_from": COUNTY_HOUSING}
    await figures.tell(a_case(1, petition_ids=both, **accusing))
    assert (await counted(figures, Role.ANALYST, COUNTY_HOUSING, WHOLE_YEAR))["items"] == 0
    assert (await counted(figures, Role.ANALYST, COUNTY_OFFICE, WHOLE_YEAR))["items"] == 2


async def test_the_purpose_a_person_decided_on_counts(figures: Figures) -> None:
    petition = a_petition(1, complained_organ=COUNTY_HOUSING)
    await figures.tell(petition)
    assert (await counted(figures, Role.ANALYST, COUNTY_HOUSING, WHOLE_YEAR))["items"] == 1
    await figures.tell(a_case(1, purpose=Purpose.ACCUSATION))
    assert (await counted(figures, Role.ANALYST, COUNTY_HOUSING, WHOLE_YEAR))["items"] == 0
