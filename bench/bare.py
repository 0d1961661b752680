"""What FastAPI and asyncpg reach with the same rows and nothing else: no token, no posts, no names.

`/plain` returns the rows as FastAPI's users do, `/lean` as JSON bytes made by hand.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from fastapi import FastAPI, Response

DATABASE, STATEMENT = "BENCH_DATABASE", "BENCH_STATEMENT"


def app() -> FastAPI:
    """Serves the statement of the environment; `$1` is the `organ` asked for."""
    statement = os.environ[STATEMENT]

    @asynccontextmanager
    async def lifespan(served: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(os.environ[DATABASE], min_size=10, max_size=10) as pool:
            served.state.pool = pool
            yield

    served = FastAPI(lifespan=lifespan)

    @served.get("/plain")
    async def plain(organ: str) -> list[dict[str, Any]]:
        return [dict(row) for row in await served.state.pool.fetch(statement, organ)]

    @served.get("/lean")
    async def lean(organ: str) -> Response:
        rows = await served.state.pool.fetch(statement, organ)
        text = json.dumps([dict(row) for row in rows], default=str, ensure_ascii=False)
        return Response(text, media_type="application/json")

    return served
