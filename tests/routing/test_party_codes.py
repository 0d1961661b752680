"""The code of an opposite party (相对人): it opens its own promise and nothing else."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.routing.cases.store.cases import CASE
from services.routing.cases.store.undertaking_tables import WRONG_TRY
from services.routing.cases.store.undertakings import UNDERTAKING
from services.routing.main import SPEC
from tests.routing.making import CHANGSHA, COUNTY, HOUSING
from tests.routing.test_undertakings import (
    MENDS,
    MOVES,
    PAYS,
    SECRET,
    SEES,
    agree,
    agreed,
    code_for,
    look,
    secret,
    shown,
)
from tests.routing.walking import Walk
from tests.support.service import ServiceUnderTest


@pytest.fixture
async def walk(make_service: Any) -> Walk:
    return Walk(await make_service(SPEC))


async def stored(service: ServiceUnderTest, column: Any) -> list[Any]:
    async with service.service.database.reading() as session:
        return list(await session.scalars(column.table.select().with_only_columns(column)))


async def test_an_opposite_party_sees_its_own_promise_and_nothing_else(walk: Walk) -> None:
    """A word of its own stands in every other field; none of them comes out."""
    title = f"长沙县泉塘街道小区交房质量差{secret('标题')}"
    await walk.receive(title, text=secret("正文"), place=f"泉塘街道{secret('地点')}")
    await walk.do("acceptance", HOUSING)
    await walk.do("supplement-request", HOUSING, wanted=secret("材料"))
    await walk.do("supplement", HOUSING, received=secret("收到"))
    await walk.do("mediation", HOUSING, mediator=secret("调员"), parties=[secret("参与")])
    body = {"kind": "mediation", "fulfil_by": "2026-06-30"}
    body |= {"terms": secret("条款"), "other_party": secret("对方"), "dispute": secret("争议")}
    await agree(
        walk, PAYS | {"duty": secret("付款")}, MOVES | {"duty": "搬走杂物"},
        MENDS | {"name": secret("公司"), "duty": secret("维修")},
        MOVES | {"duty": secret("另人")}, SEES | {"duty": secret("核查")},
        **body, performance=secret("方式"),
    )  # fmt: skip
    for ordinal in (1, 3):
        await walk.do(
            "undertaking-fulfilment", HOUSING, undertaking=ordinal, outcome=secret("结果")
        )
    undertaking_id, code = await code_for(walk, 2)
    answer = await look(walk, undertaking_id, code.lower().replace("-", " "))
    assert answer.json() == {
        "organ_name": "长沙县住房和城乡建设局", "kind": "mediation", "kind_name": "调解协议",
        "duty": "搬走杂物", "due_on": "2026-03-31", "fulfilled_on": None, "outcome": None,
    }  # fmt: skip
    detail = (await walk.detail(HOUSING)) | {"others": await shown(walk)}
    planted = set(SECRET.findall(str(detail)))
    assert len(planted) >= 14
    ids = {
        walk.number,
        walk.case_id,
        *detail["petition_ids"],
        *re.findall(r"[\w-]{36}", str(detail)),
    }
    told = f"{answer.text}{answer.headers}"
    assert [word for word in planted | ids - {undertaking_id} if word in told] == []
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    await walk.do("undertaking-fulfilment", HOUSING, undertaking=2, outcome="杂物已清")
    kept = (await look(walk, undertaking_id, code)).json()
    assert (kept["fulfilled_on"], kept["outcome"]) == ("2026-03-02", "杂物已清")


async def test_a_code_opens_one_promise_and_only_the_newest_code_does(walk: Walk) -> None:
    await agreed(walk)
    mends, old = await code_for(walk, 2)
    moves, other = await code_for(walk, 3)
    assert (await look(walk, mends, old)).json()["duty"] == MENDS["duty"]
    _, new = await code_for(walk, 2)
    await agreed(walk)  # another case
    elsewhere, foreign = await code_for(walk, 2)
    refused = [
        await look(walk, mends, old),
        await look(walk, mends, other),
        await look(walk, mends, foreign),
        await look(walk, elsewhere, new),
        await look(walk, str(uuid.uuid4()), new),
        await look(walk, (await shown(walk))[0]["undertaking_id"], new),  # has no code
    ]
    assert {(each.status_code, each.text) for each in refused} == {(404, refused[0].text)}
    for undertaking_id, code in ((mends, new), (moves, other), (elsewhere, foreign)):
        assert (await look(walk, undertaking_id, code)).status_code == 200


async def test_only_opposite_parties_of_a_standing_agreement_are_given_codes(walk: Walk) -> None:
    await agreed(walk)
    given = [(await walk.act(f"undertakings/{n}/code", HOUSING)) for n in range(1, 6)]
    assert [each.status_code for each in given] == [409, 201, 201, 409, 404]
    assert (await walk.act("undertakings/2/code", CHANGSHA)).status_code == 403
    assert (await walk.act("undertakings/2/code", f"{COUNTY}-WATER")).status_code == 404
    stale = await walk.act("undertakings/2/code", HOUSING, version=1)
    assert stale.json()["code"] == "stale_version"
    for ordinal in range(1, 5):
        await walk.do("undertaking-fulfilment", HOUSING, undertaking=ordinal)
    await walk.do("fulfilment", HOUSING)
    assert (await walk.act("undertakings/2/code", HOUSING)).status_code == 409
    known = given[1].json()
    kept = await look(walk, known["undertaking_id"], known["code"])
    assert kept.json()["fulfilled_on"] == "2026-03-02"  # who promised may still look


async def test_an_accusation_opens_to_no_code(walk: Walk) -> None:
    await agreed(walk)
    undertaking_id, code = await code_for(walk, 2)
    async with walk.service.service.database.writing() as session:
        await session.execute(CASE.update().values(purpose="accusation"))
    assert (await look(walk, undertaking_id, code)).status_code == 404


async def test_a_code_is_stored_as_a_hash_and_its_giving_is_audited(walk: Walk) -> None:
    await agreed(walk)
    undertaking_id, code = await code_for(walk, 2)
    await look(walk, undertaking_id, code)
    service = walk.service.service
    (hashed,) = filter(None, await stored(walk.service, UNDERTAKING.c.code_hash))
    assert re.fullmatch("[0-9a-f]{64}", hashed)
    tables = service.spec.metadata.sorted_tables
    async with service.database.reading() as session:
        rows = [str(row) for table in tables for row in await session.execute(table.select())]
        audit = (await session.execute(service.tables.audit.select())).all()
    plain = code.replace("-", "")
    assert [row for row in rows if code in row or plain in row] == []
    (given,) = [row for row in audit if row.action == "case.party_code.given"]
    assert (given.actor, given.subject) == (f"officer@{HOUSING}", f"case/{walk.case_id}")
    assert undertaking_id in given.detail
    assert len({(await code_for(walk, 2))[1] for _ in range(20)}) == 20


async def test_wrong_codes_of_others_keep_nobody_out_and_write_nothing_each(walk: Walk) -> None:
    await agreed(walk)
    mends, code = await code_for(walk, 2)
    before = len(await stored(walk.service, walk.service.service.tables.audit.c.position))
    for undertaking_id in (mends, *(str(uuid.uuid4()) for _ in range(20))):
        for wrong in ("wrong", "", code[:-1], code + "0"):
            answer = await look(walk, undertaking_id, wrong)
            assert answer.status_code == (404 if wrong else 422)
    assert (await look(walk, mends, code)).status_code == 200
    assert await stored(walk.service, WRONG_TRY.c.key) == []
    after = await stored(walk.service, walk.service.service.tables.audit.c.action)
    assert after[before:] == ["code.refused"]
    walk.service.clock.advance(timedelta(hours=1))
    await walk.service.service.refusals.tell(walk.service.service.units)
    details = await stored(walk.service, walk.service.service.tables.audit.c.detail)
    assert details[-1] == '{"further": 62}'


async def test_looking_is_limited_by_client(make_service: Any) -> None:
    service = await make_service(SPEC, filings_per_minute=2, filings_per_hour=4)
    transport = httpx.ASGITransport(app=service.app, client=("203.0.113.77", 40001))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        url, headers = f"/routing/v1/undertakings/{uuid.uuid4()}", {"X-Party-Code": "x"}
        asked = [(await client.get(url, headers=headers)).status_code for _ in range(3)]
    assert asked == [404, 404, 429]
