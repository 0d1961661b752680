"""Keys of an identity provider: rotated, withdrawn, away, asked for by floods of strange tokens."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OctKey, OKPKey, RSAKey

from shared.kernel.clock import FixedClock
from shared.kernel.errors import Unavailable
from shared.runtime.trust import make_token_checker
from shared.web.jwks import (
    KEPT_SECONDS,
    LOOK_AGAIN_SECONDS,
    MOST_BYTES,
    RENEW_SECONDS,
    RETRY_SECONDS,
    IssuerKeys,
)
from shared.web.tokens import SERVICE_PERSON, Issuer, TokenChecker, Trust, Unauthenticated
from tests.support.backends import test_settings
from tests.web.people import GOOD, PERSON
from tests.web.provider import ISSUER, Provider, ec_key, token
from tests.web.test_tokens import part


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider().serving() as running:
        yield running


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime.now(UTC))


def checker(provider: Provider, clock: FixedClock, path: str = "/jwks") -> TokenChecker:
    keys = IssuerKeys(provider.url + path, issuer=ISSUER, clock=clock)
    return TokenChecker([Trust(ISSUER, keys)], audience=GOOD["aud"], clock=clock)


def later(clock: FixedClock, seconds: float) -> None:
    clock.advance(timedelta(seconds=seconds + 0.1))


async def test_a_new_key_is_found_by_the_first_token_that_names_it(
    provider: Provider, clock: FixedClock
) -> None:
    old, new = ec_key("old"), ec_key("new")
    provider.show(old)
    tokens = checker(provider, clock)
    assert await tokens.person(token(old)) == PERSON
    provider.show(old, new)
    later(clock, LOOK_AGAIN_SECONDS)
    assert await tokens.person(token(new)) == PERSON
    assert await tokens.person(token(old)) == PERSON
    assert provider.asked["/jwks"] == 2


async def test_a_withdrawn_key_ends_tokens_that_were_believed(
    provider: Provider, clock: FixedClock
) -> None:
    old, new = ec_key("old"), ec_key("new")
    provider.show(old)
    tokens, held = checker(provider, clock), token(old)
    assert await tokens.person(held) == PERSON
    provider.show(new)
    later(clock, RENEW_SECONDS)
    await tokens.renew()
    with pytest.raises(Unauthenticated):
        await tokens.person(held)


async def test_keys_outlast_an_outage_for_a_bounded_time(
    provider: Provider, clock: FixedClock
) -> None:
    key = ec_key()
    provider.show(key)
    tokens = checker(provider, clock)
    await tokens.renew()
    provider.away = True
    for _ in range(int(KEPT_SECONDS / RENEW_SECONDS) - 1):
        later(clock, RENEW_SECONDS)
        await tokens.renew()
        assert await tokens.person(token(key, jti=str(clock.now()))) == PERSON
    believed = token(key, jti="believed")
    assert await tokens.person(believed) == PERSON
    later(clock, RENEW_SECONDS)
    await tokens.renew()
    for each in (believed, token(key, jti="late")):
        with pytest.raises(Unavailable):
            await tokens.person(each)
    provider.away = False
    later(clock, RETRY_SECONDS)
    assert await tokens.person(token(key, jti="late")) == PERSON


async def test_a_service_starts_without_its_provider_and_asks_seldom(
    provider: Provider, clock: FixedClock
) -> None:
    key = ec_key()
    provider.show(key)
    provider.away = True
    tokens = checker(provider, clock)
    await tokens.renew()
    for _ in range(50):
        with pytest.raises(Unavailable):
            await tokens.person(token(key))
    assert provider.asked["/jwks"] == 1
    provider.away = False
    later(clock, RETRY_SECONDS)
    assert await tokens.person(token(key)) == PERSON


async def test_a_flood_of_strange_keys_costs_the_provider_one_request(
    provider: Provider, clock: FixedClock
) -> None:
    key = ec_key()
    provider.show(key)
    tokens = checker(provider, clock)
    await tokens.renew()
    later(clock, LOOK_AGAIN_SECONDS)
    provider.held.clear()
    strange = [asyncio.create_task(tokens.person(token(ec_key(f"k{n}")))) for n in range(200)]
    await asyncio.sleep(0)
    assert await tokens.person(token(key)) == PERSON  # nobody with a good token waits
    provider.held.set()
    results = await asyncio.gather(*strange, return_exceptions=True)
    assert {type(each) for each in results} == {Unauthenticated}
    assert provider.asked["/jwks"] == 2
    with pytest.raises(Unauthenticated):
        await tokens.person(token(ec_key("k0")))
    assert provider.asked["/jwks"] == 2


async def test_a_wrong_signature_under_a_known_name_asks_nobody(
    provider: Provider, clock: FixedClock
) -> None:
    provider.show(ec_key())
    tokens = checker(provider, clock)
    for _ in range(3):
        later(clock, LOOK_AGAIN_SECONDS)
        with pytest.raises(Unauthenticated):
            await tokens.person(token(ec_key()))
    assert provider.asked["/jwks"] == 1


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_a_key_verifies_with_its_own_algorithm_only(
    provider: Provider, clock: FixedClock
) -> None:
    rsa = RSAKey.generate_key(2048, parameters={"kid": "rsa", "use": "sig", "alg": "RS256"})
    ed = OKPKey.generate_key("Ed25519", parameters={"kid": "ed"})
    provider.show(rsa, ed, ec_key())
    tokens = checker(provider, clock)
    assert await tokens.person(token(rsa, "RS256")) == PERSON
    assert await tokens.person(token(ed, "EdDSA")) == PERSON
    claims = token(rsa, "RS256").split(".")[1]
    body = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{claims}"
    with_public_key_as_secret = part(
        hmac.digest(rsa.as_pem(private=False), body.encode(), "sha256")
    )
    for forged in (
        f"{body}.{with_public_key_as_secret}",
        token(rsa, "PS256"),
        token(rsa, "RS512"),
        f"{token(rsa, 'RS256').rsplit('.', 1)[0]}.",
    ):
        with pytest.raises(Unauthenticated):
            await tokens.person(forged)


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_only_public_keys_for_signatures_count(provider: Provider, clock: FixedClock) -> None:
    good, small = ec_key(), RSAKey.generate_key(1024, parameters={"kid": "small"})
    shared = OctKey.generate_key(256, parameters={"kid": "shared"})
    encrypting = RSAKey.generate_key(2048, parameters={"kid": "enc", "use": "enc"})
    provider.show(good, small, encrypting)
    provider.shown += [
        shared.as_dict(private=True),
        {"kty": "AKP", "kid": "of the future"},
        {"kty": "EC", "crv": "P-256", "x": "!", "y": "", "kid": "damaged"},
        {"kty": "EC", "kid": {"a": 1}},
        "no key",  # type: ignore[list-item]
    ]
    tokens = checker(provider, clock)
    assert await tokens.person(token(good)) == PERSON
    for key, algorithm in ((small, "RS256"), (encrypting, "RS256"), (shared, "HS256")):
        with pytest.raises(Unauthenticated):
            await tokens.person(token(key, algorithm))


async def test_a_token_without_a_key_name_is_believed_only_where_there_is_one_key(
    provider: Provider, clock: FixedClock
) -> None:
    nameless = ec_key(None)
    provider.show(nameless)
    tokens = checker(provider, clock)
    assert await tokens.person(token(nameless)) == PERSON
    provider.show(nameless, ec_key("other"), ec_key("third"))
    later(clock, RENEW_SECONDS)
    await tokens.renew()
    assert await tokens.person(token(nameless)) == PERSON  # it is the only nameless one
    provider.show(ec_key("other"), ec_key("third"))
    later(clock, RENEW_SECONDS)
    await tokens.renew()
    with pytest.raises(Unauthenticated):
        await tokens.person(token(nameless))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b'{"keys": []}', b'{"keys": {}}', b"<html>", b"\xff",
        b"[" * 100_000, b'{"keys": "' + b"x" * MOST_BYTES + b'"}', b'{"issuer": "https://evil"}',
        f'{{"issuer": "{ISSUER}", "jwks_uri": "http://[::1"}}'.encode(),
        f'{{"issuer": "{ISSUER}", "jwks_uri": "file:///etc/passwd"}}'.encode(),
    ],
    ids=range(12),
)  # fmt: skip
async def test_what_is_no_key_set_leaves_the_keys_we_had(
    provider: Provider, clock: FixedClock, body: bytes
) -> None:
    key = ec_key()
    provider.show(key)
    tokens = checker(provider, clock)
    await tokens.renew()
    provider.bodies["/jwks"] = body or b" "
    later(clock, RENEW_SECONDS)
    await tokens.renew()
    assert await tokens.person(token(key)) == PERSON


async def test_the_discovery_document_leads_to_the_keys_of_its_own_issuer_only(
    provider: Provider, clock: FixedClock
) -> None:
    key, path = ec_key(), "/.well-known/openid-configuration"
    provider.show(key)
    assert await checker(provider, clock, path).person(token(key)) == PERSON
    provider.bodies[path] = json.dumps(
        {"issuer": "https://another", "jwks_uri": f"{provider.url}/jwks"}
    ).encode()
    with pytest.raises(Unavailable):
        await checker(provider, clock, path).person(token(key))


async def test_beside_a_provider_the_own_issuer_speaks_for_its_own_persons_only(
    provider: Provider, tmp_path: Path
) -> None:
    own = Issuer(tmp_path / "issuer.json", audience=GOOD["aud"])
    own.key()
    key = ec_key()
    provider.show(key)
    settings = test_settings(
        tmp_path, jwks=f"{provider.url}/jwks", token_issuer=ISSUER, own_jwks=str(own.jwks_file)
    )
    tokens = make_token_checker(settings)
    assert await tokens.person(own.token(SERVICE_PERSON, seconds=60)) == SERVICE_PERSON
    assert provider.asked["/jwks"] == 0
    assert await tokens.person(token(key)) == PERSON
    own_claims: list[dict[str, Any]] = [
        {"iss": "xinfang-embedded"}, {"sub": None}, {"sub": SERVICE_PERSON},
    ]  # fmt: skip
    for refused in (
        own.token(PERSON, seconds=60),
        *(token(key, **claims) for claims in own_claims),
        token(own.key(), sub=SERVICE_PERSON),  # the own key may not sign as the provider
    ):
        with pytest.raises(Unauthenticated):
            await tokens.person(refused)
