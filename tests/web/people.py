"""A person with a token and posts, as the suites of the web room need one."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from joserfc import jwt

from shared.contracts.routing import PostChangedV1, PostFacts
from shared.vocabulary.posts import Role
from tests.support.service import START, ServiceUnderTest

PERSON = "zhao"
ORGAN = "430104000000-PETITION"
NOW = datetime.now(UTC).timestamp()
GOOD = {"iss": "xinfang-embedded", "aud": "xinfang", "sub": PERSON, "exp": NOW + 86_400}
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
