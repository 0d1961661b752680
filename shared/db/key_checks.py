"""Binding a secret key to its data: a check value of each key lies in the database it protects.

So a key that is gone, another one or one with other bytes under the same id is told at the start,
and a database never gets a second key unasked.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.engine import insert_into
from shared.db.tables import CommonTables
from shared.kernel.keys import KeyRefused, check_value


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What keys are for. `title` is Chinese; `file` lies in the data folder's `keys`, `variable`
    is the setting; `loss` says what nobody can do without them."""

    name: str
    title: str
    file: str
    variable: str
    loss: str

    @property
    def row(self) -> str:
        """Under which key of `meta` the check values are kept."""
        return f"check:{self.name}"


@dataclass(frozen=True, slots=True)
class Found:
    """What a database says about the keys it was written with.

    `used` are the ids under which something is stored and `opens` tries one stored value with a
    key: None where nothing can tell. `any_data` is whether anything needs a key of this use."""

    any_data: bool
    used: frozenset[str] = frozenset()
    opens: Callable[[str, bytes], bool | None] = field(default=lambda _id, _key: None)


async def kept_checks(session: AsyncSession, tables: CommonTables, use: KeyUse) -> dict[str, str]:
    """Check values by key id; empty before the first binding."""
    meta = tables.meta
    found = await session.scalar(select(meta.c.value).where(meta.c.key == use.row))
    values: dict[str, str] = json.loads(found) if found else {}
    return values


def compare(use: KeyUse, keys: Mapping[str, bytes], kept: Mapping[str, str], found: Found) -> None:
    """Raise KeyRefused, in one sentence, when these are not the keys of the data."""
    place = f"keys/{use.file} 或 {use.variable}"
    for key_id, key in keys.items():
        value = kept.get(key_id)
        wrong = value is not None and value != check_value(use.name, key)
        if wrong or (value is None and found.opens(key_id, key) is False):
            raise KeyRefused(
                f"{use.title} {key_id} 与数据库中的数据不符（编号相同，内容不是原来的密钥），"
                f"{use.loss}：请把原来的密钥放回 {place}"
            )
    for key_id in sorted(found.used - keys.keys()):
        raise KeyRefused(
            f"缺少{use.title} {key_id}，数据库中有用它写入的数据，{use.loss}：请把它加回 {place}"
        )


def lost(use: KeyUse, place: str) -> KeyRefused:
    """The refusal for a missing file of keys whose data is there."""
    return KeyRefused(
        f"密钥文件 {place} 不见了，而数据库中有用它写入的数据，{use.loss}："
        f"请从密钥备份把 {use.file} 放回原处，再启动；不会另造新密钥"
    )


def unreadable(file: Path, error: KeyRefused) -> KeyRefused:
    """The refusal for a file of keys that holds none."""
    return KeyRefused(
        f"密钥文件 {file} 是空的或者已损坏（{error}）：请从密钥备份放回原来的文件；不会另造新密钥"
    )


async def bind(
    session: AsyncSession,
    tables: CommonTables,
    use: KeyUse,
    keys: Mapping[str, bytes],
    look: Callable[[], Awaitable[Found]],
) -> None:
    """Compare the keys with what the database was written with, then keep their check values.

    `look` reads what the data itself says; it is asked only where check values can't decide:
    before the first binding, and when an id is new or gone. Raises KeyRefused."""
    kept = await kept_checks(session, tables, use)
    values = {key_id: check_value(use.name, key) for key_id, key in keys.items()}
    if values == kept:
        return
    compare(use, keys, kept, await look())
    text = json.dumps(values, sort_keys=True)
    await session.execute(
        insert_into(session, tables.meta)
        .values(key=use.row, value=text)
        .on_conflict_do_update(index_elements=["key"], set_={"value": text})
    )
