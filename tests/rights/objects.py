"""The objects of the rights matrix, made through the front doors, and whose they are."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from services.supervision.alarms.store import ALARM
from shared.vocabulary.posts import Role
from tests.rights.help_objects import make_help
from tests.rights.platform import ROOT_OFFICE, Platform
from tests.support.papers import put_paper

COUNTY, SIBLING, CITY, TOWNSHIP = "430104000000", "430103000000", "430100000000", "430104001000"
OFFICE = f"{COUNTY}-PETITION"
HOLDER, FORMER = f"{COUNTY}-URBAN_MANAGEMENT", f"{COUNTY}-HOUSING"

CASE_ORGANS = {
    "own": HOLDER,
    "sibling": f"{SIBLING}-URBAN_MANAGEMENT",
    "parent": f"{CITY}-URBAN_MANAGEMENT",
    "child": f"{TOWNSHIP}-TOWNSHIP",
    "former": FORMER,  # had the case, objected, and was upheld
    "unknown": HOLDER,
}
PETITION_ORGANS = CASE_ORGANS | {
    "own": OFFICE,  # registered it
    "sibling": f"{SIBLING}-PETITION",
    "parent": f"{CITY}-PETITION",
    "unknown": OFFICE,
}
SEALED_ORGANS = {
    "own": ROOT_OFFICE,
    "sibling": "430000000000-HOUSING",  # beside the root's petition office
    "parent": "110000000000-PETITION",  # nobody stands above: a foreign province
    "child": f"{CITY}-PETITION",
    "former": FORMER,
    "unknown": ROOT_OFFICE,
}


@dataclass(frozen=True)
class Objects:
    """Values for the placeholders of paths, and words by which a list shows its object."""

    path: dict[str, str]
    waiting: str
    partner: str = "yuelu"

    def unknown(self) -> dict[str, str]:
        """The same shape, of objects that do not exist."""
        fresh = {name: str(uuid.uuid4()) for name in self.path}
        return fresh | {
            "number": misspelt(self.path["number"]), "name": "nobody", "partner": "nobody",
            "mapping": "nothing", "kind": "limits", "edition_id": "nothing",
            "code": "999999999999", "ordinal": "1", "version": "7",
        }  # fmt: skip


def misspelt(number: str) -> str:
    """The number with another check character, so nobody's."""
    return number[:-1] + ("8" if number[-1] == "9" else "9")


def a_filing(**changes: Any) -> dict[str, Any]:
    return {
        "purpose": "claim",
        "category_code": "030800",
        "subject": "长沙市岳麓区小区房屋质量差",
        "text": "长沙市岳麓区小区外墙渗水，开发商一直不维修。",
        "petitioners": [{"name": "李小满", "phone": "13807310001"}],
    } | changes


async def file(platform: Platform, **changes: Any) -> dict[str, Any]:
    """A letter registered by the county's petition office."""
    registrar = await platform.login(Role.REGISTRAR, OFFICE)
    body = a_filing(channel="letter", received_on="2026-02-27", **changes)
    answer = await platform.call("POST", "/intake/v1/petitions", json=body, headers=registrar)
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    await platform.settle()
    return receipt


async def make_objects(platform: Platform) -> Objects:
    """A case handed from one organ to another, one that waits, a sealed item, and the rest."""
    receipt = await file(
        platform,
        petitioners=[{"name": "李小满", "phone": "13807310001", "address": "银盆岭街道1栋"}],
    )
    case = await handed_over(platform, receipt["number"])
    await looked_at(platform, case["case_id"], receipt["number"])
    promised = await agreed(platform)
    waiting = await file(platform, subject="求助", text="请帮忙。", purpose="uncertain")
    await platform.call(
        "POST", "/intake/v1/petitions", json=a_filing(purpose="accusation", text="举报村支书受贿。")
    )
    await platform.settle()
    operator = await platform.login(Role.OPERATOR, ROOT_OFFICE)
    root = await platform.login(Role.SUPERVISOR, ROOT_OFFICE)
    sealed = await platform.call("GET", "/intake/v1/sealed", headers=root)
    await platform.call(
        "POST", "/intake/v1/partners", headers=operator,
        json={"name": "yuelu", "title": "岳麓区系统", "division_code": "430104"},
    )  # fmt: skip
    given = await platform.services["routing"].give(
        person="zhou", organ_code=FORMER, role="officer"
    )
    editions = (await platform.call("GET", "/routing/v1/editions", headers=operator)).json()
    duty = await platform.call(
        "GET", "/supervision/v1/duties", headers=await platform.login(Role.OFFICER, HOLDER)
    )
    event_id = ""
    for each in platform.services.values():
        await each.service.inbox.store([b"no envelope"])
        table = each.service.tables.inbox
        async with each.service.database.reading() as session:
            query = select(table.c.id).where(table.c.state == "parked")
            event_id = str(await session.scalar(query))
    office = await platform.login(Role.OFFICER, OFFICE)
    queue = (await platform.call("GET", "/routing/v1/needs-person", headers=office)).json()["items"]
    assert waiting["number"] != receipt["number"]
    (small,) = [each for each in editions if each["kind"] == "limits"][:1]
    return Objects(
        path={
            "case_id": case["case_id"], "number": receipt["number"],
            "petition_id": case["petition_ids"][0], "query_code": receipt["query_code"],
            "sealed_id": sealed.json()["items"][0]["sealed_id"],
            "duty_id": duty.json()["items"][0]["duty_id"], "alarm_id": await alarm(platform),
            "event_id": event_id, "post_id": given["post_id"],
            "name": "yuelu", "partner": "yuelu", "mapping": "message-board",
            "kind": small["kind"], "edition_id": small["edition_id"], "code": COUNTY,
            "ordinal": "1", **promised,
            "paper_id": await put_paper(platform.services["intake"], receipt["number"], HOLDER),
            **await make_help(platform.login, platform.call, case["case_id"], HOLDER),
        },
        waiting=queue[0]["item_id"],
    )  # fmt: skip


