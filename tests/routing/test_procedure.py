"""Every row of the table of procedure, lived through over HTTP, and what no sequence can break."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from services.routing.cases.domain.procedure import TABLE
from services.routing.main import SPEC
from shared.contracts.intake import PetitionWithdrawnV1
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import ClosingKind
from shared.vocabulary.petitions import Purpose
from shared.vocabulary.posts import Role
from tests.routing.making import CHANGSHA, COUNTY, COUNTY_OFFICE, HOUSING
from tests.routing.walking import LIVED, Walk, ran_whole, rows_of

PROVINCE_OFFICE = "430000000000-PETITION"
CITY_HOUSING = "430100000000-HOUSING"
PROVINCE_HOUSING = "430000000000-HOUSING"
COURT = f"{COUNTY}-COURT"


@pytest.fixture(scope="module", autouse=True)
def every_row_is_lived_through(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a run of the whole file: no row of the table without a journey, no way to close.
    Rows of joint handling are those of `test_joint.py`."""
    yield
    if ran_whole(request):
        missed = [(row.act, row.name) for row in rows_of(joint=False) if row not in LIVED]
        assert missed == []
        assert {row.closes for row in LIVED} >= set(ClosingKind)


@pytest.fixture
async def walk(make_service: Any) -> Walk:
    return Walk(await make_service(SPEC))


async def answered(walk: Walk, **opinion: Any) -> None:
    await walk.do("acceptance", HOUSING)
    await walk.do("answer", HOUSING, **opinion)
    await walk.do("delivery", HOUSING)


async def test_an_ordinary_claim_with_all_that_may_happen_in_it(walk: Walk) -> None:
    await walk.receive()
    await walk.do("signature", HOUSING)
    await walk.do("acceptance", HOUSING)
    await walk.do("supplement-request", HOUSING)
    await walk.do("supplement", HOUSING)
    await walk.do("hearing", HOUSING)
    await walk.do("answer", HOUSING, expect=409)  # the hearing goes on
    await walk.do("hearing-record", HOUSING)
    await walk.do("mediation", HOUSING)
    await walk.do("mediation-failure", HOUSING)
    await walk.do("answer", HOUSING)
    await walk.do("delivery", HOUSING)
    await walk.do("settlement", HOUSING, expect=409)  # not solved yet
    await walk.do("carrying-out", HOUSING)
    await walk.do("solution", HOUSING)
    await walk.do("archiving", HOUSING, expect=409)  # a review can still be asked for
    walk.pass_days(31)
    await walk.do("settlement", HOUSING)
    await walk.do("archiving", HOUSING)
    shown = await walk.detail()
    assert (shown["state_name"], shown["closing_kind"]) == ("已归档", "answered")
    assert {n["kind"] for n in shown["notices"]} == {
        "acceptance", "supplement", "hearing", "opinion",
    }  # fmt: skip
    assert next(n for n in shown["notices"] if n["kind"] == "opinion")["told_on"]
    reopened = await walk.do("reopening", CHANGSHA, ground="new_facts", reasons="又漏水")
    assert (reopened["state"], reopened["due_on"] is not None) == ("needs_person", True)


async def test_an_agreement_ends_a_case_when_it_is_fulfilled(walk: Walk) -> None:
    await walk.receive()
    await walk.do("acceptance", HOUSING)
    await walk.do("mediation", HOUSING)
    assert (await walk.do("agreement", HOUSING))["state_name"] == "协议待履行"
    assert (await walk.do("breach", HOUSING))["state"] == "accepted"
    promise = {"party": "organisation", "name": "县某物业公司", "duty": "补漏", "due": "2026-03-20"}
    await walk.do("agreement", HOUSING, undertakings=[promise])
    await walk.do("fulfilment", HOUSING, expect=409)  # a promise is open
    await walk.do("undertaking-fulfilment", HOUSING)
    await walk.do("fulfilment", HOUSING)
    assert (await walk.detail())["closing_kind"] == ClosingKind.SETTLED


