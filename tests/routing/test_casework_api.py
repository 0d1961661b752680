"""Casework over HTTP: the steps, who may take them, what the lists show."""

from __future__ import annotations

import asyncio
import uuid
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from services.routing.cases.domain.case import Case
from services.routing.cases.outgoing import case_facts
from services.routing.cases.store import cases
from services.routing.cases.store.mapping import (
    case_of,
    case_values,
    notice_values,
    referral_values,
)
from services.routing.cases.store.tables import WORK
from services.routing.casework.api.schemas import CaseSummary
from services.routing.main import SPEC
from shared.contracts.catalogue import CASE_EVENTS
from shared.contracts.routing import (
    CaseAcceptedV1,
    CaseAnsweredV1,
    CaseDeliveredV1,
    CaseObjectedV1,
    CaseObjectionDecidedV1,
    CaseReferredV1,
)
from shared.vocabulary.petitions import Purpose
from shared.vocabulary.posts import Role
from shared.web.paging import Page
from shared.workflow.journals import values_of
from tests.routing.making import CHANGSHA, COUNTY, COUNTY_OFFICE, HOUSING, content, history
from tests.support.service import ServiceUnderTest

ANSWER = {"opinion": "supported", "text": "已责令整改。", "legal_basis": "《建设工程质量管理条例》"}


class Desk:
    """One service with a case, and people who act on it."""

    def __init__(self, service: ServiceUnderTest) -> None:
        self.service = service
        self.case_id = ""
        self.number = ""

    async def receive(self, title: str = "长沙县泉塘街道小区交房质量差", **values: Any) -> None:
        data = content(title, **values)
        self.number = data.petition.number
        await self.service.deliver(
            self.service.envelope(data, subject_id=data.petition.petition_id)
        )
        events = await self.service.recorded()
        self.case_id = events[-1].data["case"]["case_id"]

    async def act(
        self, step: str, organ: str, role: Role = Role.OFFICER, **body: Any
    ) -> httpx.Response:
        headers = await self.service.login(role, organ)
        url = f"/routing/v1/cases/{self.case_id}/{step}"
        return await self.service.client.post(url, json=body, headers=headers)

    async def get(self, path: str, organ: str, role: Role = Role.OFFICER) -> httpx.Response:
        headers = await self.service.login(role, organ)
        return await self.service.client.get(f"/routing/v1{path}", headers=headers)


@pytest.fixture
async def desk(make_service: Any) -> Desk:
    return Desk(await make_service(SPEC))


async def test_a_case_is_accepted_answered_and_delivered(desk: Desk) -> None:
    await desk.receive()
    assert (await desk.act("acceptance", HOUSING)).json()["state_name"] == "办理中"
    answered = await desk.act("answer", HOUSING, **ANSWER)
    assert answered.json()["state"] == "answered"
    closed = await desk.act("delivery", HOUSING, method="post")
    assert closed.json() | {"due_on": None} == closed.json()
    assert (closed.json()["state"], closed.json()["next_organ"]) == ("closed", None)
    events = await desk.service.recorded(*CASE_EVENTS)
    assert [e.type for e in events] == [
        CaseReferredV1.TYPE,
        CaseAcceptedV1.TYPE,
        CaseAnsweredV1.TYPE,
        CaseDeliveredV1.TYPE,
    ]
    assert [e.sequence for e in events] == [1, 2, 3, 4]
    facts = CaseDeliveredV1.model_validate(events[-1].data).case
    assert facts.referrals[0].accepted_on
    assert facts.closed_on == facts.delivered_on


async def test_an_illegal_step_says_what_is_allowed(desk: Desk) -> None:
    await desk.receive()
    answer = await desk.act("answer", HOUSING, **ANSWER)
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["code"] == "illegal_step"
    assert set(problem["allowed"]) == {
        "sign", "pass_on", "accept", "object", "share", "recuse",
    }  # fmt: skip
    assert problem["current"] == "referred"
    assert len(await desk.service.recorded()) == 1


