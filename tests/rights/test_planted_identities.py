"""What a petitioner is called and where one lives is nowhere outside intake's vault (H6, S16)."""

from __future__ import annotations

import json
import logging
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from sqlalchemy import LargeBinary, select
from structlog.testing import capture_logs

from shared.contracts.intake import PetitionContentV1
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.intake.test_pushes import admit
from tests.intake.test_verification import sign
from tests.rights.planted import FIELD_VALUES, PATTERNS, PEOPLE, found_in, prose
from tests.rights.platform import ROOT_OFFICE, Platform, make_platform
from tests.support.collector import Collector

COUNTY = "430104000000"
HOUSING = f"{COUNTY}-HOUSING"
ANSWER = {"opinion": "supported", "text": "已责令整改。", "legal_basis": "《物业管理条例》"}


def a_filing(**changes: Any) -> dict[str, Any]:
    one = PEOPLE[0]
    return {
        "purpose": "claim",
        "category_code": "030800",
        "subject": f"长沙市岳麓区小区房屋质量差，{one['name']}{one['phone']}",
        "text": "长沙市岳麓区小区外墙渗水，开发商一直不维修。" + prose(),
        "place": f"长沙市岳麓区银盆岭街道，找{one['name']}，{PATTERNS['mobile']}",
        "complained": f"某公司，与{one['name']}有纠纷",
        "petitioners": PEOPLE,
    } | changes


async def file_all(platform: Platform) -> list[dict[str, Any]]:
    """By a citizen, by a registrar, sealed, pushed by a county, imported; and refused ones."""
    path = "/intake/v1/petitions"
    registrar = await platform.login(Role.REGISTRAR, f"{COUNTY}-PETITION")
    key = {"Idempotency-Key": f"retry-{PEOPLE[3]['phone']}"}
    accusation = "现实名举报村支书侵占集体土地补偿款。" + prose()
    taken = [
        await platform.call("POST", path, json=a_filing(), headers=key),
        await platform.call(
            "POST",
            path,
            headers=registrar,
            json=a_filing(channel="letter", received_on="2026-02-27"),
        ),
        await platform.call("POST", path, json=a_filing(purpose="accusation", text=accusation)),
        await platform.call("POST", path, json=a_filing(purpose="uncertain", text=accusation)),
        await push(platform, a_filing(channel="letter", received_on="2026-02-25")),
    ]
    assert [answer.status_code for answer in taken] == [201] * 5, [a.text for a in taken]
    await import_history(platform)
    refused = [
        await platform.call("POST", path, json=a_filing(text="换了内容" + prose()), headers=key),
        await platform.call("POST", path, json=a_filing(channel=PEOPLE[0]["name"])),
        await platform.call("POST", path, json=a_filing(division_code=PEOPLE[0]["phone"])),
        await platform.call("POST", path, json=a_filing(complained_organ=PEOPLE[0]["phone"])),
        await platform.call("POST", path, json=a_filing(**{PEOPLE[0]["name"]: PEOPLE[0]["phone"]})),
        await platform.call("POST", path, json=a_filing(petitioners=[PEOPLE[0] | {"age": 3}])),
        await platform.call("POST", path, json=a_filing(petitioners=[{"name": ["x"] * 3}])),
        await platform.call("POST", path, json=a_filing(subject=prose() * 2)),
        await platform.call("POST", path, json=a_filing(channel="letter")),
        await platform.call("POST", path, json=a_filing(anonymous=True)),
        await platform.call("POST", path, content=(json.dumps(a_filing()) + "}").encode()),
        await platform.call("POST", path, content=prose().encode()),
        await platform.call("GET", f"{path}/{PEOPLE[0]['phone']}/progress",
                            headers={"X-Query-Code": PEOPLE[0]["phone"]}),
        await platform.call("GET", f"{path}/{PEOPLE[0]['phone']}", headers=registrar),
        await platform.call("GET", path, headers=registrar, params={"cursor": PEOPLE[0]["email"]}),
        await platform.call("GET", path, headers=registrar, params={"channel": prose()[:200]}),
    ]  # fmt: skip
    assert {answer.status_code for answer in refused} <= {400, 404, 409, 422}
    assert sum(answer.status_code == 422 for answer in refused) >= 8
    conflict = a_filing(channel="letter", received_on="2026-02-25", external_id="C-1")
    pushed = [await push(platform, conflict, f"again{n}") for n in range(2)]
    assert [answer.status_code for answer in pushed] == [201, 409]
    return [answer.json() for answer in taken]


