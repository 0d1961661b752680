"""Joint handling 会办: one lead, parts with a day each, no opinion over an open part (Art. 24)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.cases.outgoing import case_facts
from services.routing.cases.store import parts as stored_parts
from services.routing.casework.acts import ACTS
from services.routing.casework.api.schemas import CaseSummary
from services.routing.main import SPEC
from shared.contracts.routing import CaseProgressedV1
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import CaseState
from shared.vocabulary.petitions import Purpose
from shared.vocabulary.posts import Role
from shared.web.paging import Page
from shared.workflow.table import IllegalStep
from tests.routing.making import CHANGSHA, COUNTY, COUNTY_OFFICE, HOUSING, a_referred_case
from tests.routing.test_case import do
from tests.routing.walking import LIVED, Walk, ran_whole, rows_of
from tests.support.acts import ACT_BODIES

JUSTICE, WATER, AUDIT = f"{COUNTY}-JUSTICE", f"{COUNTY}-WATER", f"{COUNTY}-AUDIT"
CITY_HOUSING = "430100000000-HOUSING"
TOWNSHIP = "430121001000-TOWNSHIP"
TASK = "核实房屋质量，提出处理建议"


@pytest.fixture(scope="module", autouse=True)
def every_row_is_lived_through(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a run of the whole file: no row of joint handling without a journey."""
    yield
    if ran_whole(request):
        assert [(row.act, row.states) for row in rows_of(joint=True) if row not in LIVED] == []


@pytest.fixture
async def walk(make_service: Any) -> Walk:
    return Walk(await make_service(SPEC))


def part(organ: str = JUSTICE, **values: Any) -> dict[str, Any]:
    plain = {"organ_code": organ, "role": "examine", "task": TASK, "due_on": "2026-03-20"}
    return plain | values


def shared(*organs: str, **values: Any) -> dict[str, Any]:
    return {"parts": [part(organ, **values) for organ in organs]}


async def accepted(walk: Walk, *organs: str) -> None:
    """A case the housing bureau leads, shared out by it."""
    await walk.receive()
    await walk.do("acceptance", HOUSING)
    if organs:
        await walk.do("parts", HOUSING, **shared(*organs))


async def sheet(walk: Walk, organ: str, role: Role = Role.OFFICER) -> list[dict[str, Any]]:
    answer = await walk.get(f"/cases/{walk.case_id}/sheet", organ, role)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows


async def listed(walk: Walk, organ: str, query: str = "") -> dict[str, Any]:
    page: dict[str, Any] = (await walk.get(f"/cases?view=assisting{query}", organ)).json()
    return page


async def test_a_joint_matter_from_sharing_to_the_leads_opinion(walk: Walk) -> None:
    await walk.receive()
    both = {"parts": [part(JUSTICE, role="legal_aid"), part(WATER)]}
    await walk.do("parts", CHANGSHA, **both)
    await walk.do("acceptance", HOUSING, simple=True, expect=409)  # not for several organs
    await walk.do("acceptance", HOUSING)
    await walk.do("part-answer", JUSTICE, part=1)
    kept_back = await walk.do("answer", HOUSING, expect=409)
    assert "会办单位均已提出意见或者免除" in kept_back["detail"]
    await walk.do("agreement", HOUSING, expect=409)
    await walk.do("part-answer", WATER, part=2, opinion="渗水系排水管老化")
    await walk.do("part-verdict", HOUSING, part=1)
    await walk.do("part-verdict", HOUSING, part=2, accepted=False, expect=409)  # no reasons
    await walk.do("part-verdict", HOUSING, part=2, accepted=False, reasons="未附检测报告")
    await walk.do("answer", HOUSING, expect=409)  # a returned part is open again
    returned = (await sheet(walk, WATER))[2]
    assert (returned["state_name"], returned["verdict_reasons"]) == ("退回重办", "未附检测报告")
    await walk.do("part-answer", WATER, part=2, opinion="附检测报告")
    await walk.do("answer", HOUSING)
    lead, justice, water = await sheet(walk, JUSTICE)
    assert (lead["organ_code"], lead["role_name"], lead["opinion"]) == (HOUSING, "牵头办理", "支持")
    assert (justice["role_name"], justice["state_name"]) == ("法律援助", "已认可")
    assert (water["state_name"], water["opinion"]) == ("已提出意见", "附检测报告")
    assert {row["due_on"] for row in (justice, water)} == {"2026-03-20"}
    await walk.do("delivery", HOUSING)
    assert (await walk.detail(WATER))["state"] == "closed"


