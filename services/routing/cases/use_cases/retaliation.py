"""No case ends for good while a report of retaliation for it is open (Art. 30(3), 43(5)).

The handler learns that the petition office has something left to do, never what: the same is said
while its closing report waits for the verdict.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import OfficeNotDone
from services.routing.cases.store import retaliation
from shared.contracts.intake import PetitionContentV1
from shared.db.unit_of_work import UnitOfWork

OFFICE_DONE: Final = "office_done"
"""The guard of the table of procedure."""


async def check_office_done(uow: UnitOfWork, case: Case) -> None:
    """Raises OfficeNotDone while the petition office has something left to do about the matter."""
    held = case.hold
    awaits_verdict = held is not None and case.journal.report_pending(held.ordinal)
    if awaits_verdict or await retaliation.is_open(uow.session, case.matter_id):
        raise OfficeNotDone("信访部门尚有事项未完成，暂不能归档")


async def hold(uow: UnitOfWork, sealed_id: UUID, matter_id: UUID) -> None:
    """Keep a matter open for a sealed report."""
    await retaliation.keep(uow, sealed_id, matter_id)


async def became(uow: UnitOfWork, sealed_id: UUID, data: PetitionContentV1) -> None:
    """Note of which matter an un-sealed report is from now on: when that has ended, so has the
    waiting."""
    earlier = data.retaliation_matter_id
    if earlier is not None:
        own = data.petition.matter_id
        await retaliation.keep(uow, sealed_id, earlier, own_matter_id=own)
