"""Composition root of the routing service."""

from __future__ import annotations

from fastapi import FastAPI

from services.routing.api import acts, cases, editions, grants, posts, reference
from services.routing.handlers import intake as _intake  # noqa: F401  registers its reactions
from services.routing.handlers.subscriptions import SUBSCRIPTIONS
from services.routing.store.tables import METADATA, TABLES
from services.routing.use_cases.grant_keys import make_ring, publish_keys
from shared.runtime.app import create_service_app
from shared.runtime.service import Service, ServiceSpec

PROBLEMS = {
    "reasons_missing": (422, "须说明理由"),
    "wrong_opinion": (422, "意见种类与信访目的不符"),
    "objection_too_late": (409, "异议期已届满"),
    "stale_version": (409, "内容已被他人更新"),
    "edition_immutable": (409, "版本不可更改"),
}


async def set_up(service: Service) -> None:
    """Keys for case grants, told to whom they concern. Raises KeyRefused: with a missing or
    default key the service stays down."""
    settings = service.settings
    service.resources = make_ring(
        settings.grant_keys.get_secret_value() if settings.grant_keys else None,
        keys_folder=settings.data_dir / "keys" if settings.may_make_keys else None,
    )
    async with service.units.begin() as uow:
        await publish_keys(uow, service.resources)


SPEC = ServiceSpec(
    name="routing",
    title="分流办理",
    metadata=METADATA,
    tables=TABLES,
    routers=(
        cases.router,
        acts.router,
        posts.router,
        editions.router,
        reference.router,
        grants.router,
    ),
    subscriptions=SUBSCRIPTIONS,
    setup=set_up,
    problems=PROBLEMS,
)


def app() -> FastAPI:
    """`uvicorn services.routing.main:app --factory`."""
    return create_service_app(SPEC)
