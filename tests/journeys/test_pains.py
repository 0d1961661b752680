"""What users of other systems suffer from, in routing and handling: one test for each pain.

Numbers are those of the team's list of twenty (`peers.md` §3); pains of reports, of mail and of
reminders have their tests with analytics, intake and supervision.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.routing.main import SPEC
from services.routing.search import store as search
from shared.db.engine import is_server
from shared.reference.calendar import packaged_text
from shared.vocabulary.acts import Act
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.rights.objects import FORMER, HOLDER, OFFICE, file, handed_over
from tests.rights.platform import Platform, make_platform
from tests.routing.making import CHANGSHA, COUNTY, HOUSING, content
from tests.routing.walking import Walk

WATER = f"{COUNTY}-WATER"
CITY_HOUSING = "430100000000-HOUSING"
MAKEUP = "2026-02-28,makeup,春节,chinesecalendar 1.11.0"


@pytest.fixture
async def walk(make_service: MakeService) -> Walk:
    made = Walk(await make_service(SPEC))
    await made.receive()
    return made


@pytest.fixture
async def platform(make_service: MakeService) -> Platform:
    return await make_platform(make_service)


async def due_on(walk: Walk) -> str:
    return str((await walk.detail())["due_on"])


async def test_pain_01_a_workday_moved_to_a_saturday_counts(make_service: MakeService) -> None:
    """Five working days from Wednesday 2026-02-11: Saturday the 14th counts, the festival not."""
    walk = Walk(await make_service(SPEC))
    walk.service.clock.advance(timedelta(days=-19))
    await walk.receive()
    (held,) = (await walk.detail())["referrals"]
    assert (held["referred_on"], held["objection_until"]) == ("2026-02-11", "2026-02-25")


async def test_pain_02_a_limit_in_calendar_days_takes_no_notice_of_office_hours(walk: Walk) -> None:
    """Each limit has its own unit: fifteen calendar days to accept, ending at midnight."""
    assert await due_on(walk) == "2026-03-17"
    walk.pass_days(15)  # still the last day
    await walk.do("acceptance", HOUSING)


async def test_pain_05_a_new_holiday_is_tried_on_running_deadlines_before_it_counts(
    walk: Walk,
) -> None:
    operator = await walk.service.login(Role.OPERATOR, "430000000000-PETITION")
    rows = packaged_text("calendar.csv").splitlines()
    rows.insert(rows.index(MAKEUP) + 1, "2026-03-04,holiday,临时放假,通知")
    body = {
        "kind": "calendar", "edition_id": "calendar-2026.9", "effective_on": "2026-03-01",
        "files": {"calendar.csv": "\n".join(rows)},
    }  # fmt: skip
    before = (await walk.detail())["referrals"][0]["objection_until"]
    tried = await walk.service.client.post(
        "/routing/v1/editions/trial", json=body, headers=operator
    )
    assert tried.json()["open_cases"] == 1
    assert (await walk.detail())["referrals"][0]["objection_until"] == before
    published = await walk.service.client.post("/routing/v1/editions", json=body, headers=operator)
    assert published.status_code == 200, published.text
    await walk.service.service.prepare()  # what its loop does within two seconds
    after = (await walk.detail())["referrals"][0]["objection_until"]
    assert (before, after) == ("2026-03-09", "2026-03-10")


async def test_pain_06_a_lawful_extension_is_no_lateness_and_is_told(walk: Walk) -> None:
    await walk.do("acceptance", HOUSING)
    await walk.service.login(Role.HEAD, HOUSING, person=f"head of {HOUSING}")
    assert await due_on(walk) == "2026-05-01"
    walk.pass_days(55)
    await walk.do("extension", HOUSING, expect=202)
    assert await due_on(walk) == "2026-05-01"  # asked for is not granted
    await walk.approve(HOUSING)
    assert await due_on(walk) == "2026-05-31"
    assert "extension" in {each["kind"] for each in (await walk.detail())["notices"]}
    assert Act.EXTEND not in (await walk.stored()).allowed  # once


async def test_pain_07_an_extension_survives_whatever_happens_next(walk: Walk) -> None:
    await walk.do("acceptance", HOUSING)
    await walk.service.login(Role.HEAD, HOUSING, person=f"head of {HOUSING}")
    await walk.do("extension", HOUSING, expect=202)
    await walk.approve(HOUSING)
    granted = await due_on(walk)
    await walk.do("supplement-request", HOUSING)
    await walk.do("hearing", HOUSING)
    await walk.do("hearing-record", HOUSING)
    await walk.do("mediation", HOUSING)
    await walk.do("mediation-failure", HOUSING)
    assert await due_on(walk) == granted


async def test_pain_08_a_reopened_case_is_not_late_at_once(walk: Walk) -> None:
    await walk.do("acceptance", HOUSING)
    await walk.do("answer", HOUSING)
    await walk.do("delivery", HOUSING)
    walk.pass_days(400)
    reopened = await walk.do("reopening", CHANGSHA)
    today = str(walk.service.clock.today())
    assert reopened["due_on"] > today
    decided = await walk.do("decision", CHANGSHA, kind="transfer", organ_code=HOUSING)
    assert decided["due_on"] > today


async def test_pain_09_one_clock_does_not_overrule_another(platform: Platform) -> None:
    """The period an assigner sets and the legal limit run beside each other, each its own duty."""
    receipt = await file(platform, purpose="uncertain")
    office = await platform.login(Role.OFFICER, OFFICE)
    path = f"/routing/v1/cases/by-number/{receipt['number']}"
    case_id = (await platform.call("GET", path, headers=office)).json()["case_id"]
    body = {
        "kind": "assignment", "purpose": "claim", "organ_code": HOLDER, "note": "请报结果",
        "assigned_due_on": "2026-03-12",
    }  # fmt: skip
    url = f"/routing/v1/cases/{case_id}"
    answer = await platform.call("POST", f"{url}/decision", json=body, headers=office)
    assert answer.status_code == 200, answer.text
    holder = await platform.login(Role.OFFICER, HOLDER)
    answer = await platform.call("POST", f"{url}/acceptance", json={}, headers=holder)
    assert answer.status_code == 200, answer.text
    await platform.settle()
    found = await platform.call("GET", "/supervision/v1/duties", headers=holder)
    running = {d["kind"]: d["due_on"] for d in found.json()["items"] if d["state"] == "running"}
    assert running["assigned"] == "2026-03-12"
    assert running["D5"] == "2026-05-01"


@pytest.mark.parametrize("method", ["in_person", "post", "online", "phone", "other"])
async def test_pain_10_an_answer_counts_whichever_way_it_went(walk: Walk, method: str) -> None:
    await walk.do("acceptance", HOUSING)
    await walk.do("answer", HOUSING)
    closed = await walk.do("delivery", HOUSING, method=method)
    assert (closed["state"], closed["due_on"]) == ("closed", None)


async def test_pain_14_a_wrong_department_gives_it_back_and_may_get_it_again(walk: Walk) -> None:
    await walk.do("objection", HOUSING)
    await walk.do("verdict", CHANGSHA)
    assert (await walk.get(f"/cases/{walk.case_id}", HOUSING)).status_code == 404
    await walk.do("decision", CHANGSHA, kind="transfer", organ_code=HOUSING, note="仍由住建办理")
    mine = (await walk.get("/cases", HOUSING)).json()["items"]
    assert [each["number"] for each in mine] == [walk.number]
    await walk.do("acceptance", HOUSING)


async def test_pain_15_not_our_responsibility_names_who_said_so(platform: Platform) -> None:
    receipt = await file(platform)
    await handed_over(platform, receipt["number"])
    progress = await platform.call(
        "GET", f"/intake/v1/petitions/{receipt['number']}/progress",
        headers={"X-Query-Code": receipt["query_code"]},
    )  # fmt: skip
    steps = progress.json()["steps"]
    names = {each["kind"]: each["organ"] for each in steps}
    assert "住房" in names["objected"]
    assert steps[-1]["kind"] == "referred"
    assert "城市管理" in steps[-1]["organ"]


async def test_pain_16_closed_is_not_solved_nor_settled(walk: Walk) -> None:
    await walk.do("acceptance", HOUSING)
    await walk.do("answer", HOUSING, opinion="not_supported")
    await walk.do("delivery", HOUSING)
    allowed = (await walk.stored()).allowed
    assert Act.SOLVE in allowed  # nobody said so yet
    assert Act.SETTLE not in allowed
    await walk.do("solution", HOUSING, consented=False)
    walk.pass_days(31)
    await walk.do("settlement", HOUSING)
    facts = (await walk.service.recorded())[-1].data["case"]
    days = (facts["closed_on"], facts["solved_on"], facts["settled_on"])
    assert days == ("2026-03-02", "2026-03-02", "2026-04-02")


async def test_pain_17_petitions_of_one_matter_at_once_share_one_case(walk: Walk) -> None:
    """Both are found by their own number, and what is told goes to both."""
    first = await walk.stored()
    twins = [content("同一小区又来信", matter_id=first.matter_id) for _ in range(2)]
    await asyncio.gather(
        *(
            walk.service.deliver(walk.service.envelope(each, subject_id=each.petition.petition_id))
            for each in twins
        )
    )
    assert len((await walk.stored()).petition_ids) == 3
    for each in twins:
        found = await walk.get(f"/cases/by-number/{each.petition.number}", CHANGSHA)
        assert found.json()["case_id"] == walk.case_id


async def test_pain_19_a_number_is_looked_up_not_searched_for(walk: Walk) -> None:
    async with walk.service.service.database.reading() as session:
        query = search.with_number(session, walk.number[:9])
        dialect = session.get_bind().dialect
        made = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        if is_server(session):
            await session.execute(text("SET LOCAL enable_seqscan = off"))
        how = "EXPLAIN" if is_server(session) else "EXPLAIN QUERY PLAN"
        plan = str((await (await session.connection()).exec_driver_sql(f"{how} {made}")).all())
    assert "fts_case_petition_number" in plan if is_server(session) else "number>?" in plan


async def test_pain_20_an_older_text_never_overwrites_a_newer_one(walk: Walk) -> None:
    first = await walk.stored()
    petition = {"petition_id": first.petition_ids[0], "matter_id": first.matter_id}
    newer = content("改正后的标题", number=walk.number, **petition)
    older = content("改正前的标题", number=walk.number, **petition)
    for sequence, each in ((3, newer), (2, older)):
        await walk.service.deliver(
            walk.service.envelope(each, subject_id=first.petition_ids[0], sequence=sequence)
        )
    assert (await walk.detail())["title"] == "改正后的标题"


async def test_also_seen_a_review_has_a_clock_of_its_own(walk: Walk) -> None:
    await walk.do("acceptance", HOUSING)
    await walk.do("answer", HOUSING)
    await walk.do("delivery", HOUSING)
    review = await walk.do("review-request", HOUSING, requested_on="2026-03-02")
    assert (review["organ_code"], review["due_on"]) == (CITY_HOUSING, "2026-04-01")


async def test_also_seen_no_answer_leaves_while_a_part_is_open(walk: Walk) -> None:
    await walk.do("acceptance", HOUSING)
    part = {"organ_code": WATER, "role": "examine", "task": "查漏水", "due_on": "2026-03-20"}
    await walk.do("parts", HOUSING, parts=[part])
    await walk.do("answer", HOUSING, expect=409)
    await walk.do("part-answer", WATER)
    await walk.do("answer", HOUSING)


async def test_also_seen_each_due_date_explains_itself(platform: Platform) -> None:
    await file(platform)
    headers = await platform.login(Role.OFFICER, FORMER)
    (duty, *_) = (await platform.call("GET", "/supervision/v1/duties", headers=headers)).json()[
        "items"
    ]
    shown = await platform.call(
        "GET", f"/supervision/v1/duties/{duty['duty_id']}/explanation", headers=headers
    )
    told: dict[str, Any] = shown.json()
    assert "信访工作条例" in str(told)
    assert duty["due_on"] in str(told)