async def handed_over(platform: Platform, number: str) -> dict[str, Any]:
    """The first organ objects, the petition office agrees and sends the case to another."""
    first = await platform.login(Role.OFFICER, FORMER)
    office = await platform.login(Role.OFFICER, OFFICE)
    path = f"/routing/v1/cases/by-number/{number}"
    case: dict[str, Any] = (await platform.call("GET", path, headers=first)).json()
    base = f"/routing/v1/cases/{case['case_id']}"
    decision = {"kind": "transfer", "note": "改由城管办理", "organ_code": HOLDER}
    for who, step, body in (
        (first, "objection", {"reasons": "不属于本机关职责"}),
        (office, "verdict", {"upheld": True}),
        (office, "decision", decision),
    ):
        answer = await platform.call("POST", f"{base}/{step}", json=body, headers=who)
        if answer.status_code == 202:  # the office has a head: it goes out with the approval
            organ = FORMER if who is first else OFFICE
            head = await platform.login(Role.HEAD, organ, person=f"head of {organ}")
            answer = await platform.call(
                "POST", f"{base}/approval", json={"approved": True}, headers=head
            )
        assert answer.status_code == 200, answer.text
        await platform.settle()
    return case


async def agreed(platform: Platform) -> dict[str, str]:
    """An opposite party's promise in a case of the petition office, and the code for it."""
    receipt = await file(platform, subject="求助", text="请帮忙。", purpose="uncertain")
    office = await platform.login(Role.OFFICER, OFFICE)
    path = f"/routing/v1/cases/by-number/{receipt['number']}"
    case = (await platform.call("GET", path, headers=office)).json()
    promise = {"party": "person", "duty": "清理楼道", "due": "2026-03-20"}
    agreement = {"kind": "settlement", "terms": "清理", "fulfil_by": "2026-03-31"}
    made = {}
    for step, body in (
        ("decision", {"kind": "own", "note": "本级调处", "purpose": "claim"}),
        ("acceptance", {}),
        ("agreement", agreement | {"undertakings": [promise]}),
        ("undertakings/1/code", {}),
    ):
        url = f"/routing/v1/cases/{case['case_id']}/{step}"
        answer = await platform.call("POST", url, json=body, headers=office)
        assert answer.status_code in (200, 201), answer.text
        made = answer.json()
    await platform.settle()
    return {"undertaking_id": made["undertaking_id"], "party_code": made["code"]}


async def looked_at(platform: Platform, case_id: str, number: str) -> None:
    """The organ that has the case now opens the vault."""
    holder = await platform.login(Role.OFFICER, HOLDER, strong=True)
    asked = await platform.call(
        "POST", f"/routing/v1/cases/{case_id}/grants", headers=holder,
        json={"purpose": "contact", "reason": "联系信访人"},
    )  # fmt: skip
    shown = await platform.call(
        "POST", f"/intake/v1/petitions/{number}/reveal", json={"purpose": "contact"},
        headers=holder | {"X-Grant": asked.json()["grant"]},
    )  # fmt: skip
    assert shown.status_code == 200, shown.text


async def alarm(platform: Platform) -> str:
    """An alarm about the county."""
    values = {
        "alarm_id": uuid.uuid4(), "code": "nobody_to_tell", "subject": "duty/1", "detail": "无上级",
        "division_code": COUNTY, "organ_code": HOLDER, "times": 1, "cleared_at": None,
        "first_at": datetime(2026, 3, 1, tzinfo=UTC), "last_at": datetime(2026, 3, 1, tzinfo=UTC),
    }  # fmt: skip
    async with platform.services["supervision"].service.database.writing() as session:
        await session.execute(insert(ALARM).values(values))
    return str(values["alarm_id"])
