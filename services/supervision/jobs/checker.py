"""The checker: slow looks at the whole that no single event would trigger."""

from __future__ import annotations

from services.supervision.use_cases import checking
from shared.runtime.service import Service


async def check(service: Service) -> int:
    """One round; more work is waiting only while a changed calendar is being counted in."""
    async with service.units.begin() as uow:
        await checking.check_horizon(uow)
        await checking.check_cases(uow)
        return await checking.recount(uow)
