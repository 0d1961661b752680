"""The auditor reads who looked: by division, without identities, and sealed items by opaque id."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.rights.objects import FORMER, OFFICE, SIBLING, file
from tests.rights.platform import ROOT_OFFICE, Platform, make_platform
from tests.rights.scene import Scene, a_scene

LOG = "/intake/v1/reveals"
AUDIT_OFFICE = "430000000000-AUDIT"


@pytest.fixture
async def scene(make_service: MakeService) -> Scene:
    return await a_scene(await make_platform(make_service))


async def read(platform: Platform, organ: str = OFFICE, **params: Any) -> dict[str, Any]:
    """One page as the auditor of an organ."""
    auditor = await platform.login(Role.AUDITOR, organ)
    answer = await platform.call("GET", LOG, params=params, headers=auditor)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    page: dict[str, Any] = answer.json()
    return page


async def test_a_line_says_who_looked_why_and_in_which_case_but_not_at_whom(scene: Scene) -> None:
    await scene.reveal(await scene.grant(reason="我叫李小满的信访人，电话13807310001核实"))
    page = await read(scene.platform)
    (line,) = page["items"]
    assert line["person"] == f"officer@{FORMER}"
    assert (line["organ_code"], line["role"], line["purpose"]) == (FORMER, "officer", "contact")
    assert (line["number"], line["sealed_id"]) == (scene.receipt["number"], None)
    assert line["case_id"] == scene.case["case_id"]
    assert line["at"] == "2026-03-02T01:00:00Z"
    assert "核实" in line["reason"]
    (noted,) = await scene.audit("vault.opened")
    assert noted["detail"]["jti"] == line["grant_id"]
    for hidden in ("李小满", "13807310001", "430102198001011233", "银盆岭"):
        assert hidden not in str(page)


async def test_the_newest_come_first_in_pages_that_meet(scene: Scene) -> None:
    for minutes in (0, 0, 1, 1, 0):  # some at the same instant
        for each in scene.platform.services.values():
            each.clock.advance(timedelta(minutes=minutes))
        assert (await scene.reveal(await scene.grant())).status_code == 200
    whole = [line["grant_id"] for line in (await read(scene.platform))["items"]]
    times = [line["at"] for line in (await read(scene.platform))["items"]]
    assert len(whole) == 5
    assert times == sorted(times, reverse=True)
    read_on, cursor = [], None
    while True:
        page = await read(scene.platform, limit=2, **({"cursor": cursor} if cursor else {}))
        read_on += [line["grant_id"] for line in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert read_on == whole


async def test_filters_by_person_petition_and_period(scene: Scene) -> None:
    platform = scene.platform
    await scene.reveal(await scene.grant())
    other = await file(platform)
    head = await platform.login(Role.HEAD, FORMER, strong=True)
    path = f"/routing/v1/cases/by-number/{other['number']}"
    case = (await platform.call("GET", path, headers=head)).json()
    for each in platform.services.values():
        each.clock.advance(timedelta(minutes=1))
    second = Scene(platform, other, case)
    second.officer = head
    assert (await second.reveal(await second.grant())).status_code == 200
    moment = "2026-03-02T09:01:00+08:00"
    for params, numbers in (
        ({"person": f"head@{FORMER}"}, [other["number"]]),
        ({"person": "nobody"}, []),
        ({"number": scene.receipt["number"]}, [scene.receipt["number"]]),
        ({"since": moment}, [other["number"]]),
        ({"until": moment}, [scene.receipt["number"]]),
        ({"since": moment, "until": moment}, []),
    ):
        found = await read(platform, **params)
        assert [line["number"] for line in found["items"]] == numbers, params


async def test_an_auditor_sees_the_own_division_only(scene: Scene) -> None:
    await scene.reveal(await scene.grant())
    for organ, seen in ((OFFICE, 1), (ROOT_OFFICE, 1), (f"{SIBLING}-PETITION", 0)):
        page = await read(scene.platform, organ)
        assert len(page["items"]) == seen, organ
    refused = await scene.platform.call("GET", LOG, headers=scene.officer)
    assert refused.status_code == 403


async def test_a_sealed_item_is_known_by_its_opaque_id_and_to_its_petition_office_alone(
    make_service: MakeService,
) -> None:
    platform = await make_platform(make_service)
    await platform.settle()
    accusation = {
        "purpose": "accusation",
        "subject": "举报村支书",
        "text": "现实名举报村支书受贿。",
        "petitioners": [{"name": "李小满", "phone": "13807310001"}],
    }
    receipt = (await platform.call("POST", "/intake/v1/petitions", json=accusation)).json()
    await platform.settle()
    office = await platform.login(Role.SUPERVISOR, ROOT_OFFICE, strong=True)
    listed = await platform.call("GET", "/intake/v1/sealed", headers=office)
    sealed_id = listed.json()["items"][0]["sealed_id"]

    async def opened(wanted: str, method: str, path: str, **body: Any) -> None:
        asked = await platform.call(
            "POST", f"/routing/v1/sealed/{sealed_id}/grants", headers=office,
            json={"purpose": wanted, "reason": "核实举报村支书"},
        )  # fmt: skip
        headers = office | {"X-Grant": asked.json()["grant"]}
        answer = await platform.call(method, path, headers=headers, json=body or None)
        assert answer.status_code == 200, answer.text

    path = f"/intake/v1/sealed/{sealed_id}"
    await opened("open_sealed", "GET", path)
    await opened("unseal", "POST", f"{path}/release", purpose="claim", reason="并非检举")
    await platform.settle()
    page = await read(platform, ROOT_OFFICE)  # what was sealed stays so in the log
    assert {line["purpose"] for line in page["items"]} == {"open_sealed", "unseal"}
    for line in page["items"]:
        assert line["person"] == f"supervisor@{ROOT_OFFICE}"
        assert (line["sealed_id"], line["number"]) == (sealed_id, None)
        assert (line["case_id"], line["reason"]) == (None, None)
    assert receipt["number"] not in str(page)
    for organ, params in (
        (ROOT_OFFICE, {"number": receipt["number"]}),
        (AUDIT_OFFICE, {}),  # stands in the same division, is another organ
        (OFFICE, {}),
    ):
        assert (await read(platform, organ, **params))["items"] == []
