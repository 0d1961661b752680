"""An identity provider on this machine: a key set and a discovery document over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.support.listening import free_port, listening
from tests.web.people import GOOD

ISSUER = "https://id.example.test/realms/xinfang"


def ec_key(kid: str | None = "one", **parameters: str) -> ECKey:
    named = {} if kid is None else {"kid": kid}
    return ECKey.generate_key("P-256", parameters=named | parameters)  # type: ignore[arg-type]


class Provider:
    """`shown`: the key set's members; `away` answers 503; `asked` counts requests by path;
    nobody is answered while `held` is cleared."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.shown: list[dict[str, Any]] = []
        self.away = False
        self.asked: Counter[str] = Counter()
        self.held = asyncio.Event()
        self.held.set()
        self.bodies: dict[str, bytes] = {
            "/.well-known/openid-configuration": json.dumps(
                {"issuer": ISSUER, "jwks_uri": f"{self.url}/jwks"}
            ).encode()
        }

    def show(self, *keys: ECKey | OKPKey | RSAKey) -> None:
        self.shown = [key.as_dict(private=False) for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        self.asked[path] += 1
        await self.held.wait()
        body = self.bodies.get(path) or json.dumps({"keys": self.shown}).encode()
        await Response(body, 503 if self.away else 200)(scope, receive, send)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Provider]:
        async with listening(self, int(self.url.rsplit(":", 1)[1])):
            try:
                yield self
            finally:
                self.held.set()


def token(key: ECKey | OKPKey | RSAKey | OctKey, algorithm: str = "ES256", **claims: Any) -> str:
    """Signed with the key whatever it is meant for."""
    members = key.as_dict(private=True).items()
    free = type(key).import_key({k: v for k, v in members if k not in {"use", "alg"}})  # type: ignore[arg-type]
    header = {"alg": algorithm} | ({"kid": key.kid} if key.kid else {})
    claims = GOOD | {"iss": ISSUER, "exp": GOOD["exp"] + 86_400} | claims
    return jwt.encode(header, claims, free, algorithms=[algorithm])
