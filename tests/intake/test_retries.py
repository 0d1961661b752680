"""A request that was answered gets its answer again: after an upgrade, on a later day, and nobody
else's."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.intake.desk.use_cases import Desk
from services.intake.main import SPEC
from services.intake.petitions.domain.petition import Receipt
from services.intake.petitions.store.answers import ANSWER
from services.intake.petitions.store.petitions import PETITION
from services.intake.petitions.use_cases.answers import RequestKey, keep_answer
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.intake.support import ROOT_OFFICE, a_filing, count
from tests.support.service import ServiceUnderTest

URL = "/intake/v1/petitions"
KEY = "b0d1a3a5-6f0e-4f5e-9e27-2f3f5a1c7d11"
SMALL = {"subject": "a", "text": "b\u0001\n😀", "anonymous": True}
NAMED = {
    "purpose": "claim", "subject": "楼下餐馆油烟扰民", "text": "请处理。",
    "petitioners": [{"name": " 张三 ", "phone": "13800000000"}],
}  # fmt: skip
LETTER = {
    "channel": "letter", "received_on": "2026-03-02", "subject": "a", "text": " b ",
    "origin": "leader", "received_by": "430000000000-PETITION", "anonymous": True,
    "head_count": 7, "representatives": 2, "repeat": True, "place": " 岳麓区 ",
    "division_code": "4301", "category_code": "030606", "complained": "某 ",
    "complained_organ": "430104000000-HOUSING",
}  # fmt: skip
STORED = [
    (NAMED, "6b90026343b0b5d7a3314ee6182687854c3043501a59eb1c2caefd1fa663266f"),
    (NAMED, "ff1e5f3b23ff01e91ada6fc16167d1e80e15fd486bd6e70f26f91a045627853f"),
    (SMALL, "a217680a915c0810c4ac9f3bef99648acd9439960f26b621c32a65498d483c02"),
    (SMALL, "419d9be5a34a905ed5117f19492b6dabe8ebc0d6824d29a2e7fea3618cd77f6d"),
    (LETTER, "9953a64894efe70a2d30cad146fdcf0f007256eb1f751eac84ab3a89a7a3ecc6"),
    (LETTER, "fa49d488915432b92ac8065d9dd91c18dda34f00e929acabf43d4d4323de3bca"),
]
"""What the releases before stored for a body: before reports of retaliation were known, and after;
made by their code."""


@pytest.fixture
async def intake(make_service: MakeService) -> ServiceUnderTest:
    return await make_service(SPEC)


async def send(
    intake: ServiceUnderTest, body: Any, key: str = KEY, **headers: str
) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Idempotency-Key": key, "Content-Type": "application/json"} | headers
    return await intake.client.post(URL, content=content, headers=sent)


async def keep_as_before(intake: ServiceUnderTest, space: str, digest: str) -> Receipt:
    """A row as the release before wrote it."""
    desk: Desk = intake.service.resources
    now = intake.clock.now()
    receipt = Receipt(
        number="430000-260302-7K3Q-9FMX-C", query_code="0000", received_on=now.date(),
        registered_at=now, next_steps=(),
    )  # fmt: skip
    async with intake.service.units.begin() as uow:
        old = RequestKey(desk.digest("key", space, KEY), digest, frozenset)
        keep_answer(uow, desk, old, receipt)
    return receipt


@pytest.mark.parametrize(("body", "digest"), STORED)
async def test_a_retry_across_the_upgrade_gets_the_first_receipt(
    intake: ServiceUnderTest, body: Any, digest: str
) -> None:
    is_letter = body is LETTER
    headers = await intake.login(Role.REGISTRAR, ROOT_OFFICE) if is_letter else {}
    space = f"registrar@{ROOT_OFFICE}" if is_letter else "anonymous"
    first = await keep_as_before(intake, space, digest)
    other = await send(intake, body | {"text": "c"}, **headers)
    assert other.json()["code"] == "idempotency_mismatch"
    added = await send(intake, body | {"retaliation_for": first.number}, **headers)
    assert added.json()["code"] == "idempotency_mismatch"
    for days in (0, 399):
        intake.clock.advance(timedelta(days=days))
        again = await send(intake, body, **headers)
        assert (again.status_code, again.json()["number"]) == (201, first.number), again.text
    assert await count(intake, PETITION, ANSWER) == [0, 1]


BODY = json.dumps(a_filing()).encode()


@pytest.mark.parametrize(
    "other",
    [
        BODY + b" ", json.dumps(a_filing(), ensure_ascii=False).encode(),
        json.dumps(a_filing() | {"repeat": False}).encode(),
        json.dumps(dict(reversed(a_filing().items()))).encode(),
    ],
    ids=["blank", "escapes", "default", "order"],
)  # fmt: skip
async def test_a_request_is_its_bytes(intake: ServiceUnderTest, other: bytes) -> None:
    """So no release can read another request out of them."""
    first = await send(intake, BODY)
    assert (await send(intake, BODY)).text == first.text
    assert (await send(intake, other)).json()["code"] == "idempotency_mismatch"
    assert await count(intake, PETITION) == [1]


async def test_a_later_day_refuses_no_retry(intake: ServiceUnderTest) -> None:
    """A letter may be entered some days late; its retry may come later still."""
    registrar = await intake.login(Role.REGISTRAR, ROOT_OFFICE)
    letter = a_filing(channel="letter", received_on="2026-03-02")
    first = await send(intake, letter, **registrar)
    assert first.status_code == 201
    intake.clock.advance(timedelta(days=399))
    assert (await send(intake, letter, **registrar)).text == first.text
    assert (await send(intake, letter, KEY[::-1], **registrar)).status_code == 422
    assert await count(intake, PETITION) == [1]


@pytest.mark.parametrize(
    "kept", [{"subject": "", "text": "b"}, {"subject": "a", "text": "b", "gone": 1}, []]
)
async def test_a_stricter_release_refuses_no_retry(intake: ServiceUnderTest, kept: Any) -> None:
    """What this release would refuse, the one that answered it did not."""
    refused = await send(intake, kept)
    assert refused.status_code == 422
    desk: Desk = intake.service.resources
    raw = json.dumps(kept).encode()
    key = RequestKey.of(
        desk, space="anonymous", key=KEY, route="POST /intake/v1/petitions", body=raw,
        earlier=frozenset,
    )  # fmt: skip
    first = await keep_as_before(intake, "anonymous", key.request)
    assert (await send(intake, kept)).json()["number"] == first.number
    assert (await send(intake, kept, KEY[::-1])).status_code == 422
    assert (await send(intake, {"subject": ""})).json()["code"] == "invalid_input"


async def test_callers_have_spaces_of_their_own(intake: ServiceUnderTest) -> None:
    """Whatever an account is called, it meets neither the public nor a partner nor another one."""
    people = [
        "zhou", "anonymous", "partner:yuelu", 'person:"anonymous"', "zhou\nxin", "Zhou", "zhou ",
    ]  # fmt: skip
    receipts = [(await send(intake, BODY)).json()["number"]]
    for person in people:
        headers = await intake.login(Role.REGISTRAR, ROOT_OFFICE, person=person)
        answer = await send(intake, BODY, **headers)
        assert answer.status_code == 201, answer.text
        receipts.append(answer.json()["number"])
        assert (await send(intake, BODY, **headers)).json()["number"] == receipts[-1]
    assert len(set(receipts)) == len(people) + 1
    split = await intake.login(Role.REGISTRAR, ROOT_OFFICE, person="zhou\n")
    assert (await send(intake, BODY, f"xin\n{KEY}"[4:], **split)).json()["number"] not in receipts


async def test_without_a_login_the_key_and_the_very_body_are_needed(
    intake: ServiceUnderTest,
) -> None:
    first = await send(intake, BODY)
    guesses = [await send(intake, BODY, KEY[:-1] + digit) for digit in "23456"]
    guesses += [await send(intake, json.dumps(a_filing(text=t)).encode()) for t in ("a", "b")]
    shown = first.json()["query_code"]
    assert [each.status_code for each in guesses] == [201] * 5 + [422] * 2
    assert all(shown not in each.text for each in guesses)
