"""Before whom sealed items lie that were filed before that was kept, and what migrations keep."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from services.intake.main import SPEC
from services.intake.petitions.store.petitions import PETITION
from shared.contracts.intake import PetitionSealedV1
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.intake.support import COUNTY_OFFICE, ROOT_OFFICE, an_accusation, file, rows
from tests.support.service import ServiceUnderTest

BODY = "430000000000-DISCIPLINE"
GOVERNMENT = "430000000000-GOVERNMENT"


@pytest.fixture
async def intake(make_service: MakeService) -> ServiceUnderTest:
    return await make_service(SPEC)


async def settle(intake: ServiceUnderTest) -> int:
    (job,) = [each for each in SPEC.jobs if each.name == "openers"]
    return await job.work(intake.service)


async def listed(intake: ServiceUnderTest, organ: str) -> int:
    headers = await intake.login(Role.SUPERVISOR, organ)
    answer = await intake.client.get("/intake/v1/sealed", headers=headers)
    return len(answer.json()["items"])


@pytest.mark.parametrize(
    ("accused", "opener", "told"),
    [
        ({"complained_organ": COUNTY_OFFICE}, ROOT_OFFICE, []),
        ({"complained_organ": ROOT_OFFICE}, BODY, [BODY]),
        ({"text": "现实名举报省信访局某处长收受贿赂。"}, BODY, [BODY]),
        ({"complained_organ": GOVERNMENT}, "", [""]),
    ],
)
async def test_old_items_are_shown_to_nobody_until_it_is_settled(
    intake: ServiceUnderTest, accused: dict[str, Any], opener: str, told: list[str]
) -> None:
    await file(intake, an_accusation(**accused))
    (new,) = await rows(intake, PETITION)
    async with intake.service.units.begin() as uow:
        await uow.session.execute(update(PETITION).values(opener=None, hidden_from=None))
    before = await intake.recorded(PetitionSealedV1)
    assert [await listed(intake, organ) for organ in (ROOT_OFFICE, BODY)] == [0, 0]
    assert await settle(intake) == 1
    assert await settle(intake) == 0
    (row,) = await rows(intake, PETITION)
    assert (row["opener"], row["hidden_from"]) == (opener, new["hidden_from"])
    assert ROOT_OFFICE not in (row["hidden_from"] or "")  # marks, nothing to read
    fresh = (await intake.recorded(PetitionSealedV1))[len(before) :]
    assert [each.data["opener"] for each in fresh] == told
    seen = [await listed(intake, organ) for organ in (ROOT_OFFICE, BODY)]
    assert seen == [int(opener == ROOT_OFFICE), int(opener == BODY)]
