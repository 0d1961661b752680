"""Every route of every service says who may call it, and keeps everybody else out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import PlainTextResponse

from services.deployment import SPECS
from shared.runtime.app import create_app
from shared.runtime.service import ServiceSpec
from shared.vocabulary.posts import Role
from shared.web.deps import allow, public
from shared.web.endpoints import Endpoint, endpoints
from shared.web.security import Caller, ScopeKind
from tests.conftest import MakeService
from tests.support.backends import test_settings
from tests.support.service import SilentBus

NAMES = [spec.name for spec in SPECS]
PUBLIC = {
    *("GET /live", "GET /ready"),
    "POST /intake/v1/petitions",  # a citizen files
    "GET /intake/v1/petitions/{number}/progress",  # number and query code
    "GET /intake/v1/petitions/{number}/papers/{ordinal}",  # number and query code
    # likewise: only the petitioner withdraws, and takes it back
    *(f"{each} /intake/v1/petitions/{{number}}/withdrawal" for each in ("POST", "DELETE")),
    "GET /intake/v1/petitions/{number}/reveals",  # likewise: the petitioner asks who looked
    "POST /intake/v1/webhooks/{partner}",  # signed by the partner's key
    # Reference data, published law and geography: a citizen chooses from it when filing.
    *("GET /routing/v1/divisions", "GET /routing/v1/divisions/{code}"),
    *("GET /routing/v1/organs", "GET /routing/v1/organs/{code}"),
    *("GET /routing/v1/categories", "GET /routing/v1/competent-organ"),
    "GET /routing/v1/undertakings/{undertaking_id}",  # its id and the party's code
    "GET /routing/v1/procedure",  # the law and how it is done here
}
"""All that anybody may call; a new one needs a reason here."""
UNGUARDED = re.compile(r"/\w+/(openapi\.json|docs(/[\w-]+\.(js|css|png))?)")
"""The interface's own description and what its page loads, the same for everybody."""


def unsafe(found: Iterable[Endpoint]) -> list[str]:
    """Routes without exactly one Allow, with no role although not public, or of another kind."""
    lines = []
    for each in found:
        if each.guards is None:
            if not UNGUARDED.fullmatch(each.path):
                lines.append(f"{each}: not a route with dependencies")
        elif len(each.guards) != 1:
            lines.append(f"{each}: {len(each.guards)} guards")
        elif not each.guards[0].roles and each.guards[0].scope is not ScopeKind.PUBLIC:
            lines.append(f"{each}: open to no role at all")
    return lines


def app_of(spec: ServiceSpec, folder: Path) -> FastAPI:
    return create_app(spec, test_settings(folder), bus=SilentBus())


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
def test_every_route_has_exactly_one_guard(spec: ServiceSpec, tmp_path: Path) -> None:
    found = list(endpoints(app_of(spec, tmp_path)))
    assert len([each for each in found if each.guards]) > 7  # the common ones, and some of its own
    assert unsafe(found) == []


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
def test_the_interface_describes_who_may_call_what(spec: ServiceSpec, tmp_path: Path) -> None:
    app = app_of(spec, tmp_path)
    document = app.openapi()
    described = [each for each in endpoints(app) if each.guards]
    for each in described:
        (guard,) = each.guards or ()
        for method in each.methods:
            operation = document["paths"][each.path][method.lower()]
            assert operation["x-roles"] == sorted(guard.roles)
            assert operation["x-scope"] == guard.scope
            assert ({} not in operation.get("security", [{}])) == (
                guard.scope is not ScopeKind.PUBLIC
            )
            assert list(operation["responses"]["401"]["content"]) == ["application/problem+json"]
            assert re.search("[一-鿿]", operation["summary"])
    operations = [each for path in document["paths"].values() for each in path.values()]
    assert len({each["operationId"] for each in operations}) == len(operations)
    assert len(operations) == sum(len(each.methods) for each in described)
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_only_the_listed_routes_are_public(tmp_path: Path) -> None:
    found = {
        str(each)
        for spec in SPECS
        for each in endpoints(app_of(spec, tmp_path))
        if each.guards and each.guards[0].scope is ScopeKind.PUBLIC
    }
    assert found == PUBLIC


def test_what_lacks_a_guard_or_has_two_is_seen() -> None:
    one = Depends(allow(Role.HEAD, scope=ScopeKind.ORGAN).dependency)
    inner = APIRouter(dependencies=[one])

    @inner.get("/guarded")
    def guarded() -> None:
        """Guarded by its router."""

    @inner.get("/twice")
    def twice(_: Annotated[Caller, public()]) -> None:
        """Guarded by its router and by itself."""

    outer = APIRouter()

    @outer.get("/open")
    def unguarded() -> None:
        """Guarded by nobody."""

    @outer.get("/nobody")
    def nobody(_: Annotated[Caller, allow(scope=ScopeKind.ORGAN)]) -> None:
        """A guard that lets nobody in."""

    outer.include_router(inner, prefix="/deep")
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(outer, prefix="/v1")
    app.mount("/mounted", PlainTextResponse("x"))
    assert unsafe(endpoints(app)) == [
        "GET /v1/open: 0 guards",
        "GET /v1/nobody: open to no role at all",
        "GET /v1/deep/twice: 2 guards",
        "? /mounted: not a route with dependencies",
    ]


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
async def test_guards_are_asked_before_anything_is_looked_at(
    spec: ServiceSpec, make_service: MakeService
) -> None:
    """No account: 401. A known person without a post, or with one that does not fit: 403. Nobody
    learns from a path, a query or a body whether it would have been right."""
    service = await make_service(spec)
    stranger = {"Authorization": f"Bearer {service.issuer.token('stranger', seconds=600)}"}
    clerks = {role: await service.login(role, "430104000000-PETITION") for role in Role}
    answers = []
    for each in endpoints(service.app):
        if not each.guards or each.guards[0].scope is ScopeKind.PUBLIC:
            continue
        (guard,) = each.guards
        unfit = next(role for role in Role if role not in guard.roles)
        path = re.sub(r"\{\w+\}", "x", each.path)
        for method in each.methods:
            for who, status in ((None, 401), (stranger, 403), (clerks[unfit], 403)):
                answer = await service.client.request(method, path, headers=who, json=[])
                answers.append((method, path, answer.status_code, status))
    assert answers
    assert [each for each in answers if each[2] != each[3]] == []
