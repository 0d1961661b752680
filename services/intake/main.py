"""The intake service: everything received, who wrote it, and what the citizen is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI

from services.intake.desk.use_cases import make_desk
from services.intake.history import api as history
from services.intake.keys.use_cases import bind_keys
from services.intake.openers.use_cases import settle_openers
from services.intake.papers import api as papers
from services.intake.papers import handlers as _notices  # noqa: F401  as above
from services.intake.partners import api as partners
from services.intake.partners.webhooks import inbound
from services.intake.petitions import handlers as routing_events
from services.intake.petitions.api.words import PROBLEMS
from services.intake.progress.api import counts, petitions
from services.intake.progress.use_cases import sweep
from services.intake.registration.api import filing
from services.intake.reveals import handlers as _grants  # noqa: F401  registers its reaction
from services.intake.reveals.api import reveal_log, reveals
from services.intake.reveals.use_cases.revealing import TOO_WEAK
from services.intake.sealed import api as sealed
from services.intake.tables import METADATA, TABLES
from services.intake.withdrawals import api as withdrawals
from shared.db.engine import Database
from shared.runtime.app import create_service_app
from shared.runtime.service import Job, Service, ServiceSpec
from shared.runtime.settings import Settings
from shared.web.metrics import Gauge
from shared.web.refusals import WRONG_CODE

SWEEP_SECONDS = 3600.0


async def _bind_keys(settings: Settings, database: Database, *, is_trial: bool) -> dict[str, int]:
    return await bind_keys(database, TABLES, **_keys_of(settings), is_trial=is_trial)


async def set_up(service: Service) -> None:
    """Keys and rules. Raises KeyRefused: with a missing or default key the service stays down."""
    settings = service.settings
    service.resources = make_desk(**_keys_of(settings), step_up_acr=settings.step_up_acr)


def _keys_of(settings: Settings) -> dict[str, Any]:
    vault, codes = settings.vault_keys, settings.query_code_key
    return {
        "vault_keys": vault.get_secret_value() if vault else None,
        "query_code_key": codes.get_secret_value() if codes else None,
        "keys_folder": settings.data_dir / "keys" if settings.may_make_keys else None,
    }


async def _sweep(service: Service) -> int:
    return await sweep(service.units, clock=service.clock)


async def _settle_openers(service: Service) -> int:
    return await settle_openers(service.units, service.resources)


async def _gauges(service: Service) -> Sequence[Gauge]:
    """What the auditor is alarmed by: somebody wanted to see what is not theirs and could not."""
    said = "Times the vault stayed shut since the start of this process"
    codes = ("grant_refused", TOO_WEAK, "rate_limited")
    counts = service.resources.refusals
    return [
        *(Gauge("xinfang_reveals_refused", said, counts[code], {"code": code}) for code in codes),
        *service.refusals.gauges(WRONG_CODE, inbound.REFUSED),
    ]


SPEC = ServiceSpec(
    name="intake",
    title="信访登记",
    metadata=METADATA,
    tables=TABLES,
    routers=(
        filing.router,
        petitions.router,
        withdrawals.router,
        sealed.router,
        partners.router,
        counts.router,
        reveals.router,
        reveal_log.router,
        papers.router,
        inbound.router,
        history.router,
    ),
    subscriptions=routing_events.SUBSCRIPTIONS,
    jobs=(
        Job("sweep", _sweep, idle_max=SWEEP_SECONDS, alone=True),
        Job("openers", _settle_openers, idle_max=SWEEP_SECONDS, alone=True),
    ),
    keys=_bind_keys,
    setup=set_up,
    gauges=(_gauges,),
    problems=PROBLEMS,
)


def app() -> FastAPI:
    """`uvicorn services.intake.main:app --factory`."""
    return create_service_app(SPEC)
