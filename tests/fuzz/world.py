"""What is fuzzed: four services with real objects in them, and everybody who may ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.deployment import SPECS
from shared.vocabulary.posts import Role
from tests.rights.objects import COUNTY, FORMER, HOLDER, OFFICE, Objects, file, make_objects
from tests.rights.platform import ROOT_OFFICE, Platform
from tests.support.backends import Backend
from tests.support.service import ServiceUnderTest

ROLES = (
    Role.REGISTRAR, Role.OFFICER, Role.HEAD, Role.SUPERVISOR, Role.OPERATOR, Role.ANALYST,
    Role.SERVICE, Role.AUDITOR,
)  # fmt: skip
ANONYMOUS = "anonymous"
PUSHING = "wangcheng"
HELD = "/routing/v1/cases?view=held"
CASES_IN_STOCK, SEALED_IN_STOCK = 9, 3
DAYS = ["2026-02-27", "2026-03-01", "2026-03-02", "2026-03-31"]
INSTANTS = ["2026-03-01T00:00:00Z", "2026-03-02T01:00:00Z", "2026-03-03T00:00:00Z"]


@dataclass(frozen=True)
class World:
    """`callers`: who -> headers. `known`: name of a parameter or member -> values that mean
    something here; without them nearly every answer would be 404 or 422. `secret`: of the partner
    that pushes. `case_of`: number of a petition -> case."""

    platform: Platform
    callers: dict[str, dict[str, str]]
    known: dict[str, list[Any]]
    secret: str
    case_of: dict[str, str]

    async def grant(self, path: str, purpose: str, caller: str) -> dict[str, str]:
        """Header with a case grant for one use, nothing when the caller gets none."""
        answer = await self.platform.call(
            "POST", f"/routing/v1/{path}/grants", headers=self.callers[caller],
            json={"purpose": purpose, "reason": "联系信访人"},
        )  # fmt: skip
        return {"X-Grant": answer.json()["grant"]} if answer.is_success else {}


@asynccontextmanager
async def made_world(backend: Backend, folder: Path) -> AsyncIterator[World]:
    """A fresh one; its services are closed at the end."""
    services: list[ServiceUnderTest] = []
    try:
        for spec in SPECS:
            made = ServiceUnderTest(spec, await backend.database_url(spec), folder)
            services.append(made)
            await made.start()
        platform = Platform(services)
        objects = await make_objects(platform)
        stock = [await file(platform) for _ in range(CASES_IN_STOCK)]
        for _ in range(SEALED_IN_STOCK):
            await file(platform, purpose="accusation", text="举报村支书受贿。")
        callers = {ANONYMOUS: {}} | {role: await _everywhere(platform, role) for role in ROLES}
        known = await _known(platform, objects, stock, callers)
        secret = await _partner(platform, callers[Role.OPERATOR])
        cases = await _items(platform, HELD, callers[Role.OFFICER])
        case_of = {each["number"]: each["case_id"] for each in cases}
        yield World(platform, callers, known, secret, case_of)
    finally:
        for made in services:
            await made.close()


async def _everywhere(platform: Platform, role: Role) -> dict[str, str]:
    """Headers of somebody with posts at the root and in the organs the objects belong to."""
    for organ in (ROOT_OFFICE, OFFICE, HOLDER, FORMER):
        headers = await platform.login(role, organ, person=f"{role}-everywhere", strong=True)
    return headers


async def _partner(platform: Platform, operator: dict[str, str]) -> str:
    """Admit the partner that pushes; another one is renamed, switched and rotated."""
    answer = await platform.call(
        "POST", "/intake/v1/partners", headers=operator,
        json={"name": PUSHING, "title": "望城区系统", "division_code": "430112"},
    )  # fmt: skip
    return str(answer.json()["secret"])


async def _known(
    platform: Platform,
    objects: Objects,
    stock: list[dict[str, Any]],
    callers: dict[str, dict[str, str]],
) -> dict[str, list[Any]]:
    cases = await _items(platform, HELD, callers[Role.OFFICER])
    duties = await _items(platform, "/supervision/v1/duties", callers[Role.OFFICER])
    posts = await _items(platform, "/routing/v1/posts", callers[Role.OPERATOR])
    sealed = await _items(platform, "/intake/v1/sealed", callers[Role.SUPERVISOR])
    petitions = await _items(platform, "/intake/v1/petitions", callers[Role.REGISTRAR])
    parked = [
        each for name in platform.services
        for each in await _items(platform, f"/{name}/v1/parked", callers[Role.OPERATOR])
    ]  # fmt: skip
    editions = await platform.call("GET", "/routing/v1/editions", headers=callers[Role.OPERATOR])
    divisions = [COUNTY, "430104", "430000000000"]
    organs = [HOLDER, FORMER, OFFICE, ROOT_OFFICE]
    return {name: [value] for name, value in objects.path.items()} | {
        "case_id": [each["case_id"] for each in cases],
        "duty_id": [each["duty_id"] for each in duties],
        "post_id": [each["post_id"] for each in posts],
        "sealed_id": [each["sealed_id"] for each in sealed],
        "petition_id": [each["id"] for each in petitions],
        "event_id": [each["id"] for each in parked],
        "kind": [*(each["kind"] for each in editions.json()), "money", "in_kind", "guide"],
        "year": [2026, 2027], "source": ["fiscal", "donation"], "way": ["bank", "goods"],
        "paid_on": DAYS[2:3], "valid_from": DAYS, "on": DAYS,
        "edition_id": [each["edition_id"] for each in editions.json()],
        "number": [objects.path["number"], *(each["number"] for each in stock)],
        "X-Party-Code": [objects.path["party_code"]],
        "X-Query-Code": [objects.path["query_code"], *(each["query_code"] for each in stock)],
        "code": [COUNTY, HOLDER, OFFICE], "parent": ["43", "430100", "03"],
        "division": divisions, "division_code": divisions,
        "organ": organs, "organ_code": organs, "received_by": organs, "complained_organ": organs,
        "category": ["030800", "030601"], "category_code": ["030800", "030601"],
        "from": ["2026-01-01"], "to": ["2026-12-31"],
        "received_from": DAYS, "received_to": DAYS, "received_on": DAYS, "due_from": DAYS,
        "since": INSTANTS[:1], "until": INSTANTS[1:], "hour": INSTANTS,
        "types": ["intake.petition.registered.v1"], "q": ["房", "岳麓"],
        "name": ["yuelu", "tianxin", "kaifu"], "partner": [PUSHING], "person": ["zhou"],
        "version": [None, 1, 2, 3],
    }  # fmt: skip


async def _items(platform: Platform, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    answer = await platform.call("GET", path, headers=headers)
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
