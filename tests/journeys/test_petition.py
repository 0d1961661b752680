"""A petition's whole life over HTTP, through all services as real processes.

As one embedded process, and in the separated run as four over PostgreSQL + RabbitMQ.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.supervision.main import SPEC as SUPERVISION
from services.supervision.store.witness import save_state
from services.supervision.use_cases.witnessing import Standing, check_round, standing_of
from shared.contracts.words import Role
from shared.runtime.service import Service
from tests.support.backends import BOTH
from tests.support.deployment import SERVICES, Deployment
from tests.support.service import SilentBus

YUELU = "430104000000"
BUREAU = f"{YUELU}-HOUSING"
BUREAU_ABOVE = "430100000000-HOUSING"
ROOT_OFFICE = "430000000000-PETITION"
PHONE = "13807310001"

LAMP = {
    "purpose": "claim",
    "subject": "长沙市岳麓区银盆岭街道小区电梯年久失修，房屋漏水",
    "text": f"我叫李小满，电话{PHONE}。岳麓区某小区房屋质量差，外墙渗水，开发商一直不维修。",
    "category_code": "030000",
    "petitioners": [{"name": "李小满", "phone": PHONE, "address": "银盆岭街道1栋"}],
}


@pytest.fixture(scope="module", params=BOTH)
async def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deployment]:
    folder = tmp_path_factory.mktemp("deployment")
    async with Deployment(folder, separated=request.param) as deployment:
        yield deployment


async def category(running: Deployment, name: str) -> str:
    answer = await running.client.get("/routing/v1/categories", params={"q": name})
    assert answer.status_code == 200, answer.text
    return next(str(item["code"]) for item in answer.json() if item["name"] == name)


async def file_petition(running: Deployment, **values: Any) -> dict[str, Any]:
    body = LAMP | {"category_code": await category(running, "城乡建设")} | values
    answer = await running.client.post("/intake/v1/petitions", json=body)
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    await running.settle()
    return receipt


async def case_of(
    running: Deployment, receipt: dict[str, Any], headers: dict[str, str]
) -> dict[str, Any]:
    answer = await running.client.get(
        f"/routing/v1/cases/by-number/{receipt['number']}", headers=headers
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def act(
    running: Deployment, case: dict[str, Any], step: str, headers: dict[str, str], **body: Any
) -> None:
    answer = await running.client.post(
        f"/routing/v1/cases/{case['case_id']}/{step}", json=body, headers=headers
    )
    assert answer.status_code == 200, answer.text
    await running.settle()


async def duties(
    running: Deployment, headers: dict[str, str], **query: Any
) -> list[dict[str, Any]]:
    answer = await running.client.get("/supervision/v1/duties", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def summary(running: Deployment, headers: dict[str, str]) -> dict[str, Any]:
    query = {"from": "2020-01-01", "to": "2099-12-31"}
    answer = await running.client.get("/analytics/v1/summary", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    figures: dict[str, Any] = answer.json()
    return figures


async def test_registered_routed_accepted_answered_delivered_counted(running: Deployment) -> None:
    officer = await running.login(Role.OFFICER, BUREAU)
    supervisor = await running.login(Role.SUPERVISOR, ROOT_OFFICE)
    analyst = await running.login(Role.ANALYST, ROOT_OFFICE)
    before = await summary(running, analyst)
    receipt = await file_petition(running)

    case = await case_of(running, receipt, officer)
    assert (case["state"], case["organ_code"]) == ("referred", BUREAU)
    listed = await running.client.get("/routing/v1/cases", headers=officer)
    assert case["case_id"] in [item["case_id"] for item in listed.json()["items"]]
    why = await running.client.get(
        f"/routing/v1/cases/{case['case_id']}/explanation", headers=officer
    )
    assert "岳麓区" in why.text

    await act(running, case, "acceptance", officer)
    refused = await running.client.post(
        f"/routing/v1/cases/{case['case_id']}/delivery", json={"method": "post"}, headers=officer
    )
    assert refused.status_code == 409
    assert refused.json()["allowed"]
    await act(running, case, "answer", officer,
              opinion="supported", text="已责成维修", legal_basis="《物业管理条例》")  # fmt: skip
    await act(running, case, "delivery", officer, method="in_person")

    assert (await case_of(running, receipt, officer))["state"] == "closed"
    owed = await duties(running, supervisor, case_id=case["case_id"])
    assert {duty["kind"]: duty["state"] for duty in owed} | {"D4": "-"} == {
        "D1": "met", "D3": "met", "D4": "-", "D5": "met", "delivery_internal": "met",
    }  # fmt: skip
    progress = await running.client.get(
        f"/intake/v1/petitions/{receipt['number']}/progress",
        headers={"X-Query-Code": receipt["query_code"]},
    )
    assert progress.json()["state"] == "已办结"
    after = await summary(running, analyst)
    assert after["items"] == before["items"] + 1
    assert after["answered"] == before["answered"] + 1
    assert after["answered_on_time"] == before["answered_on_time"] + 1


async def test_an_organ_that_does_nothing_falls_overdue_and_its_superior_is_told(
    running: Deployment,
) -> None:
    officer = await running.login(Role.OFFICER, BUREAU)
    supervisor = await running.login(Role.SUPERVISOR, ROOT_OFFICE)
    receipt = await file_petition(running)
    case = await case_of(running, receipt, officer)
    (owed,) = await duties(running, supervisor, case_id=case["case_id"], kind="D3")
    assert owed["state"] == "running"

    running.shift(timedelta(days=16))
    try:
        await until_fired(running, supervisor, case)
        (owed,) = await duties(running, supervisor, case_id=case["case_id"], kind="D3")
        assert owed["overdue_at"] == owed["due_at"]
        (window,) = await duties(running, supervisor, case_id=case["case_id"], kind="D4")
        assert window["state"] == "lapsed"
        (raised,) = await duties(running, supervisor, case_id=case["case_id"], kind="raised")
        assert (raised["organ_code"], raised["state"]) == (BUREAU_ABOVE, "running")
        assert (await case_of(running, receipt, officer))["organ_code"] == BUREAU
        why = await running.client.get(
            f"/supervision/v1/duties/{owed['duty_id']}/explanation", headers=supervisor
        )
        assert len([day for day in why.json()["days"] if day["counted"]]) == 15

        await act(running, case, "acceptance", officer)
        (owed,) = await duties(running, supervisor, case_id=case["case_id"], kind="D3")
        assert owed["state"] == "met_late"
        assert owed["overdue_at"] == owed["due_at"]
        (raised,) = await duties(running, supervisor, case_id=case["case_id"], kind="raised")
        assert raised["state"] == "met"
    finally:
        running.shift(timedelta(0))


async def until_fired(
    running: Deployment, supervisor: dict[str, str], case: dict[str, Any]
) -> None:
    async with asyncio.timeout(30):
        while not await duties(  # noqa: ASYNC110  another process fires it
            running, supervisor, case_id=case["case_id"], kind="D3", state="overdue"
        ):
            await asyncio.sleep(0.1)
    await running.settle()


async def test_an_accusation_leaves_no_trace_outside_the_petition_office(
    running: Deployment,
) -> None:
    registrar = await running.login(Role.REGISTRAR, ROOT_OFFICE)
    officer = await running.login(Role.OFFICER, ROOT_OFFICE)
    analyst = await running.login(Role.ANALYST, ROOT_OFFICE)
    before = await summary(running, analyst)
    receipt = await file_petition(
        running, subject="实名举报岳麓区住建局局长受贿", text="该局长收受开发商好处费。"
    )
    waiting = await running.client.get(
        "/routing/v1/needs-person", headers=officer, params={"limit": 200}
    )
    kinds = [item["kind"] for item in waiting.json()["items"]]
    assert "sealed" in kinds
    assert receipt["number"] not in waiting.text
    missing = await running.client.get(
        f"/routing/v1/cases/by-number/{receipt['number']}", headers=officer
    )
    assert missing.status_code == 404
    assert (await summary(running, analyst))["items"] == before["items"]
    listed = await running.client.get("/intake/v1/petitions", headers=registrar)
    assert receipt["number"] not in listed.text
    progress = await running.client.get(
        f"/intake/v1/petitions/{receipt['number']}/progress",
        headers={"X-Query-Code": receipt["query_code"]},
    )
    assert progress.status_code == 200


async def test_a_killed_process_comes_back_and_nothing_is_lost(running: Deployment) -> None:
    supervisor = await running.login(Role.SUPERVISOR, ROOT_OFFICE)
    officer = await running.login(Role.OFFICER, BUREAU)
    victim = "routing" if running.separated else "standalone"
    receipts = []
    for number in range(6):
        body = LAMP | {"category_code": await category(running, "城乡建设")}
        answer = await running.client.post(
            "/intake/v1/petitions", json=body, headers={"Idempotency-Key": f"{os.urandom(8).hex()}"}
        )
        assert answer.status_code == 201
        receipts.append(answer.json())
        if number == 2:
            await running.kill(victim)
            running.start(victim)
            await running.ready()
    await running.settle()
    for receipt in receipts:
        case = await case_of(running, receipt, officer)
        owed = await duties(running, supervisor, case_id=case["case_id"], kind="D3")
        assert len(owed) == 1


async def test_no_identity_in_any_log(running: Deployment) -> None:
    await file_petition(running)
    names = SERVICES if running.separated else ("standalone",)
    for name in names:
        assert PHONE not in running.log(name)
        assert "李小满" not in running.log(name)


async def test_the_second_checker_has_nothing_to_say(running: Deployment) -> None:
    """After all these lives, with clocks put ahead and back: raw events and duties agree."""
    await running.settle()
    service = Service(SUPERVISION, running.settings, bus=SilentBus())
    await service.prepare()
    try:
        standing = await standing_of(service.database)
        async with service.units.begin() as uow:  # everything once more, whatever was looked at
            await save_state(uow.session, Standing().written())
        now = service.clock.now()
        looked = await check_round(
            service.database, service.units, machine_now=now, business_now=now
        )
        assert looked > 0
        assert standing.wrong == []
        assert (await standing_of(service.database)).wrong == []
    finally:
        await service.database.close()