async def test_after_two_objections_upheld_the_office_above_decides(walk: Walk) -> None:
    await walk.receive()
    await walk.do("objection", HOUSING)
    await walk.do("verdict", CHANGSHA)
    await walk.do("decision", CHANGSHA, kind="transfer", note="改转", organ_code=f"{COUNTY}-WATER")
    await walk.do("objection", f"{COUNTY}-WATER")
    bounced = await walk.do("verdict", CHANGSHA)
    assert bounced["next_organ"] == PROVINCE_OFFICE
    assert (await walk.detail())["needs_person_reason"] == "bounced"
    await walk.do("decision", CHANGSHA, kind="own", note="不归我定", expect=403)
    await walk.do("decision", PROVINCE_OFFICE, kind="transfer", note="指定管辖", organ_code=HOUSING)
    await walk.do("objection", HOUSING)
    await walk.do("verdict", PROVINCE_OFFICE, upheld=False, reasons="已指定")
    await walk.do("acceptance", HOUSING)


async def test_who_gave_a_case_back_has_no_act_in_it_when_it_ends_without_them(walk: Walk) -> None:
    await walk.receive()
    first = walk.number
    await walk.receive(title="房子漏水")
    await walk.do(
        "decision", CHANGSHA, kind="assignment", organ_code=HOUSING, assigned_due_on="2026-03-20"
    )
    await walk.do("objection", HOUSING)
    await walk.do("verdict", CHANGSHA)
    await walk.do("refusal", CHANGSHA, same_as=first)
    assert set((await walk.stored()).allowed) == {Act.SOLVE, Act.ARCHIVE, Act.REOPEN}
    await walk.do("report", HOUSING, expect=404)
    await walk.do("report", CHANGSHA, expect=409)
    await walk.do("archiving", CHANGSHA)


async def test_a_review_and_a_re_review_by_the_organs_above(walk: Walk) -> None:
    await walk.receive()
    await answered(walk)
    today = str(date(2026, 3, 2))
    await walk.do("review-request", HOUSING, requested_on=today)
    assert (await walk.detail())["organ_code"] == CITY_HOUSING
    await walk.do("review", CITY_HOUSING, opinion="supported", expect=422)
    await walk.do("review", CITY_HOUSING, opinion="redo")
    done_again = await walk.do("delivery", CITY_HOUSING)
    assert (done_again["organ_code"], done_again["state"]) == (HOUSING, "accepted")
    await walk.do("answer", HOUSING, opinion="not_supported")
    await walk.do("delivery", HOUSING)
    await walk.do("review-request", HOUSING, requested_on=today)
    await walk.do("review", CITY_HOUSING)
    await walk.do("delivery", CITY_HOUSING)
    assert (await walk.detail())["closing_kind"] == ClosingKind.REVIEWED
    await walk.do("review-request", CITY_HOUSING, requested_on=today)
    assert (await walk.detail())["organ_code"] == PROVINCE_HOUSING
    await walk.do("hearing", PROVINCE_HOUSING)
    before = (await walk.detail())["due_on"]
    walk.pass_days(9)
    await walk.do("hearing-record", PROVINCE_HOUSING)
    after = (await walk.detail())["due_on"]
    assert date.fromisoformat(after) - date.fromisoformat(before) == timedelta(days=9)
    await walk.do("review", PROVINCE_HOUSING)
    await walk.do("delivery", PROVINCE_HOUSING)
    final = await walk.detail()
    assert final["closing_kind"] == ClosingKind.FINAL
    await walk.do("review-request", PROVINCE_HOUSING, requested_on=today, expect=409)
    await walk.do("reopening", CHANGSHA, ground="supervision", reasons="督办", expect=409)
    number = walk.number
    await walk.receive("停水")
    refused = await walk.do(
        "no-further-acceptance", CHANGSHA, same_as=number, reasons="同一事实和理由"
    )
    assert refused["state"] == "closed"


@pytest.mark.parametrize(("days", "status"), [(30, 200), (31, 409)])
async def test_a_review_is_asked_for_within_thirty_days(walk: Walk, days: int, status: int) -> None:
    await walk.receive()
    await answered(walk)
    walk.pass_days(days)
    await walk.do(
        "review-request", HOUSING, requested_on=str(date(2026, 3, 2) + timedelta(days=days)),
        expect=status,
    )  # fmt: skip