async def test_an_objection_upheld_finds_a_new_destination(desk: Desk) -> None:
    await desk.receive()
    objected = await desk.act("objection", HOUSING, reasons="属城管职权")
    assert objected.json()["next_organ"] == CHANGSHA
    assert (await desk.act("verdict", CHANGSHA, upheld=True)).json()["state"] == "needs_person"
    decided = await desk.act(
        "decision", CHANGSHA, kind="transfer", organ_code=f"{COUNTY}-URBAN_MANAGEMENT",
        note="异议成立，改转城管",
    )  # fmt: skip
    assert decided.json()["organ_code"] == f"{COUNTY}-URBAN_MANAGEMENT"
    types = [e.type for e in await desk.service.recorded()]
    assert types == [
        CaseReferredV1.TYPE,
        CaseObjectedV1.TYPE,
        CaseObjectionDecidedV1.TYPE,
        CaseReferredV1.TYPE,
    ]
    shown = (await desk.get(f"/cases/{desk.case_id}", CHANGSHA)).json()
    assert shown["objections_upheld"] == 1
    assert [r["state"] for r in shown["referrals"]] == ["returned", "pending"]
    explained = (await desk.get(f"/cases/{desk.case_id}/explanation", CHANGSHA)).json()
    assert [d["by_person"] for d in explained["decisions"]] == [False, True]
    assert "改转城管" in explained["decisions"][1]["trail"][0]["text"]
    gone = await desk.get(f"/cases/{desk.case_id}", HOUSING)
    assert gone.status_code == 404  # who gave it back has no task in it (reliability S1)


async def test_an_objection_refused_must_be_accepted(desk: Desk) -> None:
    await desk.receive()
    await desk.act("objection", HOUSING, reasons="不属本单位")
    assert (await desk.act("verdict", CHANGSHA, upheld=False)).status_code == 422
    refused = await desk.act("verdict", CHANGSHA, upheld=False, reasons="三定规定属住建")
    assert "object" not in refused.json()["allowed"]
    again = await desk.act("objection", HOUSING, reasons="还是不属")
    assert again.status_code == 409


@pytest.mark.parametrize(("days", "status"), [(7, 200), (8, 409)])
async def test_the_objection_window_closes_after_five_working_days(
    desk: Desk, days: int, status: int
) -> None:
    await desk.receive()
    desk.service.clock.advance(timedelta(days=days))
    answer = await desk.act("objection", HOUSING, reasons="不属本单位")
    assert answer.status_code == status
    if status == 409:
        assert answer.json()["code"] == "objection_too_late"


async def test_an_objection_without_reasons_is_refused(desk: Desk) -> None:
    await desk.receive()
    answer = await desk.act("objection", HOUSING, reasons="  ")
    assert (answer.status_code, answer.json()["code"]) == (422, "reasons_missing")


async def test_a_stranger_finds_nothing_and_an_onlooker_may_not_act(desk: Desk) -> None:
    await desk.receive()
    stranger = f"{COUNTY}-EDUCATION"
    assert (await desk.act("acceptance", stranger)).status_code == 404
    assert (await desk.get(f"/cases/{desk.case_id}", stranger)).status_code == 404
    assert (await desk.act("acceptance", CHANGSHA)).status_code == 403
    assert (await desk.act("acceptance", HOUSING, Role.REGISTRAR)).status_code == 403
    assert (await desk.get(f"/cases/{desk.case_id}", COUNTY_OFFICE)).status_code == 200
    assert (await desk.act("acceptance", COUNTY_OFFICE)).status_code == 403


async def test_a_watcher_sees_the_case_without_its_words(desk: Desk) -> None:
    await desk.receive()
    seen = (await desk.get(f"/cases/{desk.case_id}", COUNTY_OFFICE, Role.SUPERVISOR)).json()
    assert seen["number"] == desk.number
    other = f"{COUNTY}-AUDIT"
    watched = (await desk.get(f"/cases/{desk.case_id}", other, Role.SUPERVISOR)).json()
    assert (watched["title"], watched["text"]) == (None, None)
    listed = (await desk.get("/division-cases", other, Role.SUPERVISOR)).json()
    assert [item["case_id"] for item in listed["items"]] == [desk.case_id]
    assert listed["items"][0]["title"] is None
    outside = await desk.get(f"/cases/{desk.case_id}", "430200000000-PETITION", Role.SUPERVISOR)
    assert outside.status_code == 404


async def test_a_case_is_found_by_its_number(desk: Desk) -> None:
    await desk.receive()
    found = await desk.get(f"/cases/by-number/{desk.number}", HOUSING)
    assert found.json()["case_id"] == desk.case_id
    assert (await desk.get("/cases/by-number/nothing", HOUSING)).status_code == 404


