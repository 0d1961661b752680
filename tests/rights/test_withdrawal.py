"""Withdrawal 撤回: the petitioner's own act, taken back for some days, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.contracts.intake import PetitionWithdrawnV1
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.rights.objects import OFFICE, misspelt
from tests.rights.platform import ROOT_OFFICE, Platform, make_platform
from tests.rights.scene import Scene, a_scene


@pytest.fixture
async def scene(make_service: MakeService) -> Scene:
    return await a_scene(await make_platform(make_service))


async def ask(scene: Scene, method: str, code: str = "", number: str = "") -> httpx.Response:
    """Withdraw (POST) or take it back (DELETE), by the receipt unless told otherwise."""
    path = f"/intake/v1/petitions/{number or scene.receipt['number']}/withdrawal"
    headers = {"X-Query-Code": code or scene.receipt["query_code"]}
    answer = await scene.platform.call(method, path, headers=headers)
    await scene.platform.settle()
    return answer


def pass_days(platform: Platform, days: int) -> None:
    clocks = {id(each.clock): each.clock for each in platform.services.values()}
    for clock in clocks.values():
        clock.advance(timedelta(days=days))


async def case_now(scene: Scene) -> dict[str, Any]:
    path = f"/routing/v1/cases/{scene.case['case_id']}"
    shown: dict[str, Any] = (await scene.platform.call("GET", path, headers=scene.officer)).json()
    return shown


async def progress(scene: Scene) -> dict[str, Any]:
    code = {"X-Query-Code": scene.receipt["query_code"]}
    path = f"/intake/v1/petitions/{scene.receipt['number']}/progress"
    shown: dict[str, Any] = (await scene.platform.call("GET", path, headers=code)).json()
    return shown


async def end(scene: Scene) -> httpx.Response:
    path = f"/routing/v1/cases/{scene.case['case_id']}/withdrawal"
    return await scene.platform.call("POST", path, headers=scene.officer, json={})


async def test_withdrawn_taken_back_withdrawn_again_and_ended(scene: Scene) -> None:
    assert (await progress(scene))["withdrawal"] is None
    assert (await ask(scene, "DELETE")).json()["code"] == "not_withdrawable"
    first = await ask(scene, "POST")
    assert first.json() == {"withdrawn_on": "2026-03-02", "revocable_until": "2026-03-17"}
    assert (await ask(scene, "POST")).json() == first.json()
    assert (await progress(scene))["withdrawal"] == first.json()
    due = (await case_now(scene))["due_on"]
    assert (await case_now(scene))["withdrawn"] == first.json()
    assert (await end(scene)).status_code == 409

    pass_days(scene.platform, 15)
    nothing = {"withdrawn_on": None, "revocable_until": None}
    assert (await ask(scene, "DELETE")).json() == nothing
    assert (await ask(scene, "DELETE")).json() == nothing
    shown = await case_now(scene)
    assert (shown["withdrawn"], shown["due_on"]) == (None, due)  # no clock stopped
    assert (await end(scene)).status_code == 409

    await ask(scene, "POST")
    pass_days(scene.platform, 16)
    late = await ask(scene, "DELETE")
    assert (late.status_code, late.json()["code"]) == (409, "not_withdrawable")
    assert (await end(scene)).json()["state"] == "closed"
    await scene.platform.settle()
    shown = await progress(scene)
    assert (shown["state"], shown["steps"][-1]["title"]) == ("已办结", "信访人撤回，终止办理")
    head = await scene.platform.login(Role.SUPERVISOR, ROOT_OFFICE)
    duties = await scene.platform.call(
        "GET", "/supervision/v1/duties", headers=head,
        params={"case_id": scene.case["case_id"], "state": "running"},
    )  # fmt: skip
    assert duties.json()["items"] == []


async def test_what_was_taken_back_in_time_and_told_late_brings_the_case_back(
    scene: Scene,
) -> None:
    await ask(scene, "POST")
    pass_days(scene.platform, 15)
    path = f"/intake/v1/petitions/{scene.receipt['number']}/withdrawal"
    code = {"X-Query-Code": scene.receipt["query_code"]}
    taken = await scene.platform.call("DELETE", path, headers=code)  # its event waits
    assert taken.status_code == 200
    pass_days(scene.platform, 1)
    assert (await end(scene)).json()["state"] == "closed"
    await scene.platform.settle()
    root = await scene.platform.login(Role.OFFICER, OFFICE)
    path = f"/routing/v1/cases/{scene.case['case_id']}"
    shown = (await scene.platform.call("GET", path, headers=root)).json()
    assert (shown["state"], shown["withdrawn"], shown["closing_kind"]) == (
        "needs_person", None, None,
    )  # fmt: skip
    again = await ask(scene, "POST")  # a case taken up again needs a new one
    assert again.json()["withdrawn_on"] == "2026-03-18"


async def test_a_case_taken_up_again_is_not_ended_by_the_old_withdrawal(scene: Scene) -> None:
    await ask(scene, "POST")
    pass_days(scene.platform, 16)
    assert (await end(scene)).json()["state"] == "closed"
    root = await scene.platform.login(Role.OFFICER, OFFICE)
    base = f"/routing/v1/cases/{scene.case['case_id']}"
    body = {"ground": "new_facts", "reasons": "又漏水"}
    opened = await scene.platform.call("POST", f"{base}/reopening", headers=root, json=body)
    assert opened.status_code == 200, opened.text
    ended = await scene.platform.call("POST", f"{base}/withdrawal", headers=root, json={})
    assert ended.status_code == 409
    await scene.platform.settle()
    pass_days(scene.platform, 1)
    assert (await progress(scene))["withdrawal"]["withdrawn_on"] is None
    assert (await ask(scene, "POST")).json()["withdrawn_on"] == "2026-03-19"


async def test_only_the_petitioner_withdraws(scene: Scene) -> None:
    wrong = await ask(scene, "POST", code="7777-7777-7777-7777-7777")
    missing = await ask(scene, "POST", number=misspelt(scene.receipt["number"]))
    assert wrong.status_code == missing.status_code == 404
    assert wrong.json()["detail"] == missing.json()["detail"]
    for role in Role:
        headers = await scene.platform.login(role, OFFICE, strong=True)
        path = f"/intake/v1/petitions/{scene.receipt['number']}/withdrawal"
        answer = await scene.platform.call("POST", path, headers=headers)
        assert answer.status_code == 422, role  # no post stands for the code
    assert (await case_now(scene))["withdrawn"] is None
    assert await scene.platform.services["intake"].recorded(PetitionWithdrawnV1) == []
    assert await scene.audit("petition.withdrawn") == []


async def test_a_closed_case_is_not_withdrawn(scene: Scene) -> None:
    await scene.close()
    await scene.platform.settle()
    answer = await ask(scene, "POST")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_withdrawable")


async def test_of_a_sealed_petition_nobody_hears_before_it_is_unsealed(
    make_service: MakeService,
) -> None:
    platform = await make_platform(make_service)
    await platform.settle()
    accusation = {
        "purpose": "accusation", "subject": "举报村支书", "text": "现实名举报村支书受贿。",
        "petitioners": [{"name": "李小满"}],
    }  # fmt: skip
    filed = await platform.call("POST", "/intake/v1/petitions", json=accusation)
    scene = Scene(platform, filed.json(), {})
    await platform.settle()
    assert (await ask(scene, "POST")).status_code == 200
    intake = platform.services["intake"]
    assert await intake.recorded(PetitionWithdrawnV1) == []

    office = await platform.login(Role.SUPERVISOR, ROOT_OFFICE, strong=True)
    listed = await platform.call("GET", "/intake/v1/sealed", headers=office)
    sealed_id = listed.json()["items"][0]["sealed_id"]
    grant = await platform.call(
        "POST", f"/routing/v1/sealed/{sealed_id}/grants", headers=office,
        json={"purpose": "unseal", "reason": "研究办理"},
    )  # fmt: skip
    released = await platform.call(
        "POST", f"/intake/v1/sealed/{sealed_id}/release",
        headers=office | {"X-Grant": grant.json()["grant"]},
        json={"purpose": "claim", "reason": "并非检举"},
    )  # fmt: skip
    assert released.status_code == 200, released.text
    await platform.settle()
    (told,) = await intake.recorded(PetitionWithdrawnV1)
    assert told.data["revocable_until"] == "2026-03-17"
    path = f"/routing/v1/cases/by-number/{scene.receipt['number']}"
    officer = await platform.login(Role.OFFICER, ROOT_OFFICE)
    case = (await platform.call("GET", path, headers=officer)).json()
    assert case["withdrawn"]["withdrawn_on"] == "2026-03-02"
