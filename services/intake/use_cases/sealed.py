"""Sealed petitions: read by the petition office, and un-sealed by an act (decisions 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from services.intake.domain.filing import FilingInvalid, Purpose
from services.intake.domain.masking import Mask
from services.intake.domain.numbers import NumberUnreadable, read_number
from services.intake.domain.petition import Filing, Petitioner
from services.intake.domain.seals import SealedClass
from services.intake.outgoing import MaskedWords, publish_registered
from services.intake.store.petitions import (
    VAULT,
    WORDS,
    change_petition,
    handler_of_matter,
    sealed_petition,
    vault_values,
)
from services.intake.use_cases.desk import Desk
from services.intake.use_cases.grants import Admitted, Attempt, Refusal, admit, note
from services.intake.use_cases.masking import mask_for, masked_words
from services.intake.use_cases.placing import category_of
from services.intake.use_cases.withdrawing import tell_of_withdrawal
from shared.contracts.words import GrantPurpose
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import NotFound
from shared.web.security import Caller

PURPOSES = "解除密封应当确定为建议意见或者申诉求决；反映打击报复的，确定为检举控告"


@dataclass(frozen=True, slots=True)
class SealedView:
    """A sealed petition as the petition office reads it: masked words and why it was held."""

    sealed_id: UUID
    number: str
    received_on: Any
    registered_at: Any
    sealed_class: str
    reasons: list[str]
    retaliation_for: str | None
    words: MaskedWords


@dataclass(frozen=True, slots=True)
class _Opened:
    filing: Filing
    seal: Mapping[str, Any]
    words: MaskedWords
    hide: Mask


async def read_sealed(
    uow: UnitOfWork, desk: Desk, sealed_id: UUID, *, caller: Caller, grant: str
) -> SealedView | Refusal:
    """Open one sealed petition, masked, under a grant; noted in log and audit. Raises NotFound."""
    row = await _sealed(uow, sealed_id)
    admitted = await _admit(uow, desk, row, caller, grant, GrantPurpose.OPEN_SEALED)
    if isinstance(admitted, Refusal):
        return admitted
    opened = await _open(uow, desk, row)
    note(uow, admitted, hide=opened.hide)
    return SealedView(
        sealed_id=sealed_id,
        number=row["number"],
        received_on=row["received_on"],
        registered_at=row["registered_at"],
        sealed_class=opened.seal["class"],
        reasons=opened.seal["reasons"],
        retaliation_for=_earlier(opened),
        words=opened.words,
    )


async def unseal(
    uow: UnitOfWork,
    desk: Desk,
    sealed_id: UUID,
    *,
    purpose: Purpose,
    reason: str,
    caller: Caller,
    grant: str,
) -> str | Refusal:
    """Make an ordinary petition of a sealed one under a grant; returns its number.

    A person has read it and decided that it is a suggestion or a claim that may go its ordinary
    way; from now on it is published like any other. A report of retaliation becomes an accusation,
    unless it names another of the organ that handled the earlier petition: all services keep it
    from that organ and those under it (Art. 30(3)). The reason is kept in the vault. Raises
    NotFound, also when somebody else un-sealed it first, and FilingInvalid.
    """
    if purpose is Purpose.UNCERTAIN:
        raise FilingInvalid(PURPOSES, field="purpose")
    row = await _sealed(uow, sealed_id)
    admitted = await _admit(uow, desk, row, caller, grant, GrantPurpose.UNSEAL)
    if isinstance(admitted, Refusal):
        return admitted
    opened = await _open(uow, desk, row)
    if (purpose is Purpose.ACCUSATION) != (opened.seal["class"] == SealedClass.RETALIATION):
        raise FilingInvalid(PURPOSES, field="purpose")
    note(uow, admitted, hide=opened.hide)
    category = category_of(uow.reference, desk, opened.filing)
    stored = opened.seal.get("retaliation_matter_id")
    earlier = UUID(stored) if stored else None
    handler = await handler_of_matter(uow.session, earlier) if earlier else None
    changes = category.columns | {
        "sealed": False,
        "version": row["version"] + 1,
        "purpose": purpose.value,
        "division_code": opened.filing.division_code,
        "complained_organ": opened.filing.complained_organ or handler,
    }
    petition_id = row["id"]
    await change_petition(uow.session, petition_id, changes)
    await uow.insert_many(WORDS, [asdict(opened.words) | {"petition_id": petition_id}])
    decision = desk.lock(petition_id, "unsealed", {"reason": reason, "by": caller.person})
    await uow.insert_many(
        VAULT, [{"petition_id": petition_id, "field": "unsealed", "value": decision}]
    )
    publish_registered(
        uow,
        row | changes,
        opened.words,
        unsealed=sealed_id,
        retaliation_for=earlier,
    )
    await tell_of_withdrawal(uow, row)
    uow.audit(
        "petition.unsealed", f"sealed/{sealed_id}", actor=caller.person, purpose=purpose.value
    )
    number: str = row["number"]
    return number


def _earlier(opened: _Opened) -> str | None:
    """The number for which retaliation is reported; what is none is shown masked."""
    typed = opened.seal.get("retaliation_for")
    if typed is None:
        return None
    try:
        return read_number(typed)
    except NumberUnreadable:
        return opened.hide(typed)


async def _sealed(uow: UnitOfWork, sealed_id: UUID) -> dict[str, Any]:
    """The row, locked. Raises NotFound, also when somebody has un-sealed it."""
    row = await sealed_petition(uow.session, sealed_id, lock=True)
    if row is None:
        raise NotFound("没有这个密封件")
    return row


async def _admit(
    uow: UnitOfWork,
    desk: Desk,
    row: Mapping[str, Any],
    caller: Caller,
    grant: str,
    purpose: GrantPurpose,
) -> Admitted | Refusal:
    attempt = Attempt(
        caller=caller,
        grant=grant,
        purpose=purpose,
        petition_id=row["id"],
        item=f"sealed/{row['sealed_id']}",
        needs_case=False,
    )
    return await admit(uow, desk, attempt)


async def _open(uow: UnitOfWork, desk: Desk, row: Mapping[str, Any]) -> _Opened:
    petition_id = row["id"]
    stored = await vault_values(uow.session, petition_id)
    words = desk.unlock(petition_id, "words", stored["words"])
    seal = desk.unlock(petition_id, "seal", stored["seal"])
    people = desk.unlock(petition_id, "petitioners", stored["petitioners"])
    filing = Filing(
        subject=words["subject"],
        text=words["text"],
        place=words["place"],
        petitioners=tuple(Petitioner(**person) for person in people),
        division_code=seal["division_code"],
        category_code=seal["category_code"],
        complained_organ=seal["complained_organ"],
    )
    hide = mask_for(uow.reference, filing.petitioners)
    return _Opened(filing, seal, masked_words(uow.reference, filing), hide)
