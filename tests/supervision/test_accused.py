"""What the accused unit and those under it see of an accusation's duties: nothing (Art. 30)."""

from __future__ import annotations

from typing import Any

import pytest

from shared.vocabulary.petitions import Purpose
from shared.vocabulary.posts import Role
from tests.supervision.conftest import ROOT_OFFICE, Supervision
from tests.supervision.events import COUNTY, HOUSING, OFFICE, Story, a_referral

CITY_HOUSING = "430100000000-HOUSING"
ABOVE = "430100000000-PETITION"
DUTIES = "/supervision/v1/duties"


async def seen(supervision: Supervision, role: Role, organ: str) -> list[dict[str, Any]]:
    headers = await supervision.sut.login(role, organ)
    page = (await supervision.sut.client.get(DUTIES, headers=headers)).json()
    counts = await supervision.sut.client.get("/supervision/v1/duty-counts", headers=headers)
    assert sum(item["count"] for item in counts.json()["items"]) == len(page["items"])
    items: list[dict[str, Any]] = page["items"]
    return items


@pytest.mark.parametrize("accused", [HOUSING, CITY_HOUSING])
@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.LEADER, Role.OFFICER])
async def test_nothing_in_lists_counts_or_by_id(
    supervision: Supervision, accused: str, role: Role
) -> None:
    """Its supervisors stand over the whole county, and still find nothing of this case."""
    story = Story(supervision.sut, purpose=Purpose.ACCUSATION, complained_organ=accused)
    await supervision.sut.deliver(story.registered(), story.referred())
    assert await seen(supervision, role, HOUSING) == []
    others = await seen(supervision, Role.SUPERVISOR, OFFICE)
    assert {each["kind"] for each in others} >= {"D1", "D4"}
    headers = await supervision.sut.login(role, HOUSING)
    for each in others:
        for path in (f"{DUTIES}/{each['duty_id']}", f"{DUTIES}/{each['duty_id']}/explanation"):
            assert (await supervision.sut.client.get(path, headers=headers)).status_code == 404


async def test_a_claim_about_an_organ_is_no_secret_before_it(supervision: Supervision) -> None:
    story = Story(supervision.sut, complained_organ=HOUSING)
    await supervision.sut.deliver(story.registered(), story.referred())
    assert [each["kind"] for each in await seen(supervision, Role.OFFICER, HOUSING)] == ["D4", "D3"]


@pytest.mark.parametrize("petition_first", [True, False])
async def test_what_a_person_finds_to_be_an_accusation_disappears_from_it(
    supervision: Supervision, *, petition_first: bool
) -> None:
    story = Story(supervision.sut, complained_organ=HOUSING)
    registered = story.registered()
    case = story.progressed("decide", a_referral_values(), purpose=Purpose.ACCUSATION)
    await supervision.sut.deliver(*((registered, case) if petition_first else (case, registered)))
    assert await seen(supervision, Role.SUPERVISOR, HOUSING) == []
    assert len(await seen(supervision, Role.SUPERVISOR, OFFICE)) > 0


@pytest.mark.parametrize("known_before", [True, False])
async def test_superiors_duties_about_it_are_hidden_too(
    supervision: Supervision, *, known_before: bool
) -> None:
    story = Story(supervision.sut, complained_organ=CITY_HOUSING)
    await supervision.sut.deliver(story.registered())
    case = story.progressed("decide", purpose=Purpose.ACCUSATION)
    if known_before:
        await supervision.sut.deliver(case)
    await supervision.watch_until("2026-03-18T00:00:30")
    if not known_before:
        before = await seen(supervision, Role.SUPERVISOR, CITY_HOUSING)
        assert {each["kind"] for each in before} == {"D1", "raised"}
        await supervision.sut.deliver(case)
    assert await seen(supervision, Role.SUPERVISOR, CITY_HOUSING) == []
    others = await seen(supervision, Role.SUPERVISOR, ABOVE)
    assert {each["kind"] for each in others} == {"D1", "raised"}


async def test_an_alarm_about_such_a_duty_reaches_the_others_only(supervision: Supervision) -> None:
    accused = "430000000000-HOUSING"
    for organ in (accused, None):
        story = Story(supervision.sut, received_by=ROOT_OFFICE, complained_organ=organ)
        purpose = Purpose.ACCUSATION if organ else Purpose.CLAIM
        await supervision.sut.deliver(story.registered(), story.progressed("x", purpose=purpose))
    await supervision.watch_until("2026-03-18T00:00:30")  # nobody is above the root's office
    found = {}
    for organ in (ROOT_OFFICE, accused):
        headers = await supervision.sut.login(Role.SUPERVISOR, organ)
        answer = await supervision.sut.client.get("/supervision/v1/alarms", headers=headers)
        found[organ] = len(answer.json()["items"])
    assert found == {ROOT_OFFICE: 2, accused: 1}


def a_referral_values() -> dict[str, Any]:
    body = f"{COUNTY}-DISCIPLINE"
    return a_referral(organ_code=body).model_dump()
