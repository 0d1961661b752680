"""Looks by number and code: limited by client, never by what others type, and never a row each."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.intake.main import SPEC
from services.intake.petitions.domain.numbers import new_number
from services.intake.progress.use_cases import sweep
from services.intake.tables import WRONG_TRY
from shared.web.client_limit import ClientLimit
from tests.conftest import MakeService
from tests.intake.support import a_filing, count, file, rows
from tests.support.service import START, ServiceUnderTest

LOOKS = (
    ("GET", "progress"), ("GET", "reveals"), ("GET", "papers/1"),
    ("POST", "withdrawal"), ("DELETE", "withdrawal"),
)  # fmt: skip
"""Every route a number and a code open."""


@pytest.fixture
async def intake(make_service: MakeService) -> ServiceUnderTest:
    service = await make_service(SPEC)
    service.app.state.client_limit = ClientLimit(per_minute=10, per_hour=30, clock=service.clock)
    return service


class Client:
    """Somebody at an address, or behind a proxy that is believed."""

    def __init__(self, intake: ServiceUnderTest, address: str, *, forwarded: str = "") -> None:
        transport = httpx.ASGITransport(app=intake.app, client=(address, 40001))
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        self.http = httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)

    async def look(self, number: str, code: str, *look: str) -> httpx.Response:
        method, path = look or LOOKS[0]
        url = f"/intake/v1/petitions/{number}/{path}"
        return await self.http.request(method, url, headers={"X-Query-Code": code})


def made_up() -> str:
    return new_number("430104000000", START.date())


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
@pytest.mark.parametrize("kind", ["right", "wrong", "made_up", "unreadable", "mixed"])
async def test_every_look_counts_for_its_client(
    intake: ServiceUnderTest, look: tuple[str, str], kind: str
) -> None:
    receipt = await file(intake, a_filing())
    right = (receipt["number"], receipt["query_code"])
    asked: dict[str, Callable[[], tuple[str, str]]] = {
        "right": lambda: right,
        "wrong": lambda: (right[0], uuid.uuid4().hex),
        "made_up": lambda: (made_up(), right[1]),
        "unreadable": lambda: ("4301 no number", right[1]),
    }
    pick = list(asked.values()) if kind == "mixed" else [asked[kind]]
    somebody = Client(intake, "203.0.113.5")
    answers = [await somebody.look(*pick[n % len(pick)](), *look) for n in range(12)]
    assert [each.status_code == 429 for each in answers] == [False] * 10 + [True] * 2
    assert answers[-1].json()["code"] == "rate_limited"
    told = int(answers[-1].headers["retry-after"])
    intake.clock.advance(timedelta(seconds=told - 1))
    assert (await somebody.look(*right, *look)).headers["retry-after"] == "1"
    intake.clock.advance(timedelta(seconds=1))
    assert (await somebody.look(*right, *look)).status_code != 429


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        (("203.0.113.5", ""), ("203.0.113.5", "198.51.100.1"), ("203.0.113.6", "")),
        (("127.0.0.1", "4.4.4.4"), ("127.0.0.1", "9.9.9.9, 4.4.4.4"), ("127.0.0.1", "4.4.4.5")),
        (
            ("2001:db8:1:2::1", ""), ("2001:db8:1:2:ffff:ffff:ffff:ffff", ""),
            ("2001:db8:1:3::1", ""),
        ),
        (("::ffff:203.0.113.5", ""), ("203.0.113.5", ""), ("::ffff:203.0.113.6", "")),
    ],
)  # fmt: skip
async def test_a_client_is_an_address_as_far_as_proxies_are_believed(
    intake: ServiceUnderTest, one: Any, same: Any, other: Any
) -> None:
    receipt = await file(intake, a_filing())

    async def asks(who: tuple[str, str]) -> int:
        somebody = Client(intake, who[0], forwarded=who[1])
        return (await somebody.look(receipt["number"], receipt["query_code"])).status_code

    assert [await asks(one) for _ in range(10)] == [200] * 10
    assert [await asks(one), await asks(same), await asks(other)] == [429, 429, 200]


async def test_what_others_type_never_keeps_the_holder_out(intake: ServiceUnderTest) -> None:
    """Nine wrong codes, then one a minute for an hour, from one address and from many."""
    receipt = await file(intake, a_filing())
    right, holder = (receipt["number"], receipt["query_code"]), Client(intake, "198.51.100.7")
    for number in range(60):
        for address in ("203.0.113.5", f"203.0.113.{number}", "127.0.0.1"):
            await Client(intake, address).look(right[0], f"{number}")
        if number % 12 == 0:
            for method, path in LOOKS[:2]:
                assert (await holder.look(*right, method, path)).status_code == 200
        intake.clock.advance(timedelta(minutes=1))
    assert (await holder.look(*right, "POST", "withdrawal")).status_code == 200
    assert (await holder.look(*right, "DELETE", "withdrawal")).status_code == 200


async def test_tries_write_a_line_an_hour_and_show_in_the_figures(
    intake: ServiceUnderTest,
) -> None:
    receipt = await file(intake, a_filing())
    before = len(await rows(intake, intake.service.tables.audit))
    inside = Client(intake, "127.0.0.1")  # not limited: everybody behind the machine itself
    for number in range(50):
        await inside.look(made_up(), "x")
        await inside.look(receipt["number"], f"{number}")
    assert await count(intake, WRONG_TRY) == [0]
    intake.clock.advance(timedelta(minutes=61))
    for _ in range(2):
        await intake.service.refusals.tell(intake.service.units)
    lines = (await rows(intake, intake.service.tables.audit))[before:]
    assert [(r["action"], r["subject"], r["actor"], r["detail"]) for r in lines] == [
        ("code.refused", "petition/?", "anonymous", "{}"),
        ("code.refused", "petition/?", "anonymous", '{"further": 99}'),
    ]
    figures = (await intake.client.get("/metrics")).text
    assert 'xinfang_public_refused{code="code.refused",service="intake"} 100.0' in figures
    assert receipt["number"] not in repr(lines)


async def test_rows_the_release_before_left_are_forgotten(intake: ServiceUnderTest) -> None:
    async with intake.service.database.writing() as session:
        await session.execute(
            WRONG_TRY.insert().values(key="0" * 64, tries=9, last_at=intake.clock.now())
        )
    assert await sweep(intake.service.units, clock=intake.clock) == 0
    intake.clock.advance(timedelta(days=1, seconds=1))
    assert await sweep(intake.service.units, clock=intake.clock) == 1
    assert await count(intake, WRONG_TRY) == [0]
