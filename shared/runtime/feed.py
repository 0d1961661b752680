"""Reading another service's event feed over HTTP, through the gateway or in the same process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

import httpx

from shared.messaging.digest import Feed, feed_batch
from shared.runtime.settings import Settings

PAGE = 500


class HttpFeed:
    """`client` makes an HTTP client whose base URL has all services behind it; `token` proves
    that the reader is one of them."""

    def __init__(self, client: Callable[[], httpx.AsyncClient], token: Callable[[], str]) -> None:
        self._client = client
        self._token = token

    async def read(
        self, source: str, hour: datetime, types: Sequence[str]
    ) -> AsyncIterator[list[bytes]]:
        """See shared.messaging.digest.Feed."""
        query = {"hour": hour.isoformat(), "types": ",".join(types), "limit": str(PAGE)}
        headers = {"Authorization": f"Bearer {self._token()}"}
        async with self._client() as client:
            while True:
                answer = await client.get(f"/{source}/v1/events", params=query, headers=headers)
                page = answer.raise_for_status().json()
                yield feed_batch(page["items"])
                if page["next"] is None:
                    return
                query["after"] = page["next"]


def make_feed(settings: Settings) -> Feed | None:
    """The feed behind the configured gateway, None where none is configured."""
    token = settings.service_token
    if not settings.feed_url or token is None:
        return None
    return HttpFeed(
        lambda: httpx.AsyncClient(base_url=settings.feed_url, timeout=10), token.get_secret_value
    )