async def test_a_review_may_be_refused_with_reasons(walk: Walk) -> None:
    await walk.receive()
    await answered(walk)
    await walk.do("review-request", HOUSING, requested_on="2026-03-02")
    await walk.do("review-refusal", CITY_HOUSING)
    shown = await walk.detail()
    assert shown["closing_kind"] == ClosingKind.REVIEW_REFUSED
    assert shown["notices"][-1]["kind"] == "review_refusal"


async def test_an_assignment_ends_with_a_report_the_assigner_takes(walk: Walk) -> None:
    await walk.receive("停水")
    await walk.do(
        "decision", CHANGSHA, kind="assignment", note="限期", organ_code=HOUSING,
        assigned_due_on="2026-04-01",
    )  # fmt: skip
    await walk.do("acceptance", HOUSING, simple=True, expect=409)  # not for assigned cases
    await answered(walk)
    await walk.do("report-verdict", CHANGSHA, expect=409)
    await walk.do("report", HOUSING)
    await walk.do("report-verdict", CHANGSHA, accepted=False, expect=409)  # without reasons
    await walk.do("report-verdict", CHANGSHA, accepted=False, reasons="未说明整改结果")
    await walk.do("report", HOUSING)
    await walk.do("report-verdict", CHANGSHA)
    await walk.do("report", HOUSING, expect=409)


async def test_the_simple_procedure_and_its_falling_back(walk: Walk) -> None:
    await walk.receive()
    simple = await walk.do("acceptance", HOUSING, simple=True)
    assert simple["due_on"] == "2026-03-16"  # ten working days
    ordinary = await walk.do("ordinary-procedure", HOUSING)
    assert ordinary["due_on"] == "2026-05-01"


async def test_hard_matters_are_put_before_the_government(walk: Walk) -> None:
    await walk.receive("停水")
    assert (await walk.do("putting-up", CHANGSHA))["state_name"] == "报请决定中"
    assert (await walk.do("instruction", CHANGSHA))["state"] == "needs_person"
    await walk.do("decision", CHANGSHA, kind="transfer", note="按批示", organ_code=HOUSING)


async def test_a_guided_person_is_told_the_route(walk: Walk) -> None:
    await walk.receive("停水")
    await walk.do(
        "decision", CHANGSHA, kind="guide", note="民事纠纷", organ_code=COURT, route="litigation"
    )
    await walk.do("delivery", CHANGSHA, method="in_person")
    shown = await walk.detail()
    assert shown["referrals"][0]["route"] == "litigation"
    assert shown["closing_kind"] == ClosingKind.STATUTORY_ROUTE
    assert [(n["kind"], n["told_on"] is not None) for n in shown["notices"]] == [("route", True)]


async def test_a_suggestion_is_replied_to(walk: Walk) -> None:
    await walk.receive(purpose=Purpose.SUGGESTION)
    await walk.do("acceptance", HOUSING)
    await walk.do("extension", HOUSING, expect=409)  # there is no legal limit to extend
    await walk.do("answer", HOUSING, opinion="adopted")
    await walk.do("delivery", HOUSING)
    shown = await walk.detail()
    assert shown["closing_kind"] == ClosingKind.SUGGESTION_REPLIED
    await walk.do("review-request", HOUSING, requested_on="2026-03-02", expect=409)


async def withdraw(walk: Walk, *, until: date | None = date(2026, 3, 17), version: int = 1) -> None:
    """Intake tells that the petitioner of the case withdrew (`until`), or took that back (None)."""
    (petition_id,) = (await walk.stored()).petition_ids
    since = None if until is None else walk.service.clock.today()
    event = PetitionWithdrawnV1(petition_id=petition_id, withdrawn_on=since, revocable_until=until)
    await walk.service.deliver(
        walk.service.envelope(event, subject_id=petition_id, sequence=version)
    )


