"""Sealed petitions: read by the petition office, and un-sealed by an act (decisions 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from services.intake.desk.use_cases import Desk
from services.intake.masking.domain.masking import Mask
from services.intake.masking.use_cases import mask_for, masked_words
from services.intake.openers.use_cases import accused_by, earlier_matter, marks
from services.intake.petitions.domain.filing import FilingInvalid
from services.intake.petitions.domain.numbers import NumberUnreadable, read_number
from services.intake.petitions.domain.petition import Filing, Petitioner
from services.intake.petitions.outgoing import MaskedWords, publish_registered
from services.intake.petitions.store.petitions import (
    PETITION,
    VAULT,
    WORDS,
    change_petition,
    handler_of_matter,
    not_hidden,
    sealed_petition,
    vault_values,
)
from services.intake.registration.use_cases.placing import category_of
from services.intake.reveals.use_cases.grants import Admitted, Attempt, Refusal, admit, note
from services.intake.withdrawals.use_cases import tell_of_withdrawal
from shared.db.accused import joined
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import NotFound
from shared.reference.editions import Reference
from shared.vocabulary.petitions import Purpose, SealedClass
from shared.vocabulary.posts import GrantPurpose
from shared.web.security import Caller, organs_above

NO_ITEM = "没有这个密封件"
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
    accused: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Opened:
    filing: Filing
    seal: Mapping[str, Any]
    words: MaskedWords
    hide: Mask
    earlier: UUID | None
    handler: str | None
    accused: frozenset[str]
    """Organs it accuses, as far as form, text and the earlier petition tell."""


def seen_by(caller: Caller, reference: Reference, desk: Desk) -> ColumnElement[bool]:
    """Condition on `petition`: a sealed one that lies before the caller's organ and accuses neither
    an organ of theirs nor one it is under."""
    above = organs_above(caller, reference.organs)
    return caller.scope.of_organs(PETITION.c.opener) & not_hidden(marks(desk, above))


async def read_sealed(
    uow: UnitOfWork, desk: Desk, sealed_id: UUID, *, caller: Caller, grant: str
) -> SealedView | Refusal:
    """Open one sealed petition, masked, under a grant; noted in log and audit. Raises NotFound,
    also for one that does not lie before the caller's organ or accuses it."""
    row = await _sealed(uow, desk, sealed_id, caller)
    admitted = await _admit(uow, desk, row, caller, grant, GrantPurpose.OPEN_SEALED)
    if isinstance(admitted, Refusal):
        return admitted
    opened = await _open(uow, desk, row, caller)
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
        accused=opened.accused,
    )


async def unseal(
    uow: UnitOfWork,
    desk: Desk,
    sealed_id: UUID,
    *,
    purpose: Purpose,
    reason: str,
    complained_organ: str | None = None,
    caller: Caller,
    grant: str,
) -> str | Refusal:
    """Make an ordinary petition of a sealed one under a grant; returns its number.

    A person has read it and decided that it is a suggestion or a claim that may go its ordinary
    way; from now on it is published like any other. A report of retaliation becomes an accusation
    of the organ it names, or that the person says (`complained_organ`), and of the one that handled
    the earlier petition: all services keep it from these and those under them (Art. 30(3)). The
    reason is kept in the vault. Raises NotFound, also when somebody else un-sealed it first, and
    FilingInvalid.
    """
    row = await _sealed(uow, desk, sealed_id, caller)
    if purpose is Purpose.UNCERTAIN:
        raise FilingInvalid(PURPOSES, field="purpose")
    if complained_organ and uow.reference.organs.get(complained_organ) is None:
        raise FilingInvalid("没有这个机关单位", field="complained_organ")
    admitted = await _admit(uow, desk, row, caller, grant, GrantPurpose.UNSEAL)
    if isinstance(admitted, Refusal):
        return admitted
    opened = await _open(uow, desk, row, caller)
    if (purpose is Purpose.ACCUSATION) != (opened.seal["class"] == SealedClass.RETALIATION):
        raise FilingInvalid(PURPOSES, field="purpose")
    note(uow, admitted, hide=opened.hide)
    category = category_of(uow.reference, desk, opened.filing)
    organ = complained_organ or opened.filing.complained_organ or opened.handler
    accused = opened.accused if purpose is Purpose.ACCUSATION else frozenset()
    changes = category.columns | {
        "sealed": False,
        "version": row["version"] + 1,
        "purpose": purpose.value,
        "division_code": opened.filing.division_code,
        "complained_organ": organ,
        "hidden_from": joined(organ, *sorted(accused)) if accused else None,
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
        retaliation_for=opened.earlier,
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


async def _sealed(uow: UnitOfWork, desk: Desk, sealed_id: UUID, caller: Caller) -> dict[str, Any]:
    """The row, locked. Raises NotFound, also when somebody has un-sealed it."""
    row = await sealed_petition(uow.session, sealed_id, seen_by(caller, uow.reference, desk))
    if row is None:
        raise NotFound(NO_ITEM)
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


async def _open(uow: UnitOfWork, desk: Desk, row: Mapping[str, Any], caller: Caller) -> _Opened:
    """What was filed. Whom it accuses is looked at anew: the earlier petition may have another
    handler by now. Raises NotFound when that is an organ of the caller's or one above it."""
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
    earlier = earlier_matter(seal)
    handler = await handler_of_matter(uow.session, earlier) if earlier else None
    accused = accused_by(uow.reference, desk, words, named=filing.complained_organ, handler=handler)
    if accused & organs_above(caller, uow.reference.organs):
        raise NotFound(NO_ITEM)
    hide = mask_for(uow.reference, filing.petitioners)
    masked = masked_words(uow.reference, filing)
    return _Opened(filing, seal, masked, hide, earlier, handler, accused)
