"""News of a withdrawal (撤回); one taken back in time brings a case back that was ended by it."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from services.routing.cases.store import cases, petitions, withdrawals
from services.routing.casework.acts import ACTS, CASES
from services.routing.casework.acts.starting import ReopeningIn
from shared.db.unit_of_work import UnitOfWork
from shared.vocabulary.cases import ClosingKind, ReopeningGround
from shared.workflow.entities import Actor
from shared.workflow.pipeline import do

PETITIONER: Final = "petitioner"
WHY: Final = "信访人在期限内收回撤回"


async def note_withdrawal(
    uow: UnitOfWork,
    petition_id: UUID,
    rank: tuple[int, int],
    *,
    withdrawn_on: date | None,
    revocable_until: date | None,
) -> None:
    """Keep how a withdrawal stands, whether or not its case is known yet.

    Intake took it back in time but the news came late: the organ may have ended the case."""
    await withdrawals.keep(
        uow.session, petition_id, rank, withdrawn_on=withdrawn_on, revocable_until=revocable_until
    )
    if withdrawn_on is not None:
        return
    case_id = await petitions.case_of(uow.session, petition_id)
    case = await cases.load(uow.session, case_id, lock=True) if case_id else None
    if case is None or case.withdrawn or case.closing_kind is not ClosingKind.WITHDRAWN:
        return
    organ = case.decider
    body = ReopeningIn(ground=ReopeningGround.NEW_FACTS, reasons=WHY)
    actor = Actor(PETITIONER, frozenset((organ,)))
    await do(CASES, uow, case, actor, organ, ACTS["reopening"], body, on=uow.clock.today())
