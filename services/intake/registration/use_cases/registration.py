"""Register a petition: one transaction, everything or nothing (条例 Art. 21(2), 22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from services.intake.desk.use_cases import Desk
from services.intake.masking.use_cases import masked_words
from services.intake.openers.use_cases import accused_by, held_before
from services.intake.petitions.domain.filing import check_words, count_heads, received_date
from services.intake.petitions.domain.numbers import (
    NumberUnreadable,
    hash_query_code,
    new_number,
    read_number,
)
from services.intake.petitions.domain.petition import (
    Filing,
    Receipt,
    Receiver,
    check_petitioners,
    check_visible,
)
from services.intake.petitions.outgoing import MaskedWords, publish_registered, publish_sealed
from services.intake.petitions.store.petitions import (
    PETITION,
    VAULT,
    WORDS,
    handler_of_matter,
    known_source_ids,
    matter_of_number,
)
from services.intake.petitions.use_cases.answers import RequestKey, keep_answer, kept_answer
from services.intake.registration.use_cases.placing import Category, category_of, next_steps, placed
from services.intake.sealing.domain.seals import Seal
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.codes import new_code
from shared.kernel.errors import Conflict, Unavailable
from shared.kernel.ids import new_id
from shared.vocabulary.petitions import Purpose

TRIES = 3
"""Numbers drawn for one registration before it gives up."""


class AlreadyFiled(Conflict):
    """A partner's own number was filed before, under another webhook id."""

    code = "already_filed"


@dataclass(frozen=True, slots=True)
class _Draft:
    row: dict[str, Any]
    filing: Filing
    seal: Seal | None
    words: MaskedWords
    earlier_matter: UUID | None = None
    """Of a report of retaliation: the matter of the petition it is for, where that is known."""


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
    if draft.seal is not None:
        draft = await _held(uow, desk, draft)
    for _ in range(TRIES):
        receipt = _receipt(uow, draft, receiver)
        _gather(uow, desk, draft, receipt, actor=actor, request=request)
        try:
            await uow.write()
        except IntegrityError:
            first = await _first_answer(uow, desk, draft, request)
            if first is not None:
                return first
        else:
            return receipt
    raise Unavailable("登记繁忙，请稍后再试")


async def _held(uow: UnitOfWork, desk: Desk, draft: _Draft) -> _Draft:
    """The draft of a sealed petition with before whom it lies and from whom it is hidden."""
    filing = draft.filing
    matter, handler = None, None
    if filing.retaliation_for is not None:
        matter, handler = await _earlier(uow, filing.retaliation_for)
    accused = accused_by(
        uow.reference, desk, _original(filing), named=filing.complained_organ, handler=handler
    )
    held = held_before(uow.reference, desk, accused, uow.clock)
    return replace(draft, row=draft.row | held, earlier_matter=matter)


async def _earlier(uow: UnitOfWork, typed: str) -> tuple[UUID | None, str | None]:
    """The matter of an earlier petition and the organ that has it. None for a number nobody has:
    the report counts all the same, and nobody is told whether the number exists."""
    try:
        number = read_number(typed)
    except NumberUnreadable:
        return None, None
    async with uow.database.reading() as session:
        matter = await matter_of_number(session, number)
        return matter, await handler_of_matter(session, matter) if matter else None


async def _first_answer(
    uow: UnitOfWork, desk: Desk, draft: _Draft, request: RequestKey | None
) -> Receipt | None:
    """Why the rows were refused: this request was answered before (its receipt), the sender's own
    number is taken (AlreadyFiled), or chance drew a number that exists (None: try again)."""
    source, source_id = draft.row["source"], draft.row["source_id"]
    async with uow.database.reading() as session:
        first = await kept_answer(session, desk, request) if request else None
        if first is not None:
            return first
        if source_id and await known_source_ids(session, source, [source_id]):
            raise AlreadyFiled("该来源编号已经登记")
    return None


