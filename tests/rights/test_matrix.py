"""Every route x role x whose object it is (H5, P18): a new route without a row fails."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from services.deployment import SPECS
from services.routing.posts.use_cases import NEEDS_SECOND
from shared.runtime.app import create_app
from shared.vocabulary.posts import Role
from shared.web.endpoints import endpoints
from tests.conftest import MakeService
from tests.rights.matrix import RELATIONS, SERVICES, Ask, Row, ask_of, filled, outcome, read_matrix
from tests.rights.objects import FORMER, HOLDER, Objects, file, make_objects
from tests.rights.platform import ROOT_OFFICE, Platform, make_platform
from tests.support.backends import test_settings
from tests.support.service import SilentBus

ROWS = read_matrix()


def routes(folder: Path) -> set[str]:
    """`METHOD /path` of everything that is guarded; the documentation of the API is not."""
    return {
        f"{method} {each.path}"
        for spec in SPECS
        for each in endpoints(create_app(spec, test_settings(folder), bus=SilentBus()))
        if each.guards is not None
        for method in each.methods
    }


def test_every_route_has_rows_and_every_row_a_route(tmp_path: Path) -> None:
    assert {row.route for row in ROWS} == routes(tmp_path)


def test_no_role_is_expected_twice() -> None:
    named = Counter((row.route, role) for row in ROWS for role in row.roles)
    assert [each for each, times in named.items() if times > 1] == []


@pytest.fixture
async def platform(make_service: MakeService) -> Platform:
    return await make_platform(make_service)


def test_roles_that_open_identities_or_seals_are_given_by_two() -> None:
    """Whatever a route opens the vault for, asks a grant or lists sealed items for."""
    opening = ("/reveal", "/made", "/sealed", "/grants")
    roles = {
        role
        for row in ROWS
        if row.route.endswith(opening) or "/sealed/" in row.route
        for role in row.roles
    }
    assert roles
    assert roles <= NEEDS_SECOND
    assert {Role.OPERATOR, Role.AUDITOR} <= NEEDS_SECOND


class Asker:
    """Asks the routes as people of every role and relation."""

    def __init__(self, platform: Platform, objects: Objects) -> None:
        self.platform, self.objects = platform, objects
        self._known: dict[tuple[Role, str], dict[str, str]] = {}

    async def ask(self, route: str, service: str, role: Role, relation: str) -> httpx.Response:
        ask = ask_of(route)
        unknown = relation == "unknown"
        values = self.objects.path | (self.objects.unknown() if unknown else {})
        if route.startswith("GET /routing/v1/organs/") and not unknown:
            values |= {"code": HOLDER}
        elif route.startswith("GET /routing/v1/organs/"):
            values |= {"code": "430104000000-NOTHING"}
        method, path = route.split(" ", 1)
        headers = await self._login(role, ask.organs[relation])
        headers |= {name: filled(text, values) for name, text in ask.headers.items()}
        headers |= await self._grant(ask, role)
        sut = self.platform.services[service]
        return await sut.client.request(
            method, filled(path, values), params=ask.params, json=ask.body, headers=headers
        )

    async def _grant(self, ask: Ask, role: Role) -> dict[str, str]:
        """A grant of the role at the own organ; who else shows it must not get in."""
        if ask.grant is None:
            return {}
        path, purpose = ask.grant
        answer = await self.platform.services["routing"].client.post(
            filled(f"/routing/v1/{path}/grants", self.objects.path),
            json={"purpose": purpose, "reason": "联系信访人"},
            headers=await self._login(role, ask.organs["own"]),
        )
        return {"X-Grant": answer.json()["grant"]} if answer.status_code == 201 else {}

    async def _login(self, role: Role, organ: str) -> dict[str, str]:
        if (role, organ) not in self._known:
            self._known[role, organ] = await self.platform.login(role, organ, strong=True)
        return dict(self._known[role, organ])


def alike(answer: httpx.Response) -> tuple[int, object, list[str]]:
    """Status, body and headers by which one could tell a foreign object from a missing one."""
    return answer.status_code, answer.json(), sorted(answer.headers)


async def test_the_matrix_holds(platform: Platform) -> None:
    asker = Asker(platform, await make_objects(platform))
    asked, wrong = 0, []
    for row in sorted(ROWS, key=lambda row: row.route):
        ask = ask_of(row.route)
        first = row.route.split("/")[1]
        for service in (first,) if first in SERVICES else SERVICES:
            for role in sorted(row.roles):
                nothing = await _missing(asker, row, service, role)
                for relation in RELATIONS:
                    if row.expected[relation] == "-":
                        continue
                    answer = await asker.ask(row.route, service, role, relation)
                    told = _told(answer, ask, asker.objects, nothing)
                    asked += 1
                    if told not in row.expected[relation].split("|"):
                        wrong.append((row.route, role.value, relation, told))
    assert wrong == []
    assert asked > 600


async def _missing(asker: Asker, row: Row, service: str, role: Role) -> httpx.Response | None:
    if row.expected["unknown"] != "missing":
        return None
    return await asker.ask(row.route, service, role, "unknown")


def _told(
    answer: httpx.Response, ask: Ask, objects: Objects, nothing: httpx.Response | None
) -> str:
    told = outcome(answer, ask, objects)
    if told == "missing" and nothing is not None and alike(answer) != alike(nothing):
        return f"missing, but told apart: {answer.text}"
    return told


async def test_roles_without_a_row_are_refused(platform: Platform) -> None:
    asker = Asker(platform, await make_objects(platform))
    wrong = []
    for route in sorted({row.route for row in ROWS}):
        named = {role for row in ROWS if row.route == route for role in row.roles}
        service = route.split("/")[1]
        for role in sorted(set(Role) - named):
            answer = await asker.ask(route, service, role, "own")
            if answer.status_code != 403:
                wrong.append((route, role.value, answer.status_code))
    assert wrong == []


async def test_a_changed_post_is_in_force_when_its_event_has_come(platform: Platform) -> None:
    receipt = await file(platform)
    operator = await platform.login(Role.OPERATOR, ROOT_OFFICE)
    routing = platform.services["routing"]
    issuer = routing.issuer
    zhou = {"Authorization": f"Bearer {issuer.token('zhou', seconds=3600)}"}
    watched = (
        f"/routing/v1/cases/by-number/{receipt['number']}", "/supervision/v1/duties",
    )  # fmt: skip

    async def seen() -> list[int]:
        return [(await platform.call("GET", path, headers=zhou)).status_code for path in watched]

    assert await seen() == [403, 403]
    given = await routing.give(person="zhou", organ_code=FORMER, role="officer")
    assert await seen() == [200, 403]
    await platform.settle()
    assert await seen() == [200, 200]
    path = f"/routing/v1/posts/{given['post_id']}/end"
    await platform.call("POST", path, json={}, headers=operator)
    await platform.settle()
    assert await seen() == [403, 403]


async def test_a_post_ends_by_itself(platform: Platform) -> None:
    routing = platform.services["routing"]
    zhou = {"Authorization": f"Bearer {routing.issuer.token('zhou', seconds=36000)}"}
    end = routing.clock.now() + timedelta(minutes=5)
    body = {"person": "zhou", "organ_code": FORMER, "role": "officer", "valid_to": end.isoformat()}
    await routing.give(**body)
    assert (await platform.call("GET", "/routing/v1/cases", headers=zhou)).status_code == 200
    routing.clock.advance(timedelta(minutes=5))
    assert (await platform.call("GET", "/routing/v1/cases", headers=zhou)).status_code == 403
