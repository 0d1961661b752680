"""Who gets in: a token says who somebody is, the posts in force say what they may do and see."""

from __future__ import annotations

import base64
import hmac
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import insert

from shared.contracts.routing import PostChangedV1, PostFacts
from shared.contracts.words import Role
from shared.kernel.clock import FixedClock
from shared.kernel.errors import Unavailable
from shared.web.tokens import REFETCH_SECONDS, TokenChecker, Unauthenticated
from tests.support.service import START, ServiceUnderTest
from tests.web.shop import NOTE

PERSON = "zhao"
ORGAN = "430104000000-PETITION"
NOW = datetime.now(UTC).timestamp()
GOOD = {"iss": "xinfang-embedded", "aud": "xinfang", "sub": PERSON, "exp": NOW + 3600}
Change = dict[str, Any]


def post(**values: Any) -> PostFacts:
    given = {
        "post_id": uuid.UUID(int=1), "person": PERSON, "organ_code": ORGAN,
        "division_code": "430104000000", "role": Role.OFFICER,
        "valid_from": START - timedelta(days=30), "valid_to": None,
    }  # fmt: skip
    return PostFacts(**(given | values))


async def give(shop: ServiceUnderTest, **values: Any) -> None:
    """Let routing publish a post; the same `post_id` means a change of it."""
    facts = post(**values)
    await shop.deliver(shop.envelope(PostChangedV1(post=facts), subject_id=facts.post_id))


def signed(shop: ServiceUnderTest, claims: Change | None = None, **header: Any) -> str:
    key = shop.issuer.key()
    return jwt.encode({"alg": "ES256", "kid": key.kid} | header, GOOD | (claims or {}), key)


async def ask(shop: ServiceUnderTest, token: str, path: str = "notes") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}".encode("utf-8", "surrogateescape")}
    return await shop.client.get(f"/shop/v1/{path}", headers=headers)


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
    "not yet valid": {"nbf": NOW + 600},
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


async def test_a_public_route_takes_anybody_but_not_a_bad_token(shop: ServiceUnderTest) -> None:
    assert (await shop.client.get("/shop/v1/who")).json() == {"person": "anonymous", "roles": []}
    assert (await ask(shop, by_own_key(shop), "who")).status_code == 401
    assert (await ask(shop, signed(shop), "who")).json()["person"] == "anonymous"
    await give(shop)
    assert (await ask(shop, signed(shop), "who")).json() == {"person": PERSON, "roles": ["officer"]}


OUT_OF_FORCE: dict[str, Change] = {
    "of another role": {"role": Role.ANALYST},
    "ended": {"valid_to": START - timedelta(seconds=1)},
    "ending now": {"valid_to": START},
    "not begun": {"valid_from": START + timedelta(seconds=1)},
    "of another person": {"person": "qian"},
}


@pytest.mark.parametrize("name", [*OUT_OF_FORCE, "none at all"])
async def test_without_a_fitting_post_in_force_a_known_person_is_refused(
    shop: ServiceUnderTest, name: str
) -> None:
    if name in OUT_OF_FORCE:
        await give(shop, **OUT_OF_FORCE[name])
    answer = await ask(shop, signed(shop))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_post_begins_and_ends_by_the_business_clock(shop: ServiceUnderTest) -> None:
    hour = timedelta(hours=1)
    await give(shop, valid_from=START + hour, valid_to=START + 2 * hour)
    statuses = []
    for _ in range(3):
        statuses.append((await ask(shop, signed(shop))).status_code)
        shop.clock.advance(hour)
    assert statuses == [403, 200, 403]


async def test_a_change_of_post_is_in_force_at_once_for_a_token_in_use(
    shop: ServiceUnderTest,
) -> None:
    token = signed(shop)
    await give(shop)
    assert (await ask(shop, token)).status_code == 200
    await give(shop, valid_to=START)
    assert (await ask(shop, token)).status_code == 403
    await give(shop, role=Role.HEAD)
    assert (await ask(shop, token)).status_code == 200


async def test_an_older_state_of_a_post_never_comes_back(shop: ServiceUnderTest) -> None:
    granted, ended = post(), post(valid_to=START)
    newer = shop.envelope(PostChangedV1(post=ended), subject_id=ended.post_id, sequence=2)
    older = shop.envelope(PostChangedV1(post=granted), subject_id=granted.post_id, sequence=1)
    await shop.deliver(newer)
    await shop.deliver(older)
    assert (await ask(shop, signed(shop))).status_code == 403


async def put(shop: ServiceUnderTest) -> None:
    places = {
        "province": "430000000000", "city": "430100000000", "district": "430104000000",
        "street": "430104001000", "neighbour": "430102000000", "elsewhere": "440000000000",
        "invented": "439999000000",
    }  # fmt: skip
    rows = [
        {"word": word, "organ_code": f"{code}-PETITION", "division_code": code,
         "noted_on": START.date()}
        for word, code in places.items()
    ]  # fmt: skip
    async with shop.service.database.writing() as session:
        await session.execute(insert(NOTE), rows)


@pytest.mark.parametrize(
    ("divisions", "seen"),
    [
        (["430104000000"], ["district", "street"]),
        (["430104001000"], ["street"]),
        (["430104001000", "430102000000"], ["street", "neighbour"]),
        (["430100000000"], ["city", "district", "street", "neighbour"]),
        (["440300000000"], []),
        (["439999000000"], []),  # in no tree: nobody knows how far it reaches
        (["990000000000"], []),
        (["000000000000"], []),
        (["", "x", "4301040", "43010400000%"], []),
        (["990000000000", "430104001000"], ["street"]),
    ],
)
async def test_a_post_shows_its_subtree_and_an_unknown_division_shows_nothing(
    shop: ServiceUnderTest, divisions: list[str], seen: list[str]
) -> None:
    await put(shop)
    for number, code in enumerate(divisions):
        await give(shop, post_id=uuid.UUID(int=number), role=Role.SUPERVISOR, division_code=code)
    answer = await ask(shop, signed(shop), "subtree")
    assert (answer.status_code, answer.json()) == (200, seen)


async def test_organ_scope_shows_the_organs_of_fitting_posts_only(shop: ServiceUnderTest) -> None:
    await put(shop)
    await give(shop)
    await give(
        shop, post_id=uuid.UUID(int=2), organ_code="430102000000-PETITION", role=Role.ANALYST
    )
    assert (await ask(shop, signed(shop))).json() == ["district"]


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