async def test_the_lead_excuses_a_part_that_is_not_needed(walk: Walk) -> None:
    await accepted(walk, JUSTICE, WATER)
    await walk.do("part-excuse", HOUSING, part=1)
    await walk.do("part-excuse", HOUSING, part=1, expect=409)
    await walk.do("part-excuse", CHANGSHA, part=2, reasons="已另案处理")  # the sender may too
    await walk.do("answer", HOUSING)
    shown = await sheet(walk, HOUSING)
    assert [row["state"] for row in shown] == ["answered", "excused", "excused"]


async def test_an_assisting_organ_sees_the_case_and_does_its_own_acts_only(walk: Walk) -> None:
    await accepted(walk, JUSTICE, WATER)
    shown = await walk.detail(JUSTICE)
    assert shown["text"]
    for path in ("answer", "supplement-request", "parts", "part-verdict", "part-excuse"):
        refused = await walk.act(path, JUSTICE, **ACT_BODIES[path])
        assert refused.status_code == 403, path
    await walk.do("part-answer", JUSTICE, part=2, expect=403)  # another organ's
    grant = {"purpose": "contact", "reason": "联系信访人"}  # words, never who wrote them
    assert (await walk.act("grants", JUSTICE, **grant)).status_code == 403
    await walk.do("part-answer", HOUSING, part=1, expect=403)  # the lead's is the opinion
    await walk.do("part-answer", JUSTICE, part=9, expect=422)
    await walk.do("part-answer", JUSTICE, part=1)
    await walk.do("part-answer", JUSTICE, part=1, expect=409)  # once


async def test_a_stranger_finds_nothing_and_who_was_excused_no_more(walk: Walk) -> None:
    await accepted(walk, JUSTICE, WATER)
    paths = (f"/cases/{walk.case_id}", f"/cases/{walk.case_id}/sheet")
    for path in paths:
        assert (await walk.get(path, AUDIT)).status_code == 404
        assert (await walk.get(path, JUSTICE)).status_code == 200
    assert (await walk.act("part-answer", AUDIT, part=1, opinion="x")).status_code == 404
    await walk.do("part-excuse", HOUSING, part=1)
    for path in paths:
        assert (await walk.get(path, JUSTICE)).status_code == 404
    assert (await walk.act("part-answer", JUSTICE, part=1, opinion="x")).status_code == 404
    assert (await listed(walk, JUSTICE))["items"] == []
    watched = await sheet(walk, AUDIT, Role.SUPERVISOR)
    assert {(row["task"], row["excused_reasons"]) for row in watched} == {(None, None)}


@pytest.mark.parametrize(
    ("values", "status", "why"),
    [
        ({"role": "lead", "organ_code": TOWNSHIP}, 409, "不得把牵头责任推给下级"),
        ({"role": "lead", "organ_code": WATER}, 409, "牵头单位只有一个"),
        ({"organ_code": HOUSING}, 409, "牵头单位的责任不另行分工"),
        ({"organ_code": "110105000000-HOUSING"}, 422, "管辖范围"),
        ({"organ_code": f"{COUNTY}-COURT"}, 422, "法定途径"),
        ({"organ_code": f"{COUNTY}-NOTHING"}, 422, "没有这个单位"),
        ({"due_on": "2026-03-02"}, 422, "晚于今天"),
        ({"due_on": "2026-05-02"}, 422, "办理期限2026-05-01"),
    ],
)
async def test_who_cannot_have_a_part(
    walk: Walk, values: dict[str, Any], status: int, why: str
) -> None:
    await accepted(walk)
    refused = await walk.do("parts", HOUSING, expect=status, parts=[part(**values)])
    assert why in refused["detail"]
    assert (await walk.stored()).parts == []


async def test_an_organ_has_one_open_part_at_a_time(walk: Walk) -> None:
    await accepted(walk)
    await walk.do("parts", HOUSING, expect=409, **shared(JUSTICE, JUSTICE))
    await walk.do("parts", HOUSING, **shared(JUSTICE))
    await walk.do("parts", HOUSING, expect=409, **shared(JUSTICE))
    await walk.do("part-answer", JUSTICE, part=1)
    await walk.do("parts", HOUSING, **shared(JUSTICE, role="follow_up"))
    assert [row["ordinal"] for row in await sheet(walk, JUSTICE)] == [0, 1, 2]


