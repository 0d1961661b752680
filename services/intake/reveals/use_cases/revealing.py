"""查看身份: who wrote a petition, shown to whoever has the case, once, for a purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.intake.desk.use_cases import Desk
from services.intake.masking.use_cases import mask_for_stored
from services.intake.petitions.domain.numbers import NumberUnreadable, read_number
from services.intake.petitions.store.petitions import by_number, vault_values
from services.intake.reveals.domain import SHOWN, is_strong
from services.intake.reveals.use_cases.grants import Attempt, Refusal, admit, note, refuse
from shared.contracts.grant import CasePurpose
from shared.db.unit_of_work import UnitOfWork
from shared.web.security import Caller
from shared.web.tokens import Strength

TOO_WEAK = "insufficient_user_authentication"
"""Code of RFC 9470: log in again, with a second factor."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """What a purpose shows of each petitioner; empty values are left out."""

    number: str
    purpose: CasePurpose
    people: Sequence[dict[str, str]]


async def reveal(
    uow: UnitOfWork,
    desk: Desk,
    *,
    number: str,
    grant: str,
    purpose: CasePurpose,
    caller: Caller,
    strength: Strength,
) -> Revealed | Refusal:
    """Open the vault of one petition, noted for the petitioner and the auditor.

    An unknown number, a sealed petition and a grant that does not open are told alike."""
    petition = await _ordinary(uow, number)
    petition_id: UUID | None = petition["id"] if petition else None
    attempt = Attempt(
        caller=caller,
        grant=grant,
        purpose=purpose,
        petition_id=petition_id,
        item=f"petition/{petition_id}" if petition_id else None,
        needs_case=True,
    )
    if not is_strong_login(desk, strength):
        return refuse(uow, desk, attempt, TOO_WEAK, why="weak_login")
    admitted = await admit(uow, desk, attempt)
    if isinstance(admitted, Refusal):
        return admitted
    stored = (await vault_values(uow.session, admitted.petition_id)).get("petitioners")
    people = desk.unlock(admitted.petition_id, "petitioners", stored) if stored else []
    note(uow, admitted, hide=mask_for_stored(uow.reference, people))
    shown = [{field: person[field] for field in SHOWN[purpose] if person.get(field)}
             for person in people]  # fmt: skip
    return Revealed(petition["number"] if petition else "", purpose, shown)


async def _ordinary(uow: UnitOfWork, typed: str) -> dict[str, Any] | None:
    try:
        petition = await by_number(uow.session, read_number(typed))
    except NumberUnreadable:
        return None
    return None if petition is None or petition["sealed"] else petition


def is_strong_login(desk: Desk, strength: Strength) -> bool:
    """Whether the login was made with a second factor, lately, as the rules want it."""
    rules = desk.protection
    return is_strong(
        strength.age_seconds,
        strength.methods,
        strength.level,
        max_age=rules.step_up_max_age,
        second_factors=rules.second_factors,
        levels=desk.strong_levels,
    )
