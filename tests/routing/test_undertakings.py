"""Promises of an agreement: tracked one by one, and shown to an opposite party one by one."""

from __future__ import annotations

import asyncio
import re
import uuid
from datetime import date
from typing import Any

import httpx
import pytest

from services.routing.cases.domain.undertakings import Undertaking, lapse
from services.routing.main import SPEC
from shared.contracts.catalogue import CASE_EVENTS
from shared.vocabulary.cases import Party
from shared.vocabulary.petitions import Purpose
from shared.vocabulary.posts import Role
from tests.routing.making import CHANGSHA, COUNTY, COUNTY_OFFICE, HOUSING
from tests.routing.test_papers_api import text_of
from tests.routing.walking import Walk

PAYS = {"party": "petitioner", "duty": "付清物业费", "due": "2026-03-10"}
MENDS = {"party": "organisation", "name": "县某物业公司", "duty": "修好漏水", "due": "2026-03-20"}
MOVES = {"party": "person", "duty": "搬走杂物", "due": "2026-03-31"}
SEES = {"party": "organ", "duty": "现场核查", "due": "2026-06-30"}
ALL = [PAYS, MENDS, MOVES, SEES]


@pytest.fixture
async def walk(make_service: Any) -> Walk:
    return Walk(await make_service(SPEC))


async def agree(walk: Walk, *promised: dict[str, Any], expect: int = 200, **body: Any) -> Any:
    return await walk.do(
        "agreement", HOUSING, expect=expect, undertakings=list(promised or ALL), **body
    )


async def agreed(walk: Walk, *promised: dict[str, Any], **values: Any) -> None:
    await walk.receive(**values)
    await walk.do("acceptance", HOUSING)
    await agree(walk, *promised)


async def shown(walk: Walk, organ: str = HOUSING, role: Role = Role.OFFICER) -> list[Any]:
    answer = await walk.get(f"/cases/{walk.case_id}/undertakings", organ, role)
    assert answer.status_code == 200, answer.text
    items: list[Any] = answer.json()["items"]
    return items


async def code_for(walk: Walk, ordinal: int) -> tuple[str, str]:
    """Which undertaking, and a fresh code for it."""
    answer = await walk.act(f"undertakings/{ordinal}/code", HOUSING)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()["undertaking_id"], answer.json()["code"]


async def look(walk: Walk, undertaking_id: str, code: str) -> httpx.Response:
    return await walk.service.client.get(
        f"/routing/v1/undertakings/{undertaking_id}", headers={"X-Party-Code": code}
    )


async def test_an_agreement_is_fulfilled_when_every_promise_is(walk: Walk) -> None:
    await agreed(walk)
    assert [(u["ordinal"], u["party_words"], u["state_name"]) for u in await shown(walk)] == [
        (1, "信访人", "待履行"), (2, "县某物业公司", "待履行"),
        (3, "相对人3", "待履行"), (4, "承办机关", "待履行"),
    ]  # fmt: skip
    for ordinal in range(1, 5):
        refused = await walk.do("fulfilment", HOUSING, expect=409)
        assert (refused["code"], refused["detail"]) == (
            "illegal_step", "须协议各项义务均已登记履行",
        )  # fmt: skip
        assert "fulfil" not in refused["allowed"]
        await walk.do("undertaking-fulfilment", HOUSING, undertaking=ordinal, outcome="已办")
    again = await walk.do("undertaking-fulfilment", HOUSING, undertaking=1, expect=409)
    assert again["code"] == "illegal_step"  # nothing is open
    await walk.do("fulfilment", HOUSING)
    assert {(u["state"], u["outcome"], u["fulfilled_on"]) for u in await shown(walk)} == {
        ("kept", "已办", "2026-03-02")
    }


async def test_an_agreement_without_promises_is_fulfilled_as_a_whole(walk: Walk) -> None:
    await walk.receive()
    await walk.do("acceptance", HOUSING)
    await walk.do("agreement", HOUSING)
    assert await shown(walk) == []
    await walk.do("undertaking-fulfilment", HOUSING, expect=409)
    await walk.do("fulfilment", HOUSING)


