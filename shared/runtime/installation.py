"""Whether a deployment is still the whole one it was, asked before anything is made or migrated.

A file `installed/<service>.json` in the data folder says which deployment's database a service had.
So an empty folder is a new installation, one that lost a file is not, and a database of another
deployment or service is told from one's own.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from shared.db.engine import Database
from shared.db.file_check import FileState, look_at
from shared.db.migrations import ENGINES_OWN
from shared.kernel.clock import SystemClock
from shared.kernel.private import private_folder
from shared.runtime.marks import Marks, UnsafeToStart
from shared.runtime.service_spec import ServiceSpec
from shared.runtime.settings import Settings
from shared.runtime.starting import MENDING, facts_of

KEY_FILES = ("vault.key", "query-code.key", "grant.key")
OWN_TABLES = ("alembic_version", ENGINES_OWN)


@dataclass(frozen=True, slots=True)
class Seen:
    """One service's database before anything is done to it."""

    spec: ServiceSpec
    name: str
    """As an operator knows it."""
    state: FileState

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever written."""
        return not self.state.tables and not self.state.flaws


async def whole_deployment(
    specs: Sequence[ServiceSpec], settings: Settings, *, new: Iterable[str] = ()
) -> str:
    """The id of the deployment these settings lead to, a fresh one where there is none yet.

    Raises UnsafeToStart, in a sentence, when a database is gone, empty, damaged, of another
    service or deployment. A migration that was killed half-way may go on. Databases named in
    `new` may be made anew, whatever was there."""
    marks = Marks(settings.data_dir)
    seen = [await see(spec, settings) for spec in specs]
    for each in seen:
        if each.spec.name not in new:
            refuse_flaws(each)
            refuse_other_service(each)
    had = {each.spec.name: marks.deployment(each.spec.name) for each in seen}
    in_use = any(each.state.in_use for each in seen) or _has_rest(settings)
    lost = [
        each.name
        for each in seen
        if each.is_empty and each.spec.name not in new and (had[each.spec.name] or in_use)
    ]
    if lost:
        raise UnsafeToStart(
            f"数据库 {'、'.join(lost)} 不见了或者是空的，而这里曾经有过数据：{MENDING}；"
            f"确要另建空库的，执行 xinfang migrate --new 服务名"
        )
    told = {
        each.name: each.state.facts["deployment"]
        for each in seen
        if _told(each) and each.spec.name not in new
    }
    told |= {
        f"installed/{name}.json": mark for name, mark in had.items() if mark and name not in new
    }
    return _one_of(told) or uuid.uuid4().hex


def refuse_lost_issuer(settings: Settings, specs: Sequence[ServiceSpec]) -> None:
    """Raise UnsafeToStart when the built-in issuer's key is gone: a new one is made for a new
    installation, or by `xinfang keys`, whose caller knows that every token ends."""
    key = settings.data_dir / "keys" / "issuer.json"
    marks = Marks(settings.data_dir)
    if not key.exists() and any(marks.deployment(spec.name) for spec in specs):
        raise UnsafeToStart(
            f"密钥文件 {key} 不见了：请从密钥备份放回；确已丢失的，执行 xinfang keys 另造，"
            "已签发的登录凭证全部失效"
        )


async def bind_keys(specs: Sequence[ServiceSpec], settings: Settings) -> None:
    """Bind the keys of an embedded deployment to its data. Raises KeyRefused."""
    for spec in specs:
        if spec.keys is not None:
            database = Database(settings.database(spec.name), pool_size=1)
            try:
                await spec.keys(settings, database, is_trial=False)
            finally:
                await database.close()


def set_aside(settings: Settings, service: str) -> Path | None:
    """Move what is left of one embedded database out of the way of a new one, never away."""
    left = sorted(settings.data_dir.glob(f"{service}.db*"))
    if settings.database_url or not left:
        return None
    aside = private_folder(
        settings.data_dir / f"lost-{SystemClock().now():%Y%m%dT%H%M%S}-{service}"
    )
    for path in left:
        path.rename(aside / path.name)
    return aside


def refuse_flaws(seen: Seen) -> None:
    """Raise UnsafeToStart when the database can't be read as it was written."""
    if seen.state.flaws:
        raise UnsafeToStart(f"数据库 {seen.name} 已损坏（{seen.state.flaws[0]}）：{MENDING}")


async def see(spec: ServiceSpec, settings: Settings, *, whole: bool = False) -> Seen:
    """Look at one service's database without changing it."""
    database = Database(settings.database(spec.name), pool_size=1)
    try:
        if (path := database.file) is not None:
            if not path.exists():
                return Seen(spec, path.name, FileState())
            state = await asyncio.to_thread(look_at, path, whole=whole)
            return Seen(spec, path.name, state)
        facts = await facts_of(database, spec)
        if facts is None:
            return Seen(spec, spec.name, FileState())
        tables, in_use = frozenset({"meta"}), await _is_in_use(database, spec)
        return Seen(spec, spec.name, FileState(facts=facts, tables=tables, in_use=in_use))
    finally:
        await database.close()


async def _is_in_use(database: Database, spec: ServiceSpec) -> bool:
    async with database.reading() as session:
        for table in (spec.tables.outbox, spec.tables.inbox, spec.tables.audit):
            if (await session.execute(select(table.c.position).limit(1))).first():
                return True
    return False


def refuse_other_service(seen: Seen) -> None:
    """Raise UnsafeToStart when the database is another service's or of a newer release."""
    said = seen.state.facts.get("service", seen.spec.name)
    ours = seen.spec.metadata.tables.keys()
    foreign = [t for t in seen.state.tables if t not in ours and not t.startswith(OWN_TABLES)]
    if said != seen.spec.name:
        raise UnsafeToStart(f"{seen.name} 是 {said} 的数据库，不是 {seen.spec.name} 的：{MENDING}")
    if foreign and not seen.state.facts.get("service"):
        raise UnsafeToStart(
            f"{seen.name} 中有 {seen.spec.name} 没有的表（{sorted(foreign)[0]}），"
            f"是别的服务或者更新版本的数据库：{MENDING}"
        )


def _has_rest(settings: Settings) -> bool:
    """Whether keys or anchors lie in a data folder: they come after all four databases."""
    if settings.database_url:
        return False
    folder = settings.data_dir
    anchors = any(path.stat().st_size for path in (folder / "anchors").glob("*.log"))
    return anchors or any((folder / "keys" / name).exists() for name in KEY_FILES)


def _told(seen: Seen) -> bool:
    return bool(seen.state.facts.get("deployment"))


def _one_of(told: Mapping[str, str]) -> str | None:
    """The one deployment all of them name; None where none does."""
    ids = list(told.values())
    if len(set(ids)) > 1:
        most = max(set(ids), key=ids.count)
        odd = [name for name, each in told.items() if each != most]
        raise UnsafeToStart(f"{'、'.join(odd)} 属于另一个部署，与其余的不是一套：{MENDING}")
    return ids[0] if ids else None
