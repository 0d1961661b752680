"""Looks again at a store that an error called damaged, and believes it only when all of it is read.

A single read that succeeds proves nothing: it was another page. So a file is checked to its end,
and of a server only what it says is missing can come back by itself; a page it can't read may hide
in any index, and stays a reason until whoever mended it starts the service anew.
"""

from __future__ import annotations

import asyncio
import time

import structlog
from sqlalchemy import MetaData

from shared.db.engine import Database
from shared.db.failures import Damage
from shared.db.file_check import look_at

log = structlog.get_logger()

REST_SECONDS = 10.0
REST_TIMES = 20.0
"""A look is followed by a rest of so many times its own duration: it reads everything."""


class StoreWatch:
    """See the module. `work` is a loop's."""

    def __init__(self, database: Database, metadata: MetaData) -> None:
        self._database = database
        self._metadata = metadata
        self._told = False
        self._next = 0.0

    async def work(self) -> int:
        """Tell of damage once, and look again where it is time; returns 0: there is never more."""
        damage, began = self._database.damage, time.monotonic()
        if damage is None:
            self._told = False
            return 0
        if not self._told:
            log.error("store.damaged", damage=damage)
            self._told = True
        if began >= self._next:
            if await self._is_sound(damage):
                self._database.damage = None
                log.warning("store.sound_again", damage=damage)
            took = time.monotonic() - began
            self._next = time.monotonic() + REST_SECONDS + REST_TIMES * took
        return 0

    async def _is_sound(self, damage: Damage) -> bool:
        if (file := self._database.file) is not None:
            if not file.exists():
                return False
            state = await asyncio.to_thread(look_at, file, whole=True)
            if state.flaws or not self._metadata.tables.keys() <= state.tables:
                return False
        elif damage is not Damage.TABLES_MISSING:
            return False
        try:
            await self._database.read_each(self._metadata)
        except Exception:  # noqa: BLE001  whatever it is, it is not sound
            return False
        return True
