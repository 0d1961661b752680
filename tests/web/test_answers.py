"""What every answer says to browsers and caches, and pages that need nothing from elsewhere."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from services.deployment import SPECS
from services.standalone import Standalone
from shared.runtime.app import create_app
from shared.web.body_limits import BodyLimits
from shared.web.strictness import StrictRequests
from tests.support.backends import test_settings
from tests.support.service import ServiceUnderTest, SilentBus
from tests.web.raw import send

NAMES = [spec.name for spec in SPECS]
NOTES = "/shop/v1/notes"


def client_of(app: object) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house")  # type: ignore[arg-type]


@pytest.fixture
def apps(tmp_path: Path) -> dict[str, object]:
    settings = test_settings(tmp_path)
    return {spec.name: create_app(spec, settings, bus=SilentBus()) for spec in SPECS}


@pytest.mark.parametrize(
    "path", ["/shop/v1/who", "/shop/v1/nowhere", "/live", "/shop/openapi.json"]
)
async def test_every_answer_is_for_one_reader_and_runs_nothing(
    shared_shop: ServiceUnderTest, path: str
) -> None:
    answer = await shared_shop.client.get(path)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_a_failure_and_a_refusal_say_so_too(shared_shop: ServiceUnderTest) -> None:
    found = [
        await shared_shop.client.get("/shop/v1/faults/unexpected"),
        await shared_shop.client.post(
            "/shop/v1/forms", content=b"{", headers={"content-type": "x"}
        ),
        await shared_shop.client.post("/shop/v1/forms", content=b"x" * 2_000_000),
    ]
    assert all(answer.status_code >= 400 for answer in found)
    assert {answer.headers["cache-control"] for answer in found} == {"no-store"}
    assert {answer.headers["x-content-type-options"] for answer in found} == {"nosniff"}


async def test_what_no_service_owns_says_so_too(tmp_path: Path) -> None:
    async with client_of(Standalone(test_settings(tmp_path))) as client:
        for path in ("/live", "/", "/nowhere", "/intake"):
            answer = await client.get(path)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-correlation-id"]


@pytest.mark.parametrize("name", NAMES)
async def test_the_documentation_needs_nothing_from_elsewhere(
    apps: dict[str, object], name: str
) -> None:
    async with client_of(apps[name]) as client:
        page = await client.get(f"/{name}/docs")
        assert page.headers["content-type"].startswith("text/html")
        assert "://" not in page.text
        assert not re.search(r"<script>|\son\w+=|<style", page.text)
        policy = page.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "default-src 'none'" in policy
        assert "//" not in policy
        loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(loaded) == 5
        for each in loaded:
            answer = await client.get(f"/{name}/{each}")
            assert answer.status_code == 200, each
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert len(answer.content) > 100


HOSTS = ("evil.example", "evil.example:80", "house", "[::1]", "")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("host", HOSTS)
async def test_no_answer_repeats_the_host_it_was_asked_by(
    apps: dict[str, object], name: str, host: str
) -> None:
    headers = [(b"host", host.encode()), (b"x-forwarded-host", b"evil.example")]
    for path in (f"/{name}/docs/", f"/{name}/v1/events/", "/live/", f"//evil.example/{name}/docs"):
        answer = await send(apps[name], "GET", path, headers=headers)
        assert answer.status == 404, path
        assert "location" not in answer.headers
        assert b"evil" not in answer.body


async def test_more_requests_than_the_limit_are_told_to_come_back() -> None:
    held = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/held":
            await held.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = StrictRequests(slow, limits=BodyLimits(most=100), most_requests=3)
    waiting = [asyncio.create_task(send(app, "GET", "/held")) for _ in range(3)]
    await asyncio.sleep(0)
    refused = await send(app, "GET", "/x")
    assert (refused.status, refused.json()["code"]) == (503, "unavailable")
    assert refused.headers["retry-after"]
    assert (await send(app, "GET", "/ready")).status == 200
    held.set()
    assert [answer.status for answer in await asyncio.gather(*waiting)] == [200] * 3
    assert (await send(app, "GET", "/x")).status == 200


@pytest.mark.parametrize("name", NAMES)
def test_the_interface_names_what_a_body_can_be_refused_with(
    apps: dict[str, object], name: str
) -> None:
    document = apps[name].openapi()  # type: ignore[attr-defined]
    for methods in document["paths"].values():
        for method, operation in methods.items():
            named = {"408", "413"} & operation["responses"].keys()
            assert named == (set() if method == "get" else {"408", "413"})
            assert "307" not in operation["responses"]