def _draft(uow: UnitOfWork, desk: Desk, filing: Filing, receiver: Receiver) -> _Draft:
    subject, text = check_words(filing.subject, filing.text)
    filing = replace(filing, subject=subject, text=text)
    check_petitioners(filing)
    check_visible(filing)
    now, today = uow.clock.now(), uow.clock.today()
    received_on = received_date(
        filing.received_on, filing.channel, today=today, entered=receiver.entered
    )
    heads = count_heads(
        filing.channel,
        head_count=filing.head_count,
        signed=len(filing.petitioners),
        representatives=filing.representatives,
    )
    filing = placed(uow.reference, filing, receiver, today=today)
    seal = desk.sealing.judge(
        filing.subject,
        f"{filing.complained}\n{filing.text}",
        declared_accusation=filing.purpose is Purpose.ACCUSATION,
        organ_named=filing.complained_organ is not None,
        reports_retaliation=filing.retaliation_for is not None,
    )
    petition_id = new_id()
    row: dict[str, Any] = {
        "id": petition_id,
        "number": "",
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
        "opener": None,
        "hidden_from": None,
        "editions": uow.reference.ids | {"sealing": desk.sealing.edition},
    }
    words = masked_words(uow.reference, filing)
    return _Draft(row | _revealing(uow, desk, filing, seal), filing, seal, words)


def _revealing(uow: UnitOfWork, desk: Desk, filing: Filing, seal: Seal | None) -> dict[str, Any]:
    """Columns that say what it is about; of a sealed petition they lie in the vault."""
    category = Category() if seal else category_of(uow.reference, desk, filing)
    return category.columns | {
        "division_code": None if seal else filing.division_code,
        "complained_organ": None if seal else filing.complained_organ,
    }


def _receipt(uow: UnitOfWork, draft: _Draft, receiver: Receiver) -> Receipt:
    return Receipt(
        number=new_number(draft.row["received_division"], draft.row["received_on"]),
        query_code=new_code(),
        received_on=draft.row["received_on"],
        registered_at=draft.row["registered_at"],
        next_steps=next_steps(
            uow.reference, draft.filing, receiver, received_on=draft.row["received_on"]
        ),
    )


def _gather(
    uow: UnitOfWork,
    desk: Desk,
    draft: _Draft,
    receipt: Receipt,
    *,
    actor: str,
    request: RequestKey | None,
) -> None:
    """Everything a registration writes."""
    hashed = hash_query_code(desk.query_key, number=receipt.number, code=receipt.query_code)
    row = draft.row | {"number": receipt.number, "code_hash": hashed}
    if request is not None:
        keep_answer(uow, desk, request, receipt)
    uow.add(PETITION, row)
    _add_words(uow, desk, draft)
    _publish(uow, replace(draft, row=row), actor=actor)


def _add_words(uow: UnitOfWork, desk: Desk, draft: _Draft) -> None:
    petition_id, filing = draft.row["id"], draft.filing
    fields: Mapping[str, Any] = {
        "petitioners": [asdict(person) for person in filing.petitioners],
        "words": _original(filing),
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
                "retaliation_for": filing.retaliation_for,
                "retaliation_matter_id": draft.earlier_matter,
            }
        }
    else:
        uow.add(WORDS, asdict(draft.words) | {"petition_id": petition_id})
    for name, value in fields.items():
        locked = desk.lock(petition_id, name, value)
        uow.add(VAULT, {"petition_id": petition_id, "field": name, "value": locked})


def _original(filing: Filing) -> dict[str, str]:
    return {
        "subject": filing.subject,
        "text": filing.text,
        "place": filing.place,
        "complained": filing.complained,
    }


def _publish(uow: UnitOfWork, draft: _Draft, *, actor: str) -> None:
    if draft.seal is not None:
        publish_sealed(
            uow,
            draft.row,
            sealed_class=draft.seal.sealed_class.value,
            retaliation_for=draft.earlier_matter,
        )
        uow.audit("petition.sealed", f"sealed/{draft.row['sealed_id']}", actor=actor)
        return
    publish_registered(uow, draft.row, draft.words)
    uow.audit("petition.registered", f"petition/{draft.row['id']}", actor=actor)
