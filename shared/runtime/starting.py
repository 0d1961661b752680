"""What a service checks before it starts, and how long it waits for what may be late."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from sqlalchemy import select

from shared.db.editions import NotMigrated
from shared.db.engine import Database
from shared.db.failures import damage_of, is_not_migrated, is_unavailable
from shared.kernel.errors import kind_and_place
from shared.messaging.factory import has_broker
from shared.messaging.topology import Topology
from shared.runtime.marks import Marks, UnsafeToStart
from shared.runtime.service_spec import ServiceSpec
from shared.runtime.settings import Settings

log = structlog.get_logger()

WAITS_SECONDS = (0.2, 0.5, 1.0, 2.0, 3.0, 3.0, 5.0, 5.0, 5.0)
"""Half a minute in all; then the process ends, and what started it may start it again."""


MENDING = (
    "请停止服务，从备份恢复（见 docs/operations.md 的 Damaged or incomplete），不要删除现有文件"
)
"""What mends nearly everything."""


async def refuse_unsafe(database: Database) -> None:
    """Raise UnsafeToStart when the database may lose a commit that was answered (decision 0073)."""
    if faults := await database.unsafe_settings():
        raise UnsafeToStart(f"the database may lose commits: {', '.join(faults)}")


async def refuse_unsound(database: Database, spec: ServiceSpec, marks: Marks) -> Mapping[str, str]:
    """What a database says of itself, once it is whole as far as a moment's look can tell.

    Raises UnsafeToStart when it is another's, damaged, or empty although the service had one;
    NotMigrated when tables or indexes are not there (yet)."""
    facts = await facts_of(database, spec)
    refuse_other(facts or {}, marks, spec.name)
    if facts is None:
        raise NotMigrated("no tables: run `xinfang migrate` first")
    names = await database.names()
    wanted = [
        str(name)
        for table in spec.metadata.sorted_tables
        for name in (table.name, *(index.name for index in table.indexes))
    ]
    if missing := [name for name in wanted if name not in names]:
        raise NotMigrated(
            f"{spec.name} 的数据库缺少 {missing[0]} 等 {len(missing)} 个表或索引："
            "先执行 xinfang migrate；执行之后仍然缺少的，从备份恢复"
        )
    try:
        await database.read_each(spec.metadata)
    except Exception as error:
        if damage := damage_of(error):
            raise UnsafeToStart(f"{spec.name} 的数据库已损坏（{damage}）：{MENDING}") from error
        raise
    return facts


def refuse_other(facts: Mapping[str, str], marks: Marks, service: str) -> None:
    """Raise UnsafeToStart when a service's database is another's, or none at all although it had
    one. A database that was never told whose it is passes."""
    mark, deployment = marks.deployment(service), facts.get("deployment")
    wrong = ""
    if facts.get("service", service) != service:
        wrong = f"是 {facts['service']} 的数据库，不是 {service} 的"
    elif mark and not facts:
        wrong = f"是空的，而 {service} 曾经有过数据"
    elif mark and deployment and deployment != mark:
        wrong = f"属于另一个部署，不是 {service} 原来的数据库"
    if wrong:
        raise UnsafeToStart(f"{service} 使用的数据库{wrong}：{MENDING}")


async def facts_of(database: Database, spec: ServiceSpec) -> dict[str, str] | None:
    """What a database says of itself; None when it is not migrated."""
    meta = spec.tables.meta
    try:
        async with database.reading() as session:
            rows = await session.execute(select(meta.c.key, meta.c.value))
            return {row.key: row.value for row in rows}
    except Exception as error:
        if is_not_migrated(error):
            return None
        raise


def refuse_other_lanes(settings: Settings, migrated: str) -> None:
    """Raise UnsafeToStart when the database was migrated for another number of lanes."""
    if int(migrated or "1") != settings.lanes:
        raise UnsafeToStart(
            f"XINFANG_LANES 是 {settings.lanes}，数据库按 {migrated or 1} 条通道迁移："
            "停止全部服务，执行 xinfang migrate，再启动"
        )


def refuse_other_queue(settings: Settings, consumer: str, migrated: str) -> None:
    """Raise UnsafeToStart when the queue was migrated with other arguments than this code's.

    A deployment without a broker has no queue and no mark."""
    if not has_broker(settings.bus_url) or not migrated:
        return
    if Topology(settings.bus_namespace, {}, settings.lanes).mark(consumer) != migrated:
        raise UnsafeToStart("the queue was declared with other arguments: run `xinfang migrate`")


async def wait_until_there(prepare: Callable[[], Awaitable[None]], *, service: str) -> None:
    """Call `prepare` until it succeeds, while the database is away or not migrated yet.

    So services, databases and the migrate job may start in any order. Raises the last error when
    that takes too long, and any other error at once."""
    for wait in WAITS_SECONDS:
        try:
            await prepare()
        except Exception as error:
            late = is_unavailable(error) or is_not_migrated(error)
            if not late and not isinstance(error, NotMigrated):
                raise
            log.warning("service.waits", service=service, error=kind_and_place(error))
        else:
            return
        await asyncio.sleep(wait)
    await prepare()
