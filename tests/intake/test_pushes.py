"""County pushes over HTTP: signed, fresh, once; forgeries are seen and leave little."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import timedelta
from typing import Any

import pytest

from services.intake.main import SPEC
from services.intake.partners.store.partners import SECRET
from services.intake.petitions.store.petitions import PETITION
from shared.contracts.intake import PetitionRegisteredV1, PetitionSealedV1
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.intake.support import (
    ROOT_OFFICE,
    a_filing,
    an_accusation,
    count,
    everything_stored,
    rows,
)
from tests.intake.test_verification import sign
from tests.support.service import ServiceUnderTest

PATH = "/intake/v1/webhooks/yuelu"


@pytest.fixture
async def intake(make_service: MakeService) -> ServiceUnderTest:
    return await make_service(SPEC)


async def admit(intake: ServiceUnderTest, name: str = "yuelu", division: str = "430104") -> str:
    operator = await intake.login(Role.OPERATOR, ROOT_OFFICE)
    answer = await intake.client.post(
        "/intake/v1/partners",
        json={"name": name, "title": "岳麓区系统", "division_code": division},
        headers=operator,
    )
    assert answer.status_code == 201, answer.text
    secret: str = answer.json()["secret"]
    return secret


def a_push(**changes: Any) -> bytes:
    body = a_filing(channel="letter", received_on="2026-02-25") | changes
    return json.dumps({"type": "petition.filed", "data": body}, ensure_ascii=False).encode()


async def push(
    intake: ServiceUnderTest,
    secret: str,
    body: bytes,
    *,
    webhook_id: str = "msg_1",
    path: str = PATH,
    **headers: str,
) -> Any:
    seconds = str(int(intake.clock.now().timestamp()))
    signed = {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": seconds,
        "webhook-signature": sign(secret, webhook_id, seconds, body),
    }
    return await intake.client.post(path, content=body, headers=signed | headers)


async def test_a_push_is_registered_for_the_root_office(intake: ServiceUnderTest) -> None:
    answer = await push(intake, await admit(intake), a_push())
    assert answer.status_code == 201, answer.text
    (envelope,) = await intake.recorded(PetitionRegisteredV1)
    facts = envelope.data["petition"]
    assert facts["origin"] == "partner"
    assert facts["received_by"] == ROOT_OFFICE
    assert facts["received_on"] == "2026-02-25"
    assert facts["division_code"] == "430104000000"  # the key fixes it
    assert facts["number"] == answer.json()["number"]
    assert facts["history"] is None


async def test_a_push_can_be_sealed_and_looks_alike(intake: ServiceUnderTest) -> None:
    secret = await admit(intake)
    ordinary = await push(intake, secret, a_push(purpose="uncertain"), webhook_id="a")
    body = an_accusation(channel="letter", received_on="2026-02-25")
    sealed = await push(intake, secret, a_push(**body), webhook_id="b")
    assert ordinary.json().keys() == sealed.json().keys()
    assert len(await intake.recorded(PetitionSealedV1)) == 1


async def test_the_same_id_again_gets_the_same_answer(intake: ServiceUnderTest) -> None:
    secret = await admit(intake)
    answers = await asyncio.gather(*(push(intake, secret, a_push()) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    intake.clock.advance(timedelta(days=8))
    assert (await push(intake, secret, a_push())).text == answers[0].text
    assert await count(intake, PETITION) == [1]
    other = await push(intake, secret, a_push(text="换了内容"))
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_mismatch"


async def test_a_partners_own_number_is_registered_once(intake: ServiceUnderTest) -> None:
    secret = await admit(intake)
    first = await push(intake, secret, a_push(external_id="C-1"), webhook_id="a")
    again = await push(intake, secret, a_push(external_id="C-1"), webhook_id="b")
    assert (first.status_code, again.status_code) == (201, 409)
    foreign = await admit(intake, "tianxin", "430103")
    other = await push(
        intake, foreign, a_push(external_id="C-1"), path="/intake/v1/webhooks/tianxin"
    )
    assert other.status_code == 201
    assert await count(intake, PETITION) == [2]


async def test_another_countys_secret_opens_nothing(intake: ServiceUnderTest) -> None:
    await admit(intake)
    foreign = await admit(intake, "tianxin", "430103")
    assert (await push(intake, foreign, a_push())).status_code == 401
    body = a_push(division_code="430104")
    outside = await push(intake, foreign, body, path="/intake/v1/webhooks/tianxin")
    assert outside.status_code == 422
    assert await count(intake, PETITION) == [0]


async def test_refusals_say_nothing_and_are_noted(intake: ServiceUnderTest) -> None:
    secret = await admit(intake)
    late = {"webhook-timestamp": str(int(intake.clock.now().timestamp()) - 301)}
    answers = [
        await push(intake, secret, a_push(), **late),
        await push(intake, secret, a_push(), **{"webhook-id": "msg_2"}),
        await push(intake, secret, a_push(), path="/intake/v1/webhooks/unknown"),
        await intake.client.post(PATH, content=a_push()),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert "detail" not in answers[0].json()
    audit = await rows(intake, intake.service.tables.audit)
    refused = [row["subject"] for row in audit if row["action"] == "webhook.refused"]
    assert refused == ["partner/yuelu", "partner/?"]
    intake.clock.advance(timedelta(hours=1))
    await intake.service.refusals.tell(intake.service.units)
    audit = await rows(intake, intake.service.tables.audit)
    assert (audit[-1]["subject"], audit[-1]["detail"]) == ("partner/yuelu", '{"further": 2}')
    assert await count(intake, PETITION, intake.service.tables.outbox) == [0, 0]


@pytest.mark.parametrize(
    "body",
    [
        b"{}", b'{"type": "other", "data": {}}', b"[]",
        a_push(received_on=None), a_push(received_on="2026-03-03"), a_push(origin="leader"),
        a_push(received_by="x"), a_push(unknown=1),
    ],
)  # fmt: skip
async def test_genuine_but_wrong_pushes_are_4xx(intake: ServiceUnderTest, body: bytes) -> None:
    answer = await push(intake, await admit(intake), body)
    assert 400 <= answer.status_code < 500
    assert "油烟" not in answer.text
    assert await count(intake, PETITION) == [0]


async def test_a_huge_genuine_push_is_refused(intake: ServiceUnderTest) -> None:
    answer = await push(intake, await admit(intake), a_push(text="字" * 3_500_000))
    assert answer.status_code == 413


async def test_a_secret_is_rotated_with_an_overlap(intake: ServiceUnderTest) -> None:
    old = await admit(intake)
    operator = await intake.login(Role.OPERATOR, ROOT_OFFICE)
    answer = await intake.client.post("/intake/v1/partners/yuelu/secrets", headers=operator)
    new = answer.json()["secret"]
    assert (await push(intake, old, a_push(), webhook_id="a")).status_code == 201
    assert (await push(intake, new, a_push(), webhook_id="b")).status_code == 201
    intake.clock.advance(timedelta(hours=24, seconds=1))
    assert (await push(intake, old, a_push(), webhook_id="c")).status_code == 401
    assert (await push(intake, new, a_push(), webhook_id="d")).status_code == 201


async def test_200_forgeries_leave_a_line_each_partner_and_their_number(
    intake: ServiceUnderTest,
) -> None:
    await admit(intake)
    forged = "whsec_" + "A" * 43 + "="
    for number in range(200):
        path = PATH if number % 2 else f"/intake/v1/webhooks/made-up-{number}"
        answer = await push(intake, forged, a_push(), path=path, webhook_id=f"m{number}")
        assert answer.status_code == 401
    for _ in range(3):  # told once
        await intake.service.refusals.tell(intake.service.units)
        intake.clock.advance(timedelta(minutes=59))
    audit = await rows(intake, intake.service.tables.audit)
    refused = {(r["subject"], r["detail"]) for r in audit if r["action"] == "webhook.refused"}
    assert refused == {
        ("partner/yuelu", "{}"), ("partner/yuelu", '{"further": 99}'),
        ("partner/?", "{}"), ("partner/?", '{"further": 99}'),
    }  # fmt: skip
    told = {g.labels["code"]: g.value for g in intake.service.refusals.gauges("webhook.refused")}
    assert told == {"webhook.refused": 200}
    await push(intake, forged, a_push())  # a new hour begins with a line of its own
    assert len(await rows(intake, intake.service.tables.audit)) == len(audit) + 1


async def rotate(intake: ServiceUnderTest, **body: Any) -> str:
    operator = await intake.login(Role.OPERATOR, ROOT_OFFICE)
    answer = await intake.client.post(
        "/intake/v1/partners/yuelu/secrets", headers=operator, json=body or None
    )
    assert answer.status_code == 201, answer.text
    secret: str = answer.json()["secret"]
    return secret


async def opens(intake: ServiceUnderTest, *secrets: str) -> list[int]:
    """Status of a fresh push with each."""
    return [
        (await push(intake, each, a_push(), webhook_id=uuid.uuid4().hex)).status_code
        for each in secrets
    ]


async def test_a_leaked_secret_ends_at_once(intake: ServiceUnderTest) -> None:
    """Rotated twice, all three open for a day; then nothing but the newest, in either way."""
    first = await admit(intake)
    second, third = await rotate(intake), await rotate(intake, immediately=False)
    assert await opens(intake, first, second, third) == [201, 201, 201]
    operator = await intake.login(Role.OPERATOR, ROOT_OFFICE)
    url = "/intake/v1/partners/yuelu/old-secrets"
    assert (await intake.client.delete(url, headers=operator)).status_code == 204
    assert await opens(intake, first, second, third) == [401, 401, 201]
    fourth = await rotate(intake, immediately=True)
    assert await opens(intake, first, second, third, fourth) == [401, 401, 401, 201]
    fifth = await rotate(intake)
    assert await opens(intake, fourth, fifth) == [201, 201]  # an end once set is never put off
    intake.clock.advance(timedelta(hours=25))
    assert await opens(intake, first, second, third, fourth, fifth) == [401] * 4 + [201]
    audit = await rows(intake, intake.service.tables.audit)
    did = [(r["action"], r["detail"]) for r in audit if "secret" in r["action"]]
    assert did == [
        ("partner.secret_rotated", '{"immediately": false}'),
        ("partner.secret_rotated", '{"immediately": false}'),
        ("partner.old_secrets_ended", "{}"),
        ("partner.secret_rotated", '{"immediately": true}'),
        ("partner.secret_rotated", '{"immediately": false}'),
    ]
    registrar = await intake.login(Role.REGISTRAR, ROOT_OFFICE)
    assert (await intake.client.delete(url, headers=registrar)).status_code == 403
    missing = "/intake/v1/partners/nobody/old-secrets"
    assert (await intake.client.delete(missing, headers=operator)).status_code == 404


async def test_secrets_are_shown_once_and_stored_encrypted(intake: ServiceUnderTest) -> None:
    secret = await admit(intake)
    assert secret.startswith("whsec_")
    assert secret not in await everything_stored(intake)
    operator = await intake.login(Role.OPERATOR, ROOT_OFFICE)
    listed = await intake.client.get("/intake/v1/partners", headers=operator)
    assert listed.json() == [
        {"name": "yuelu", "title": "岳麓区系统", "division_code": "430104000000", "active": True}
    ]
    assert await count(intake, SECRET) == [1]


async def test_a_partner_switched_off_is_kept_out(intake: ServiceUnderTest) -> None:
    secret = await admit(intake)
    operator = await intake.login(Role.OPERATOR, ROOT_OFFICE)
    url = "/intake/v1/partners/yuelu/active"
    off = await intake.client.put(url, json={"active": False}, headers=operator)
    assert off.status_code == 204
    assert (await push(intake, secret, a_push())).status_code == 401
    await intake.client.put(url, json={"active": True}, headers=operator)
    assert (await push(intake, secret, a_push())).status_code == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "yuelu", "title": "又一个", "division_code": "430104"}, 409),
        ({"name": "Bad Name", "title": "x", "division_code": "430104"}, 422),
        ({"name": "other", "title": "外省", "division_code": "440100"}, 422),
        ({"name": "other", "title": "没有", "division_code": "439999"}, 422),
    ],
)
async def test_only_divisions_of_the_deployment_are_admitted(
    intake: ServiceUnderTest, body: dict[str, str], status: int
) -> None:
    await admit(intake)
    operator = await intake.login(Role.OPERATOR, ROOT_OFFICE)
    answer = await intake.client.post("/intake/v1/partners", json=body, headers=operator)
    assert answer.status_code == status
    registrar = await intake.login(Role.REGISTRAR, ROOT_OFFICE)
    refused = await intake.client.post("/intake/v1/partners", json=body, headers=registrar)
    assert refused.status_code == 403