async def push(platform: Platform, data: dict[str, Any], webhook_id: str = "one") -> Any:
    """A signed push of the county's system, admitted the first time."""
    intake = platform.services["intake"]
    if not hasattr(platform, "secret"):
        platform.secret = await admit(intake)
    body = json.dumps({"type": "petition.filed", "data": data}, ensure_ascii=False).encode()
    seconds = str(int(intake.clock.now().timestamp()))
    headers = {
        "content-type": "application/json", "webhook-id": webhook_id,
        "webhook-timestamp": seconds,
        "webhook-signature": sign(platform.secret, webhook_id, seconds, body),
    }  # fmt: skip
    return await platform.call("POST", "/intake/v1/webhooks/yuelu", content=body, headers=headers)


async def import_history(platform: Platform) -> None:
    """Published history has no fields for people: only what says who it is can be masked."""
    operator = await platform.login(Role.OPERATOR, ROOT_OFFICE)
    numbers = "、".join(PATTERNS.values())
    row = {
        "message_id": "7", "user": PEOPLE[4]["name"], "subject": f"路灯不亮 {PATTERNS['mobile']}",
        "text": f"路灯坏了。我叫{PEOPLE[5]['name']}，电话{PEOPLE[5]['phone']}。{numbers}",
        "submitted_at": "2019-12-31T23:30:00+08:00", "reply": f"{numbers}已修好。",
        "replied_at": "2020-01-05T09:00:00+08:00", "扬言": PEOPLE[6]["name"],
    }  # fmt: skip
    bad = row | {"message_id": "8", "submitted_at": PEOPLE[6]["phone"]}
    rows = {"rows": [row, row, bad]}
    path = "/intake/v1/imports/message-board"
    answer = await platform.call("POST", path, json=rows, headers=operator)
    assert (answer.json()["imported"], len(answer.json()["refused"])) == (1, 1)


async def work(platform: Platform, receipt: dict[str, Any]) -> None:
    """The whole casework of an ordinary petition, and everything staff can look at."""
    officer = await platform.login(Role.OFFICER, HOUSING, strong=True)
    path = f"/routing/v1/cases/by-number/{receipt['number']}"
    case = (await platform.call("GET", path, headers=officer)).json()
    assert case["organ_code"] == HOUSING, case
    base = f"/routing/v1/cases/{case['case_id']}"
    await look(platform, receipt, f"{base}/grants", officer)
    for step, body in (("acceptance", {}), ("answer", ANSWER), ("delivery", {"method": "post"})):
        answer = await platform.call("POST", f"{base}/{step}", json=body, headers=officer)
        assert answer.status_code == 200, answer.text
        await platform.settle()
        if step == "acceptance":
            await send_paper(platform, receipt, f"{base}/grants", officer)
    await platform.call("GET", f"{base}/explanation", headers=officer)
    await platform.call("GET", "/routing/v1/cases?view=held", headers=officer)
    head = await platform.login(Role.SUPERVISOR, ROOT_OFFICE)
    listed = (await platform.call("GET", "/intake/v1/petitions", headers=head)).json()["items"]
    assert len(listed) >= 4
    for item in listed:
        await platform.call("GET", f"/intake/v1/petitions/{item['id']}", headers=head)
    for path in ("routing/v1/division-cases", "supervision/v1/duties", "supervision/v1/alarms"):
        assert (await platform.call("GET", f"/{path}", headers=head)).status_code == 200
    sealed = (await platform.call("GET", "/intake/v1/sealed", headers=head)).json()["items"]
    assert len(sealed) == 2
    decision = {"purpose": "claim", "reason": "并非检举"}
    for item in sealed:
        grants = f"/routing/v1/sealed/{item['sealed_id']}/grants"
        path = f"/intake/v1/sealed/{item['sealed_id']}"
        shown = await with_grant(platform, grants, "open_sealed", head)
        assert (await platform.call("GET", path, headers=shown)).status_code == 200
    shown = await with_grant(platform, grants, "unseal", head)
    released = await platform.call("POST", f"{path}/release", headers=shown, json=decision)
    assert released.status_code == 200
    await platform.settle()


