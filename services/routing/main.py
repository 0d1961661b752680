"""Composition root of the routing service."""

from __future__ import annotations

from fastapi import FastAPI

from services.routing.api import acts, cases, editions, posts, reference
from services.routing.handlers import intake as _intake  # noqa: F401  registers its reactions
from services.routing.handlers.subscriptions import SUBSCRIPTIONS
from services.routing.store.tables import METADATA, TABLES
from shared.runtime.app import create_service_app
from shared.runtime.service import ServiceSpec

PROBLEMS = {
    "reasons_missing": (422, "须说明理由"),
    "wrong_opinion": (422, "意见种类与信访目的不符"),
    "objection_too_late": (409, "异议期已届满"),
    "stale_version": (409, "内容已被他人更新"),
    "edition_immutable": (409, "版本不可更改"),
}

SPEC = ServiceSpec(
    name="routing",
    title="分流办理",
    metadata=METADATA,
    tables=TABLES,
    routers=(cases.router, acts.router, posts.router, editions.router, reference.router),
    subscriptions=SUBSCRIPTIONS,
    problems=PROBLEMS,
)


def app() -> FastAPI:
    """`uvicorn services.routing.main:app --factory`."""
    return create_service_app(SPEC)
