"""Sealed petitions: who sees them, and the act that un-seals one."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from services.intake.main import SPEC
from services.intake.petitions.store.petitions import PETITION
from shared.contracts.intake import PetitionContentV1, PetitionRegisteredV1, PetitionSealedV1
from shared.vocabulary.posts import GrantPurpose, Role
from tests.conftest import MakeService
from tests.intake.support import (
    COUNTY_OFFICE,
    NAME,
    ROOT_OFFICE,
    a_filing,
    an_accusation,
    file,
    office_with_grant,
    rows,
)
from tests.support.service import ServiceUnderTest

DECISION = {"purpose": "claim", "reason": "经阅看属补偿款争议"}


@pytest.fixture
async def intake(make_service: MakeService) -> ServiceUnderTest:
    return await make_service(SPEC)


async def a_sealed_one(intake: ServiceUnderTest, **changes: Any) -> tuple[str, str]:
    """Number and opaque id."""
    body = an_accusation(
        text=f"我叫{NAME}，现实名举报村支书王某侵占补偿款。",
        division_code="430104", complained_organ=COUNTY_OFFICE,
    )  # fmt: skip
    receipt = await file(intake, body | changes)
    (event,) = await intake.recorded(PetitionSealedV1)
    return receipt["number"], event.data["sealed_id"]


async def test_only_the_root_petition_office_sees_what_is_sealed(
    intake: ServiceUnderTest,
) -> None:
    number, sealed_id = await a_sealed_one(intake)
    office = await intake.login(Role.SUPERVISOR, ROOT_OFFICE)
    listed = await intake.client.get("/intake/v1/sealed", headers=office)
    assert [item["number"] for item in listed.json()["items"]] == [number]
    assert "村支书" not in listed.text
    others = [
        await intake.login(Role.SUPERVISOR, COUNTY_OFFICE),
        await intake.login(Role.SUPERVISOR, "430000000000-HOUSING"),
    ]
    for headers in others:
        for method, path in (
            ("GET", "/sealed"),
            ("GET", f"/sealed/{sealed_id}"),
            ("POST", f"/sealed/{sealed_id}/release"),
        ):  # fmt: skip
            answer = await intake.client.request(
                method, f"/intake/v1{path}", headers=headers,
                json=DECISION if method == "POST" else None,
            )  # fmt: skip
            assert answer.status_code == 404
    registrar = await intake.login(Role.REGISTRAR, ROOT_OFFICE)
    assert (await intake.client.get("/intake/v1/sealed", headers=registrar)).status_code == 403


async def test_reading_one_is_masked_and_noted(intake: ServiceUnderTest) -> None:
    _, sealed_id = await a_sealed_one(intake)
    office = await office_with_grant(intake, sealed_id, GrantPurpose.OPEN_SEALED)
    answer = await intake.client.get(f"/intake/v1/sealed/{sealed_id}", headers=office)
    shown = answer.json()
    assert shown["sealed_class"] == "accusation_suspected"
    assert shown["reasons"]
    assert "村支书王某" in shown["text"]
    assert NAME not in answer.text
    every = await rows(intake, intake.service.tables.audit)
    audit = [row for row in every if row["action"] != "post.built_in"]
    assert [row["action"] for row in audit] == ["petition.sealed", "vault.opened"]
    assert audit[1]["subject"] == f"sealed/{sealed_id}"
    assert "王某" not in repr(audit)


async def test_unsealing_publishes_the_ordinary_events(intake: ServiceUnderTest) -> None:
    number, sealed_id = await a_sealed_one(intake)
    office = await office_with_grant(intake, sealed_id, GrantPurpose.UNSEAL)
    url = f"/intake/v1/sealed/{sealed_id}/release"
    answer = await intake.client.post(url, json=DECISION, headers=office)
    assert answer.status_code == 200
    assert answer.json() == {"number": number}
    registered, content = await intake.recorded(PetitionRegisteredV1, PetitionContentV1)
    facts = registered.data["petition"]
    assert (registered.sequence, content.sequence) == (1, 1)
    assert facts["number"] == number
    assert facts["purpose"] == "claim"
    assert facts["division_code"] == "430104000000"
    assert facts["complained_organ"] == COUNTY_OFFICE
    assert content.data["sealed_id"] == sealed_id
    assert NAME not in content.to_json()
    assert "村支书王某" in content.to_json()
    (row,) = await rows(intake, PETITION)
    assert not row["sealed"]
    assert row["version"] == 1
    again = await intake.client.post(url, json=DECISION, headers=office)
    assert again.status_code == 404
    assert len(await intake.recorded(PetitionRegisteredV1)) == 1
    stored = repr(
        [
            await rows(intake, table)
            for table in SPEC.metadata.sorted_tables
            if table.name != "edition"
        ]
    )
    assert DECISION["reason"] not in stored
    lines = await intake.client.get("/intake/v1/petitions", headers=office)
    assert [item["number"] for item in lines.json()["items"]] == [number]


@pytest.mark.parametrize(
    "body",
    [
        {"purpose": "uncertain", "reason": "不行的"},
        {"purpose": "claim", "reason": " "},
        {"purpose": "claim"},
    ],
)
async def test_a_decision_names_a_purpose_and_a_reason(
    intake: ServiceUnderTest, body: dict[str, str]
) -> None:
    _, sealed_id = await a_sealed_one(intake)
    office = await intake.login(Role.SUPERVISOR, ROOT_OFFICE)
    answer = await intake.client.post(
        f"/intake/v1/sealed/{sealed_id}/release", json=body, headers=office
    )
    assert answer.status_code == 422
    assert await intake.recorded(PetitionRegisteredV1) == []


async def test_an_accusation_stays_sealed_but_a_report_of_retaliation_may_be_one(
    intake: ServiceUnderTest,
) -> None:
    _, sealed_id = await a_sealed_one(intake)
    accused = {"purpose": "accusation", "reason": "移送有权机关"}
    office = await office_with_grant(intake, sealed_id, GrantPurpose.UNSEAL)
    url = f"/intake/v1/sealed/{sealed_id}/release"
    refused = await intake.client.post(url, json=accused, headers=office)
    assert (refused.status_code, refused.json()["code"]) == (422, "filing_invalid")
    assert await intake.recorded(PetitionRegisteredV1) == []
    await file(intake, a_filing(retaliation_for="x"))
    held = (await intake.recorded(PetitionSealedV1))[-1].data
    assert held["sealed_class"] == "retaliation"
    assert held["retaliation_matter_id"] is None
    office = await office_with_grant(intake, held["sealed_id"], GrantPurpose.UNSEAL)
    url = f"/intake/v1/sealed/{held['sealed_id']}/release"
    assert (await intake.client.post(url, json=DECISION, headers=office)).status_code == 422
    assert (await intake.client.post(url, json=accused, headers=office)).status_code == 200
    (registered,) = await intake.recorded(PetitionRegisteredV1)
    assert registered.data["petition"]["purpose"] == "accusation"


async def test_an_unknown_one_is_not_found(intake: ServiceUnderTest) -> None:
    office = await intake.login(Role.SUPERVISOR, ROOT_OFFICE)
    answer = await intake.client.post(
        f"/intake/v1/sealed/{uuid.uuid4()}/release", json=DECISION, headers=office
    )
    assert answer.status_code == 404
