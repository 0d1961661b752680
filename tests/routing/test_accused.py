"""What the accused unit and those under it see of an accusation: nothing (条例 Art. 30(3))."""

from __future__ import annotations

from typing import Any

import pytest

from services.routing.main import SPEC
from shared.vocabulary.petitions import Purpose
from shared.vocabulary.posts import Role
from tests.routing.making import CHANGSHA, COUNTY, COUNTY_OFFICE, HOUSING
from tests.routing.test_casework_api import Desk

CITY_HOUSING = "430100000000-HOUSING"
BODY = f"{COUNTY}-DISCIPLINE"
CITY_BODY = "430100000000-DISCIPLINE"


@pytest.fixture
async def desk(make_service: Any) -> Desk:
    return Desk(await make_service(SPEC))


async def numbers(desk: Desk, path: str, organ: str, role: Role) -> list[str]:
    page = (await desk.get(path, organ, role)).json()
    return [item["number"] for item in page["items"]]


@pytest.mark.parametrize("organ", [CITY_HOUSING, HOUSING])
@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.LEADER])
async def test_its_watchers_find_nothing_by_list_number_or_id(
    desk: Desk, organ: str, role: Role
) -> None:
    await desk.receive(purpose=Purpose.ACCUSATION, complained_organ=CITY_HOUSING)
    await desk.act("decision", CHANGSHA, kind="transfer", note="按管理权限", organ_code=CITY_BODY)
    claims = desk.number
    await desk.receive(complained_organ=CITY_HOUSING)  # a claim is no accusation
    others = desk.number
    division = "/division-cases"
    neutral = await numbers(desk, division, COUNTY_OFFICE, role)
    seen = await numbers(desk, division, organ, role)
    assert claims not in seen
    assert (others in seen) == (others in neutral)
    by_number = await desk.get(f"/cases/by-number/{claims}", organ, role)
    nothing = await desk.get("/cases/by-number/nothing", organ, role)
    assert by_number.status_code == nothing.status_code == 404
    assert by_number.json()["detail"] == nothing.json()["detail"]


async def test_its_officers_find_nothing_even_where_the_unit_received_it(desk: Desk) -> None:
    await desk.receive(purpose=Purpose.ACCUSATION, complained_organ=HOUSING, received_by=HOUSING)
    for path in (f"/cases/{desk.case_id}", f"/cases/{desk.case_id}/explanation"):
        assert (await desk.get(path, HOUSING)).status_code == 404
    for view in ("todo", "held", "received", "copied"):
        assert await numbers(desk, f"/cases?view={view}", HOUSING, Role.OFFICER) == []
    assert (await desk.act("grants", HOUSING, purpose="contact", reason="核实")).status_code == 404
    assert (await desk.act("acceptance", HOUSING)).status_code == 404
    assert (await desk.get(f"/cases/{desk.case_id}", COUNTY_OFFICE)).status_code == 200


async def test_an_office_accused_itself_decides_nothing(desk: Desk) -> None:
    await desk.receive(purpose=Purpose.ACCUSATION, complained_organ=CHANGSHA)
    shown = await desk.get(f"/cases/{desk.case_id}", "430000000000-PETITION")
    assert shown.json()["next_organ"] == "430000000000-PETITION"
    assert (await desk.get(f"/cases/{desk.case_id}", CHANGSHA)).status_code == 404
    queue = await desk.get("/needs-person", CHANGSHA)
    assert queue.json()["items"] == []


@pytest.mark.parametrize("organ", [CITY_HOUSING, HOUSING])
@pytest.mark.parametrize("purpose", [Purpose.ACCUSATION, Purpose.CLAIM])
async def test_nothing_is_handed_to_who_is_complained_of_or_under_it(
    desk: Desk, organ: str, purpose: Purpose
) -> None:
    await desk.receive("停水", purpose=purpose, complained_organ=CITY_HOUSING)
    refused = await desk.act("decision", CHANGSHA, kind="transfer", note="转", organ_code=organ)
    assert (refused.status_code, refused.json()["code"]) == (409, "rule_broken")
