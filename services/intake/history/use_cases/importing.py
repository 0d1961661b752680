"""Take over history, a chunk per transaction; the same row twice is one petition (decisions 17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.intake.desk.use_cases import Desk
from services.intake.history.domain.history import HistoricalPetition
from services.intake.history.use_cases.known_rows import content_digest, refused_again
from services.intake.masking.domain.masking import Mask
from services.intake.petitions.domain.filing import received_date
from services.intake.petitions.domain.numbers import new_number
from services.intake.petitions.domain.petition import Filing
from services.intake.petitions.outgoing import MaskedWords, publish_imported
from services.intake.petitions.store.petitions import WORDS, add_petitions, known_source_ids
from services.intake.registration.use_cases.placing import category_of
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict, DomainError
from shared.kernel.ids import new_id
from shared.reference.divisions import normalise_code

_HIDE = Mask(())
"""Of history no petitioner is known; what its texts say themselves is hidden."""
CHUNK = 200
"""Rows per transaction: 32 columns each stay below the parameter limits of both engines."""


@dataclass(frozen=True, slots=True)
class ImportedChunk:
    """What became of one chunk; `refused` maps a petition's place in it to the reason."""

    imported: int
    duplicates: int
    refused: dict[int, str]


async def import_chunk(
    uow: UnitOfWork,
    desk: Desk,
    petitions: Sequence[HistoricalPetition],
    *,
    published: bool,
    actor: str,
) -> ImportedChunk:
    """Take over up to CHUNK rows of one source, each with its own dates and end.

    Rows that are here already (by source and source id) with the same words are duplicates and
    change nothing, so an import that broke off is simply run again; with other words they are
    refused (decisions 0047). Only what was public when it was written may come in this way
    (`published`): anything else would have to be judged for sealing. Raises Conflict.
    """
    if not published:
        raise Conflict("只有来源已公开的历史件可以导入")
    if not petitions:
        return ImportedChunk(0, 0, {})
    source = petitions[0].source
    known = await known_source_ids(uow.session, source, [each.source_id for each in petitions])
    rows: dict[Any, tuple[int, dict[str, Any], MaskedWords, bool]] = {}
    refused: dict[int, str] = {}
    again: list[int] = []
    fresh: set[str] = set()
    # In one order everywhere, so that chunks side by side that share rows wait and don't deadlock.
    for at in sorted(range(len(petitions)), key=lambda at: petitions[at].source_id):
        petition = petitions[at]
        if petition.source_id in known or petition.source_id in fresh:
            again.append(at)
            continue
        try:
            row = _row(uow, desk, petition)
        except DomainError as error:
            refused[at] = error.detail
            continue
        fresh.add(petition.source_id)
        rows[row["id"]] = at, row, _masked(petition), petition.located_by_subject_alone
    added = (
        await add_petitions(uow.session, [row for _, row, *_ in rows.values()]) if rows else set()
    )
    kept = [each for petition_id, each in rows.items() if petition_id in added]
    await uow.insert_many(
        WORDS, [asdict(words) | {"petition_id": row["id"]} for _, row, words, _ in kept]
    )
    again += [at for petition_id, (at, *_) in rows.items() if petition_id not in added]
    refused |= await refused_again(uow.session, desk, {at: petitions[at] for at in again})
    for _, row, words, subject_alone in kept:
        publish_imported(uow, row, words, located_by_subject_alone=subject_alone)
    if kept:
        uow.audit("history.imported", f"source/{source}", actor=actor, count=len(kept))
    return ImportedChunk(len(kept), len(petitions) - len(kept) - len(refused), refused)


def _row(uow: UnitOfWork, desk: Desk, petition: HistoricalPetition) -> dict[str, Any]:
    reference, now = uow.reference, uow.clock.now()
    received_on = received_date(
        petition.received_on,
        petition.channel,
        today=uow.clock.today(),
        entered=True,
        imported=True,
    )
    root = reference.divisions.get(reference.root_division)
    filing = Filing(
        petition.subject,
        petition.text,
        category_code=_category_code(uow, petition.category),
    )
    return category_of(reference, desk, filing).columns | {
        "id": new_id(),
        "number": new_number(reference.root_division, received_on),
        "matter_id": new_id(),
        "version": 1,
        "code_hash": None,
        "sealed_id": None,
        "sealed": False,
        "channel": petition.channel.value,
        "origin": petition.origin.value,
        "purpose": petition.purpose.value,
        "division_code": _division(petition.division_code),
        "complained_organ": None,
        "received_by": reference.root_petition_office,
        "received_division": reference.root_division,
        "receiving_tier": int(root.level) if root else 1,
        "received_on": received_on,
        "registered_at": now,
        "registered_hour": now.replace(minute=0, second=0, microsecond=0),
        "head_count": 1,
        "person_times": 1,
        "batch": False,
        "repeat": False,
        "joint": False,
        "anonymous": True,
        "notice_owed": False,
        "partner": None,
        "source": petition.source,
        "source_id": petition.source_id,
        "content_digest": content_digest(desk, petition),
        "answered_on": petition.answered_on,
        "editions": reference.ids,
    }


def _masked(petition: HistoricalPetition) -> MaskedWords:
    return MaskedWords(
        subject=_HIDE(petition.subject),
        text=_HIDE(petition.text),
        answer=_HIDE(petition.answer) if petition.answer else None,
    )


def _division(code: str | None) -> str | None:
    try:
        return normalise_code(code) if code else None
    except ValueError:
        return None


def _category_code(uow: UnitOfWork, written: str | None) -> str | None:
    """A six-digit code, or the code of a first-level name."""
    if written is None:
        return None
    categories = uow.reference.categories
    if categories.get(written) is not None:
        return written
    return next((c.code for c in categories if c.name == written and c.level == 1), None)
