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
from services.supervision.verification.store import save_state
from services.supervision.verification.use_cases import Standing, check_round, standing_of
from shared.runtime.service import Service
from shared.vocabulary.posts import Role
from tests.journeys.asking import (
    BUREAU,
    BUREAU_ABOVE,
    LAMP,
    PHONE,
    ROOT_OFFICE,
    act,
    case_of,
    category,
    duties,
    file_petition,
    granted,
    summary,
)
from tests.support.backends import BOTH
from tests.support.deployment import SERVICES, Deployment
from tests.support.service import SilentBus


@pytest.fixture(scope="module", params=BOTH)
async def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deployment]:
    folder = tmp_path_factory.mktemp("deployment")
    async with Deployment(folder, separated=request.param) as deployment:
        yield deployment


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
    assert {(duty["kind"], duty["state"]) for duty in owed if duty["kind"] != "D4"} == {
        ("D1", "met"), ("D3", "met"), ("D5", "met"), ("delivery_internal", "met"),
        ("carrying_internal", "running"),  # it supported the petitioner: carried out is another day
        ("notice_internal", "running"), ("notice_internal", "met"),  # of acceptance; the opinion
    }  # fmt: skip
    await act(running, case, "notices/1/delivery", officer, method="post")
    await act(running, case, "carrying-out", officer, outcome="已修好")
    owed = await duties(running, supervisor, case_id=case["case_id"])
    assert {duty["state"] for duty in owed if duty["kind"] != "D4"} == {"met"}
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


async def test_who_has_the_case_sees_who_wrote_and_the_writer_sees_that(
    running: Deployment,
) -> None:
    officer = await running.login(Role.OFFICER, BUREAU)
    receipt = await file_petition(running)
    case = await case_of(running, receipt, officer)
    path = f"/intake/v1/petitions/{receipt['number']}"
    without = await running.client.post(
        f"{path}/reveal", json={"purpose": "contact"}, headers=officer
    )
    assert without.status_code == 403
    shown = await running.client.post(
        f"{path}/reveal", json={"purpose": "contact"},
        headers=await granted(running, case, officer, purpose="contact", reason="约定入户查看时间"),
    )  # fmt: skip
    assert shown.json()["petitioners"] == [{"name": "李小满", "phone": PHONE}]
    code = {"X-Query-Code": receipt["query_code"]}
    (line,) = (await running.client.get(f"{path}/reveals", headers=code)).json()["items"]
    assert (line["purpose"], line["reason"]) == ("联系信访人", "约定入户查看时间")


async def test_a_paper_made_and_delivered_by_intake_ends_the_duty_to_tell(
    running: Deployment,
) -> None:
    officer = await running.login(Role.OFFICER, BUREAU)
    supervisor = await running.login(Role.SUPERVISOR, ROOT_OFFICE)
    receipt = await file_petition(running)
    case = await case_of(running, receipt, officer)
    await act(running, case, "acceptance", officer)
    await act(running, case, "answer", officer, opinion="supported", text="已责成维修",
              legal_basis="《物业管理条例》", request="请求维修外墙。", facts="外墙确有渗水。",
              reasons="属质量保修范围。")  # fmt: skip
    owed = await duties(running, supervisor, case_id=case["case_id"], kind="notice_internal")
    assert [duty["state"] for duty in owed] == ["running", "running"]
    listed = await running.client.get("/intake/v1/papers", params={"limit": 200}, headers=officer)
    papers = [each for each in listed.json()["items"] if each["number"] == receipt["number"]]
    assert [paper["kind"] for paper in papers] == ["acceptance", "opinion"]
    code = {"X-Query-Code": receipt["query_code"]}
    for ordinal, paper in enumerate(papers, start=1):
        path = f"/intake/v1/papers/{paper['paper_id']}"
        grant = await granted(running, case, officer, purpose="deliver", reason="送达文书")
        made = await running.client.post(f"{path}/made", headers=grant)
        assert made.status_code == 200, made.text
        copy = await running.client.get(
            f"/intake/v1/petitions/{receipt['number']}/papers/{ordinal}", headers=code
        )
        assert copy.content == made.content
        done = await running.client.post(
            f"{path}/delivery", json={"method": "post", "proof": "挂号信"}, headers=officer
        )
        assert done.status_code == 200, done.text
        await running.settle()
    owed = await duties(running, supervisor, case_id=case["case_id"])
    states = {(duty["kind"], duty["state"]) for duty in owed}
    assert {("notice_internal", "met"), ("delivery_internal", "met")} <= states
    assert ("notice_internal", "running") not in states
    assert (await case_of(running, receipt, officer))["state"] == "closed"


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
