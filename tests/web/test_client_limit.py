"""Public routes slow one client down, behind proxies too, and keep no trace of who it was (S7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services.intake.main import SPEC
from shared.kernel.clock import FixedClock
from shared.kernel.errors import TooOften
from shared.vocabulary.posts import Role
from shared.web.client_limit import ClientLimit
from tests.conftest import MakeService
from tests.intake.support import COUNTY_OFFICE, a_filing, everything_stored
from tests.support.service import ServiceUnderTest

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
PROXIES = "10.0.0.0/8, 192.168.1.7"


def a_limit(clock: FixedClock, **settings: int | str) -> ClientLimit:
    values = {"per_minute": 3, "per_hour": 5, "trusted_proxies": PROXIES} | settings
    return ClientLimit(clock=clock, **values)  # type: ignore[arg-type]


def uses(limit: ClientLimit, peer: str, *forwarded: str) -> int:
    """How many uses in a row are let through, up to ten."""
    for count in range(10):
        try:
            limit.use(peer, forwarded)
        except TooOften:
            return count
    return 10


def test_a_minute_and_an_hour_have_their_own_limits() -> None:
    clock = FixedClock(NOON)
    limit = a_limit(clock)
    assert uses(limit, "203.0.113.9") == 3
    with pytest.raises(TooOften) as refused:
        limit.use("203.0.113.9")
    assert refused.value.extra["retry_after"] == 60
    clock.advance(timedelta(seconds=60))
    assert uses(limit, "203.0.113.9") == 2
    with pytest.raises(TooOften) as refused:
        limit.use("203.0.113.9")
    assert refused.value.extra["retry_after"] == 3540
    assert uses(limit, "203.0.113.10") == 3
    clock.advance(timedelta(hours=1))
    assert uses(limit, "203.0.113.9") == 3


@pytest.mark.parametrize("pause", [0.0, 0.2, 7.99, 59.5])
def test_who_waits_as_long_as_told_is_let_in_and_who_waits_a_second_less_is_not(
    pause: float,
) -> None:
    for per_minute, per_hour in ((3, 5), (3, 3), (0, 4), (10, 4)):
        clock = FixedClock(NOON)
        limit = a_limit(clock, per_minute=per_minute, per_hour=per_hour)
        told = []
        for _ in range(12):
            clock.advance(timedelta(seconds=pause))
            try:
                limit.use("203.0.113.9")
            except TooOften as refused:
                wait = refused.extra["retry_after"]
                told.append(wait)
                clock.advance(timedelta(seconds=wait - 1))
                if wait > 1:
                    with pytest.raises(TooOften) as still:
                        limit.use("203.0.113.9")
                    assert still.value.extra["retry_after"] == 1
                clock.advance(timedelta(seconds=1))
                limit.use("203.0.113.9")
        assert told


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # nobody we trust said so
        ("10.0.0.2", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.2", ["192.0.2.66, 198.51.100.1, 192.168.1.7"], "198.51.100.1"),
        ("10.0.0.2", ["192.0.2.66", "198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:203.0.113.9", [], "203.0.113.9"),
        ("10.0.0.2", [], None),  # our own proxy stands for everybody
        ("10.0.0.2", ["10.0.0.3"], None),
        ("10.0.0.2", ["198.51.100.1, unknown"], None),
        ("127.0.0.1", [], None),
        ("::1", [], None),
        (None, [], None),
        ("testclient", [], None),
    ],
)
def test_headers_are_believed_as_far_as_our_proxies_wrote_them(
    peer: str | None, forwarded: list[str], client: str | None
) -> None:
    found = a_limit(FixedClock(NOON)).client_of(peer, forwarded)
    assert (found and str(found)) == client


def test_one_subscriber_of_ipv6_is_one_client() -> None:
    limit = a_limit(FixedClock(NOON))
    for last in range(3):
        limit.use(f"2001:db8:1:2::{last + 1}")
    assert uses(limit, "2001:db8:1:2:ffff::1") == 0
    assert uses(limit, "2001:db8:1:3::1") == 3


def test_addresses_that_stand_for_many_and_limits_of_zero_do_not_limit() -> None:
    clock = FixedClock(NOON)
    assert uses(a_limit(clock), "127.0.0.1") == 10
    assert uses(a_limit(clock), "10.1.2.3") == 10
    assert uses(a_limit(clock, per_minute=0, per_hour=0), "203.0.113.9") == 10
    assert uses(a_limit(clock, per_minute=0), "203.0.113.9") == 5


def test_what_is_kept_is_bounded_unreadable_and_gone_in_time() -> None:
    clock = FixedClock(NOON)
    limit = a_limit(clock, most_clients=50)
    for number in range(70):
        limit.use(f"203.0.113.{number}")
    kept = limit._used
    assert len(kept) == 50
    assert all(len(key) == 16 for key in kept)
    clock.advance(timedelta(hours=1, seconds=1))
    limit.use("203.0.113.9")
    (before,) = kept
    clock.advance(timedelta(hours=24))
    limit.use("203.0.113.9")
    (after,) = kept
    assert before != after  # another salt


@pytest.fixture
async def intake(make_service: MakeService) -> ServiceUnderTest:
    return await make_service(SPEC, filings_per_minute=2, filings_per_hour=4)


def from_address(intake: ServiceUnderTest, address: str) -> httpx.AsyncClient:
    """A client at an address."""
    transport = httpx.ASGITransport(app=intake.app, client=(address, 40001))
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_filing_without_an_account_is_limited_by_client(intake: ServiceUnderTest) -> None:
    async with from_address(intake, "203.0.113.77") as citizen:
        answers = [await citizen.post("/intake/v1/petitions", json=a_filing()) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert answers[2].json()["code"] == "rate_limited"
        assert 0 < int(answers[2].headers["retry-after"]) <= 61
        registrar = await intake.login(Role.REGISTRAR, COUNTY_OFFICE)
        letter = a_filing(channel="letter", received_on="2026-03-02")
        for _ in range(5):
            answer = await citizen.post("/intake/v1/petitions", json=letter, headers=registrar)
            assert answer.status_code == 201
        officer = await intake.login(Role.OFFICER, COUNTY_OFFICE)  # no registrar: files as anybody
        answer = await citizen.post("/intake/v1/petitions", json=a_filing(), headers=officer)
        assert answer.status_code == 429
    async with from_address(intake, "203.0.113.78") as neighbour:
        answer = await neighbour.post("/intake/v1/petitions", json=a_filing())
        assert answer.status_code == 201
    assert "203.0.113" not in await everything_stored(intake)
