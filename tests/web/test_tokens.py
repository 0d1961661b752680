"""A token says who somebody is: signed by a key we trust, for us, now; nothing else counts."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, RSAKey

from shared.kernel.clock import FixedClock
from shared.kernel.errors import Unavailable
from shared.web.tokens import REFETCH_SECONDS, TokenChecker, Unauthenticated
from tests.support.service import ServiceUnderTest
from tests.web.people import GOOD, NOW, PERSON, ask, give, signed


async def test_a_valid_token_with_a_post_gets_in(shared_shop: ServiceUnderTest) -> None:
    await give(shared_shop)
    for claims in (
        {},
        {"aud": ["other", "xinfang"]},
        {"nbf": NOW - 1},
        {"extra": {"role": "head"}},
    ):
        assert (await ask(shared_shop, signed(shared_shop, claims))).status_code == 200


CLAIMS = {
    "expired": {"exp": NOW - 1},
    "expired by being text": {"exp": "2099-01-01"},
    "without an end": {"exp": None},
    "ending at NaN": {"exp": float("nan")},
    "of another issuer": {"iss": "somebody-else"},
    "of no issuer": {"iss": None},
    "of a list of issuers": {"iss": ["xinfang-embedded"]},
    "for another audience": {"aud": "another"},
    "for no audience": {"aud": None},
    "for a part of the audience's name": {"aud": "xinfang-more"},
    "not yet valid": {"nbf": NOW + 86_400},
    "not yet valid, as text": {"nbf": "later"},
    "not yet valid, as a list": {"nbf": [0]},
    "of nobody": {"sub": ""},
    "of a number": {"sub": 7},
    "of a name too long": {"sub": "x" * 121},
}


@pytest.mark.parametrize("name", CLAIMS)
async def test_a_token_with_a_wrong_claim_is_refused(
    shared_shop: ServiceUnderTest, name: str
) -> None:
    await give(shared_shop)
    answer = await ask(shared_shop, signed(shared_shop, CLAIMS[name]))
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unsigned(shop: ServiceUnderTest) -> str:
    return f"{part({'alg': 'none'})}.{part(GOOD)}."


def with_public_key_as_secret(shop: ServiceUnderTest) -> str:
    key = shop.issuer.key()
    body = f"{part({'alg': 'HS256', 'kid': key.kid})}.{part(GOOD)}"
    secret = key.as_pem(private=False)
    return f"{body}.{part(hmac.digest(secret, body.encode(), 'sha256'))}"


def by_own_key(shop: ServiceUnderTest) -> str:
    return jwt.encode({"alg": "ES256", "kid": "own"}, GOOD, ECKey.generate_key("P-256"))


def by_own_key_under_our_name(shop: ServiceUnderTest) -> str:
    header = {"alg": "ES256", "kid": shop.issuer.key().kid}
    return jwt.encode(header, GOOD, ECKey.generate_key("P-256"))


def by_own_key_in_the_header(shop: ServiceUnderTest) -> str:
    key = ECKey.generate_key("P-256")
    return jwt.encode({"alg": "ES256", "jwk": key.as_dict(private=False)}, GOOD, key)


def by_another_kind_of_key(shop: ServiceUnderTest) -> str:
    header = {"alg": "RS256", "kid": shop.issuer.key().kid}
    return jwt.encode(header, GOOD, RSAKey.generate_key(2048), algorithms=["RS256"])


def encrypted(shop: ServiceUnderTest) -> str:
    key = shop.issuer.key()
    header = {"alg": "ECDH-ES", "enc": "A128GCM", "kid": key.kid}
    return jwe.encrypt_compact(
        header, json.dumps(GOOD).encode(), key, algorithms=["ECDH-ES", "A128GCM"]
    )


def changed(shop: ServiceUnderTest) -> str:
    head, _, signature = signed(shop).split(".")
    return f"{head}.{part(GOOD | {'sub': 'somebody-else'})}.{signature}"


def without_signature(shop: ServiceUnderTest) -> str:
    return signed(shop).rsplit(".", 1)[0] + "."


FOREIGN = [
    unsigned, with_public_key_as_secret, by_own_key, by_own_key_under_our_name, encrypted, changed,
    by_own_key_in_the_header, by_another_kind_of_key, without_signature,
]  # fmt: skip


@pytest.mark.parametrize("make", FOREIGN, ids=lambda make: make.__name__)
async def test_a_token_we_did_not_sign_is_refused(
    shared_shop: ServiceUnderTest, make: Callable[[ServiceUnderTest], str]
) -> None:
    await give(shared_shop)
    answer = await ask(shared_shop, make(shared_shop))
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


HEADS = [
    [], 1, "ES256", None, {}, {"alg": 7}, {"alg": ["ES256"]}, {"alg": "ES256", "kid": 7},
    {"alg": "ES256", "kid": {}}, {"alg": "ES256", "crit": ["exp"]},
    {"alg": "ES256", "b64": False, "crit": ["b64"]},
    b"{", b"\xff\xfe", b"[" * 20_000, b'{"a":' * 9_000,
]  # fmt: skip
GARBAGE = [
    *(
        ".",
        "..",
        "....",
        "a.b.c",
        "a.b.c.d.e",
        "\udcff\udcff.\udcff.\udcff",
        "信.访.件",
        "x" * 60_000,
    ),
    *(f"{part(head)}.{part({})}.x" for head in HEADS),
]


@pytest.mark.parametrize("token", GARBAGE, ids=range(len(GARBAGE)))
async def test_garbage_is_refused_and_breaks_nothing(
    shared_shop: ServiceUnderTest, token: str
) -> None:
    answer = await ask(shared_shop, token)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("odd", [[], 7, "text", None, {"exp": {}}])
async def test_signed_claims_that_are_none_are_refused(
    shared_shop: ServiceUnderTest, odd: Any
) -> None:
    key = shared_shop.issuer.key()
    body = f"{part({'alg': 'ES256', 'kid': key.kid})}.{part(odd)}"
    made = jwt.encode({"alg": "ES256", "kid": key.kid}, {}, key)
    assert (await ask(shared_shop, f"{body}.{made.rsplit('.', 1)[1]}")).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic eDp5", "Token x", "Bearer\t"])
async def test_without_a_bearer_token_nobody_gets_in(
    shared_shop: ServiceUnderTest, header: str
) -> None:
    answer = await shared_shop.client.get("/shop/v1/notes", headers={"Authorization": header})
    assert answer.status_code == 401


async def test_tokens_are_checked_against_fetched_keys_and_new_keys_are_fetched() -> None:
    served: list[Any] = []
    clock = FixedClock(datetime.now(UTC))
    old, new = (ECKey.generate_key("P-256", parameters={"kid": kid}) for kid in ("old", "new"))

    def serve(_: httpx.Request) -> httpx.Response:
        if not served:
            raise httpx.ConnectError("the issuer is away")
        return httpx.Response(200, json={"keys": served})

    checker = TokenChecker(
        "https://issuer.test/jwks", issuer=GOOD["iss"], audience=GOOD["aud"],
        transport=httpx.MockTransport(serve), clock=clock,
    )  # fmt: skip
    tokens = {
        key.kid: jwt.encode({"alg": "ES256", "kid": key.kid}, GOOD, key) for key in (old, new)
    }
    with pytest.raises(Unavailable):
        await checker.person(tokens["old"])
    served.append(old.as_dict(private=False))
    assert await checker.person(tokens["old"]) == PERSON
    with pytest.raises(Unauthenticated):
        await checker.person(tokens["new"])
    served.append(new.as_dict(private=False))
    clock.advance(timedelta(seconds=REFETCH_SECONDS + 1))
    assert await checker.person(tokens["new"]) == PERSON
    served.clear()
    clock.advance(timedelta(seconds=REFETCH_SECONDS + 1))
    with pytest.raises(Unauthenticated):
        await checker.person(jwt.encode({"alg": "ES256", "kid": "third"}, GOOD, new))
    assert await checker.person(tokens["old"]) == PERSON
