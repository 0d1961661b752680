"""Register a petition: one transaction, everything or nothing (条例 Art. 21(2), 22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from services.intake.domain.filing import (
    Purpose,
    check_words,
    count_heads,
    received_date,
)
from services.intake.domain.masking import mask
from services.intake.domain.numbers import hash_query_code, new_number, new_query_code
from services.intake.domain.petition import Filing, Receipt, Receiver, check_petitioners
from services.intake.domain.sealing import Seal
from services.intake.outgoing import MaskedWords, publish_registered, publish_sealed
from services.intake.store.petitions import VAULT, WORDS, add_petitions, known_source_ids
from services.intake.use_cases.answers import RequestKey, keep_answer, mend_answer
from services.intake.use_cases.desk import Desk
from services.intake.use_cases.placing import Category, category_of, next_steps, placed
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id


class AlreadyFiled(Conflict):
    """A partner's own number was filed before, under another webhook id."""

    code = "already_filed"


@dataclass(frozen=True, slots=True)
class _Draft:
    row: dict[str, Any]
    filing: Filing
    seal: Seal | None
    words: MaskedWords


async def register(
    uow: UnitOfWork,
    desk: Desk,
    filing: Filing,
    receiver: Receiver,
    *,
    actor: str,
    request: RequestKey | None = None,
) -> Receipt:
    """Register one petition and give its receipt.

    Decides on sealing before anything is published. With `request`, the same request again gets
    the first receipt and registers nothing; the same key with another request raises
    IdempotencyMismatch. Other errors: FilingInvalid, ReceivedDateRefused, AlreadyFiled.
    """
    draft = _draft(uow, desk, filing, receiver)
    receipt = _receipt(uow, draft, receiver)
    if request is not None:
        first = await keep_answer(uow, desk, request, receipt)
        if first is not None:
            return first
    draft, receipt = await _insert(uow, desk, draft, receipt, request)
    await _store_words(uow, desk, draft)
    _publish(uow, draft, actor=actor)
    return receipt


def _draft(uow: UnitOfWork, desk: Desk, filing: Filing, receiver: Receiver) -> _Draft:
    subject, text = check_words(filing.subject, filing.text)
    filing = replace(filing, subject=subject, text=text)
    check_petitioners(filing)
    now, today = uow.clock.now(), uow.clock.today(desk.zone)
    received_on = received_date(
        filing.received_on, filing.channel, today=today, entered=receiver.entered
    )
    heads = count_heads(
        filing.channel,
        head_count=filing.head_count,
        signed=len(filing.petitioners),
        representatives=filing.representatives,
    )
    filing = placed(uow.reference, filing, receiver)
    seal = desk.sealing.judge(
        filing.subject,
        f"{filing.complained}\n{filing.text}",
        declared_accusation=filing.purpose is Purpose.ACCUSATION,
        organ_named=filing.complained_organ is not None,
    )
    petition_id = new_id()
    row: dict[str, Any] = {
        "id": petition_id,
        "number": new_number(receiver.division_code, received_on),
        "matter_id": new_id(),
        "version": 0 if seal else 1,
        "code_hash": None,
        "sealed_id": new_id() if seal else None,
        "sealed": seal is not None,
        "channel": filing.channel.value,
        "origin": filing.origin.value,
        "purpose": filing.purpose.value,
        "received_by": receiver.organ_code,
        "received_division": receiver.division_code,
        "receiving_tier": receiver.tier,
        "received_on": received_on,
        "registered_at": now,
        "registered_hour": now.replace(minute=0, second=0, microsecond=0),
        "head_count": heads.head_count,
        "person_times": heads.person_times,
        "batch": heads.batch,
        "repeat": filing.repeat,
        "joint": len(filing.petitioners) > 1,
        "anonymous": filing.anonymous,
        "notice_owed": filing.notice_owed,
        "partner": receiver.partner,
        "source": f"partner:{receiver.partner}" if filing.external_id else None,
        "source_id": filing.external_id,
        "answered_on": None,
        "editions": uow.reference.ids | {"sealing": desk.sealing.edition},
    }
    return _Draft(row | _revealing(uow, desk, filing, seal), filing, seal, masked_words(filing))


def _revealing(uow: UnitOfWork, desk: Desk, filing: Filing, seal: Seal | None) -> dict[str, Any]:
    """Columns that say what it is about; of a sealed petition they lie in the vault."""
    category = Category() if seal else category_of(uow.reference, desk, filing)
    return category.columns | {
        "division_code": None if seal else filing.division_code,
        "complained_organ": None if seal else filing.complained_organ,
    }


def _receipt(uow: UnitOfWork, draft: _Draft, receiver: Receiver) -> Receipt:
    return Receipt(
        number=draft.row["number"],
        query_code=new_query_code(),
        received_on=draft.row["received_on"],
        registered_at=draft.row["registered_at"],
        next_steps=next_steps(
            uow.reference, draft.filing, receiver, received_on=draft.row["received_on"]
        ),
    )


async def _insert(
    uow: UnitOfWork, desk: Desk, draft: _Draft, receipt: Receipt, request: RequestKey | None
) -> tuple[_Draft, Receipt]:
    """Insert the row; with a new number when chance has hit one that exists."""
    while True:
        hashed = hash_query_code(desk.query_key, number=receipt.number, code=receipt.query_code)
        row = draft.row | {"number": receipt.number, "code_hash": hashed}
        if await add_petitions(uow.session, [row]):
            return replace(draft, row=row), receipt
        if row["source_id"] and await known_source_ids(
            uow.session, row["source"], [row["source_id"]]
        ):
            raise AlreadyFiled("该来源编号已经登记")
        number = new_number(row["received_division"], row["received_on"])
        receipt = replace(receipt, number=number)
        if request is not None:
            await mend_answer(uow, desk, request, receipt)


async def _store_words(uow: UnitOfWork, desk: Desk, draft: _Draft) -> None:
    petition_id, filing = draft.row["id"], draft.filing
    original = {
        "subject": filing.subject,
        "text": filing.text,
        "place": filing.place,
        "complained": filing.complained,
    }
    fields: Mapping[str, Any] = {
        "petitioners": [asdict(person) for person in filing.petitioners],
        "words": original,
    }
    if draft.seal is not None:
        fields = dict(fields) | {
            "seal": {
                "class": draft.seal.sealed_class,
                "rules": draft.seal.rules,
                "reasons": draft.seal.reasons,
                "division_code": filing.division_code,
                "category_code": filing.category_code,
                "complained_organ": filing.complained_organ,
            }
        }
    else:
        await uow.insert_many(WORDS, [asdict(draft.words) | {"petition_id": petition_id}])
    await uow.insert_many(
        VAULT,
        [
            {
                "petition_id": petition_id,
                "field": name,
                "value": desk.lock(petition_id, name, value),
            }
            for name, value in fields.items()
        ],
    )


def _publish(uow: UnitOfWork, draft: _Draft, *, actor: str) -> None:
    if draft.seal is not None:
        publish_sealed(uow, draft.row, sealed_class=draft.seal.sealed_class.value)
        uow.audit("petition.sealed", f"sealed/{draft.row['sealed_id']}", actor=actor)
        return
    publish_registered(uow, draft.row, draft.words)
    uow.audit("petition.registered", f"petition/{draft.row['id']}", actor=actor)


def masked_words(filing: Filing) -> MaskedWords:
    """The filing's words without identities."""
    hidden = filing.identities
    return MaskedWords(
        subject=mask(filing.subject, identities=hidden),
        text=mask(filing.text, identities=hidden),
        place=mask(filing.place, identities=hidden) or None,
    )
