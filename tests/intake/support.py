"""What intake's HTTP tests share: a service, filings, rows of its tables."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, func, select

from services.routing.grants.use_cases.grant_keys import make_ring
from shared.contracts.grant import Grant
from shared.contracts.routing import GrantKeyPublishedV1
from shared.vocabulary.posts import GrantPurpose, Role
from tests.support.service import ServiceUnderTest

ROOT_OFFICE = "430000000000-PETITION"
COUNTY_OFFICE = "430104000000-PETITION"
COUNTY_HOUSING = "430104000000-HOUSING"
NAME, PHONE = "欧阳晓峰", "13812345678"


def a_filing(**changes: Any) -> dict[str, Any]:
    """A claim as a citizen files it, with name and phone also in the text."""
    return {
        "purpose": "claim",
        "subject": "楼下餐馆油烟扰民",
        "text": f"我叫{NAME}，电话１３８ １２３４ ５６７８。岳麓区某小区楼下餐馆油烟扰民。",
        "place": f"岳麓区某小区，找{NAME}",
        "petitioners": [{"name": NAME, "phone": PHONE, "address": "某小区3栋1204"}],
    } | changes


def an_accusation(**changes: Any) -> dict[str, Any]:
    """A text that reads like an accusation, its purpose left open."""
    return (
        a_filing(
            purpose="uncertain",
            subject="请查一查",
            text="我是某村村民，现实名举报村支书王某侵占集体土地补偿款。",
        )
        | changes
    )


async def file(intake: ServiceUnderTest, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    """File and expect a receipt."""
    answer = await intake.client.post("/intake/v1/petitions", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


async def rows(intake: ServiceUnderTest, table: Table) -> list[dict[str, Any]]:
    """All rows of a table."""
    async with intake.service.database.reading() as session:
        return [dict(row) for row in (await session.execute(select(table))).mappings()]


async def count(intake: ServiceUnderTest, *tables: Table) -> list[int]:
    """How many rows each table has."""
    async with intake.service.database.reading() as session:
        return [
            await session.scalar(select(func.count()).select_from(table)) or 0 for table in tables
        ]


async def everything_stored(intake: ServiceUnderTest) -> str:
    """All values of all tables as one text, for looking for what must not be there."""
    tables = intake.service.spec.metadata.sorted_tables
    kept = [await rows(intake, table) for table in tables if table.name != "edition"]
    return repr(kept)


async def office_with_grant(
    intake: ServiceUnderTest, sealed_id: str, purpose: GrantPurpose
) -> dict[str, str]:
    """Headers of a supervisor of the root petition office with a grant as routing would sign it,
    its key being known to intake."""
    person, now = f"{Role.SUPERVISOR}@{ROOT_OFFICE}", intake.clock.now()
    ring = make_ring(None, keys_folder=intake.settings.data_dir / "keys")
    for key_id, public_key in ring.public_keys.items():
        key = GrantKeyPublishedV1(
            key_id=key_id, public_key=public_key, valid_from=now, valid_to=None
        )
        await intake.deliver(intake.envelope(key, subject_id=key_id))
    grant = Grant(
        jti=uuid.uuid4(), sub=person, iat=now, exp=now + timedelta(seconds=60), purpose=purpose,
        reason="研究办理", item=f"sealed/{sealed_id}", post_version=1,
        post_id=uuid.uuid5(uuid.NAMESPACE_URL, f"{person}|{Role.SUPERVISOR}|{ROOT_OFFICE}"),
    )  # fmt: skip
    return await intake.login(Role.SUPERVISOR, ROOT_OFFICE) | {"X-Grant": ring.sign(grant)}
