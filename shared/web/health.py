"""`/live` and `/ready`: for orchestrators and people with a terminal; no account needed."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from shared.web.deps import ServiceDep, public
from shared.web.once import Router
from shared.web.security import Caller


class Health(BaseModel):
    """State of one service; `reasons` says what is wrong, empty when nothing is."""

    status: str
    reasons: list[str] = []
    audit_unsealed_seconds: float | None = Field(
        default=None, description="最早一条未封存审计记录距今的秒数；数据库不可用时为空"
    )


@cache
def health_router() -> Router:
    """The two routes every service has."""
    router = Router(tags=["health"])

    @router.get("/live", summary="进程存活")
    async def live(_: Annotated[Caller, public()]) -> Health:
        """The process answers; says nothing about its dependencies."""
        return Health(status="live")

    @router.get("/ready", summary="可以服务", responses={503: {"model": Health}})
    async def ready(_: Annotated[Caller, public()], service: ServiceDep) -> JSONResponse:
        """Database, bus, relay lag and loops; 503 with the reasons when something is wrong."""
        reasons = await service.not_ready()
        age = await service.audit_age()
        health = Health(
            status="not_ready" if reasons else "ready",
            reasons=reasons,
            audit_unsealed_seconds=age,
        )
        return JSONResponse(health.model_dump(), 503 if reasons else 200)

    return router
