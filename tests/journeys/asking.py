"""What journeys ask a running deployment for: a petition, its case, acts, duties and figures."""

from __future__ import annotations

from typing import Any

from tests.support.deployment import Deployment

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


async def granted(
    running: Deployment, case: dict[str, Any], headers: dict[str, str], **body: str
) -> dict[str, str]:
    """Headers with a grant of routing's for the case."""
    answer = await running.client.post(
        f"/routing/v1/cases/{case['case_id']}/grants", headers=headers, json=body
    )
    assert answer.status_code == 201, answer.text
    return headers | {"X-Grant": answer.json()["grant"]}
