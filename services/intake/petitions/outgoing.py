"""Rows of intake as public contracts, and which of them a change publishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts.intake import (
    HistoryFacts,
    HistoryImportedV1,
    PetitionContentV1,
    PetitionFacts,
    PetitionRegisteredV1,
    PetitionSealedV1,
    PetitionWithdrawnV1,
)
from shared.contracts.papers import PaperDeliveredV1
from shared.db.unit_of_work import UnitOfWork

_COPIED = (
    "number", "matter_id", "channel", "origin", "purpose", "category_code", "category_by",
    "category_confidence", "division_code", "complained_organ", "received_by", "receiving_tier",
    "received_on", "registered_at", "head_count", "person_times", "batch", "repeat", "joint",
    "notice_owed", "editions",
)  # fmt: skip
_OF_PAPER = (
    "paper_id", "notice_id", "case_id", "petition_id", "ordinal", "method", "refused", "proof",
    "sha256", "delivered_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MaskedWords:
    """The words of a petition after masking."""

    subject: str
    text: str
    place: str | None = None
    answer: str | None = None


def publish_registered(
    uow: UnitOfWork,
    petition: Mapping[str, Any],
    words: MaskedWords,
    *,
    unsealed: UUID | None = None,
    retaliation_for: UUID | None = None,
) -> None:
    """An ordinary petition is known from now on: facts for all, masked words for routing.

    `unsealed` is the sealed item it was, `retaliation_for` the matter of the earlier petition where
    that was a report of retaliation."""
    facts = facts_of(petition)
    version = petition["version"]
    uow.record(PetitionRegisteredV1(petition=facts), subject_id=petition["id"], sequence=version)
    _publish_content(
        uow, facts, words, version=version, unsealed=unsealed, retaliation_for=retaliation_for
    )


def publish_imported(
    uow: UnitOfWork,
    petition: Mapping[str, Any],
    words: MaskedWords,
    *,
    located_by_subject_alone: bool,
) -> None:
    """A historical petition was taken over."""
    facts = facts_of(petition)
    version = petition["version"]
    uow.record(HistoryImportedV1(petition=facts), subject_id=petition["id"], sequence=version)
    _publish_content(
        uow, facts, words, version=version, located_by_subject_alone=located_by_subject_alone
    )


def publish_sealed(
    uow: UnitOfWork,
    petition: Mapping[str, Any],
    *,
    sealed_class: str,
    retaliation_for: UUID | None = None,
    sequence: int = 1,
) -> None:
    """Something is held back: an opaque id, a class, a level and before whom it lies (decisions 4);
    of a report of retaliation also the matter, as opaque, that must stay open meanwhile."""
    event = PetitionSealedV1(
        sealed_id=petition["sealed_id"],
        sealed_class=sealed_class,
        level=petition["receiving_tier"],
        retaliation_matter_id=retaliation_for,
        opener=petition["opener"],
    )
    uow.record(event, subject_id=petition["sealed_id"], sequence=sequence)


def publish_delivered(
    uow: UnitOfWork, paper: Mapping[str, Any], *, person: str, outstanding: int
) -> None:
    """A paper reached its petitioner: how, when and what proves it, never who that is."""
    copied = {name: paper[name] for name in _OF_PAPER}
    event = PaperDeliveredV1(**copied, person=person, outstanding=outstanding)
    uow.record(event, subject_id=paper["paper_id"], sequence=1)


def publish_withdrawal(uow: UnitOfWork, withdrawal: Mapping[str, Any]) -> None:
    """The petitioner withdrew a petition or took that back."""
    petition_id = withdrawal["petition_id"]
    event = PetitionWithdrawnV1(
        petition_id=petition_id,
        withdrawn_on=withdrawal["withdrawn_on"],
        revocable_until=withdrawal["revocable_until"],
    )
    uow.record(event, subject_id=petition_id, sequence=withdrawal["version"])


def facts_of(petition: Mapping[str, Any]) -> PetitionFacts:
    """The countable facts of a petition row."""
    history = None
    if petition["source"] is not None and petition["partner"] is None:
        history = HistoryFacts(
            source=petition["source"],
            source_id=petition["source_id"],
            answered_on=petition["answered_on"],
        )
    copied = {name: petition[name] for name in _COPIED}
    hidden_from = (petition.get("hidden_from") or "").split()
    also = [code for code in hidden_from if code != petition["complained_organ"]]
    return PetitionFacts(
        petition_id=petition["id"], history=history, also_complained=also, **copied
    )


def _publish_content(
    uow: UnitOfWork,
    facts: PetitionFacts,
    words: MaskedWords,
    *,
    version: int,
    unsealed: UUID | None = None,
    retaliation_for: UUID | None = None,
    located_by_subject_alone: bool = False,
) -> None:
    content = PetitionContentV1(
        petition=facts,
        title=words.subject,
        text=words.text,
        place=words.place,
        located_by_subject_alone=located_by_subject_alone,
        sealed_id=unsealed,
        retaliation_matter_id=retaliation_for,
    )
    uow.record(content, subject_id=facts.petition_id, sequence=version)
