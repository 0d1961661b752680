"""The platform as a command reaches it: over HTTP always, wherever the four services run.

A command finds them (1) at the gateway of the settings, (2) in the process that holds the lock of
the data folder, or (3) starts them in its own process for as long as it works.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx

from shared.kernel.errors import DomainError
from shared.runtime.folder_lock import FolderBusy, FolderLock
from shared.runtime.service import make_issuer
from shared.runtime.settings import Settings
from shared.vocabulary.posts import Role
from shared.web.tokens import OPERATOR_PERSON

if TYPE_CHECKING:
    from services.standalone import Standalone

SERVICES = ("intake", "routing", "supervision", "analytics")
TOKEN_SECONDS = 12 * 3600
QUIET_SECONDS = 0.1
POST_SECONDS = 15
"""How long to wait until a new post is known everywhere; longer only where nothing ever rests."""


class Refused(DomainError):
    """The platform answered no; `detail` is what it said, `extra["status"]` the HTTP status."""

    code = "refused"


class Unreachable(DomainError):
    """The platform does not answer, or nobody told where it is."""

    code = "unreachable"


class Platform:
    """See the module. `call` speaks to any service by path, as the operator unless told else."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        settings: Settings,
        token: str | None,
        standalone: Standalone | None = None,
    ) -> None:
        self.client = client
        self.settings = settings
        self.standalone = standalone
        self._token = token
        self._own_token: str | None = None

    def token_of(self, person: str, *, seconds: int = TOKEN_SECONDS, strong: bool = False) -> str:
        """A token of the built-in issuer. Raises Unreachable where tokens are made elsewhere."""
        key_file = self.settings.data_dir / "keys" / "issuer.json"
        if not self.settings.has_built_in_issuer and not key_file.exists():
            raise Unreachable("登录凭证由外部签发：请用 --token 或 XINFANG_TOKEN 给出")
        return make_issuer(self.settings).token(person, seconds=seconds, strong=strong)

    @property
    def operator_token(self) -> str:
        """The token given, or the first operator's."""
        if self._token is not None:
            return self._token
        if self._own_token is None:
            self._own_token = self.token_of(OPERATOR_PERSON)
        return self._own_token

    async def call(
        self, method: str, path: str, *, token: str | None = None, **request: Any
    ) -> Any:
        """The JSON of a successful answer. Raises Refused or Unreachable."""
        headers = request.pop("headers", {})
        headers["Authorization"] = f"Bearer {token or self.operator_token}"
        try:
            answer = await self.client.request(method, path, headers=headers, **request)
        except httpx.HTTPError as error:
            raise Unreachable(
                f"{self.client.base_url} 没有应答（{type(error).__name__}）"
            ) from error
        if answer.is_error:
            raise Refused(f"{answer.status_code} {said(answer)}", status=answer.status_code)
        return answer.json() if answer.content else None

    async def pages(
        self, path: str, *, token: str | None = None, **params: Any
    ) -> AsyncIterator[Any]:
        """Every item of a list, page by page."""
        cursor: str | None = None
        while True:
            query = params | {"limit": 200} | ({"cursor": cursor} if cursor else {})
            page = await self.call("GET", path, token=token, params=query)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if cursor is None:
                return

    async def root_office(self) -> str:
        """Code of the petition office of the deployment's root division."""
        posts = await self.call("GET", "/routing/v1/posts", params={"person": OPERATOR_PERSON})
        return str(posts["items"][0]["organ_code"])

    async def give_post(self, person: str, role: Role, organ: str) -> None:
        """See that a person has a post now, and that every service knows of it."""
        query = {"person": person, "organ": organ}
        async for post in self.pages("/routing/v1/posts", **query):
            if post["role"] == role and post["valid_to"] is None:
                return
        body = {"person": person, "organ_code": organ, "role": str(role)}
        await self.call("POST", "/routing/v1/posts", json=body)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POST_SECONDS):
                await self.settle()

    async def staff_token(self, role: Role, organ: str | None = None) -> str:
        """The token given, or one of a clerk of ours who holds the post."""
        if self._token is not None:
            return self._token
        organ = organ or await self.root_office()
        person = f"xinfang-{role}@{organ}"
        await self.give_post(person, role, organ)
        return self.token_of(person)

    async def unsettled(self) -> dict[str, int]:
        """What is on its way, summed over the services, and in the broker's queues."""
        total = {"unsent": 0, "new": 0, "held": 0, "parked": 0}
        for service in SERVICES:
            for key, count in (await self.call("GET", f"/{service}/v1/unsettled")).items():
                total[key] = total.get(key, 0) + count
        total["queued"] = await self._queued()
        return total

    async def _queued(self) -> int:
        if self.settings.bus_url.startswith("memory:"):
            return 0
        from services.deployment import topology  # noqa: PLC0415  # lazy: all four services
        from shared.messaging.factory import waiting_messages  # noqa: PLC0415  # lazy: broker

        return await waiting_messages(self.settings.bus_url, topology(self.settings))

    async def settle(self) -> dict[str, int]:
        """Wait until nothing is on its way, twice in a row (decisions 17); the last counts."""
        quiet = 0
        while True:
            counts = await self.unsettled()
            busy = counts["unsent"] + counts["new"] + counts["held"] + counts["queued"]
            quiet = 0 if busy else quiet + 1
            if quiet > 1:
                return counts
            await asyncio.sleep(QUIET_SECONDS)


def said(answer: httpx.Response) -> str:
    """What a problem document says in words."""
    try:
        body = answer.json()
        return str(body.get("detail") or body.get("title") or body.get("code") or "")
    except (ValueError, AttributeError):
        return answer.text[:200]


@asynccontextmanager
async def platform(settings: Settings, *, token: str | None = None) -> AsyncIterator[Platform]:
    """The platform of these settings. Raises Unreachable when it can't be told where it is."""
    if settings.feed_url:
        async with httpx.AsyncClient(base_url=settings.feed_url, timeout=60) as client:
            yield Platform(client, settings, token)
        return
    if settings.database_url:
        raise Unreachable("各服务分开运行：请用 XINFANG_FEED_URL 指明统一入口地址")
    if url := serving_url(settings):
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            yield Platform(client, settings, token)
        return
    from services.standalone import Standalone  # noqa: PLC0415  # lazy: all four services

    standalone = Standalone(settings)
    async with standalone.running():
        transport = httpx.ASGITransport(app=standalone)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://embedded", timeout=300
        ) as client:
            yield Platform(client, settings, token, standalone)


def serving_url(settings: Settings) -> str:
    """Where the process that serves the data folder listens; empty when none does.

    Raises Unreachable when one does but has not said where."""
    try:
        with FolderLock(settings.data_dir):
            return ""
    except FolderBusy as busy:
        if not busy.holder.url:
            raise Unreachable(
                f"数据目录正由进程 {busy.holder.pid} 使用，但它没有公布服务地址"
            ) from busy
        return busy.holder.url