async def test_the_work_list_is_sorted_by_due_date_and_pages(desk: Desk) -> None:
    for day in range(5):
        await desk.receive(f"长沙县小区漏水{day}")
        if day % 2:
            await desk.act("acceptance", HOUSING)
        desk.service.clock.advance(timedelta(days=1))
    seen: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = (await desk.get(f"/cases?limit=2{cursor}", HOUSING)).json()
        seen += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len({item["case_id"] for item in seen}) == 5
    assert [i["due_on"] for i in seen] == sorted(i["due_on"] for i in seen)
    accepted = (await desk.get("/cases?state=accepted", HOUSING)).json()["items"]
    assert len(accepted) == 2
    held = (await desk.get("/cases?view=held&limit=3", HOUSING)).json()
    rest = (await desk.get(f"/cases?view=held&limit=3&cursor={held['next']}", HOUSING)).json()
    assert len({i["case_id"] for i in held["items"] + rest["items"]}) == 5
    copied = (await desk.get("/cases?view=copied", COUNTY_OFFICE)).json()["items"]
    assert len(copied) == 5
    assert (await desk.get("/cases?view=received", HOUSING)).json()["items"] == []


async def test_the_work_list_of_two_posts_is_one_list(desk: Desk) -> None:
    """Each line is what the contract of the list says, member for member."""
    offices = {HOUSING: "长沙县小区交房质量差", CHANGSHA: "停水"}
    for day in range(1, 4):
        for title in offices.values():
            await desk.receive(title, received_on=date(2026, 2, day))
    for organ in offices:
        headers = await desk.service.login(Role.OFFICER, organ, person="two posts")
    url, seen, cursor = "/routing/v1/cases?limit=4", [], ""
    while cursor is not None:
        answer = await desk.service.client.get(
            f"{url}{cursor and '&cursor='}{cursor}", headers=headers
        )
        page = Page[CaseSummary].model_validate_json(answer.content, extra="forbid")
        assert page.model_dump(mode="json") == answer.json()
        seen += page.items
        cursor = page.next
    assert len(seen) == 6
    assert {line.next_organ for line in seen} == set(offices)
    keys = [(line.due_on, line.case_id) for line in seen]
    assert keys == sorted(keys)
    answer = await desk.service.client.get("/routing/v1/cases?state=accepted", headers=headers)
    assert answer.json() == {"items": [], "next": None}


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIl0", "WyJhIiwiYiJd"])
async def test_a_foreign_cursor_is_refused(desk: Desk, cursor: str) -> None:
    answer = await desk.get(f"/cases?cursor={cursor}", HOUSING)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


async def test_two_officers_cannot_both_act(desk: Desk) -> None:
    await desk.receive()
    first = await desk.act("acceptance", HOUSING, version=1)
    second = await desk.act("acceptance", HOUSING, Role.HEAD, version=1)
    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (409, "stale_version")
    assert (await desk.act("acceptance", HOUSING, Role.HEAD)).json()["code"] == "illegal_step"


async def test_a_person_settles_an_uncertain_purpose(desk: Desk) -> None:
    await desk.receive(purpose=Purpose.UNCERTAIN)
    body = {"kind": "transfer", "note": "核定为申诉求决"}
    unsettled = await desk.act("decision", CHANGSHA, **body)
    assert unsettled.status_code == 422
    settled = await desk.act("decision", CHANGSHA, **body, purpose="claim")
    assert settled.json()["organ_code"] == HOUSING
    (event,) = await desk.service.recorded(CaseReferredV1)
    assert event.data["case"]["purpose"] == "claim"
    assert event.data["case"]["decision_confidence"] == "person"
    assert (await desk.get("/needs-person", CHANGSHA)).json()["items"] == []


async def test_an_assignment_has_a_period(desk: Desk) -> None:
    await desk.receive("停水")
    body = {"kind": "assignment", "note": "限期反馈", "organ_code": HOUSING}
    assert (await desk.act("decision", CHANGSHA, **body)).status_code == 422
    late = await desk.act("decision", CHANGSHA, **body, assigned_due_on="2026-03-02")
    assert late.status_code == 422
    done = await desk.act("decision", CHANGSHA, **body, assigned_due_on="2026-04-01")
    assert {"accept", "object"} <= {*done.json()["allowed"]}
    (event,) = await desk.service.recorded(CaseReferredV1)
    assert event.data["case"]["referrals"][0]["assigned_due_on"] == "2026-04-01"


