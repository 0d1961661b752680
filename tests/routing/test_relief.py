"""Relief over HTTP: who asks, who decides, what is paid and once, who sees it; on both engines."""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from services.routing.main import SPEC
from services.routing.relief.store.relief import FUND
from services.routing.relief.store.tables import RELIEF_WORKFLOW
from shared.vocabulary.posts import Role
from tests.routing.making import CHANGSHA, COUNTY, COUNTY_OFFICE, HOUSING
from tests.routing.relief_desk import ReliefDesk

OTHER = "430102000000"


@pytest.fixture
async def desk(make_service: Any) -> ReliefDesk:
    made = ReliefDesk(await make_service(SPEC))
    await made.set_up()
    return made


async def test_relief_is_asked_for_approved_and_paid_while_the_case_stays_as_it_is(
    desk: ReliefDesk,
) -> None:
    before, told = await desk.case_row(), len(await desk.service.recorded())
    application = await desk.asked(10_000)
    approved = (await desk.approve(application, amount_fen=8_000)).json()
    assert (approved["state_name"], approved["approved_fen"]) == ("待发放", 8_000)
    assert await desk.sums() == {
        "deposited": 100_000, "reserved": 8_000, "paid": 0, "balance": 92_000,
    }  # fmt: skip
    assert (await desk.pay(application, 3_000)).json()["allowed"] == ["pay", "cancel"]
    given = (await desk.pay(application, 5_000)).json()
    assert (given["state"], given["given_fen"], given["version"]) == ("given", 8_000, 4)
    assert await desk.sums() == {
        "deposited": 100_000, "reserved": 0, "paid": 8_000, "balance": 92_000,
    }  # fmt: skip
    assert await desk.case_row() == before
    assert len(await desk.service.recorded()) == told
    lines = await audited(desk, "relief.")
    assert [line[0] for line in lines] == [
        "relief.apply", "relief.approve", "relief.pay", "relief.pay",
    ]  # fmt: skip
    assert [line[1]["amount_fen"] for line in lines] == [10_000, 8_000, 3_000, 5_000]
    seen = (await desk.get(f"/cases/{desk.case_id}", Role.OFFICER, HOUSING, limit=1)).json()
    assert (seen["money_fen"], seen["in_kind_fen"], len(seen["items"])) == (8_000, 0, 1)
    rest = await desk.get(f"/cases/{desk.case_id}", Role.OFFICER, HOUSING, cursor=seen["next"])
    assert [each["amount_fen"] for each in rest.json()["items"]] == [5_000]


async def test_an_application_says_what_was_done_and_what_may_be_done_next(
    desk: ReliefDesk,
) -> None:
    application = await desk.asked(10_000)
    path = f"/applications/{application}"
    asked = (await desk.get(path, Role.OFFICER, HOUSING)).json()
    assert [each["act"] for each in asked["actions"]] == ["approve", "refuse", "cancel"]
    assert asked["actions"][0] == {
        "act": "approve", "title": "批准救助", "method": "POST",
        "path": f"/routing/v1/relief{path}/approval", "approval": "no", "blocked_by": None,
    }  # fmt: skip
    await desk.approve(application, amount_fen=8_000)
    await desk.pay(application, 3_000)
    await desk.cancel(application)
    shown = (await desk.get(path, Role.OFFICER, HOUSING)).json()
    assert [(each["act"], each["amount_fen"], each["organ_code"]) for each in shown["acts"]] == [
        ("apply", 10_000, HOUSING), ("approve", 8_000, COUNTY_OFFICE),
        ("pay", 3_000, COUNTY_OFFICE), ("cancel", 5_000, COUNTY_OFFICE),
    ]  # fmt: skip
    assert (shown["actions"], shown["allowed"]) == ([], [])


async def test_an_application_from_before_its_journal_goes_on(desk: ReliefDesk) -> None:
    application = await desk.asked(10_000)
    path = f"/applications/{application}"
    async with desk.service.service.database.writing() as session:
        await session.execute(RELIEF_WORKFLOW.journal.delete())
    before = (await desk.get(path, Role.OFFICER, HOUSING)).json()
    assert (before["acts"], before["allowed"]) == ([], ["approve", "refuse", "cancel"])
    await desk.approve(application, amount_fen=8_000)
    assert (await desk.pay(application, 8_000)).json()["state"] == "given"
    shown = (await desk.get(path, Role.OFFICER, HOUSING)).json()
    assert [each["act"] for each in shown["acts"]] == ["approve", "pay"]


async def audited(desk: ReliefDesk, prefix: str) -> list[tuple[str, dict[str, Any]]]:
    table = desk.service.service.tables.audit
    async with desk.service.service.database.reading() as session:
        rows = await session.execute(table.select().order_by(table.c.position))
    return [(r.action, json.loads(r.detail)) for r in rows if r.action.startswith(prefix)]


