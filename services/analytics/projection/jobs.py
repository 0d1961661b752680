"""The filler: sums up what was counted before sums were kept, a month per transaction."""

from __future__ import annotations

from services.analytics.projection import store as gate
from services.analytics.rollups import store as kept
from shared.runtime.service import Service


async def fill_kept_sums(service: Service) -> int:
    """Fill one month; returns 1 while there is more. Until all is filled summaries are put
    together from the cells."""
    async with service.database.reading() as session:
        if await kept.mark(session) == kept.WHOLE:
            return 0
    async with service.units.begin() as uow:
        return int(await gate.enter(uow.session) and await kept.fill_next(uow.session))