async def send_paper(
    platform: Platform, receipt: dict[str, Any], grants: str, officer: dict[str, str]
) -> None:
    """A paper with names and address on it, its delivery proved with both. Like a reveal's answer
    the paper itself may say who it is for."""
    (paper,) = (await platform.call("GET", "/intake/v1/papers", headers=officer)).json()["items"]
    shown = await with_grant(platform, grants, "deliver", officer)
    path = f"/intake/v1/papers/{paper['paper_id']}"
    made = await platform.call("POST", f"{path}/made", headers=shown)
    copy = await platform.call(
        "GET", f"/intake/v1/petitions/{receipt['number']}/papers/1",
        headers={"X-Query-Code": receipt["query_code"]},
    )  # fmt: skip
    assert made.content == copy.content
    for answer in (made, copy):
        platform.answers.remove(answer)
    printed = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(made.content)).pages)
    assert set(found_in(printed)) == {*(one["name"] for one in PEOPLE), PEOPLE[0]["address"]}
    one = PEOPLE[0]
    proof = f"{one['name']}本人在{one['address']}签收，电话{PATTERNS['mobile']}、{one['id_number']}"
    told = {"method": "in_person", "proof": proof}
    answer = await platform.call("POST", f"{path}/delivery", json=told, headers=officer)
    assert answer.status_code == 200, answer.text
    await platform.settle()
    path = f"/routing/v1/cases/by-number/{receipt['number']}"
    case = (await platform.call("GET", path, headers=officer)).json()
    assert case["notices"][0]["told_on"] is not None


async def with_grant(
    platform: Platform, path: str, purpose: str, headers: dict[str, str]
) -> dict[str, str]:
    """Headers with a grant, its reason naming the very people it is about."""
    reason = f"我叫{PEOPLE[0]['name']}的{PEOPLE[0]['phone']}、{PEOPLE[1]['id_number']}须核实"
    wanted = {"purpose": purpose, "reason": reason}
    answer = await platform.call("POST", path, json=wanted, headers=headers)
    assert answer.status_code == 201, answer.text
    return headers | {"X-Grant": answer.json()["grant"]}


async def look(
    platform: Platform, receipt: dict[str, Any], grants: str, officer: dict[str, str]
) -> None:
    """Reveals, refused ones, and what the petitioner is told of them. A reveal's own answer is
    the one place outside the vault where an identity may be."""
    base = f"/intake/v1/petitions/{receipt['number']}"
    revealed: set[str] = set()
    for purpose in ("identity", "contact", "deliver", "same_matter"):
        shown = await with_grant(platform, grants, purpose, officer)
        wrong = await platform.call(
            "POST", f"{base}/reveal", json={"purpose": PEOPLE[0]["phone"]}, headers=shown
        )
        answer = await platform.call(
            "POST", f"{base}/reveal", json={"purpose": purpose}, headers=shown
        )
        again = await platform.call(
            "POST", f"/intake/v1/petitions/{PEOPLE[0]['phone']}/reveal",
            json={"purpose": purpose}, headers=shown | {"X-Grant": PEOPLE[0]["email"]},
        )  # fmt: skip
        assert (answer.status_code, wrong.status_code, again.status_code) == (200, 422, 403)
        platform.answers.remove(answer)
        revealed |= set(found_in(answer.text))
    assert revealed == set(FIELD_VALUES)
    code = {"X-Query-Code": receipt["query_code"]}
    told = await platform.call("GET", f"{base}/reveals", headers=code)
    assert len(told.json()["items"]) == 4
    auditor = await platform.login(Role.AUDITOR, ROOT_OFFICE)
    log = await platform.call("GET", "/intake/v1/reveals", headers=auditor)
    assert len(log.json()["items"]) == 4


async def park(platform: Platform) -> None:
    """Events nobody can handle: their reason, log line and listing tell no value of theirs."""
    routing = platform.services["routing"]
    operator = await platform.login(Role.OPERATOR, ROOT_OFFICE)
    kept = (await platform.services["intake"].recorded(PetitionContentV1))[0]
    bad = kept.model_copy(deep=True, update={"id": kept.id.__class__(int=kept.id.int ^ 1)})
    bad.data["petition"]["channel"] = PEOPLE[7]["name"] + PEOPLE[7]["phone"]
    await routing.deliver(bad)
    await routing.service.inbox.store([prose().encode()])
    listed = await platform.call("GET", "/routing/v1/parked", headers=operator)
    assert len(listed.json()["items"]) == 2
    for item in listed.json()["items"]:
        await platform.call("GET", f"/routing/v1/parked/{item['id']}", headers=operator)


