"""Bearer tokens: ES256 JWTs checked against a JWKS, and the built-in issuer of embedded mode."""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from shared.kernel.clock import SystemClock
from shared.kernel.errors import DomainError

ALGORITHMS = ["ES256", "EdDSA", "RS256"]
CACHE_SIZE = 10_000
REFETCH_SECONDS = 30


class Unauthenticated(DomainError):
    """No token, or one that is not valid now."""

    code = "unauthenticated"


class Issuer:
    """The built-in issuer: one P-256 key in the data folder, readable by its owner only."""

    def __init__(self, key_file: Path, *, issuer: str, audience: str) -> None:
        self._file = key_file
        self._issuer = issuer
        self._audience = audience
        self._clock = SystemClock()

    def key(self) -> ECKey:
        """The signing key, made at the first call."""
        if not self._file.exists():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            made = ECKey.generate_key("P-256", parameters={"kid": os.urandom(6).hex()})
            private = json.dumps(made.as_dict(private=True))
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(private)
            public = json.dumps({"keys": [made.as_dict(private=False)]})
            self.jwks_file.write_text(public, encoding="utf-8")
        return ECKey.import_key(json.loads(self._file.read_text(encoding="utf-8")))

    @property
    def jwks_file(self) -> Path:
        """The public half, as services check with it."""
        return self._file.with_name("jwks.json")

    def token(self, person: str, *, seconds: int) -> str:
        """A token that says who somebody is, and nothing else."""
        key, now = self.key(), int(self._clock.now().timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": person,
            "iat": now,
            "exp": now + seconds,
        }
        return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


class TokenChecker:
    """Checks tokens against a JWKS at a path or URL; verified tokens are remembered until `exp`.

    Machine time on purpose: a shifted test clock must not end everybody's session.
    """

    def __init__(self, jwks: str, *, issuer: str, audience: str) -> None:
        self._source = jwks
        self._issuer = issuer
        self._audience = audience
        self._clock = SystemClock()
        self._keys: KeySet | None = None
        self._fetched = float("-inf")
        self._known: OrderedDict[bytes, tuple[str, float]] = OrderedDict()

    async def person(self, token: str) -> str:
        """The subject of a valid token. Raises Unauthenticated."""
        now = self._clock.now().timestamp()
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        known = self._known.get(digest)
        if known and known[1] > now:
            return known[0]
        claims = await self._verified(token)
        subject, expires = claims.get("sub"), claims.get("exp")
        if (
            not isinstance(subject, str)
            or not 0 < len(subject) <= 120  # noqa: PLR2004  width of the post table's column
            or not isinstance(expires, int | float)
            or expires <= now
            or float(claims.get("nbf", 0)) > now
            or claims.get("iss") != self._issuer
            or self._audience not in _listed(claims.get("aud"))
        ):
            raise Unauthenticated("登录凭证无效或已过期")
        self._known[digest] = (subject, float(expires))
        while len(self._known) > CACHE_SIZE:
            self._known.popitem(last=False)
        return subject

    async def _verified(self, token: str) -> dict[str, Any]:
        for again in (False, True):
            try:
                keys = await self._key_set(again=again)
                return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            except (JoseError, ValueError, TypeError, KeyError):
                if again or not self._may_refetch():
                    break
        raise Unauthenticated("登录凭证无效或已过期")

    def _may_refetch(self) -> bool:
        return self._clock.monotonic() - self._fetched > REFETCH_SECONDS

    async def _key_set(self, *, again: bool) -> KeySet:
        if self._keys is None or again:
            if self._source.startswith(("http://", "https://")):
                async with httpx.AsyncClient(timeout=5) as client:
                    answer = await client.get(self._source)
                    raw = answer.raise_for_status().json()
            else:
                raw = json.loads(_read(self._source))
            self._keys = KeySet.import_key_set(raw)
            self._fetched = self._clock.monotonic()
        return self._keys


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
