"""Withdrawing a petition and taking it back, by number and query code."""

from __future__ import annotations

from fastapi import APIRouter

from services.intake.petitions.api.by_code import Anybody, PetitionByCode
from services.intake.petitions.api.schemas import WithdrawalOut
from services.intake.withdrawals.use_cases import take_back, withdraw
from shared.web.deps import Uow
from shared.web.problems import problems

router = APIRouter(tags=["petitions"])


@router.post(
    "/petitions/{number}/withdrawal",
    summary="撤回信访件（本人凭编号和查询码，十五日内可以收回）",
    responses=problems(404, 409, 429),
)
async def withdraw_petition(caller: Anybody, petition: PetitionByCode, uow: Uow) -> WithdrawalOut:
    """The petitioner's own act; handling goes on and no clock stops until it is final."""
    return WithdrawalOut.of(await withdraw(uow, petition["id"], actor=caller.person))


@router.delete(
    "/petitions/{number}/withdrawal",
    summary="收回撤回",
    responses=problems(404, 409, 429),
)
async def revoke_withdrawal(caller: Anybody, petition: PetitionByCode, uow: Uow) -> WithdrawalOut:
    """Take a withdrawal back while its days run."""
    return WithdrawalOut.of(await take_back(uow, petition["id"], actor=caller.person))