@pytest.mark.parametrize("accused", [JUSTICE, "430100000000-JUSTICE"])
async def test_no_part_for_the_organ_complained_of_nor_under_it(walk: Walk, accused: str) -> None:
    await walk.receive(complained_organ=accused)
    await walk.do("acceptance", HOUSING)
    refused = await walk.do("parts", HOUSING, expect=409, **shared(JUSTICE))
    assert refused["code"] == "rule_broken"


async def test_a_lead_does_not_pass_a_joint_matter_down(walk: Walk) -> None:
    await walk.receive("停水")
    await walk.do("decision", CHANGSHA, kind="transfer", note="县办", organ_code=COUNTY_OFFICE)
    await walk.do("parts", CHANGSHA, **shared(WATER))
    refused = await walk.do("passing-on", COUNTY_OFFICE, organ_code=HOUSING, expect=409)
    assert "牵头单位不得把牵头责任推给下级" in refused["detail"]
    await walk.do("part-excuse", CHANGSHA, part=1)
    await walk.do("passing-on", COUNTY_OFFICE, organ_code=HOUSING)


async def test_with_a_new_lead_parts_are_shared_anew(walk: Walk) -> None:
    await walk.receive()
    await walk.do("parts", CHANGSHA, **shared(JUSTICE, AUDIT))
    await walk.do("objection", HOUSING)
    await walk.do("part-answer", AUDIT, part=2)
    await walk.do("verdict", CHANGSHA)
    assert [row["state"] for row in await sheet(walk, CHANGSHA)] == ["excused", "answered"]
    assert (await walk.get(f"/cases/{walk.case_id}", JUSTICE)).status_code == 404
    await walk.do("decision", CHANGSHA, kind="transfer", note="改转", organ_code=WATER)
    await walk.do("parts", CHANGSHA, **shared(JUSTICE))
    await walk.do("acceptance", WATER)
    await walk.do("answer", WATER, expect=409)


async def test_the_simple_procedure_is_left_before_sharing(walk: Walk) -> None:
    await walk.receive()
    await walk.do("acceptance", HOUSING, simple=True)
    await walk.do("parts", HOUSING, expect=409, **shared(JUSTICE))
    await walk.do("ordinary-procedure", HOUSING)
    await walk.do("parts", HOUSING, **shared(JUSTICE))


async def test_an_accusation_is_not_handed_over_with_an_open_part(walk: Walk) -> None:
    await walk.receive(purpose=Purpose.ACCUSATION)
    body = f"{COUNTY}-DISCIPLINE"
    await walk.do("decision", CHANGSHA, kind="transfer", note="按管理权限", organ_code=body)
    await walk.do("parts", CHANGSHA, **shared(AUDIT))
    await walk.do("handover", body, expect=409)
    await walk.do("part-answer", AUDIT, part=1)
    await walk.do("handover", body)


async def test_open_parts_are_listed_by_their_day(walk: Walk) -> None:
    days = ["2026-03-20", "2026-03-11", "2026-03-20", "2026-03-15", "2026-03-12"]
    for day in days:
        await accepted(walk)
        await walk.do("parts", HOUSING, **shared(JUSTICE, WATER, due_on=day))
    await walk.do("part-answer", JUSTICE, part=1)  # of the last one
    seen, cursor = [], ""
    while cursor is not None:
        page = await listed(walk, JUSTICE, f"&limit=2{cursor and '&cursor='}{cursor}")
        assert Page[CaseSummary](**page).model_dump(mode="json") == page
        seen += page["items"]
        cursor = page["next"]
    assert [line["due_on"] for line in seen] == sorted(days[:-1])
    assert len({line["case_id"] for line in seen}) == 4
    assert {(line["due_limit"], bool(line["title"])) for line in seen} == {("part", True)}
    assert (await listed(walk, JUSTICE, "&state=referred"))["items"] == []
    assert (await walk.get("/cases", JUSTICE)).json()["items"] == []  # nothing it must decide
    assert (await listed(walk, HOUSING))["items"] == []


