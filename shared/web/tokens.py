"""Bearer tokens: JWTs checked against the keys of whom we trust, and the built-in issuer."""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import DomainError, Unavailable
from shared.kernel.keys import KeyRefused
from shared.kernel.private import write_private
from shared.web.jwks import KEPT_SECONDS, IssuerKeys, Key

ALGORITHMS = ["ES256", "EdDSA", "RS256", "PS256"]
"""Signatures by a private key only; a key never verifies with an algorithm of another kind."""
CACHE_SIZE = 10_000
SUBJECT_WIDTH = 120
"""Longest subject: the width of the post table's column."""
OWN_ISSUER = "xinfang-embedded"
"""Who signs with the key in the data folder."""
SERVICE_PERSON = "xinfang-services"
"""Token subject with which services read each other's event feeds."""
OPERATOR_PERSON = "xinfang-operator"
"""Token subject of the first operator, who gives everybody else their posts."""
_REFUSED = "登录凭证无效或已过期"


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

    def __init__(self, key_file: Path, *, audience: str) -> None:
        self._file = key_file
        self._audience = audience
        self._clock = SystemClock()

    @property
    def is_made(self) -> bool:
        """Whether there is a key already."""
        return self._file.exists()

    def key(self) -> ECKey:
        """The signing key, made at the first call."""
        if not self._file.exists():
            made = ECKey.generate_key("P-256", parameters={"kid": os.urandom(6).hex()})
            write_private(self._file, json.dumps(made.as_dict(private=True)), over=False)
            self.jwks_file.unlink(missing_ok=True)
        try:
            key = ECKey.import_key(json.loads(self._file.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError, JoseError) as error:
            raise KeyRefused(
                f"密钥文件 {self._file} 是空的或者已损坏：请从密钥备份放回原来的文件；确已丢失的，"
                "删除它后执行 xinfang keys 另造，已签发的登录凭证全部失效"
            ) from error
        public = key.as_dict(private=False)
        if not self.jwks_file.exists():
            write_private(self.jwks_file, json.dumps({"keys": [public]}))
        elif public not in self._shown():
            raise KeyRefused(
                f"{self.jwks_file} 不是 {self._file.name} 的公钥集，两者不是一对：请从密钥备份放回"
                f"原来的一对；确认 {self._file.name} 无误的，删除 {self.jwks_file.name} 后重试"
            )
        return key

    def _shown(self) -> list[Any]:
        try:
            return list(json.loads(self.jwks_file.read_text(encoding="utf-8"))["keys"])
        except (ValueError, KeyError, TypeError):
            return []

    @property
    def jwks_file(self) -> Path:
        """The public half, as services check with it."""
        return self._file.with_name("jwks.json")

    def token(self, person: str, *, seconds: int, strong: bool = False) -> str:
        """A token that says who somebody is; with `strong` also that it was proven just now with
        a second factor, for which whoever calls this must stand."""
        key, now = self.key(), int(self._clock.now().timestamp())
        claims = {
            "iss": OWN_ISSUER,
            "aud": self._audience,
            "sub": person,
            "iat": now,
            "exp": now + seconds,
        } | ({"auth_time": now, "amr": ["mfa"]} if strong else {})
        return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


@dataclass(frozen=True, slots=True)
class Trust:
    """An issuer we believe: about `only` these persons, if any are named, `never` about those."""

    issuer: str
    keys: IssuerKeys
    only: frozenset[str] | None = None
    never: frozenset[str] = frozenset()

    def covers(self, claims: dict[str, Any]) -> bool:
        """Whether this issuer made these claims and may speak for their subject."""
        subject = claims.get("sub")
        if claims.get("iss") != self.issuer or not isinstance(subject, str):
            return False
        return subject not in self.never and (self.only is None or subject in self.only)


class TokenChecker:
    """Checks tokens of the trusted issuers; verified tokens are remembered until `exp`, or until
    an issuer shows other keys.

    Machine time on purpose: a shifted test clock must not end everybody's session.
    """

    def __init__(
        self, trusts: Sequence[Trust], *, audience: str, clock: Clock | None = None
    ) -> None:
        self.trusts = trusts
        self._audience = audience
        self._clock = clock or SystemClock()
        self._generation = 0
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

    async def renew(self) -> int:
        """Renew the issuers' keys where it is time; returns 0: there is never more to do."""
        for trust in self.trusts:
            await trust.keys.renew()
        if self.keys_age > KEPT_SECONDS:
            self._known.clear()  # nor do tokens outlive the keys that nobody confirms
        self._forget_after_a_change()
        return 0

    @property
    def keys_age(self) -> float:
        """Seconds since the issuer that has been silent longest showed its keys."""
        return max(trust.keys.age for trust in self.trusts)

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
                and self._audience in _listed(claims.get("aud"))
            ):
                return subject, float(expires)
        raise Unauthenticated(_REFUSED)

    async def _verified(self, token: str) -> Any:
        """Claims of a token that one of the issuers signed, about somebody it may speak for.

        Raises Unauthenticated; Unavailable when an issuer's keys can't be had and no other one
        knows the token."""
        refusal: DomainError = Unauthenticated(_REFUSED)
        for look in (IssuerKeys.current, IssuerKeys.looked_again):
            is_known = False
            for trust in self.trusts:
                try:
                    claims = _claims(token, await look(trust.keys))
                except _UnknownKey:
                    continue
                except Unavailable as away:
                    refusal = away
                    continue
                is_known = True
                if isinstance(claims, dict) and trust.covers(claims):
                    self._forget_after_a_change()
                    return claims
            if is_known:
                break
        raise refusal

    def _forget_after_a_change(self) -> None:
        generation = sum(trust.keys.generation for trust in self.trusts)
        if generation != self._generation:
            self._known.clear()
            self._generation = generation


class _UnknownKey(Exception):
    """The token names a key the issuer has not shown."""


def _claims(token: str, keys: Mapping[str | None, Key]) -> Any:
    """Claims of a token that one of the keys signed, None if it did not. Raises _UnknownKey."""

    def named(signed: Any) -> Key:
        header = signed.headers()
        kid, algorithm = header.get("kid"), header.get("alg")
        key = keys.get(kid) if isinstance(kid, str | None) else None
        if key is None:
            raise _UnknownKey
        if key.alg not in {None, algorithm}:
            raise ValueError("a key of another algorithm")
        return key

    try:
        return jwt.decode(token, named, algorithms=ALGORITHMS).claims
    except _UnknownKey:
        raise
    except Exception:  # noqa: BLE001  whatever a forged token trips over, it is no token
        return None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
