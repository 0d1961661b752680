"""First answers past their keeping time go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.db.stored_answers import forget_answers

if TYPE_CHECKING:
    from shared.runtime.service import Service


async def forget_old_answers(service: Service) -> int:
    """How many rows went."""
    before = service.clock.now() - service.spec.answers_kept
    async with service.units.begin() as uow:
        return await forget_answers(uow.session, service.tables.stored_answer, before=before)
