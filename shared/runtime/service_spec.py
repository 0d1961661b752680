"""What a service is made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from fastapi import APIRouter
from sqlalchemy import MetaData

from shared.db.engine import Database
from shared.db.tables import CommonTables
from shared.messaging.subscriptions import Subscriptions
from shared.runtime.settings import Settings
from shared.web.metrics import Gauge

if TYPE_CHECKING:
    from shared.runtime.service import Service


@dataclass(frozen=True, slots=True)
class Job:
    """A loop a service needs beside relay and inbox (the watcher, for example).

    `work` returns how much it did; with `alone` only one process of the service runs it."""

    name: str
    work: Callable[[Service], Awaitable[int]]
    idle_max: float = 1.0
    alone: bool = False


class BindKeys(Protocol):
    """Compares the keys of the settings with the data and binds them to it; a trial changes nothing
    and returns counts of what it tried. Raises KeyRefused."""

    def __call__(
        self, settings: Settings, database: Database, *, is_trial: bool
    ) -> Awaitable[dict[str, int]]: ...


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """What a service is made of; its main.py exports one as SPEC."""

    name: str
    title: str
    metadata: MetaData
    tables: CommonTables
    routers: Sequence[APIRouter | Callable[[], APIRouter]]
    subscriptions: Subscriptions
    jobs: Sequence[Job] = ()
    keys: BindKeys | None = None
    setup: Callable[[Service], Awaitable[None]] | None = None
    readiness: Sequence[Callable[[Service], Awaitable[str | None]]] = ()
    gauges: Sequence[Callable[[Service], Awaitable[Sequence[Gauge]]]] = ()
    problems: dict[str, tuple[int, str]] = field(default_factory=dict)
