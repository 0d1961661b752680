"""A change asked for twice under one key happens once and gets one answer, on both engines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy import func, select
from starlette.routing import BaseRoute

from services.deployment import SPECS
from services.routing.main import SPEC
from shared.contracts.routing import CaseAcceptedV1
from shared.runtime.app import create_app
from shared.runtime.service import ServiceSpec
from shared.vocabulary.posts import Role
from shared.web.once import CHANGING, HEADER, REPLAYED, Once
from tests.routing.making import HOUSING
from tests.routing.test_casework_api import Desk
from tests.support.backends import test_settings
from tests.support.service import SilentBus

KEY = "3f1cf5a4-0d2b-4c39-9d86-7d5ff0f2c001"


@pytest.fixture
async def desk(make_service: Any) -> Desk:
    made = Desk(await make_service(SPEC))
    await made.receive()
    return made


async def send(
    desk: Desk, path: str, body: Any, *, key: str = KEY, person: str = "zhao", method: str = "POST"
) -> httpx.Response:
    headers = await desk.service.login(Role.OFFICER, HOUSING, person=person)
    return await desk.service.client.request(
        method, f"/routing/v1{path}", json=body, headers=headers | {HEADER: key}
    )


async def stored(desk: Desk) -> int:
    table = desk.service.service.tables.stored_answer
    async with desk.service.service.database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_an_act_asked_for_again_gets_its_first_answer(desk: Desk) -> None:
    path = f"/cases/{desk.case_id}/acceptance"
    first = await send(desk, path, {})
    again = await send(desk, path, {})
    assert (first.status_code, again.status_code) == (200, 200), again.text
    assert (again.content, REPLAYED in first.headers) == (first.content, False)
    assert again.headers[REPLAYED] == "true"
    assert len(await desk.service.recorded(CaseAcceptedV1)) == 1
    assert (await send(desk, path, {}, key=KEY[::-1])).json()["code"] == "illegal_step"


async def test_another_request_under_the_key_is_refused(desk: Desk) -> None:
    body = {"kind": "fact", "title": "答复口径", "text": "按规定办理", "category_codes": []}
    assert (await send(desk, f"/cases/{desk.case_id}/acceptance", {})).status_code == 200
    other = await send(desk, f"/cases/{desk.case_id}/signature", body)
    assert other.status_code in {409, 422}, other.text
    assert await stored(desk) == 1


async def test_a_refused_request_keeps_nothing_under_its_key(desk: Desk) -> None:
    path = f"/cases/{desk.case_id}/acceptance"
    assert (await send(desk, path, {"version": 99})).json()["code"] == "stale_version"
    assert await stored(desk) == 0
    assert (await send(desk, path, {})).status_code == 200


async def test_two_at_the_same_time_are_one(desk: Desk) -> None:
    path = f"/cases/{desk.case_id}/acceptance"
    headers = await desk.service.login(Role.OFFICER, HOUSING, person="zhao") | {HEADER: KEY}
    url = f"/routing/v1{path}"
    answers = await asyncio.gather(
        *(desk.service.client.post(url, json={}, headers=headers) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {200}, [a.text for a in answers]
    assert len({answer.content for answer in answers}) == 1
    assert len(await desk.service.recorded(CaseAcceptedV1)) == 1


async def test_many_cases_in_one_request_are_done_once(desk: Desk) -> None:
    body = {"cases": [{"case_id": desk.case_id}], "act": {}}
    first = await send(desk, "/bulk/acceptance", body)
    again = await send(desk, "/bulk/acceptance", body)
    assert (first.json()["done"], again.content) == (1, first.content)
    other = await send(desk, "/bulk/acceptance", body | {"act": {"version": None}})
    assert other.json()["code"] == "idempotency_mismatch"


async def test_each_person_has_keys_of_their_own(desk: Desk) -> None:
    path = f"/cases/{desk.case_id}/acceptance"
    assert (await send(desk, path, {}, person="zhao")).status_code == 200
    assert (await send(desk, path, {}, person="qian")).json()["code"] == "illegal_step"


async def test_whoever_may_no_longer_act_gets_no_kept_answer(desk: Desk) -> None:
    path = f"/cases/{desk.case_id}/acceptance"
    assert (await send(desk, path, {}, person="zhao")).status_code == 200
    headers = await desk.service.login(Role.ANALYST, HOUSING, person="sun")
    refused = await desk.service.client.post(
        f"/routing/v1{path}", json={}, headers=headers | {HEADER: KEY}
    )
    assert refused.status_code == 403


@pytest.mark.parametrize("key", ["short", "x" * 201])
async def test_a_key_has_a_length(desk: Desk, key: str) -> None:
    answer = await send(desk, f"/cases/{desk.case_id}/acceptance", {}, key=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), answer.text


async def test_answers_are_forgotten_after_their_time(desk: Desk) -> None:
    assert (await send(desk, f"/cases/{desk.case_id}/acceptance", {})).status_code == 200
    job = next(each for each in desk.service.service.workers if each.name == "answers")
    for days, left in ((29, 1), (2, 0)):
        desk.service.clock.advance(timedelta(days=days))
        await job._work()
        assert await stored(desk) == left


REPEATABLE = {
    "POST /routing/v1/search", "POST /routing/v1/editions/trial",
    "POST /routing/v1/cases/{case_id}/grants", "POST /routing/v1/sealed/{sealed_id}/grants",
    "POST /routing/v1/cases/{case_id}/undertakings/{ordinal}/code",
    "POST /intake/v1/petitions/{number}/reveal", "POST /intake/v1/papers/{paper_id}/made",
    "POST /intake/v1/webhooks/{partner}",  # the id of the push is its key
    "POST /analytics/v1/rebuilds",
    *(f"POST /{spec.name}/v1/parked/replay" for spec in SPECS),
}  # fmt: skip
"""Requests without `Idempotency-Key`; each says at its route why."""


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_change_takes_a_key_or_says_why_not(spec: ServiceSpec, tmp_path: Any) -> None:
    app = create_app(spec, test_settings(tmp_path), bus=SilentBus())
    document = json.loads(json.dumps(app.openapi()))
    without = {
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method.upper() in CHANGING
        and HEADER not in {each["name"] for each in operation.get("parameters", ())}
    }
    assert without == {each for each in REPEATABLE if each.split(" /")[1].startswith(spec.name)}
    for given in spec.routers:
        router = given if isinstance(given, APIRouter) else given()
        assert all(isinstance(route, Once) for route in routes_of(router)), router


def routes_of(router: APIRouter) -> Iterator[BaseRoute]:
    """The routes of a router and of those included in it."""
    for route in router.routes:
        included = getattr(route, "effective_route_contexts", None)
        yield from (each.original_route for each in included()) if included else (route,)