async def test_a_person_is_guided_and_told(desk: Desk) -> None:
    await desk.receive("停水")
    body = {"kind": "guide", "note": "民事纠纷", "organ_code": f"{COUNTY}-COURT"}
    guided = await desk.act("decision", CHANGSHA, **body)
    assert guided.json()["allowed"] == ["tell"]
    closed = await desk.act("delivery", CHANGSHA, method="phone")
    assert closed.json()["state"] == "closed"
    (event,) = await desk.service.recorded(CaseDeliveredV1)
    referral = event.data["case"]["referrals"][0]
    assert (referral["kind"], referral["guided_to"]) == ("guide", f"{COUNTY}-COURT")


REFUSED = [
    {"kind": "transfer", "organ_code": f"{COUNTY}-COURT"},
    {"kind": "guide", "organ_code": HOUSING},
    {"kind": "transfer", "organ_code": "110105000000-HOUSING"},
    {"kind": "transfer", "organ_code": "430121000000-NOTHING"},
    {"kind": "transfer", "organ_code": CHANGSHA},
    {"kind": "transfer", "organ_code": f"{COUNTY}-NOTHING"},
    {"kind": "transfer", "division_code": "999999"},
    {"kind": "transfer", "organ_code": HOUSING, "category_code": "999999"},
    {"kind": "transfer"},
    {"kind": "needs_person", "organ_code": HOUSING},
    {"kind": "own", "surprise": 1},
]


@pytest.mark.parametrize("body", REFUSED, ids=str)
async def test_a_choice_against_the_rules_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    await desk.receive("停水")
    answer = await desk.act("decision", CHANGSHA, note="核定", **body)
    assert answer.status_code == 422
    assert len(await desk.service.recorded()) == 1


async def test_the_deciding_office_may_keep_a_case(desk: Desk) -> None:
    await desk.receive("停水")
    kept = await desk.act("decision", CHANGSHA, kind="own", note="本局直接答复")
    assert kept.json()["allowed"] == ["accept", "share", "recuse"]
    assert kept.json()["organ_code"] == CHANGSHA


async def test_an_unknown_case_is_not_found(desk: Desk) -> None:
    desk.case_id = str(uuid.uuid4())
    assert (await desk.act("acceptance", HOUSING)).status_code == 404
    assert (await desk.get(f"/cases/{desk.case_id}/explanation", HOUSING)).status_code == 404


async def test_every_step_leaves_an_audit_line_without_words(desk: Desk) -> None:
    await desk.receive()
    await desk.act("acceptance", HOUSING)
    await desk.act("answer", HOUSING, **ANSWER)
    audit = desk.service.service.tables.audit
    async with desk.service.service.database.reading() as session:
        rows = (await session.execute(audit.select().order_by(audit.c.position))).all()
    actions = ["grant_key.published", "case.accept", "case.answer"]
    assert [row.action for row in rows if row.action != "post.built_in"] == actions
    assert all("整改" not in row.detail for row in rows)


async def test_of_two_at_the_same_moment_one_acts(desk: Desk, make_service: Any) -> None:
    await desk.receive()
    other = Desk(await make_service(SPEC, url=desk.service.settings.database_url))
    other.case_id = desk.case_id
    await desk.service.login(Role.OFFICER, HOUSING)
    answers = await asyncio.gather(
        *(each.act("acceptance", HOUSING) for each in (desk, other, desk, other))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await desk.service.recorded(CaseAcceptedV1)) == 1


async def test_a_stored_case_is_the_case_that_was_published(desk: Desk) -> None:
    await desk.receive(history=history(None), received_on=date(2019, 4, 1))
    await desk.act("acceptance", HOUSING)
    await desk.act("answer", HOUSING, **ANSWER)
    await desk.act("delivery", HOUSING, method="in_person")
    async with desk.service.service.database.reading() as session:
        stored = await cases.load(session, uuid.UUID(desk.case_id))
    assert stored is not None
    last = (await desk.service.recorded(CaseDeliveredV1))[-1]
    assert case_facts(stored) == CaseDeliveredV1.model_validate(last.data).case
    assert case_of_values(stored) == stored
    assert stored.referrals[0].legal_basis == ANSWER["legal_basis"]


def case_of_values(case: Case) -> Case:
    row = SimpleNamespace(**case_values(case, None), case_id=case.case_id)
    referrals = [SimpleNamespace(**referral_values(r)) for r in case.referrals]
    acts = [SimpleNamespace(**values_of(each, WORK)) for each in case.journal]
    notices = [SimpleNamespace(**notice_values(each)) for each in case.notices]
    return case_of(row, case.petition_ids, referrals, acts, notices)  # type: ignore[arg-type]