@pytest.mark.parametrize("state", ["needs_person", "referred", "accepted"])
async def test_a_case_that_stays_withdrawn_may_be_ended(walk: Walk, state: str) -> None:
    await walk.receive("停水" if state == "needs_person" else "长沙县泉塘街道小区交房质量差")
    organ = CHANGSHA if state == "needs_person" else HOUSING
    if state == "accepted":
        await walk.do("acceptance", HOUSING)
    await walk.do("withdrawal", organ, expect=409)  # nobody withdrew
    await withdraw(walk)
    shown = await walk.detail()
    assert shown["withdrawn"] == {"withdrawn_on": "2026-03-02", "revocable_until": "2026-03-17"}
    assert (shown["state"], "end_withdrawn" in shown["allowed"]) == (state, False)
    walk.pass_days(15)
    early = await walk.do("withdrawal", organ, expect=409)
    assert "应当继续办理" in early["detail"]
    walk.pass_days(1)
    assert "end_withdrawn" in (await walk.detail())["allowed"]
    ended = await walk.do("withdrawal", organ)
    assert (ended["state"], ended["next_organ"]) == ("closed", None)
    assert (await walk.detail())["closing_kind"] == ClosingKind.WITHDRAWN
    assert "request_review" not in ended["allowed"]
    await walk.do("reopening", CHANGSHA)


async def test_a_withdrawn_case_of_no_clear_purpose_may_be_taken_up_again(walk: Walk) -> None:
    await walk.receive(purpose=Purpose.UNCERTAIN)
    await withdraw(walk)
    walk.pass_days(16)
    assert (await walk.do("withdrawal", CHANGSHA))["state"] == "closed"
    assert (await walk.do("reopening", CHANGSHA))["state"] == "needs_person"


async def test_a_case_of_two_petitions_stands_until_both_are_withdrawn(walk: Walk) -> None:
    matter = uuid.uuid4()
    await walk.receive(matter_id=matter)
    first = walk.case_id
    await walk.receive(matter_id=matter)
    assert walk.case_id == first
    for count, petition_id in enumerate((await walk.stored()).petition_ids, start=1):
        event = PetitionWithdrawnV1(
            petition_id=petition_id,
            withdrawn_on=walk.service.clock.today(),
            revocable_until=date(2026, 3, 16 + count),
        )
        await walk.service.deliver(walk.service.envelope(event, subject_id=petition_id))
        assert ((await walk.detail())["withdrawn"] is not None) is (count == 2)
    assert (await walk.detail())["withdrawn"]["revocable_until"] == "2026-03-18"  # the later one


async def test_what_was_taken_back_or_told_late_ends_nothing(walk: Walk) -> None:
    await walk.receive()
    await withdraw(walk, until=None, version=2)
    await withdraw(walk, version=1)  # comes after what took it back
    walk.pass_days(16)
    assert (await walk.detail())["withdrawn"] is None
    await walk.do("withdrawal", HOUSING, expect=409)
    await withdraw(walk, version=3, until=walk.service.clock.today())
    await withdraw(walk, version=3, until=walk.service.clock.today())
    assert (await walk.detail())["withdrawn"]["withdrawn_on"] == "2026-03-18"


async def test_an_accusation_is_looked_into_whatever_its_author_says(walk: Walk) -> None:
    await walk.receive(purpose=Purpose.ACCUSATION)
    await withdraw(walk)
    walk.pass_days(20)
    assert "end_withdrawn" not in (await walk.detail())["allowed"]
    await walk.do("withdrawal", CHANGSHA, expect=409)


