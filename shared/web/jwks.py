"""The public keys of one issuer: fetched from a path or URL, renewed, kept through an outage.

A token can make us look for new keys only by naming one we do not have, and only every
`LOOK_AGAIN_SECONDS`, however many such tokens come; whoever comes meanwhile waits for that one
fetch. A key the issuer no longer shows is gone at the next renewal. While the issuer is away the
keys we have count for `KEPT_SECONDS`.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Final

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable, kind_and_place

RETRY_SECONDS: Final = 2.0
"""Between attempts while there are no keys at all."""
LOOK_AGAIN_SECONDS: Final = 30.0
"""Between fetches that unknown keys set off."""
RENEW_SECONDS: Final = 300.0
"""Age at which keys are fetched anew without anybody asking."""
KEPT_SECONDS: Final = 3600.0
"""How long keys count without the issuer confirming them."""
FETCH_SECONDS: Final = 5.0
MOST_BYTES: Final = 1_000_000
LEAST_RSA_BITS: Final = 2048
FAILURES: Final = (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, RecursionError)
"""What a source that is away, wrong or hostile comes down to."""

Key = ECKey | OKPKey | RSAKey
_KINDS: Final[dict[str, type[Key]]] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}

log = structlog.get_logger()


class IssuerKeys:
    """See the module. `source`: a path, the URL of a key set, or of an issuer's discovery document
    (`…/.well-known/openid-configuration`), which must be that of `issuer`."""

    def __init__(self, source: str, *, issuer: str, clock: Clock) -> None:
        self.generation = 0
        """Counts how often the keys became others."""
        self._source = source
        self._issuer = issuer
        self._clock = clock
        self._keys: dict[str | None, Key] = {}
        self._shown: Any = None
        self._fetched = self._tried = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def current(self) -> dict[str | None, Key]:
        """Signing keys by `kid`; a set of one answers to no `kid`, too.

        Raises Unavailable when there are none that count."""
        if self.age > KEPT_SECONDS:
            await self._fetch(at_most_every=RETRY_SECONDS)
        if self.age > KEPT_SECONDS:
            raise Unavailable("登录服务暂不可用")
        return self._keys

    async def looked_again(self) -> dict[str | None, Key]:
        """The keys after a token named one we do not have. Raises Unavailable."""
        await self._fetch(at_most_every=LOOK_AGAIN_SECONDS)
        return await self.current()

    async def renew(self) -> None:
        """Fetch if it is time; an issuer that is away is only logged."""
        if self.age > RENEW_SECONDS:
            await self._fetch(at_most_every=LOOK_AGAIN_SECONDS)

    @property
    def age(self) -> float:
        """Seconds since the issuer last showed its keys."""
        return self._clock.monotonic() - self._fetched

    async def _fetch(self, *, at_most_every: float) -> None:
        async with self._one_at_a_time:
            if self._clock.monotonic() - self._tried < at_most_every:
                return
            self._tried = self._clock.monotonic()
            try:
                async with asyncio.timeout(2 * FETCH_SECONDS):
                    shown = await self._key_set()
                keys = _signing_keys(shown)
            except FAILURES as error:
                log.warning("tokens.no_keys", error=kind_and_place(error))
                return
            if shown != self._shown:
                self.generation += 1
            self._keys, self._shown, self._fetched = keys, shown, self._tried

    async def _key_set(self) -> Any:
        """The key set's JSON; by way of the discovery document where that is what we were given.

        Raises ValueError for anything else, OSError or httpx.HTTPError when it can't be had."""
        if not self._source.startswith(("http://", "https://")):
            return json.loads(await asyncio.to_thread(Path(self._source).read_text, "utf-8"))
        # Loading the certificate store takes tens of milliseconds: not on the loop.
        trusted = await asyncio.to_thread(httpx.create_ssl_context)
        async with httpx.AsyncClient(timeout=FETCH_SECONDS, verify=trusted) as client:
            found = await _json(client, self._source)
            if isinstance(found, dict) and "keys" not in found:
                if found.get("issuer") != self._issuer:
                    raise ValueError("the discovery document of another issuer")
                found = await _json(client, str(found.get("jwks_uri")))
            return found


async def _json(client: httpx.AsyncClient, url: str) -> Any:
    body = bytearray()
    async with client.stream("GET", url) as answer:
        answer.raise_for_status()
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > MOST_BYTES:
                raise ValueError("a key set larger than any")
    return json.loads(body)


def _signing_keys(shown: Any) -> dict[str | None, Key]:
    """Public keys for signatures; those for encryption, secret ones and kinds we do not know are
    passed over, as an issuer may show them beside. Raises ValueError when none is left."""
    listed = shown.get("keys") if isinstance(shown, dict) else None
    keys: dict[str | None, Key] = {}
    for each in listed if isinstance(listed, list) else ():
        key = _signing_key(each)
        if key is not None:
            keys[key.kid] = key
    if not keys:
        raise ValueError("a key set without a key for signatures")
    if len(keys) == 1:
        keys[None] = next(iter(keys.values()))
    return keys


def _signing_key(shown: Any) -> Key | None:
    if not isinstance(shown, dict) or shown.get("use", "sig") != "sig":
        return None
    kind, kid = _KINDS.get(str(shown.get("kty"))), shown.get("kid")
    if kind is None or not isinstance(kid, str | None):
        return None
    try:
        key = kind.import_key(shown)
    except (JoseError, ValueError, TypeError):
        return None
    if isinstance(key, RSAKey) and key.public_key.key_size < LEAST_RSA_BITS:
        return None
    return key