async def test_another_person_decides(desk: ReliefDesk) -> None:
    application = await desk.asked()
    officer = await desk.post(f"/applications/{application}/approval", Role.OFFICER, COUNTY_OFFICE)
    assert officer.status_code == 403
    own_head = await desk.post(f"/applications/{application}/approval", Role.HEAD, HOUSING)
    assert own_head.status_code == 403  # the fund is the office's
    headers = await desk.service.login(Role.OFFICER, COUNTY_OFFICE, person="lin")
    headers = await desk.service.login(Role.HEAD, COUNTY_OFFICE, person="lin")
    body = {
        "fund_id": desk.fund_id, "kind": "money", "amount_fen": 1, "reasons": "困难",
    }  # fmt: skip
    base = "/routing/v1/relief"
    made = await desk.service.client.post(
        f"{base}/cases/{desk.case_id}/applications", json=body, headers=headers
    )
    path = f"{base}/applications/{made.json()['application_id']}"
    for step, words in (("approval", {}), ("refusal", {"reasons": "不符合条件"})):
        answer = await desk.service.client.post(f"{path}/{step}", json=words, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "same_person")
    assert (await desk.sums())["reserved"] == 0


async def test_a_refusal_says_why_and_ends_it(desk: ReliefDesk) -> None:
    application = await desk.asked()
    path = f"/applications/{application}/refusal"
    refused = await desk.post(path, Role.HEAD, COUNTY_OFFICE, reasons="已享受同类救助")
    assert refused.json()["decision_reasons"] == "已享受同类救助"
    late = await desk.approve(application)
    assert (late.status_code, late.json()["code"]) == (409, "illegal_relief_step")
    assert late.json()["allowed"] == []


async def test_what_was_reserved_goes_back_and_no_more(desk: ReliefDesk) -> None:
    application = await desk.asked()
    await desk.approve(application)
    await desk.pay(application, 4_000)
    assert (await desk.cancel(application, HOUSING)).json()["state"] == "given"
    assert (await desk.cancel(application)).status_code == 409
    assert await desk.sums() == {
        "deposited": 100_000, "reserved": 0, "paid": 4_000, "balance": 96_000,
    }  # fmt: skip
    withdrawn = await desk.deposit(96_000, kind="withdrawal")
    assert withdrawn.json()["sums"]["balance_fen"] == 0
    short = await desk.deposit(1, kind="withdrawal")
    assert (short.status_code, short.json()["code"]) == (409, "fund_short")
    other = await desk.asked(1)
    assert (await desk.approve(other)).json()["code"] == "fund_short"
    seen = await desk.get(f"/applications/{other}", Role.OFFICER, HOUSING)
    assert (seen.json()["state"], seen.json()["payments"]) == ("applied", [])


async def test_a_repeated_call_counts_once(desk: ReliefDesk) -> None:
    for _ in range(2):
        assert (await desk.deposit(500, "budget-2026-1")).status_code == 200
    assert (await desk.deposit(501, "budget-2026-1")).json()["code"] == "key_reused"
    assert (await desk.sums())["deposited"] == 100_500
    application = await desk.asked()
    await desk.approve(application)
    for _ in range(2):
        paid = await desk.pay(application, 10_000, "voucher-1", version=2)
        assert (paid.status_code, paid.json()["given_fen"]) == (200, 10_000)
    assert (await desk.pay(application, 9_999, "voucher-1")).json()["code"] == "key_reused"
    assert (await desk.pay(application, 1, "voucher-2", version=2)).json()["code"] == (
        "stale_version"
    )
    assert (await desk.sums())["paid"] == 10_000


async def test_help_in_kind_is_described_valued_and_charged_to_nobody(desk: ReliefDesk) -> None:
    bare = await desk.ask(20_000, kind="in_kind")
    assert (bare.status_code, bare.json()["field"]) == (422, "description")
    application = await desk.asked(20_000, kind="in_kind", description="过冬棉被与大米")
    await desk.approve(application)
    assert (await desk.pay(application, 20_000, way="goods")).json()["field"] == "received"
    await desk.pay(application, 20_000, way="goods", received="棉被2床、大米50公斤")
    seen = (await desk.get(f"/cases/{desk.case_id}", Role.HEAD, HOUSING)).json()
    assert (seen["money_fen"], seen["in_kind_fen"]) == (0, 20_000)
    assert seen["items"][0]["received"] == "棉被2床、大米50公斤"
    assert await desk.sums() == {
        "deposited": 100_000, "reserved": 0, "paid": 0, "balance": 100_000,
    }  # fmt: skip