async def test_handling_is_suspended_only_where_a_loaded_rule_has_it(walk: Walk) -> None:
    await walk.service.login(Role.HEAD, HOUSING, person=f"head of {HOUSING}")
    await walk.receive()
    first = await walk.do("acceptance", HOUSING)
    assert (Act.SUSPEND in first["allowed"], first["due_on"]) == (False, "2026-05-01")
    refused = await walk.do("suspension", HOUSING, expect=409)
    assert "没有中止的规定" in refused["detail"]
    await walk.load_limit(
        "L-D5,D5,430121,claim,,2022-05-01,,60,calendar,legal,no,30,suspension,5;1,《县办法》第九条,"
    )
    assert "suspend" in (await walk.detail())["allowed"]
    await walk.do("suspension", HOUSING, until="2026-03-01", expect=202)
    await walk.approve(HOUSING, expect=422)
    await walk.approve(HOUSING, approved=False)
    await walk.do("suspension", HOUSING, until="2026-03-31", expect=202)
    assert (await walk.approve(HOUSING))["due_on"] == "2026-05-30"  # 29 days do not count
    await walk.do("suspension", HOUSING, expect=409)  # once at a time
    walk.pass_days(9)
    assert (await walk.do("resumption", HOUSING))["due_on"] == "2026-05-10"
    await walk.do("suspension", HOUSING, until="2026-03-12", expect=202)
    assert (await walk.approve(HOUSING))["due_on"] == "2026-05-11"
    walk.pass_days(2)
    await walk.do("resumption", HOUSING)
    await walk.do("extension", HOUSING, expect=202)
    assert (await walk.approve(HOUSING))["due_on"] == "2026-06-10"
    told = [each["kind"] for each in (await walk.detail())["notices"]]
    assert told.count("suspension") == 2


@pytest.mark.parametrize("accepts", [False, True])
async def test_an_accusation_is_handed_to_the_competent_body(walk: Walk, *, accepts: bool) -> None:
    await walk.receive(purpose=Purpose.ACCUSATION)
    body = f"{COUNTY}-DISCIPLINE"
    await walk.do("decision", CHANGSHA, kind="transfer", note="按管理权限", organ_code=body)
    if accepts:
        await walk.do("acceptance", body)
        await walk.do("answer", body, expect=409)  # no petition opinion on an accusation
    await walk.do("handover", body)
    shown = await walk.detail()
    assert shown["closing_kind"] == ClosingKind.ACCUSATION_HANDED


async def test_a_matter_in_hand_below_is_refused_above_only_inside_its_limit(walk: Walk) -> None:
    await walk.receive()
    number = walk.number
    await walk.receive("停水")
    other = walk.case_id
    await walk.do("refusal", CHANGSHA, same_as="nothing", reasons="同一事项", expect=422)
    walk.pass_days(20)  # the organ below is late: supervise, do not refuse
    await walk.do("refusal", CHANGSHA, same_as=number, reasons="同一事项", expect=409)
    await walk.receive()
    number, walk.case_id = walk.number, other
    await walk.do("refusal", CHANGSHA, same_as=number, reasons="同一事项正在办理")
    assert (await walk.detail())["closing_kind"] == ClosingKind.REFUSED


async def test_an_office_passes_on_and_a_department_does_not(walk: Walk) -> None:
    await walk.receive("停水")
    await walk.do("decision", CHANGSHA, kind="transfer", note="县办", organ_code=COUNTY_OFFICE)
    await walk.do("passing-on", COUNTY_OFFICE, organ_code=CITY_HOUSING, expect=409)
    passed = await walk.do("passing-on", COUNTY_OFFICE, organ_code=HOUSING)
    assert passed["organ_code"] == HOUSING
    town = await walk.do("passing-on", HOUSING, organ_code="430121001000-TOWNSHIP", expect=409)
    assert "推给下级" in town["detail"]
    shown = await walk.detail()
    assert [r["state"] for r in shown["referrals"]] == ["passed", "pending"]


async def test_what_an_officer_drafts_the_head_approves(walk: Walk) -> None:
    await walk.receive()
    await walk.do("acceptance", HOUSING)
    await walk.do("extension", HOUSING, expect=409)  # nobody could approve it
    await walk.service.login(Role.HEAD, HOUSING, person=f"head of {HOUSING}")
    waits = await walk.do("answer", HOUSING, expect=202)
    assert (waits["awaits"], waits["state"], waits["version"]) == ("answer", "accepted", 2)
    await walk.do("answer", HOUSING, expect=409)  # one draft at a time
    await walk.approve(HOUSING, approved=False)
    await walk.do("extension", HOUSING, expect=202)
    line = (await walk.get("/approvals", HOUSING, Role.HEAD)).json()["items"][0]
    assert (line["act_name"], line["case_id"]) == ("延长办理期限", walk.case_id)
    extended = await walk.approve(HOUSING)
    assert extended["due_on"] == "2026-05-31"
    await walk.do("extension", HOUSING, expect=409)  # once
    drafted = (await walk.get(f"/cases/{walk.case_id}/proposals", HOUSING)).json()["items"]
    assert [each["state"] for each in drafted] == ["returned", "approved"]
    shown = await walk.detail(HOUSING)
    assert shown["acts"][-1]["act"] == "extend"
    assert "extension" in {n["kind"] for n in shown["notices"]}
    await walk.do("recusal", HOUSING, expect=202)
    await walk.approve(HOUSING)
    await walk.approve(HOUSING, expect=404)