async def test_two_parts_answered_at_once_are_both_kept(walk: Walk, make_service: Any) -> None:
    await accepted(walk, JUSTICE, WATER)
    other = Walk(await make_service(SPEC, url=walk.service.settings.database_url))
    other.case_id = walk.case_id
    version = (await walk.detail(JUSTICE))["version"]

    def say(desk: Walk, organ: str, number: int, **more: Any) -> Any:
        return desk.act("part-answer", organ, part=number, opinion="同意", **more)

    for organ in (JUSTICE, WATER):
        await walk.service.login(Role.OFFICER, organ)
    seen: list[httpx.Response] = await asyncio.gather(
        say(walk, JUSTICE, 1, version=version), say(other, WATER, 2, version=version)
    )
    assert sorted(answer.status_code for answer in seen) == [200, 409]
    (stale,) = [answer for answer in seen if answer.status_code == 409]
    assert stale.json()["code"] == "stale_version"
    late = (JUSTICE, 1) if seen[0].status_code == 409 else (WATER, 2)
    assert (await say(walk, *late, version=version + 1)).status_code == 200
    await walk.do("parts", HOUSING, **shared(JUSTICE, WATER))
    both: list[httpx.Response] = await asyncio.gather(say(walk, JUSTICE, 3), say(other, WATER, 4))
    assert [answer.status_code for answer in both] == [200, 200]
    assert all(not each.is_open for each in (await walk.stored()).parts)
    assert (await walk.stored()).version == version + 5


async def test_a_draft_of_an_assisting_organ_stands_beside_the_leads(walk: Walk) -> None:
    await accepted(walk, JUSTICE, WATER)
    for organ in (HOUSING, JUSTICE):
        await walk.service.login(Role.HEAD, organ, person=f"head of {organ}")
    drafted = await walk.do("part-answer", JUSTICE, part=1, expect=202)
    assert (drafted["awaits"], drafted["proposal_id"] is not None) == (None, True)
    await walk.do("part-answer", JUSTICE, part=1, expect=409)  # one draft of an organ
    assert (await walk.do("extension", HOUSING, expect=202))["awaits"] == "extend"
    await walk.do("part-answer", WATER, part=2)  # leaves both drafts alone
    waiting = (await walk.get("/approvals", JUSTICE, Role.HEAD)).json()["items"]
    assert [line["act_name"] for line in waiting] == ["提出会办意见"]
    assert (await walk.detail())["awaits"] == "extend"
    await walk.approve(HOUSING)
    assert (await walk.detail())["awaits"] is None
    assert (await sheet(walk, HOUSING))[1]["state"] == "open"
    await walk.approve(JUSTICE)
    assert (await sheet(walk, HOUSING))[1]["state"] == "answered"
    await walk.approve(JUSTICE, expect=404)


async def test_a_sheet_goes_out_with_the_heads_approval(walk: Walk) -> None:
    await accepted(walk)
    await walk.service.login(Role.HEAD, HOUSING, person=f"head of {HOUSING}")
    await walk.do("parts", HOUSING, expect=202, **shared(JUSTICE))
    assert (await walk.get(f"/cases/{walk.case_id}", JUSTICE)).status_code == 404
    await walk.approve(HOUSING)
    assert (await listed(walk, JUSTICE))["items"][0]["case_id"] == walk.case_id
    await walk.do("parts", HOUSING, expect=202, **shared(WATER, due_on="2026-03-03"))
    walk.pass_days(1)
    refused = await walk.approve(HOUSING, expect=422)  # its day came before the approval
    assert "分工期限须晚于今天" in refused["detail"]
    await walk.approve(HOUSING, approved=False)
    assert [row["organ_code"] for row in await sheet(walk, HOUSING)] == [HOUSING, JUSTICE]


async def test_sender_and_lead_do_not_draft_at_the_same_time(walk: Walk) -> None:
    await walk.receive()
    for organ in (CHANGSHA, HOUSING):
        await walk.service.login(Role.HEAD, organ, person=f"head of {organ}")
    await walk.do("objection", HOUSING, expect=202)
    blocked = await walk.do("parts", CHANGSHA, expect=409, **shared(JUSTICE))
    assert blocked["code"] == "proposal_open"