async def test_a_promise_is_kept_once_and_by_the_organ_that_handles_the_case(walk: Walk) -> None:
    await agreed(walk)
    await walk.do("undertaking-fulfilment", CHANGSHA, undertaking=2, expect=403)
    await walk.do("undertaking-fulfilment", f"{COUNTY}-WATER", undertaking=2, expect=404)
    await walk.do("undertaking-fulfilment", HOUSING, undertaking=9, expect=422)
    await walk.do("undertaking-fulfilment", HOUSING, undertaking=2)
    again = await walk.do("undertaking-fulfilment", HOUSING, undertaking=2, expect=409)
    assert again["code"] == "rule_broken"
    acts = [(done["act"], done["data"]) for done in (await walk.detail(HOUSING))["acts"]]
    assert acts[-1] == ("keep_undertaking", {"undertaking": 2, "outcome": "已付清"})


async def test_of_two_at_the_same_moment_one_is_registered(walk: Walk, make_service: Any) -> None:
    await agreed(walk)
    other = Walk(await make_service(SPEC, url=walk.service.settings.database_url))
    other.case_id = walk.case_id
    await walk.service.login(Role.OFFICER, HOUSING)
    kept = {"undertaking": 2, "outcome": "已修好"}
    answers = await asyncio.gather(
        *(each.act("undertaking-fulfilment", HOUSING, **kept) for each in (walk, other, walk))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    acts = [done["act"] for done in (await walk.detail(HOUSING))["acts"]]
    assert acts.count("keep_undertaking") == 1


@pytest.mark.parametrize("due", ["2026-03-01", "2026-07-01"])
async def test_no_promise_is_due_before_today_or_after_the_whole(walk: Walk, due: str) -> None:
    await walk.receive()
    await walk.do("acceptance", HOUSING)
    await agree(walk, PAYS, SEES | {"due": due}, expect=422)
    assert await shown(walk) == []


@pytest.mark.parametrize(
    "promised",
    [
        *({"party": p, "name": "王某", "duty": "x", "due": "2026-03-20"}
          for p in ("petitioner", "organ", "person")),
        {"party": "organisation", "duty": "x", "due": "2026-03-20"},
        {"party": "neighbour", "duty": "x", "due": "2026-03-20"},
    ],
)  # fmt: skip
async def test_only_an_organisation_is_named_not_even_in_a_draft(
    walk: Walk, promised: dict[str, Any]
) -> None:
    await walk.receive()
    await walk.do("acceptance", HOUSING)
    await walk.service.login(Role.HEAD, HOUSING, person=f"head of {HOUSING}")
    body = {"kind": "settlement", "terms": "维修", "fulfil_by": "2026-06-30"}
    refused = await walk.act("agreement", HOUSING, **body, undertakings=[promised])
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    assert "王某" not in refused.text
    too_many = await walk.act("agreement", HOUSING, **body, undertakings=[PAYS] * 51)
    assert too_many.status_code == 422
    drafted = await walk.get(f"/cases/{walk.case_id}/proposals", HOUSING)
    assert drafted.json()["items"] == []


async def test_promises_come_with_the_approval_of_the_agreement(walk: Walk) -> None:
    await walk.receive()
    await walk.do("acceptance", HOUSING)
    await walk.service.login(Role.HEAD, HOUSING, person=f"head of {HOUSING}")
    await agree(walk, expect=202)
    assert await shown(walk) == []
    await walk.approve(HOUSING)
    assert {u["agreement"] for u in await shown(walk)} == {2}


async def test_a_broken_agreement_leaves_what_was_kept_and_a_later_one_has_its_own(
    walk: Walk,
) -> None:
    await agreed(walk, PAYS, MENDS)
    mends, code = await code_for(walk, 2)
    await walk.do("undertaking-fulfilment", HOUSING, undertaking=1)
    await walk.do("breach", HOUSING)
    assert [u["state"] for u in await shown(walk)] == ["kept", "lapsed"]
    assert (await look(walk, mends, code)).status_code == 404
    await agree(walk, MENDS | {"duty": "换新水管"})
    await walk.do("undertaking-fulfilment", HOUSING, undertaking=2, expect=409)  # of the former
    assert (await walk.act("undertakings/2/code", HOUSING)).status_code == 409
    assert [(u["ordinal"], u["agreement"], u["state"]) for u in await shown(walk)] == [
        (1, 2, "kept"), (2, 2, "lapsed"), (3, 5, "open"),
    ]  # fmt: skip
    await walk.do("undertaking-fulfilment", HOUSING, undertaking=3)
    await walk.do("fulfilment", HOUSING)
    assert [u["state"] for u in await shown(walk)] == ["kept", "lapsed", "kept"]


async def test_what_is_late_is_shown_as_overdue_from_the_day_after(walk: Walk) -> None:
    await agreed(walk, MENDS)
    walk.pass_days(18)
    assert [u["state"] for u in await shown(walk)] == ["open"]  # its last day
    walk.pass_days(1)
    assert [u["state_name"] for u in await shown(walk)] == ["逾期未履行"]
    await walk.do("undertaking-fulfilment", HOUSING, undertaking=1)
    (kept,) = await shown(walk)
    assert (kept["state"], kept["due_on"], kept["fulfilled_on"]) == (
        "kept", "2026-03-20", "2026-03-21",
    )  # fmt: skip


async def test_who_sees_the_promises_of_a_case(walk: Walk) -> None:
    await agreed(walk)
    path = f"/cases/{walk.case_id}/undertakings"
    assert await shown(walk, CHANGSHA) == await shown(walk)
    watched = await shown(walk, COUNTY_OFFICE, Role.SUPERVISOR)
    assert [(u["party_words"], u["duty"]) for u in watched] == [
        ("信访人", None), ("单位", None), ("相对人", None), ("承办机关", None),
    ]  # fmt: skip
    foreign = await walk.get(path, f"{COUNTY}-WATER")
    missing = await walk.get(f"/cases/{uuid.uuid4()}/undertakings", f"{COUNTY}-WATER")
    assert (foreign.status_code, foreign.json()) == (404, missing.json())
    await walk.receive(purpose=Purpose.ACCUSATION, complained_organ=HOUSING, received_by=HOUSING)
    accused = await walk.get(f"/cases/{walk.case_id}/undertakings", HOUSING)
    assert (accused.status_code, accused.json()) == (404, missing.json())
    code = await walk.act("undertakings/1/code", HOUSING)
    assert code.status_code == 404


SECRET = re.compile("机密[一-鿿]{2}")


def secret(word: str) -> str:
    return f"机密{word}"


async def test_no_event_of_a_case_carries_the_words_of_a_promise(walk: Walk) -> None:
    marked = [each | {"duty": secret("义务")} for each in (PAYS, MENDS | {"name": secret("单位")})]
    await agreed(walk, *marked)
    await walk.do("undertaking-fulfilment", HOUSING, undertaking=2, outcome=secret("结果"))
    await walk.do("breach", HOUSING)
    events = await walk.service.recorded(*CASE_EVENTS)
    assert [e.data.get("act") for e in events][-3:] == ["agree", "keep_undertaking", "breach"]
    assert [e.type for e in events if SECRET.search(e.to_json())] == []


@pytest.mark.parametrize("kind", ["mediation", "settlement"])
async def test_the_paper_says_the_promises_where_it_says_nothing_else(
    walk: Walk, kind: str
) -> None:
    words = {"other_party": "县某物业公司", "dispute": "漏水由谁修。"}
    for performance in (None, "一次履行完毕。"):
        await walk.receive()
        await walk.do("acceptance", HOUSING)
        await walk.do("mediation", HOUSING)
        said = words | ({"performance": performance} if performance else {})
        await agree(walk, kind=kind, **said)
        paper = await walk.get(f"/cases/{walk.case_id}/notices/2/paper", HOUSING)
        text = text_of(paper.content)
        lines = ("县某物业公司（期限：2026年3月20日）：修好漏水", "相对人3（期限：2026年3月31日）")
        assert [each in text for each in lines] == [performance is None] * 2
        assert "履行期限：2026年6月30日" in text
    await walk.receive()
    await walk.do("acceptance", HOUSING)
    await walk.do("mediation", HOUSING)
    await walk.do("agreement", HOUSING, kind=kind, **words)  # says neither
    missing = await walk.get(f"/cases/{walk.case_id}/notices/2/paper", HOUSING)
    assert missing.json()["code"] == "not_printable"


def an_undertaking(agreement: int, **values: Any) -> Undertaking:
    plain = {
        "undertaking_id": uuid.uuid4(), "ordinal": 7, "agreement": agreement, "name": None,
        "party": Party.PERSON, "duty": "x", "due_on": date(2026, 3, 20),
    }  # fmt: skip
    return Undertaking(**plain | values)


def test_a_broken_agreement_touches_no_other() -> None:
    on = date(2026, 3, 21)
    earlier, kept, late = an_undertaking(3), an_undertaking(9), an_undertaking(9)
    earlier.keep("x", on=on)
    kept.keep("x", on=on)
    lapse([earlier, kept, late], agreement=9, on=on)
    assert [each.lapsed_on for each in (earlier, kept, late)] == [None, on, on]
    assert [str(each.state(on)) for each in (earlier, kept, late)] == ["kept", "kept", "lapsed"]
    assert late.who == "相对人7"