async def test_help_never_depends_on_giving_up_a_right(desk: ReliefDesk) -> None:
    asked = await desk.ask(reasons="签订息诉罢访协议后发放")
    assert (asked.status_code, asked.json()["code"]) == (422, "conditional_relief")
    extra = await desk.ask(promise="不再信访")
    assert (extra.status_code, extra.json()["code"]) == (422, "invalid_input")
    application = await desk.asked()
    await desk.approve(application)
    paid = await desk.pay(application, 1, received="领取后不再上访")
    assert (paid.status_code, paid.json()["code"]) == (422, "conditional_relief")
    assert (await desk.sums())["paid"] == 0


async def test_only_a_fund_that_serves_the_case_is_taken(desk: ReliefDesk) -> None:
    other = f"{OTHER}-PETITION"
    made = await desk.post("/funds", Role.HEAD, other, year=2026, source="donation")
    for fund_id in (made.json()["fund_id"], str(uuid.uuid4())):
        answer = await desk.ask(fund_id=fund_id)
        assert (answer.status_code, answer.json()["field"]) == (422, "fund_id")
    assert (await desk.ask(organ=f"{COUNTY}-HEALTH")).status_code == 404
    again = await desk.post("/funds", Role.HEAD, COUNTY_OFFICE, year=2026, source="fiscal")
    assert (again.status_code, again.json()["code"]) == (409, "fund_exists")
    unknown = await desk.post("/funds", Role.HEAD, COUNTY_OFFICE, year=2026, source="lottery")
    assert (unknown.status_code, unknown.json()["field"]) == (422, "source")


async def test_who_has_no_task_in_it_does_not_see_it(desk: ReliefDesk) -> None:
    application = await desk.asked()
    for organ, seen in ((HOUSING, 1), (COUNTY_OFFICE, 1), (f"{COUNTY}-HEALTH", 0), (CHANGSHA, 0)):
        listed = await desk.get("/applications", Role.OFFICER, organ)
        assert len(listed.json()["items"]) == seen
        one = await desk.get(f"/applications/{application}", Role.OFFICER, organ)
        assert one.status_code == (200 if seen else 404)
    for role in (Role.SUPERVISOR, Role.LEADER, Role.REGISTRAR, Role.OPERATOR):
        assert (await desk.get("/applications", role, COUNTY_OFFICE)).status_code == 403
    ledger = f"/funds/{desk.fund_id}/entries"
    assert (await desk.get(ledger, Role.OFFICER, HOUSING)).status_code == 404
    (fund,) = (await desk.get("/funds", Role.OFFICER, HOUSING)).json()["items"]
    assert (fund["source_name"], fund["sums"]) == ("财政预算", None)
    (fund,) = (await desk.get("/funds", Role.OFFICER, COUNTY_OFFICE)).json()["items"]
    assert fund["sums"]["balance_fen"] == 100_000
    assert (await desk.get("/funds", Role.OFFICER, f"{OTHER}-HOUSING")).json()["items"] == []


async def test_the_ledger_is_read_page_by_page(desk: ReliefDesk) -> None:
    for fen in (1, 2, 3):
        await desk.deposit(fen)
    seen, cursor = [], None
    while True:
        page = await desk.get(
            f"/funds/{desk.fund_id}/entries", Role.OFFICER, COUNTY_OFFICE,
            limit=2, **({"cursor": cursor} if cursor else {}),
        )  # fmt: skip
        seen += [(each["amount_fen"], each["balance_fen"]) for each in page.json()["items"]]
        cursor = page.json()["next"]
        if cursor is None:
            break
    assert seen == [(3, 100_006), (2, 100_003), (1, 100_001), (100_000, 100_000)]