async def stored(platform: Platform) -> dict[str, str]:
    """All values of all tables by table; compressed editions hold no petition."""
    dump = {}
    for name, each in platform.services.items():
        async with each.service.database.reading() as session:
            for table in each.service.spec.metadata.sorted_tables:
                plain = [c for c in table.c if not isinstance(c.type, LargeBinary)]
                rows = (await session.execute(select(*plain))).all()
                dump[f"{name}.{table.name}"] = "\n".join(
                    "\t".join(str(value) for value in row) for row in rows
                )
    return dump


async def test_planted_identities_stay_in_the_vault(
    make_service: MakeService, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(set(FIELD_VALUES)) == 50
    assert set(found_in(prose())) == {*FIELD_VALUES, *PATTERNS.values()}
    caplog.set_level(logging.WARNING)  # the least that configure_logging lets libraries say
    async with Collector().serving() as collector:
        with capture_logs() as lines:
            platform = await make_platform(make_service, otlp_endpoint=collector.url)
            receipts = await file_all(platform)
            await platform.settle()
            await work(platform, receipts[0])
            leaks = {table: found for table, text in (await stored(platform)).items()
                     if (found := list(found_in(text)))}  # fmt: skip
            assert leaks == {}
            await park(platform)
        spans = await spans_sent(platform, collector)
    assert list(found_in(spans)) == []
    reasons = (await stored(platform))["routing.inbox"].splitlines()
    assert sum("not an envelope" in line for line in reasons) == 1
    for each in platform.services.values():
        assert (await each.inbox_states()).keys() <= {"done", "parked"}
        await platform.call("GET", f"/{each.service.spec.name}/openapi.json")
    said = "\n".join(answer.text + str(answer.headers) for answer in platform.answers)
    assert list(found_in(said)) == []
    assert list(found_in(json.dumps(lines, default=str, ensure_ascii=False) + caplog.text)) == []
    assert lines
    assert list(found_in(file_names(tmp_path))) == []
    figures = [await each.client.get("/metrics") for each in platform.services.values()]
    assert all("xinfang_requests_total" in each.text for each in figures)
    assert list(found_in("\n".join(each.text for each in figures))) == []
    reason = "\n".join(await parked_reasons(platform))
    assert list(found_in(reason)) == []


def file_names(folder: Path) -> str:
    """Everything in the data folder, by name."""
    return "\n".join(str(path) for path in folder.rglob("*"))


async def parked_reasons(platform: Platform) -> list[str]:
    inbox = platform.services["routing"].service.tables.inbox
    async with platform.services["routing"].service.database.reading() as session:
        return [str(each) for each in await session.scalars(select(inbox.c.reason))]


async def spans_sent(platform: Platform, collector: Collector) -> str:
    """All that a collector got, once every service has sent what it had left."""
    for each in platform.services.values():
        assert each.service.tracing is not None
        await each.service.tracing.stop()
    named = Counter(span.name for trace in collector.traces().values() for span in trace)
    assert named["POST /routing/v1/cases/{case_id}/grants"] == 5
    assert named["POST /intake/v1/petitions/{number}/reveal"] == 12
    assert named["GET /intake/v1/petitions/{number}/reveals"] == 1
    assert named["GET /intake/v1/sealed/{sealed_id}"] == 2
    assert named["process intake.content.masked.v1"] >= 4
    return b"\n".join(collector.bodies).decode("utf-8", "replace")


async def test_the_search_finds_what_is_there(make_service: MakeService) -> None:
    """The same search over a table that was given a planted value does find it."""
    platform = await make_platform(make_service)
    intake = platform.services["intake"]
    async with intake.service.units.begin() as uow:
        uow.audit("tried", "case/1", actor=f"x{PEOPLE[0]['name']}", 电话=PATTERNS["mobile"])
    found = {t: set(found_in(text)) for t, text in (await stored(platform)).items()}
    assert found["intake.audit"] == {PEOPLE[0]["name"], PATTERNS["mobile"]}
