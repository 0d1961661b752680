"""Filing many petitions through the public HTTP interface, several at a time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.cli.platform import said
from shared.kernel.ids import new_id

AT_ONCE = 16
PATIENCE = 5
"""Tries per petition; the Idempotency-Key makes a repeated one harmless."""
TRY_AGAIN = frozenset({429, 502, 503, 504})


@dataclass(slots=True)
class Replayed:
    """What became of the filings: `refused` is reason -> how many."""

    received: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def done(self) -> int:
        """All that have an answer."""
        return self.received + self.refused.total()


async def replay(
    client: httpx.AsyncClient,
    bodies: Iterable[dict[str, Any]],
    *,
    token: str,
    on_progress: Callable[[int], None],
) -> Replayed:
    """File each body as the registrar whose token it is. Raises httpx.HTTPError when the service
    does not come back."""
    result = Replayed()
    source = iter(bodies)
    headers = {"Authorization": f"Bearer {token}"}
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(_file_all(client, source, headers, result, on_progress))
    return result


async def _file_all(
    client: httpx.AsyncClient,
    source: Iterator[dict[str, Any]],
    headers: dict[str, str],
    result: Replayed,
    on_progress: Callable[[int], None],
) -> None:
    for body in source:  # shared by all tasks: each takes the next one
        answer = await _file(client, body, headers | {"Idempotency-Key": str(new_id())})
        if answer.status_code == httpx.codes.CREATED:
            result.received += 1
        else:
            result.refused[f"{answer.status_code} {said(answer)}"] += 1
        on_progress(result.done)


async def _file(
    client: httpx.AsyncClient, body: dict[str, Any], headers: dict[str, str]
) -> httpx.Response:
    for attempt in range(1, PATIENCE + 1):
        try:
            answer = await client.post("/intake/v1/petitions", json=body, headers=headers)
        except httpx.TransportError:
            if attempt == PATIENCE:
                raise
        else:
            if answer.status_code not in TRY_AGAIN or attempt == PATIENCE:
                return answer
        await asyncio.sleep(0.2 * 2**attempt)
    raise AssertionError("the last attempt returns or raises")
