"""撤回: the petitioner's own act, by number and query code; nobody else can do it.

The Regulation does not know it, so nothing follows at once: no clock stops, the organ goes on, and
for some days the petitioner may take it back. After them the organ may end the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from services.intake.petitions.outgoing import publish_withdrawal
from services.intake.withdrawals.store import keep_withdrawal, locked_petition, withdrawal_of
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict
from shared.kernel.workdays import Limit

LIMIT: Final = "withdrawal"
ENDED: Final = frozenset(("closed", "archived"))


class NotWithdrawable(Conflict):
    """There is nothing to withdraw, or no time left to take it back."""

    code = "not_withdrawable"


async def withdraw(uow: UnitOfWork, petition_id: UUID, *, actor: str) -> dict[str, Any]:
    """Withdraw a petition; repeating it changes nothing. Raises NotWithdrawable once closed."""
    petition = await locked_petition(uow.session, petition_id)
    known = await withdrawal_of(uow.session, petition_id)
    if known and known["withdrawn_on"]:
        return known
    if petition["state"] in ENDED:
        raise NotWithdrawable("该信访件已经办结，不用撤回")
    today = uow.clock.today()
    row = {
        "petition_id": petition_id,
        "version": known["version"] + 1 if known else 1,
        "withdrawn_on": today,
        "revocable_until": _last_day(uow, petition, today),
    }
    return await _keep(uow, petition, row, "petition.withdrawn", actor=actor)


async def take_back(uow: UnitOfWork, petition_id: UUID, *, actor: str) -> dict[str, Any]:
    """Revoke a withdrawal; repeating it changes nothing. Raises NotWithdrawable without one and
    after its last day: then a new petition can be filed."""
    petition = await locked_petition(uow.session, petition_id)
    known = await withdrawal_of(uow.session, petition_id)
    if known is None:
        raise NotWithdrawable("该信访件没有撤回")
    if known["withdrawn_on"] is None:
        return known
    if uow.clock.today() > known["revocable_until"]:
        raise NotWithdrawable("可以收回撤回的期限已过，可以重新提出信访")
    row = known | {
        "version": known["version"] + 1, "withdrawn_on": None, "revocable_until": None,
    }  # fmt: skip
    return await _keep(uow, petition, row, "petition.withdrawal_revoked", actor=actor)


async def tell_of_withdrawal(uow: UnitOfWork, petition: Mapping[str, Any]) -> None:
    """Tell what was not told while the petition was sealed."""
    known = await withdrawal_of(uow.session, petition["id"])
    if known is not None:
        publish_withdrawal(uow, known)


async def _keep(
    uow: UnitOfWork, petition: Mapping[str, Any], row: dict[str, Any], did: str, *, actor: str
) -> dict[str, Any]:
    await keep_withdrawal(uow.session, row)
    uow.audit(did, f"petition/{row['petition_id']}", actor=actor)
    if not petition["sealed"]:  # of a sealed one nobody else may know anything (decisions 4)
        publish_withdrawal(uow, row)
    return row


def _last_day(uow: UnitOfWork, petition: Mapping[str, Any], today: date) -> date:
    row = uow.reference.limits.select(
        LIMIT, division_code=petition["received_division"], purpose=petition["purpose"], on=today
    )
    limit = Limit(row.length or 1, row.unit, roll=row.roll)
    return uow.reference.calendar.due(today, limit).last_day