async def test_who_drafts_does_not_approve(walk: Walk) -> None:
    await walk.receive()
    await walk.do("acceptance", HOUSING)
    headers = await walk.service.login(Role.HEAD, HOUSING, person="only head")
    url = f"/routing/v1/cases/{walk.case_id}"
    body = {"days": 30, "reasons": "须鉴定"}
    alone = await walk.service.client.post(f"{url}/extension", json=body, headers=headers)
    assert (alone.status_code, alone.json()["code"]) == (409, "rule_broken")
    await walk.service.login(Role.HEAD, HOUSING, person="second head")
    drafted = await walk.service.client.post(f"{url}/extension", json=body, headers=headers)
    assert drafted.status_code == 202
    own = await walk.service.client.post(
        f"{url}/approval", json={"approved": True}, headers=headers
    )
    assert own.status_code == 403


async def test_who_withdrew_acts_no_more(walk: Walk) -> None:
    await walk.receive()
    await walk.service.login(Role.HEAD, HOUSING, person=f"head of {HOUSING}")
    officer = await walk.service.login(Role.OFFICER, HOUSING, person="cousin")
    await walk.do("recusal", HOUSING, person="cousin", expect=202)
    await walk.approve(HOUSING)
    url = f"/routing/v1/cases/{walk.case_id}/acceptance"
    answer = await walk.service.client.post(url, json={}, headers=officer)
    assert answer.status_code == 403


async def test_a_paper_reaches_the_petitioner_once(walk: Walk) -> None:
    await walk.receive()
    await walk.do("acceptance", HOUSING)
    assert (await walk.act("notices/1/delivery", CHANGSHA, method="post")).status_code == 403
    told = await walk.act("notices/1/delivery", HOUSING, method="post", proof="挂号信回执")
    assert (told.status_code, told.json()["number"]) == (200, "长沙县住建受告〔2026〕1号")
    assert (await walk.act("notices/1/delivery", HOUSING, method="post")).status_code == 409
    assert (await walk.act("notices/9/delivery", HOUSING, method="post")).status_code == 404


async def test_no_paper_is_owed_where_nobody_can_be_told(walk: Walk) -> None:
    await walk.receive(notice_owed=False)
    await walk.do("acceptance", HOUSING)
    assert (await walk.detail())["notices"] == []
    await walk.do("answer", HOUSING)
    assert [n["kind"] for n in (await walk.detail())["notices"]] == ["opinion"]


async def test_the_table_is_served_as_it_is(walk: Walk) -> None:
    served = (await walk.service.client.get("/routing/v1/procedure")).json()
    assert len(served["rows"]) == len(TABLE.rows)
    assert {row["act"] for row in served["rows"]} == {str(row.act) for row in TABLE.rows}
    assert all(row["article"] and row["name"] for row in served["rows"])


async def test_an_assigned_period_is_no_limit_to_extend(walk: Walk) -> None:
    await walk.receive("停水")
    await walk.do(
        "decision", CHANGSHA, kind="assignment", note="限期", organ_code=HOUSING,
        assigned_due_on="2026-03-20",
    )  # fmt: skip
    await walk.do("acceptance", HOUSING)
    await walk.service.login(Role.HEAD, HOUSING, person=f"head of {HOUSING}")
    await walk.do("extension", HOUSING, expect=202)
    assert (await walk.approve(HOUSING))["due_on"] == "2026-03-20"  # still the assigner's