async def test_figures_count_cases_once_and_follow_the_division(desk: ReliefDesk) -> None:
    donated = await desk.post("/funds", Role.HEAD, COUNTY_OFFICE, year=2026, source="donation")
    for fund, extra in (
        (desk.fund_id, {}),
        (desk.fund_id, {}),
        (donated.json()["fund_id"], {"kind": "in_kind", "description": "棉被"}),
    ):
        application = await desk.asked(1_000, fund_id=fund, **extra)
        await desk.approve(application)
        await desk.pay(application, 600, received="棉被")
    await desk.post("/funds", Role.HEAD, f"{OTHER}-PETITION", year=2025, source="fiscal")
    first = await desk.get("/figures", Role.SUPERVISOR, CHANGSHA, limit=1)
    second = await desk.get("/figures", Role.SUPERVISOR, CHANGSHA, cursor=first.json()["next"])
    rows = first.json()["items"] + second.json()["items"]
    assert [(r["division_code"], r["year"], r["source"]) for r in rows] == [
        (OTHER, 2025, "fiscal"), (COUNTY, 2026, "donation"), (COUNTY, 2026, "fiscal"),
    ]  # fmt: skip
    numbers = ("deposited_fen", "reserved_fen", "paid_fen", "in_kind_fen", "cases_helped")
    assert [[r[name] for name in numbers] for r in rows] == [
        [0, 0, 0, 0, 0], [0, 0, 0, 600, 1], [100_000, 800, 1_200, 0, 1],
    ]  # fmt: skip
    assert first.json()["total"] == second.json()["total"]
    assert first.json()["total"]["cases_helped"] == 1
    only = await desk.get("/figures", Role.LEADER, CHANGSHA, division=COUNTY, source="fiscal")
    assert (len(only.json()["items"]), only.json()["total"]["paid_fen"]) == (1, 1_200)
    nothing = await desk.get("/figures", Role.SUPERVISOR, f"{OTHER}-PETITION", year=2026)
    assert nothing.json()["items"] == []
    own = await desk.get("/figures", Role.HEAD, COUNTY_OFFICE)
    assert len(own.json()["items"]) == 2
    assert (await desk.get("/figures", Role.HEAD, HOUSING)).json()["items"] == []


async def test_the_database_itself_refuses_less_than_nothing(desk: ReliefDesk) -> None:
    for wrong in (
        {"balance": -1, "deposited": -1},
        {"balance": FUND.c.balance + 1},
    ):
        with pytest.raises(IntegrityError):
            async with desk.service.service.database.writing() as session:
                await session.execute(update(FUND).values(**wrong))


async def test_many_at_once_never_promise_more_than_there_is(desk: ReliefDesk) -> None:
    applications = [await desk.asked(30_000) for _ in range(6)]
    answers = await asyncio.gather(*(desk.approve(each) for each in applications))
    assert sorted(each.status_code for each in answers) == [200] * 3 + [409] * 3
    assert await desk.sums() == {
        "deposited": 100_000, "reserved": 90_000, "paid": 0, "balance": 10_000,
    }  # fmt: skip


async def test_the_same_payment_many_times_at_once_is_one(desk: ReliefDesk) -> None:
    application = await desk.asked(10_000)
    await desk.approve(application)
    same = [desk.pay(application, 6_000, "voucher-1") for _ in range(5)]
    others = [desk.pay(application, 5_000) for _ in range(3)]
    answers = await asyncio.gather(*same, *others, desk.cancel(application))
    assert {each.status_code for each in answers} <= {200, 409}
    sums = await desk.sums()
    seen = (await desk.get(f"/applications/{application}", Role.OFFICER, HOUSING)).json()
    assert seen["state"] in {"given", "cancelled"}  # by the cancellation, or by 5,000 twice
    assert (sums["reserved"], sums["paid"]) == (0, seen["given_fen"])
    assert [each["amount_fen"] for each in seen["payments"]].count(6_000) <= 1
    assert sums["paid"] in (0, 5_000, 6_000, 10_000)


@pytest.mark.parametrize("seed", range(6))
async def test_any_steps_at_once_neither_lose_money_nor_make_it(
    desk: ReliefDesk, seed: int
) -> None:
    """Rounds of random steps side by side; after each the sums agree with ledger and payments."""
    dice = random.Random(seed)
    applications = [await desk.asked(dice.randint(1, 60_000)) for _ in range(5)]
    keys = [f"voucher-{number}" for number in range(8)]
    for _ in range(4):
        steps = []
        for _ in range(8):
            each, amount = dice.choice(applications), dice.randint(1, 30_000)
            steps.append(
                dice.choice([
                    lambda each=each: desk.approve(each),
                    lambda each=each, amount=amount: desk.pay(each, amount, dice.choice(keys)),
                    lambda each=each, amount=amount: desk.pay(each, amount),
                    lambda each=each: desk.cancel(each),
                    lambda amount=amount: desk.deposit(amount),
                    lambda amount=amount: desk.deposit(amount, kind="withdrawal"),
                ])
            )  # fmt: skip
        answers = await asyncio.gather(*(step() for step in steps))
        assert {each.status_code for each in answers} <= {200, 409}
        sums = await desk.sums()
        listed = (await desk.get("/applications", Role.OFFICER, HOUSING)).json()["items"]
        promised = [e["approved_fen"] - e["given_fen"] for e in listed if e["state"] == "approved"]
        assert sums["reserved"] == sum(promised)
        assert sums["paid"] == sum(each["given_fen"] for each in listed)
        assert all(each["given_fen"] <= each["approved_fen"] for each in listed)
