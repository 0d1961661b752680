"""One act on many cases: each row has its own result and its own transaction."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from services.routing.main import SPEC
from shared.contracts.routing import CaseAcceptedV1
from shared.vocabulary.posts import Role
from shared.workflow.bulk import MOST
from tests.routing.making import CHANGSHA, HOUSING
from tests.routing.test_casework_api import Desk


@pytest.fixture
async def desk(make_service: Any) -> Desk:
    return Desk(await make_service(SPEC))


async def bulk(desk: Desk, path: str, organ: str, cases: list[Any], **act: Any) -> httpx.Response:
    headers = await desk.service.login(Role.OFFICER, organ)
    return await desk.service.client.post(
        f"/routing/v1/bulk/{path}", json={"cases": cases, "act": act}, headers=headers
    )


async def test_some_are_done_and_some_are_refused(desk: Desk) -> None:
    ids = []
    for _ in range(3):
        await desk.receive()
        ids.append(desk.case_id)
    await desk.act("acceptance", HOUSING)  # the third is accepted already
    stranger = str(uuid.uuid4())
    answer = await bulk(
        desk, "acceptance", HOUSING,
        [{"case_id": ids[0]}, {"case_id": ids[1], "version": 9}, {"case_id": ids[2]},
         {"case_id": stranger}],
    )  # fmt: skip
    told = answer.json()
    assert (told["done"], told["waiting"], told["refused"]) == (1, 0, 3)
    assert [row["case_id"] for row in told["results"]] == [*ids, stranger]
    codes = [row["code"] for row in told["results"]]
    assert codes == [None, "stale_version", "illegal_step", "not_found"]
    assert len(await desk.service.recorded(CaseAcceptedV1)) == 2


async def test_drafts_wait_for_the_head(desk: Desk) -> None:
    await desk.receive("停水")
    await desk.service.login(Role.HEAD, CHANGSHA, person="head")
    answer = await bulk(
        desk, "decision", CHANGSHA, [{"case_id": desk.case_id}], kind="own", note="自办"
    )
    (row,) = answer.json()["results"]
    assert (row["done"], row["proposal_id"] is not None, row["state"]) == (
        False, True, "needs_person",
    )  # fmt: skip


@pytest.mark.parametrize(
    "cases", [[], [{"case_id": "x"}], [{"case_id": str(uuid.uuid4())}] * (MOST + 1)]
)
async def test_a_malformed_request_does_nothing(desk: Desk, cases: list[Any]) -> None:
    assert (await bulk(desk, "acceptance", HOUSING, cases)).status_code == 422
