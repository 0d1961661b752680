"""Progress by number and code, staff lists and details, counts."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.intake.main import SPEC
from services.intake.petitions.domain.numbers import NumberUnreadable, read_number
from services.intake.petitions.store.petitions import PETITION, PROGRESS, STEP
from shared.contracts.catalogue import CASE_EVENTS
from shared.contracts.routing import (
    CaseAcceptedV1,
    CaseFacts,
    CaseImportedV1,
    CaseOpenedV1,
    CaseProgressedV1,
    CaseReferredV1,
    ReferralFacts,
)
from shared.vocabulary.acts import PublicStep
from shared.vocabulary.cases import CaseState, ReferralKind, ReferralState
from shared.vocabulary.petitions import Purpose
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.intake.support import (
    COUNTY_HOUSING,
    COUNTY_OFFICE,
    NAME,
    PHONE,
    ROOT_OFFICE,
    a_filing,
    an_accusation,
    count,
    file,
    rows,
)
from tests.support.service import ServiceUnderTest

CASE_ID = uuid.uuid4()


@pytest.fixture
async def intake(make_service: MakeService) -> ServiceUnderTest:
    return await make_service(SPEC)


async def ask(intake: ServiceUnderTest, number: str, code: str) -> Any:
    return await intake.client.get(
        f"/intake/v1/petitions/{number}/progress", headers={"X-Query-Code": code}
    )


def a_case(petition_id: uuid.UUID, **changes: Any) -> CaseFacts:
    referral = ReferralFacts(
        referral_id=uuid.uuid4(), ordinal=1, kind=ReferralKind.TRANSFER,
        organ_code=COUNTY_HOUSING, organ_division="430104000000", from_organ=ROOT_OFFICE,
        state=ReferralState.PENDING, referred_on=date(2026, 3, 3), assigned_due_on=None,
        objected_on=None, verdict=None, verdict_on=None, accepted_on=None, answered_on=None,
        opinion=None, delivered_on=None,
    )  # fmt: skip
    values: dict[str, Any] = {
        "case_id": CASE_ID, "matter_id": uuid.uuid4(), "petition_ids": [petition_id],
        "number": "x", "state": CaseState.REFERRED, "purpose": Purpose.CLAIM,
        "category_code": None, "division_code": None, "received_by": ROOT_OFFICE,
        "received_by_petition_office": True, "received_on": date(2026, 3, 2),
        "decided_on": date(2026, 3, 3), "decision_kind": "transfer",
        "decision_confidence": "certain", "needs_person_reason": None, "notice_owed": True,
        "referrals": [referral], "answered_on": None, "delivered_on": None, "closed_on": None,
    }  # fmt: skip
    return CaseFacts(**(values | changes))


async def only_petition(intake: ServiceUnderTest) -> uuid.UUID:
    (row,) = await rows(intake, PETITION)
    petition_id: uuid.UUID = row["id"]
    return petition_id


async def test_number_and_code_show_the_way_of_a_petition(intake: ServiceUnderTest) -> None:
    receipt = await file(intake, a_filing())
    case = a_case(await only_petition(intake))
    accepted = case.model_copy(
        update={
            "state": CaseState.ACCEPTED,
            "referrals": [case.referrals[0].model_copy(update={"accepted_on": date(2026, 3, 5)})],
        }
    )
    await intake.deliver(
        intake.envelope(CaseReferredV1(case=case), subject_id=CASE_ID),
        intake.envelope(CaseAcceptedV1(case=accepted), subject_id=CASE_ID),
    )
    answer = await ask(intake, receipt["number"].lower(), receipt["query_code"].replace("-", " "))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    shown = answer.json()
    assert shown["state"] == "办理中"
    assert shown["organ"].endswith("住房和城乡建设局")
    assert [(step["kind"], step["on"]) for step in shown["steps"]] == [
        ("referred", "2026-03-03"), ("accepted", "2026-03-05")]  # fmt: skip


async def test_before_routing_has_spoken_it_is_registered(intake: ServiceUnderTest) -> None:
    for body in (a_filing(), an_accusation()):
        receipt = await file(intake, body)
        shown = (await ask(intake, receipt["number"], receipt["query_code"])).json()
        assert shown["state"] == "已登记"
        assert shown["steps"] == []


async def test_wrong_code_and_unknown_number_look_alike(intake: ServiceUnderTest) -> None:
    receipt = await file(intake, a_filing())
    other = await file(intake, a_filing())
    unknown = "430000-260302-7777-7777-"
    unknown = next(
        unknown + letter for letter in "0123456789ABCDEFGHJKMNPQRSTVWXY"
        if _readable(unknown + letter)
    )  # fmt: skip
    answers = [
        await ask(intake, receipt["number"], other["query_code"]),
        await ask(intake, unknown, receipt["query_code"]),
        await ask(intake, "no number", receipt["query_code"]),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


async def test_an_imported_petition_without_a_code_opens_to_nobody(
    intake: ServiceUnderTest,
) -> None:
    receipt = await file(intake, a_filing())
    async with intake.service.database.writing() as session:
        await session.execute(PETITION.update().values(code_hash=None))
    for code in (receipt["query_code"], "0" * 20, "x"):
        assert (await ask(intake, receipt["number"], code)).status_code == 404


async def test_case_events_twice_and_out_of_order_leave_one_way(intake: ServiceUnderTest) -> None:
    await file(intake, a_filing())
    case = a_case(await only_petition(intake), state=CaseState.NEEDS_PERSON, referrals=[])
    first = intake.envelope(CaseOpenedV1(case=case), subject_id=CASE_ID)
    second = intake.envelope(CaseReferredV1(case=a_case(case.petition_ids[0])), subject_id=CASE_ID)
    await intake.deliver(second)
    assert await count(intake, PROGRESS, STEP) == [0, 0]  # held: the first is missing
    async with intake.service.database.writing() as session:
        await session.execute(
            intake.service.tables.inbox.update().values(next_attempt_at=None, state="new")
        )
    await intake.deliver(first, second, first)
    (progress,) = await rows(intake, PROGRESS)
    assert (progress["sequence"], progress["state"]) == (2, "referred")
    steps = {step["sequence"]: step["kind"] for step in await rows(intake, STEP)}
    assert steps == {1: "opened", 2: "referred"}


async def test_what_is_the_offices_own_business_is_not_shown(intake: ServiceUnderTest) -> None:
    receipt = await file(intake, a_filing())
    case = a_case(await only_petition(intake))
    told = [
        intake.envelope(CaseProgressedV1(case=case, act=act), subject_id=CASE_ID, sequence=sequence)
        for sequence, act in enumerate(("recuse", "extend", "notice_told"), start=1)
    ]
    for envelope in told:  # each alone: a batch may hold nothing to tell
        await intake.deliver(envelope)
    assert set(await intake.inbox_states()) == {"done"}
    shown = await intake.client.get(
        f"/intake/v1/petitions/{receipt['number']}/progress",
        headers={"X-Query-Code": receipt["query_code"]},
    )
    assert [step["title"] for step in shown.json()["steps"]] == ["延长办理期限"]


async def test_history_shows_its_answer_day(intake: ServiceUnderTest) -> None:
    await file(intake, a_filing())
    case = a_case(await only_petition(intake), state=CaseState.CLOSED, answered_on=date(2020, 1, 5))
    await intake.deliver(intake.envelope(CaseImportedV1(case=case), subject_id=CASE_ID))
    (step,) = await rows(intake, STEP)
    assert (step["kind"], step["happened_on"]) == ("imported", date(2020, 1, 5))


async def test_staff_see_what_their_organ_received(intake: ServiceUnderTest) -> None:
    county = await intake.login(Role.REGISTRAR, COUNTY_OFFICE)
    root = await intake.login(Role.REGISTRAR, ROOT_OFFICE)
    city = await intake.login(Role.SUPERVISOR, "430100000000-PETITION")
    sibling = await intake.login(Role.SUPERVISOR, "430200000000-PETITION")
    await file(intake, a_filing())
    own = await file(intake, a_filing(channel="phone"), **county)
    sealed = await file(intake, an_accusation(channel="phone"), **county)

    async def seen(headers: dict[str, str]) -> list[str]:
        answer = await intake.client.get("/intake/v1/petitions", headers=headers)
        assert sealed["number"] not in answer.text
        return [item["number"] for item in answer.json()["items"]]

    assert await seen(county) == [own["number"]]
    assert own["number"] not in await seen(root)
    assert len(await seen(root)) == 1
    assert await seen(city) == [own["number"]]
    assert await seen(sibling) == []


async def test_a_foreign_petition_is_like_a_missing_one(intake: ServiceUnderTest) -> None:
    county = await intake.login(Role.REGISTRAR, COUNTY_OFFICE)
    await file(intake, a_filing())
    foreign = await intake.client.get(
        f"/intake/v1/petitions/{await only_petition(intake)}", headers=county
    )
    missing = await intake.client.get(f"/intake/v1/petitions/{uuid.uuid4()}", headers=county)
    assert foreign.status_code == missing.status_code == 404
    assert foreign.text == missing.text
    for role in (Role.OFFICER, Role.ANALYST, Role.OPERATOR, Role.AUDITOR):
        headers = await intake.login(role, ROOT_OFFICE)
        answer = await intake.client.get("/intake/v1/petitions", headers=headers)
        assert answer.status_code == 403
    assert (await intake.client.get("/intake/v1/petitions")).status_code == 401


async def test_the_detail_is_masked(intake: ServiceUnderTest) -> None:
    root = await intake.login(Role.REGISTRAR, ROOT_OFFICE)
    await file(intake, a_filing())
    answer = await intake.client.get(
        f"/intake/v1/petitions/{await only_petition(intake)}", headers=root
    )
    assert NAME not in answer.text
    assert PHONE not in answer.text
    assert "1204" not in answer.text
    shown = answer.json()
    assert shown["petitioners"] == [
        {"name": "欧阳**", "id_number": "", "phone": "138****5678", "email": "", "address": "***"}
    ]
    assert shown["text"].startswith("我叫欧阳**")


async def test_lists_are_paged_and_filtered(intake: ServiceUnderTest) -> None:
    root = await intake.login(Role.REGISTRAR, ROOT_OFFICE)
    made = []
    for index in range(5):
        body = a_filing(
            subject=f"第{index}件", channel="phone", category_code="030600" if index else "040000",
            division_code="430104" if index < 3 else "430200",
        )  # fmt: skip
        made.append((await file(intake, body, **root))["number"])

    async def listed(**query: Any) -> dict[str, Any]:
        answer = await intake.client.get("/intake/v1/petitions", params=query, headers=root)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    seen, cursor = [], None
    for _ in range(3):
        page = await listed(limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["number"] for item in page["items"]]
        cursor = page["next"]
    assert sorted(seen) == sorted(made)
    assert cursor is None
    assert [i["number"] for i in (await listed(number=made[3].lower()))["items"]] == [made[3]]
    assert len((await listed(category="030000"))["items"]) == 4
    assert len((await listed(division="4301"))["items"]) == 3
    assert len((await listed(channel="online"))["items"]) == 0
    assert len((await listed(received_from="2026-03-02", received_to="2026-03-02"))["items"]) == 5
    assert len((await listed(received_from="2026-03-03"))["items"]) == 0
    for bad in ({"cursor": "x"}, {"cursor": "WyJ4Il0"}, {"division": "43010"}, {"number": "1"}):
        answer = await intake.client.get("/intake/v1/petitions", params=bad, headers=root)
        assert answer.status_code in {400, 422}


async def test_counts_tell_total_sealed_and_published_by_hour(intake: ServiceUnderTest) -> None:
    operator = await intake.login(Role.OPERATOR, ROOT_OFFICE)
    await file(intake, a_filing())
    await file(intake, an_accusation())
    intake.clock.advance(timedelta(hours=1))
    await file(intake, a_filing())
    answer = await intake.client.get(
        "/intake/v1/counts",
        params={"since": "2026-03-02T00:00:00Z", "until": "2026-03-03T00:00:00Z"},
        headers=operator,
    )
    shown = answer.json()
    assert {name: shown[name] for name in ("total", "sealed", "published", "imported")} == {
        "total": 3, "sealed": 1, "published": 2, "imported": 0}  # fmt: skip
    assert [hour["total"] for hour in shown["hours"]] == [2, 1]
    assert datetime.fromisoformat(shown["hours"][0]["hour"]) == datetime(2026, 3, 2, 1, tzinfo=UTC)


def _readable(number: str) -> bool:
    try:
        read_number(number)
    except NumberUnreadable:
        return False
    return True


def test_every_case_event_has_a_word() -> None:
    kinds = {event.TYPE.split(".")[2] for event in CASE_EVENTS} - {"progressed"}
    assert kinds <= set(PublicStep)
