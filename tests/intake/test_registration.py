"""Filing a petition over HTTP: receipt, events, vault, sealing, idempotency, failing commits."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import OperationalError

from services.intake.main import SPEC
from services.intake.petitions.store.answers import ANSWER
from services.intake.petitions.store.petitions import PETITION, VAULT, WORDS
from services.intake.registration.use_cases import registration
from shared.contracts.intake import PetitionContentV1, PetitionRegisteredV1, PetitionSealedV1
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
    everything_stored,
    file,
    rows,
)
from tests.support.service import ServiceUnderTest


@pytest.fixture
async def intake(make_service: MakeService) -> ServiceUnderTest:
    return await make_service(SPEC)


async def test_a_citizen_gets_a_receipt(intake: ServiceUnderTest) -> None:
    answer = await intake.client.post("/intake/v1/petitions", json=a_filing())
    receipt = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert receipt["number"].startswith("430000-260302-")
    assert receipt["received_on"] == "2026-03-02"
    assert receipt["registered_at"] == "2026-03-02T01:00:00Z"
    assert receipt["next"][0]["by"] == "2026-03-17"
    assert len(receipt["query_code"].replace("-", "")) == 20


async def test_facts_go_to_all_and_masked_words_to_routing(intake: ServiceUnderTest) -> None:
    receipt = await file(intake, a_filing(category_code="030000", division_code="430104"))
    registered, content = await intake.recorded(PetitionRegisteredV1, PetitionContentV1)
    facts = registered.data["petition"]
    assert (registered.sequence, content.sequence) == (1, 1)
    assert facts == content.data["petition"]
    assert facts["number"] == receipt["number"]
    assert facts["received_by"] == ROOT_OFFICE
    assert facts["receiving_tier"] == 1
    assert facts["division_code"] == "430104000000"
    assert (facts["category_code"], facts["category_by"]) == ("030000", "declared")
    assert facts["notice_owed"] is True
    assert facts["person_times"] == 1
    assert "divisions" in facts["editions"]
    assert "sealing" in facts["editions"]
    assert content.data["text"].startswith("我叫欧阳**，电话***。")
    assert content.data["place"] == "岳麓区某小区，找欧阳**"
    assert "text" not in registered.data


async def test_identity_lies_in_the_vault_only(intake: ServiceUnderTest) -> None:
    receipt = await file(intake, a_filing(), **{"Idempotency-Key": "key-0001"})
    stored = await everything_stored(intake)
    for secret in (NAME, PHONE, "某小区3栋1204", receipt["query_code"], "key-0001"):
        assert secret not in stored
    fields = {row["field"]: row for row in await rows(intake, VAULT)}
    desk = intake.service.resources
    people = desk.unlock(
        fields["petitioners"]["petition_id"], "petitioners", fields["petitioners"]["value"]
    )
    assert people[0]["name"] == NAME
    assert people[0]["phone"] == PHONE


async def test_a_category_is_suggested_with_its_confidence(intake: ServiceUnderTest) -> None:
    await file(intake, a_filing())
    (envelope,) = await intake.recorded(PetitionRegisteredV1)
    facts = envelope.data["petition"]
    assert facts["category_by"] in {"suggested", "none"}
    assert 0 <= facts["category_confidence"] <= 1
    assert (facts["category_code"] is None) == (facts["category_by"] == "none")


@pytest.mark.parametrize(
    ("body", "sealed_class"),
    [
        (an_accusation(), "accusation_suspected"),
        (a_filing(purpose="accusation"), "accusation_declared"),
        (a_filing(subject="城管局不作为"), "may_accuse_recipient"),
    ],
)
async def test_a_sealed_petition_tells_nothing(
    intake: ServiceUnderTest, body: dict[str, Any], sealed_class: str
) -> None:
    receipt = await file(intake, body | {"division_code": "430104"})
    (event,) = await intake.recorded()
    assert event.type == PetitionSealedV1.TYPE
    (row,) = await rows(intake, PETITION)
    assert event.data == {
        "sealed_id": str(row["sealed_id"]), "sealed_class": sealed_class, "level": 1,
        "retaliation_matter_id": None, "opener": "430000000000-PETITION",
    }  # fmt: skip
    assert str(row["id"]) not in event.to_json()
    assert receipt["number"] not in event.to_json()
    assert row["division_code"] is None
    assert row["category_code"] is None
    assert await count(intake, WORDS) == [0]
    stored = await everything_stored(intake)
    for secret in (body["text"], "油烟", "430104", "村支书"):
        assert secret not in stored


async def test_the_receipts_of_sealed_and_ordinary_look_alike(intake: ServiceUnderTest) -> None:
    ordinary = await file(intake, a_filing(purpose="uncertain"))
    sealed = await file(intake, an_accusation())
    assert ordinary["next"] == sealed["next"]
    assert {key: type(value) for key, value in ordinary.items()} == {
        key: type(value) for key, value in sealed.items()
    }


async def test_a_registrar_registers_for_the_own_organ(intake: ServiceUnderTest) -> None:
    headers = await intake.login(Role.REGISTRAR, COUNTY_OFFICE)
    body = a_filing(
        channel="visit", origin="handed_down", received_on="2026-02-27", head_count=12,
        representatives=5, repeat=True,
    )  # fmt: skip
    await file(intake, body, **headers)
    (envelope,) = await intake.recorded(PetitionRegisteredV1)
    facts = envelope.data["petition"]
    assert (facts["received_by"], facts["receiving_tier"]) == (COUNTY_OFFICE, 3)
    assert facts["received_on"] == "2026-02-27"
    assert facts["batch"] is True
    assert facts["person_times"] == 12
    assert facts["repeat"] is True
    assert facts["origin"] == "handed_down"


async def test_another_organ_than_a_petition_office_owes_the_notice(
    intake: ServiceUnderTest,
) -> None:
    headers = await intake.login(Role.REGISTRAR, COUNTY_HOUSING)
    receipt = await file(intake, a_filing(channel="letter", received_on="2026-02-27"), **headers)
    office = await file(intake, a_filing())
    assert receipt["next"][0]["article"] != office["next"][0]["article"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"channel": "letter", "received_on": "2026-03-01"}, "filing_invalid"),
        ({"origin": "leader"}, "filing_invalid"),
        ({"received_by": COUNTY_OFFICE}, "filing_invalid"),
        ({"received_on": "2026-03-01"}, "received_date_refused"),
        ({"petitioners": []}, "filing_invalid"),
        ({"anonymous": True}, "filing_invalid"),
        ({"division_code": "43010"}, "filing_invalid"),
        ({"category_code": "123456"}, "filing_invalid"),
        ({"complained_organ": "nothing"}, "filing_invalid"),
        ({"text": "字" * 20_001}, "invalid_input"),
        ({"text": " \n"}, "filing_invalid"),
        ({"status": "closed"}, "invalid_input"),
        ({"due_at": "2030-01-01"}, "invalid_input"),
        ({"purpose": "other"}, "invalid_input"),
        ({"head_count": -1}, "invalid_input"),
        ({"head_count": 2}, "filing_invalid"),
    ],
)
async def test_what_breaks_a_rule_is_refused_without_echo(
    intake: ServiceUnderTest, changes: dict[str, Any], code: str
) -> None:
    answer = await intake.client.post("/intake/v1/petitions", json=a_filing(**changes))
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert NAME not in answer.text
    assert "字字" not in answer.text
    assert await count(intake, PETITION, VAULT, intake.service.tables.outbox) == [0, 0, 0]


async def test_anonymous_filing_owes_no_notice(intake: ServiceUnderTest) -> None:
    await file(intake, a_filing(petitioners=[], anonymous=True))
    (envelope,) = await intake.recorded(PetitionRegisteredV1)
    assert envelope.data["petition"]["notice_owed"] is False


async def test_a_registrar_may_not_use_anothers_organ(intake: ServiceUnderTest) -> None:
    headers = await intake.login(Role.REGISTRAR, COUNTY_OFFICE)
    answer = await intake.client.post(
        "/intake/v1/petitions", json=a_filing(received_by=ROOT_OFFICE), headers=headers
    )
    assert answer.status_code == 403
    answer = await intake.client.post(
        "/intake/v1/petitions", json=a_filing(), headers={"Authorization": "Bearer nonsense"}
    )
    assert answer.status_code == 401


async def test_the_same_request_again_gets_the_first_receipt(intake: ServiceUnderTest) -> None:
    key = {"Idempotency-Key": "4f3c-0001"}
    first = await file(intake, a_filing(), **key)
    intake.clock.advance(timedelta(minutes=5))
    assert await file(intake, a_filing(), **key) == first
    assert await count(intake, PETITION, ANSWER) == [1, 1]
    assert len(await intake.recorded(PetitionRegisteredV1)) == 1


async def test_the_key_with_another_body_is_refused(intake: ServiceUnderTest) -> None:
    key = {"Idempotency-Key": "4f3c-0002"}
    await file(intake, a_filing(), **key)
    answer = await intake.client.post(
        "/intake/v1/petitions", json=a_filing(text="别的事"), headers=key
    )
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_mismatch"
    assert await count(intake, PETITION) == [1]


async def test_two_callers_with_one_key_do_not_meet(intake: ServiceUnderTest) -> None:
    key = {"Idempotency-Key": "4f3c-0003"}
    headers = await intake.login(Role.REGISTRAR, ROOT_OFFICE)
    one = await file(intake, a_filing(), **key)
    other = await file(intake, a_filing(), **key, **headers)
    assert one["number"] != other["number"]


async def test_concurrent_twins_become_one_petition(intake: ServiceUnderTest) -> None:
    key = {"Idempotency-Key": "4f3c-0004"}
    receipts = await asyncio.gather(*(file(intake, a_filing(), **key) for _ in range(6)))
    assert all(receipt == receipts[0] for receipt in receipts)
    assert await count(intake, PETITION) == [1]


async def test_a_failing_filing_leaves_its_key_free(intake: ServiceUnderTest) -> None:
    key = {"Idempotency-Key": "4f3c-0005"}
    bad = await intake.client.post(
        "/intake/v1/petitions", json=a_filing(received_on="2020-01-01"), headers=key
    )
    assert bad.status_code == 422
    await file(intake, a_filing(), **key)


async def test_a_number_that_exists_is_drawn_anew(
    intake: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await file(intake, a_filing())
    taken, free = first["number"], "430000-260302-AAAA-AAAA-0"
    drawn = iter([taken, taken, free, taken])
    monkeypatch.setattr(registration, "new_number", lambda *_: next(drawn))
    key = {"Idempotency-Key": "4f3c-0006"}
    second = await file(intake, a_filing(), **key)
    assert second["number"] == free
    assert await file(intake, a_filing(), **key) == second
    assert await count(intake, PETITION) == [2]


async def test_when_the_commit_fails_nobody_gets_a_receipt(
    intake: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk full"))

    execute = DefaultDialect.do_execute

    def failing_alone(dialect: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("WITH"):  # a transaction of one statement commits by itself
            failing()
        execute(dialect, cursor, statement, *rest)

    monkeypatch.setattr(DefaultDialect, "do_commit", failing)
    monkeypatch.setattr(DefaultDialect, "do_execute", failing_alone)
    answer = await intake.client.post("/intake/v1/petitions", json=a_filing())
    monkeypatch.undo()
    assert answer.status_code >= 500
    assert "number" not in answer.json()
    assert await count(intake, PETITION, VAULT, intake.service.tables.outbox) == [0, 0, 0]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"subject": "\\ud800"}',
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b'{"subject": "\\u0000"}',
        b"{",
        b"\xff",
    ],
)
async def test_malformed_bodies_are_4xx(intake: ServiceUnderTest, raw: bytes) -> None:
    answer = await intake.client.post(
        "/intake/v1/petitions", content=raw, headers={"content-type": "application/json"}
    )
    assert 400 <= answer.status_code < 500


async def test_an_organ_of_before_stands_for_who_took_it_over(intake: ServiceUnderTest) -> None:
    for old, now in (
        ("430124000000-HOUSING", "430182000000-HOUSING"),
        ("371200000000-PETITION", "370116000000-PETITION"),
        (COUNTY_HOUSING, COUNTY_HOUSING),
    ):
        await file(intake, a_filing(complained_organ=old, division_code="430124"))
        told = [each for each in await intake.recorded() if each.type == PetitionRegisteredV1.TYPE]
        facts = told[-1].data["petition"]
        assert facts["complained_organ"] == now
        assert facts["division_code"] == "430124000000"  # as declared; routing says who has it
