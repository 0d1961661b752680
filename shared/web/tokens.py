"""Bearer tokens: ES256 JWTs checked against a JWKS, and the built-in issuer of embedded mode."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import DomainError, Unavailable, kind_and_place

ALGORITHMS = ["ES256", "EdDSA", "RS256"]
CACHE_SIZE = 10_000
REFETCH_SECONDS = 30
SUBJECT_WIDTH = 120
"""Longest subject: the width of the post table's column."""
_REFUSED = "登录凭证无效或已过期"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Strength:
    """How a login was made: seconds since then (None: not told), `amr` and `acr` of the token."""

    age_seconds: float | None
    methods: frozenset[str]
    level: str | None


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

    def token(self, person: str, *, seconds: int, strong: bool = False) -> str:
        """A token that says who somebody is; with `strong` also that it was proven just now with
        a second factor, for which whoever calls this must stand."""
        key, now = self.key(), int(self._clock.now().timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": person,
            "iat": now,
            "exp": now + seconds,
        } | ({"auth_time": now, "amr": ["mfa"]} if strong else {})
        return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


class TokenChecker:
    """Checks tokens against a JWKS at a path or URL; verified tokens are remembered until `exp`.

    Machine time on purpose: a shifted test clock must not end everybody's session.
    """

    def __init__(
        self,
        jwks: str,
        *,
        issuer: str,
        audience: str,
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._source = jwks
        self._issuer = issuer
        self._audience = audience
        self._clock = clock or SystemClock()
        self._transport = transport
        self._keys: KeySet | None = None
        self._fetched = float("-inf")
        self._known: OrderedDict[bytes, tuple[str, float]] = OrderedDict()

    async def person(self, token: str) -> str:
        """The subject of a valid token.

        Raises Unauthenticated, or Unavailable when the keys can't be had."""
        now = self._clock.now().timestamp()
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        known = self._known.get(digest)
        if known and known[1] > now:
            return known[0]
        subject, expires = self._judged(await self._verified(token), now)
        self._known[digest] = (subject, expires)
        while len(self._known) > CACHE_SIZE:
            self._known.popitem(last=False)
        return subject

    async def strength(self, token: str) -> Strength:
        """How the holder of a valid token logged in. Raises as `person` does."""
        claims, now = await self._verified(token), self._clock.now().timestamp()
        self._judged(claims, now)
        at, methods, level = (claims.get(name) for name in ("auth_time", "amr", "acr"))
        told = isinstance(at, int | float) and not isinstance(at, bool)
        return Strength(
            age_seconds=now - at if told else None,
            methods=frozenset(each for each in _listed(methods) if isinstance(each, str)),
            level=level if isinstance(level, str) else None,
        )

    def _judged(self, claims: Any, now: float) -> tuple[str, float]:
        """Subject and end of claims that hold here and now. Raises Unauthenticated."""
        if isinstance(claims, dict):
            subject, expires, begins = claims.get("sub"), claims.get("exp"), claims.get("nbf", 0)
            if (
                isinstance(subject, str)
                and 0 < len(subject) <= SUBJECT_WIDTH
                and isinstance(expires, int | float)
                and isinstance(begins, int | float)
                and begins <= now < expires
                and claims.get("iss") == self._issuer
                and self._audience in _listed(claims.get("aud"))
            ):
                return subject, float(expires)
        raise Unauthenticated(_REFUSED)

    async def _verified(self, token: str) -> Any:
        """Claims of a token one of the keys signed; an unknown key makes us look for new ones."""
        keys = self._keys or await self._fetched_keys()
        claims = _decoded(token, keys)
        if claims is None and self._clock.monotonic() - self._fetched > REFETCH_SECONDS:
            with contextlib.suppress(Unavailable):
                keys = await self._fetched_keys()
            claims = _decoded(token, keys)
        if claims is None:
            raise Unauthenticated(_REFUSED)
        return claims

    async def _fetched_keys(self) -> KeySet:
        """The key set from its source. Raises Unavailable; the keys we had stay."""
        self._fetched = self._clock.monotonic()
        try:
            self._keys = KeySet.import_key_set(json.loads(await self._source_text()))
        except (httpx.HTTPError, OSError, ValueError, JoseError) as error:
            log.warning("tokens.no_keys", error=kind_and_place(error))
            raise Unavailable("登录服务暂不可用") from error
        return self._keys

    async def _source_text(self) -> str:
        if not self._source.startswith(("http://", "https://")):
            return _read(self._source)
        async with httpx.AsyncClient(timeout=5, transport=self._transport) as client:
            return (await client.get(self._source)).raise_for_status().text


def _decoded(token: str, keys: KeySet) -> Any:
    try:
        return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except Exception:  # noqa: BLE001  whatever a forged token trips over, it is no token
        return None


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
