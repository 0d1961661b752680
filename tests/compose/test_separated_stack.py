"""Compose's containers as processes: any order of start, a journey, one trace, no secret told."""

from __future__ import annotations

import asyncio

import pytest

from tests.compose.stack import LEAK, SERVICES, Stack
from tests.runtime.test_tracing import is_filing

pytestmark = [
    pytest.mark.servers,
    pytest.mark.timeout(600),
]
BUREAU = "430104000000-HOUSING"
ROOT_OFFICE = "430000000000-PETITION"


async def test_a_petition_is_filed_routed_answered_watched_and_counted(running: Stack) -> None:
    operator = await running.token("operator")
    officer = await running.token("officer", "--organ", BUREAU)
    categories = await running.client.get("/routing/v1/categories", params={"q": "城乡建设"})
    body = LEAK | {"category_code": categories.json()[0]["code"]}
    filed = await running.client.post("/intake/v1/petitions", json=body)
    assert filed.status_code == 201, filed.text
    await running.settle(operator)

    number = filed.json()["number"]
    case = await running.client.get(f"/routing/v1/cases/by-number/{number}", headers=officer)
    assert case.status_code == 200, case.text
    case_id = case.json()["case_id"]
    for step, said in (
        ("acceptance", {}),
        ("answer", {"opinion": "supported", "text": "已修复。"}),
        ("delivery", {"method": "phone"}),
    ):
        done = await running.client.post(
            f"/routing/v1/cases/{case_id}/{step}", json=said, headers=officer
        )
        assert done.status_code == 200, done.text
        await running.settle(operator)

    duties = await running.client.get(
        "/supervision/v1/duties", params={"case_id": case_id}, headers=officer
    )
    assert {each["state"] for each in duties.json()["items"]} & {"met"}
    progress = await running.client.get(
        f"/intake/v1/petitions/{number}/progress",
        headers={"X-Query-Code": filed.json()["query_code"]},
    )
    assert progress.status_code == 200
    analyst = await running.token("analyst", "--organ", ROOT_OFFICE)
    figures = await running.client.get(
        "/analytics/v1/summary", params={"from": "2020-01-01", "to": "2099-12-31"}, headers=analyst
    )
    assert figures.status_code == 200, figures.text


async def test_a_petition_is_one_trace_through_four_processes(running: Stack) -> None:
    operator = await running.token("operator")
    filed = await running.client.post("/intake/v1/petitions", json=LEAK)
    assert filed.status_code == 201, filed.text
    await running.settle(operator)
    whole: list[set[str]] = []
    async with asyncio.timeout(60):  # each process sends what it has every five seconds
        while set(SERVICES) not in whole:
            traces = running.collector.traces().values()
            whole = [{span.service for span in each} for each in traces if is_filing(each, 201)]
            await asyncio.sleep(0.2)
    sent = b"".join(running.collector.bodies)
    for planted in ("李小满", "13807310001", "银盆岭", filed.json()["number"]):
        assert planted.encode() not in sent


async def test_services_that_came_first_waited_and_log_no_secret(running: Stack) -> None:
    assert any("service.waits" in running.log(name) for name in SERVICES)
    for name in SERVICES:
        log = running.log(name)
        passwords = [
            running.secret(f"{kind}_{name}").split("@")[0].rsplit(":", 1)[1]
            for kind in ("database_url", "bus_url")
        ]
        assert not any(password in log for password in passwords)


async def test_metrics_are_inside_only(running: Stack) -> None:
    assert (await running.client.get("/metrics")).status_code == 404