async def test_the_draft_of_an_excused_part_is_void(walk: Walk) -> None:
    await accepted(walk, JUSTICE)
    await walk.service.login(Role.HEAD, JUSTICE, person=f"head of {JUSTICE}")
    await walk.do("part-answer", JUSTICE, part=1, expect=202)
    await walk.do("part-excuse", HOUSING, part=1)
    assert (await walk.get("/approvals", JUSTICE, Role.HEAD)).json()["items"] == []


async def test_a_paper_told_leaves_a_draft_in_place(walk: Walk) -> None:
    await accepted(walk)
    await walk.service.login(Role.HEAD, HOUSING, person=f"head of {HOUSING}")
    await walk.do("extension", HOUSING, expect=202)
    assert (await walk.act("notices/1/delivery", HOUSING, method="post")).status_code == 200
    assert (await walk.detail())["awaits"] == "extend"
    await walk.do("extension", HOUSING, expect=409)
    await walk.approve(HOUSING)


async def test_somebody_of_two_assisting_organs_answers_the_part_they_name(walk: Walk) -> None:
    await accepted(walk, JUSTICE, WATER)
    for organ in (JUSTICE, WATER):
        headers = await walk.service.login(Role.OFFICER, organ, person="two posts")
    url = f"/routing/v1/cases/{walk.case_id}/part-answer"
    body = {"part": 2, "opinion": "同意"}
    answer = await walk.service.client.post(url, json=body, headers=headers)
    assert answer.status_code == 200
    assert [each.is_open for each in (await walk.stored()).parts] == [True, False]
    assert (await walk.stored()).journal.acts[-1].organ == WATER


async def test_parts_are_in_the_facts_of_the_case_without_words(walk: Walk) -> None:
    await accepted(walk, JUSTICE, WATER)
    await walk.do("part-answer", JUSTICE, part=1)
    await walk.do("part-excuse", HOUSING, part=2, reasons="不需要")
    events = await walk.service.recorded(CaseProgressedV1)
    assert [event.data["act"] for event in events] == ["share", "answer_part", "excuse_part"]
    told = CaseProgressedV1.model_validate(events[-1].data).case
    one, two = told.parts
    assert (one.organ_code, one.answered_on, one.due_on) == (
        JUSTICE, date(2026, 3, 2), date(2026, 3, 20),
    )  # fmt: skip
    assert (two.answered_on, two.excused_on) == (None, date(2026, 3, 2))
    assert TASK not in events[-1].to_json()
    stored = await walk.stored()
    assert case_facts(stored) == told
    assert [stored_parts.part_of(row_of(each)) for each in stored.parts] == stored.parts


TRIED = (
    Act.SHARE, Act.ANSWER_PART, Act.JUDGE_PART, Act.EXCUSE_PART, Act.ANSWER, Act.AGREE, Act.BREACH,
    Act.DELIVER, Act.FULFIL, Act.OBJECT, Act.UPHOLD, Act.REFUSE, Act.ACCEPT, Act.DECIDE, Act.REOPEN,
)  # fmt: skip


@given(st.lists(st.sampled_from(TRIED), max_size=60))
def test_with_an_open_part_no_opinion_leaves_and_nothing_closes(acts: list[Act]) -> None:
    case = a_referred_case()
    for act in acts:
        open_before = [part.ordinal for part in case.parts if part.is_open]
        if act not in case.allowed:
            before = (case.state, len(case.journal))
            with pytest.raises(IllegalStep):
                do(case, act)
            assert (case.state, len(case.journal)) == before
            continue
        do(case, act)
        if open_before:
            assert act not in (Act.ANSWER, Act.AGREE, Act.DELIVER, Act.FULFIL)
            assert case.state not in (CaseState.ANSWERED, CaseState.AGREED, CaseState.CLOSED)
        if case.state is CaseState.ACCEPTED:
            still = any(part.is_open for part in case.parts)
            assert (Act.ANSWER in case.allowed, Act.AGREE in case.allowed) == (not still,) * 2


def row_of(each: Any) -> Any:
    return type("Row", (), stored_parts.part_values(each))


def test_the_acts_of_joint_handling_are_lived_through_here() -> None:
    paths = {path for path in ACTS if path.startswith("part")}
    assert paths == {"parts", "part-answer", "part-verdict", "part-excuse"}
    assert {row.act for row in rows_of(joint=True)} == {
        Act.SHARE, Act.ANSWER_PART, Act.JUDGE_PART, Act.EXCUSE_PART,
    }  # fmt: skip
