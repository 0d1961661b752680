"""Reports of retaliation (打击报复): sealed, kept from the handler, and no case ends for good
before they are dealt with (条例 Art. 30(3), 43(5))."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.rights.objects import FORMER, OFFICE, a_filing, misspelt
from tests.rights.platform import ROOT_OFFICE, Platform, make_platform
from tests.rights.scene import Scene, a_scene

TELLING = re.compile("报复|密封|检举|举报|retaliat|sealed|report_of")
CITY_HOUSING = "430100000000-HOUSING"
BODY = "430104000000-DISCIPLINE"
READS = (
    "/routing/v1/cases/{case_id}", "/routing/v1/cases/by-number/{number}",
    "/routing/v1/cases/{case_id}/explanation", "/routing/v1/cases/{case_id}/sheet",
    "/routing/v1/cases?view=held", "/routing/v1/cases", "/routing/v1/needs-person",
    "/routing/v1/division-cases",
    "/supervision/v1/duties", "/supervision/v1/duty-counts",
)  # fmt: skip


@pytest.fixture
async def scene(make_service: MakeService) -> Scene:
    return await a_scene(await make_platform(make_service))


async def report(platform: Platform, number: str, **more: Any) -> dict[str, Any]:
    """Filed by somebody without an account; nothing in it tells whether the number exists."""
    said = {"subject": "上访后被停了低保", "text": "我因为信访，被停了低保，请查处。"}
    body = a_filing(retaliation_for=number, **said | more)
    answer = await platform.call("POST", "/intake/v1/petitions", json=body)
    assert answer.status_code == 201, answer.text
    await platform.settle()
    receipt: dict[str, Any] = answer.json()
    return receipt


async def office(scene: Scene, role: Role = Role.SUPERVISOR) -> dict[str, str]:
    return await scene.platform.login(role, ROOT_OFFICE, strong=True)


async def sealed_ids(scene: Scene) -> list[str]:
    listed = await scene.platform.call("GET", "/intake/v1/sealed", headers=await office(scene))
    return [item["sealed_id"] for item in listed.json()["items"]]


async def granted(scene: Scene, sealed_id: str, purpose: str) -> dict[str, str]:
    who = await office(scene)
    asked = await scene.platform.call(
        "POST", f"/routing/v1/sealed/{sealed_id}/grants", headers=who,
        json={"purpose": purpose, "reason": "研究办理"},
    )  # fmt: skip
    return who | {"X-Grant": asked.json()["grant"]}


async def release(scene: Scene) -> str:
    """The petition office makes a case of the newest report; its number."""
    sealed_id = (await sealed_ids(scene))[0]
    answer = await scene.platform.call(
        "POST", f"/intake/v1/sealed/{sealed_id}/release",
        json={"purpose": "accusation", "reason": "经研究，另行办理"},
        headers=await granted(scene, sealed_id, "unseal"),
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    await scene.platform.settle()
    return str(answer.json()["number"])


async def handler_sees(scene: Scene) -> str:
    """All that the handler may read, search and count, and a refused act, as one text."""
    await scene.platform.settle()
    told = []
    for role in (Role.OFFICER, Role.SUPERVISOR):
        who = await scene.platform.login(role, FORMER, person=f"{role} watching")
        paths = [path.format_map(scene.case) for path in READS]
        found = [await scene.platform.call("GET", path, headers=who) for path in paths]
        found += [
            await scene.platform.call("POST", "/routing/v1/search", headers=who, json=body)
            for body in ({}, {"text": "低保"})
        ]
        found.append(
            await scene.platform.call(
                "POST", f"/routing/v1/cases/{scene.case['case_id']}/fulfilment",
                json={"outcome": "x"}, headers=who,
            )
        )  # fmt: skip
        told += [f"{each.status_code} {each.text}" for each in found]
    return re.sub(r'"(trace|correlation_id|instance)": ?"[^"]*"', "", "\n".join(told))


async def end(scene: Scene, path: str, **body: Any) -> tuple[int, str | None]:
    """Status and code of an act of the handler."""
    answer = await scene.platform.call(
        "POST", f"/routing/v1/cases/{scene.case['case_id']}/{path}", json=body,
        headers=await scene.platform.login(Role.OFFICER, FORMER, strong=True),
    )  # fmt: skip
    assert TELLING.search(answer.text) is None
    return answer.status_code, answer.json().get("code")


def pass_days(scene: Scene, days: int) -> None:
    clocks = {id(each.clock): each.clock for each in scene.platform.services.values()}
    for clock in clocks.values():
        clock.advance(timedelta(days=days))


async def test_it_is_sealed_and_the_answer_does_not_tell_whether_the_number_exists(
    scene: Scene,
) -> None:
    known = await report(scene.platform, scene.receipt["number"].lower())
    for number in (misspelt(scene.receipt["number"]), "430102-260322-7K3Q-9FMX-C", "不记得了"):
        other = await report(scene.platform, number)
        assert other.keys() == known.keys()
        assert other["next"] == known["next"]
    assert len(await sealed_ids(scene)) == 4
    registrar = await scene.platform.login(Role.REGISTRAR, OFFICE)
    body = a_filing(channel="letter", received_on="2026-02-27", purpose="suggestion")
    taken = await scene.platform.call(
        "POST", "/intake/v1/petitions", headers=registrar,
        json=body | {"retaliation_for": scene.receipt["number"]},
    )  # fmt: skip
    assert taken.status_code == 201
    assert len(await sealed_ids(scene)) == 5


async def test_the_petition_office_reads_what_it_is_for(scene: Scene) -> None:
    name = "李小满"
    for typed, shown in (
        (scene.receipt["number"].lower(), scene.receipt["number"]), (f"{name}那件", "那件"),
    ):  # fmt: skip
        await report(scene.platform, typed, petitioners=[{"name": name, "phone": "13807310001"}])
        sealed_id = (await sealed_ids(scene))[0]
        headers = await granted(scene, sealed_id, "open_sealed")
        answer = await scene.platform.call("GET", f"/intake/v1/sealed/{sealed_id}", headers=headers)
        opened = answer.json()
        assert (opened["sealed_class"], shown in opened["retaliation_for"]) == ("retaliation", True)
        assert name not in answer.text


async def test_nothing_the_handler_may_read_differs(scene: Scene) -> None:
    before = await handler_sees(scene)
    assert before.count(scene.receipt["number"]) > 5
    receipt = await report(scene.platform, scene.receipt["number"])
    assert await handler_sees(scene) == before
    await release(scene)  # nor when a case is made of it
    assert await handler_sees(scene) == before
    for organ in (FORMER, CITY_HOUSING):
        who = await scene.platform.login(Role.OFFICER, organ)
        path = f"/routing/v1/cases/by-number/{receipt['number']}"
        assert (await scene.platform.call("GET", path, headers=who)).status_code == 404
    for service in ("supervision", "analytics"):
        inbox = scene.platform.services[service].service.spec.subscriptions.types
        assert "intake.sealed.held.v1" not in inbox


async def test_the_petitioner_gets_the_answer_but_the_case_does_not_end_for_good(
    scene: Scene,
) -> None:
    await report(scene.platform, "430102-260322-7K3Q-9FMX-C")  # linked to nothing
    await report(scene.platform, scene.receipt["number"])
    await scene.close()
    assert (await scene.platform.call(
        "GET", f"/routing/v1/cases/{scene.case['case_id']}", headers=scene.officer
    )).json()["state"] == "closed"  # fmt: skip
    assert await end(scene, "archiving") == (409, "rule_broken")  # a review is possible still
    assert (await end(scene, "carrying-out", outcome="已整改"))[0] == 200
    assert (await end(scene, "solution", how="已修好", consented=True))[0] == 200
    pass_days(scene, 31)
    assert await end(scene, "settlement", reasons="已修好") == (409, "not_yet")
    assert await end(scene, "archiving") == (409, "not_yet")
    who = await scene.platform.login(Role.OFFICER, FORMER)
    many = await scene.platform.call(
        "POST", "/routing/v1/bulk/archiving", headers=who,
        json={"cases": [{"case_id": scene.case["case_id"]}], "act": {}},
    )  # fmt: skip
    assert many.json()["results"][0]["code"] == "not_yet"
    detail = await scene.platform.call(
        "GET", f"/routing/v1/cases/{scene.case['case_id']}", headers=who
    )
    assert {"archive", "settle"} <= set(detail.json()["allowed"])


async def test_it_may_end_when_the_case_the_report_became_has_ended(scene: Scene) -> None:
    await report(scene.platform, scene.receipt["number"])
    await scene.close()
    await end(scene, "carrying-out", outcome="已整改")
    pass_days(scene, 31)
    number = await release(scene)
    assert await end(scene, "archiving") == (409, "not_yet")
    root = await office(scene, Role.OFFICER)
    path = f"/routing/v1/cases/by-number/{number}"
    own = (await scene.platform.call("GET", path, headers=root)).json()
    assert (own["purpose"], own["state"]) == ("accusation", "needs_person")
    base = f"/routing/v1/cases/{own['case_id']}"
    for organ, status in ((FORMER, 409), (BODY, 200)):
        decided = await scene.platform.call(
            "POST", f"{base}/decision", headers=root,
            json={"kind": "transfer", "note": "按管理权限", "organ_code": organ},
        )  # fmt: skip
        assert decided.status_code == status, decided.text
    body = await scene.platform.login(Role.OFFICER, BODY)
    assert await end(scene, "archiving") == (409, "not_yet")
    handed = await scene.platform.call("POST", f"{base}/handover", json={}, headers=body)
    assert handed.status_code == 200, handed.text
    assert await end(scene, "archiving") == (200, None)


async def test_routing_keeps_nothing_but_opaque_ids(scene: Scene) -> None:
    await report(scene.platform, scene.receipt["number"])
    routing = scene.platform.services["routing"].service
    async with routing.database.reading() as session:
        table = routing.spec.metadata.tables["retaliation_report"]
        (row,) = (await session.execute(table.select())).mappings()
        stored = await session.execute(routing.tables.inbox.select())
        held = [each for each in stored if each.type == "intake.sealed.held.v1"]
    assert row["own_matter_id"] is None
    data = json.loads(held[-1].envelope)["data"]
    assert data.keys() == {"sealed_id", "sealed_class", "level", "retaliation_matter_id", "opener"}
    assert data["retaliation_matter_id"] == str(row["matter_id"])
    assert scene.receipt["number"] not in str(data)
