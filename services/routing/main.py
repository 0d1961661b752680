"""Composition root of the routing service."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from weakref import WeakKeyDictionary

from fastapi import FastAPI

from services.routing.casework import handlers as _papers  # noqa: F401  as above
from services.routing.casework.api import acts, cases, papers, procedure, sheet
from services.routing.editions.api import editions, reference
from services.routing.editions.use_cases.due_dates import date_again
from services.routing.grants import api as grants
from services.routing.grants.use_cases.grant_keys import bind_key, make_ring, publish_keys
from services.routing.grants.use_cases.unattended import tell_unattended
from services.routing.guides.api import guides
from services.routing.opening import handlers as _intake  # noqa: F401  registers its reactions
from services.routing.party_codes import api as undertakings
from services.routing.party_codes.use_cases import sweep
from services.routing.posts import api as posts
from services.routing.posts.store.posts import standing_counts
from services.routing.relief.api import relief, relief_funds
from services.routing.search import api as search
from services.routing.subscriptions import SUBSCRIPTIONS
from services.routing.tables import METADATA, TABLES
from shared.db.engine import Database
from shared.runtime.app import create_service_app
from shared.runtime.service import Job, Service, ServiceSpec
from shared.runtime.settings import Settings
from shared.vocabulary.posts import PostStanding
from shared.web.metrics import Gauge
from shared.web.refusals import WRONG_CODE

PROBLEMS = {
    "reasons_missing": (422, "须说明理由"),
    "wrong_opinion": (422, "意见种类与信访目的不符"),
    "objection_too_late": (409, "异议期已届满"),
    "too_late": (409, "期限已届满"),
    "rule_broken": (409, "不符合办理程序"),
    "not_yet": (409, "暂不能办理"),
    "proposal_open": (409, "已有待签批的拟办意见"),
    "not_printable": (409, "没有可用的文书模板"),
    "paper_invalid": (422, "文书内容不完整"),
    "paper_template_invalid": (500, "文书模板有误"),
    "paper_font_missing": (503, "没有可用的中文字体"),
    "list_too_long": (422, "清单过长"),
    "organ_words_invalid": (500, "机关用词表有误"),
    "stale_version": (409, "内容已被他人更新"),
    "edition_immutable": (409, "版本不可更改"),
    "fund_short": (409, "资金余额不足"),
    "fund_exists": (409, "该资金已建立"),
    "key_reused": (409, "该编号已用于其他内容"),
    "illegal_relief_step": (409, "救助当前状态不允许该操作"),
    "more_than_approved": (409, "超过批准金额"),
    "own_post": (403, "不得给自己授予岗位"),
    "other_person_needed": (403, "须由另一人确认"),
    "last_operator": (409, "不得终止最后一个运维岗位"),
    "same_person": (403, "申请人不得审批"),
    "conditional_relief": (422, "救助不得附加条件"),
    "illegal_guide_step": (409, "指引当前状态不允许该操作"),
}
SWEEP_SECONDS = 3600.0
DATES_SECONDS = 60.0
LOOK_SECONDS = 60.0


def _keys_of(settings: Settings) -> tuple[str | None, Path | None]:
    """The setting with the keys, and where they are made (embedded)."""
    keys = settings.grant_keys
    folder = settings.data_dir / "keys" if settings.may_make_keys else None
    return keys.get_secret_value() if keys else None, folder


async def _bind_keys(settings: Settings, database: Database, *, is_trial: bool) -> dict[str, int]:
    setting, folder = _keys_of(settings)
    if is_trial and setting is None and folder is None:
        return {"not_here": 1}
    await bind_key(database, TABLES, setting, keys_folder=folder, is_trial=is_trial)
    return {}


async def set_up(service: Service) -> None:
    """Keys for case grants, told to whom they concern. Raises KeyRefused: with a missing or
    default key the service stays down."""
    setting, folder = _keys_of(service.settings)
    service.resources = make_ring(setting, keys_folder=folder)
    async with service.units.begin() as uow:
        await publish_keys(uow, service.resources)


async def _gauges(service: Service) -> Sequence[Gauge]:
    """What the auditor is alarmed by: posts one person alone has given, codes that open nothing."""
    async with service.database.reading() as session:
        now = service.clock.now()
        counts = await standing_counts(session, service.tables.post, now=now)
    alone, proposed = (
        float(counts.get(each, 0)) for each in (PostStanding.ALONE, PostStanding.PROPOSED)
    )
    return [
        Gauge("xinfang_posts_alone", "Posts given by one person, not confirmed since", alone),
        Gauge("xinfang_posts_proposed", "Posts that wait for a second person", proposed),
        *service.refusals.gauges(WRONG_CODE),
    ]


async def _sweep(service: Service) -> int:
    return await sweep(service.units)


async def _date_again(service: Service) -> int:
    return await date_again(service.database, service.units)


_TOLD: WeakKeyDictionary[Service, bool] = WeakKeyDictionary()
"""What this process last told of each of its services."""


async def _look_for_unattended(service: Service) -> int:
    told = _TOLD.get(service)
    async with service.units.begin() as uow:
        waits = await tell_unattended(uow, told=told)
    _TOLD[service] = waits
    return int(waits is not told)


SPEC = ServiceSpec(
    name="routing",
    title="分流办理",
    metadata=METADATA,
    tables=TABLES,
    routers=(
        cases.router,
        search.router,
        acts.act_router,
        acts.router,
        acts.bulk_router,
        papers.router,
        procedure.router,
        posts.router,
        editions.router,
        reference.router,
        grants.router,
        relief.router,
        relief.act_router,
        relief_funds.router,
        guides.router,
        guides.act_router,
        sheet.router,
        undertakings.router,
    ),
    subscriptions=SUBSCRIPTIONS,
    jobs=(
        Job("sweep", _sweep, idle_max=SWEEP_SECONDS, alone=True),
        Job("due_dates", _date_again, idle_max=DATES_SECONDS, alone=True),
        Job("unattended", _look_for_unattended, idle_max=LOOK_SECONDS, alone=True),
    ),
    keys=_bind_keys,
    setup=set_up,
    gauges=(_gauges,),
    problems=PROBLEMS,
)


def app() -> FastAPI:
    """`uvicorn services.routing.main:app --factory`."""
    return create_service_app(SPEC)
