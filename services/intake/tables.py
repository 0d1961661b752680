"""Rows of intake.

Identity and the original words lie encrypted in `vault`; `words` holds the masked copy and has no
row for a sealed petition. Nothing here names a person in the clear.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.db.engine import partial_index
from shared.db.roles import APPEND_ONLY
from shared.db.tables import common_tables
from shared.db.types import UtcDateTime, new_metadata
from shared.db.wrong_tries import wrong_try_table

METADATA = new_metadata()
TABLES = common_tables(METADATA)
WRONG_TRY = wrong_try_table(METADATA)
"""Wrong query codes, per number."""


class IntakeRow(SQLModel, registry=registry(metadata=METADATA)):
    """Base of intake's rows."""


class Petition(IntakeRow, table=True):
    """One thing received (信访件). `version` counts published changes: 0 while sealed.

    `received_division` is the division of the organ that received it and carries the scope.
    `content_digest` tells a row of a history that comes again from one with other words.
    `opener` of a sealed one is the organ before which it is; empty: nobody in this deployment may
    decide on it; None: not settled yet. `hidden_from` are the organs an accusation complains of
    (shared/db/accused.py), of a sealed one as keyed marks, for what it says lies in the vault.
    """

    __tablename__ = "petition"

    id: UUID = Field(primary_key=True)
    number: str = Field(max_length=32, unique=True)
    matter_id: UUID = Field(index=True)
    version: int
    code_hash: str | None = Field(max_length=64)
    sealed_id: UUID | None = Field(unique=True)
    sealed: bool
    channel: str = Field(max_length=10)
    origin: str = Field(max_length=20)
    purpose: str = Field(max_length=12)
    category_code: str | None = Field(max_length=6)
    category_by: str = Field(max_length=10)
    category_confidence: float | None
    division_code: str | None = Field(max_length=12)
    complained_organ: str | None = Field(max_length=40)
    received_by: str = Field(max_length=40)
    received_division: str = Field(max_length=12)
    receiving_tier: int
    received_on: date
    registered_at: datetime = Field(sa_type=UtcDateTime)
    registered_hour: datetime = Field(sa_type=UtcDateTime, index=True)
    head_count: int
    person_times: int
    batch: bool
    repeat: bool
    joint: bool
    anonymous: bool
    notice_owed: bool
    partner: str | None = Field(max_length=40)
    source: str | None = Field(max_length=40)
    source_id: str | None = Field(max_length=100)
    content_digest: str | None = Field(max_length=64)
    answered_on: date | None
    editions: dict[str, Any] = Field(sa_type=JSON)
    opener: str | None = Field(default=None, max_length=40)
    hidden_from: str | None = Field(default=None, sa_type=Text)

    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        Index("ix_petition_received_by", "received_by", "id"),
    )


_PETITION = Petition.__table__  # type: ignore[attr-defined]
partial_index("ix_petition_sealed", "sealed", _PETITION.c.id)
partial_index("ix_petition_unsettled", "sealed AND opener IS NULL", _PETITION.c.id)
partial_index("ix_petition_hidden", "hidden_from IS NOT NULL", _PETITION.c.id)


class Words(IntakeRow, table=True):
    """The masked words of a petition that is not sealed; `answer` for imported history."""

    __tablename__ = "words"

    petition_id: UUID = Field(primary_key=True)
    subject: str = Field(max_length=400)
    text: str = Field(sa_type=Text)
    place: str | None = Field(max_length=400)
    answer: str | None = Field(sa_type=Text)


class Vault(IntakeRow, table=True):
    """Encrypted fields: `petitioners`, `words`, and what sealing found (`seal`)."""

    __tablename__ = "vault"

    petition_id: UUID = Field(primary_key=True)
    field: str = Field(primary_key=True, max_length=20)
    value: str = Field(sa_type=Text)


class Progress(IntakeRow, table=True):
    """State of the case of a petition as routing last told it; (epoch, sequence) only grows.
    `hidden_from` are the organs that must not know of the case."""

    __tablename__ = "progress"

    petition_id: UUID = Field(primary_key=True)
    case_id: UUID
    epoch: int
    sequence: int
    state: str = Field(max_length=20)
    organ_code: str | None = Field(max_length=40)
    hidden_from: str | None = Field(default=None, sa_type=Text)


class Step(IntakeRow, table=True):
    """One step of a petition's way as the citizen sees it, one per case event."""

    __tablename__ = "step"

    petition_id: UUID = Field(primary_key=True)
    epoch: int = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    kind: str = Field(max_length=30)
    happened_on: date
    organ_code: str | None = Field(max_length=40)


partial_index(
    "ix_progress_hidden", "hidden_from IS NOT NULL",
    Progress.__table__.c.petition_id,  # type: ignore[attr-defined]
)  # fmt: skip


class StoredAnswer(IntakeRow, table=True):
    """The first answer under an idempotency key or webhook id, encrypted (`key` is a digest).

    Kept at least 400 days (reliability trap 28)."""

    __tablename__ = "stored_answer"

    key: str = Field(primary_key=True, max_length=64)
    request: str = Field(max_length=64)
    answer: str = Field(sa_type=Text)
    stored_at: datetime = Field(sa_type=UtcDateTime, index=True)


class GrantKey(IntakeRow, table=True):
    """A public key of routing with which case grants are checked; (epoch, sequence) only grows."""

    __tablename__ = "grant_key"

    key_id: str = Field(primary_key=True, max_length=40)
    epoch: int
    sequence: int
    public_key: str = Field(max_length=43)
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_to: datetime | None = Field(sa_type=UtcDateTime)


class Reveal(IntakeRow, table=True):
    """The vault was opened once (查看身份): who, for which organ, what for, why, in which case.

    `grant_id` is the grant's own id, so that none opens twice; the petitioner may read the rest
    but for the person. `reason` is masked. Rows are never changed."""

    __tablename__ = "reveal"

    grant_id: UUID = Field(primary_key=True)
    petition_id: UUID
    person: str = Field(max_length=120)
    post_id: UUID
    organ_code: str = Field(max_length=40)
    role: str = Field(max_length=20)
    purpose: str = Field(max_length=20)
    reason: str = Field(max_length=400)
    case_id: UUID | None
    at: datetime = Field(sa_type=UtcDateTime)

    __table_args__ = (
        Index("ix_reveal_petition", "petition_id", "at"),
        Index("ix_reveal_person", "person", "at"),
        Index("ix_reveal_at", "at", "grant_id"),
        {"info": APPEND_ONLY},
    )


class Paper(IntakeRow, table=True):
    """A paper one petition is owed (文书), as routing told it, and its way to the petitioner.

    `slots` are the values of the template but for name and address, which come from the vault
    whenever it is made: nothing here says who it is for. `sha256` seals the PDF last made, empty
    until then; `proof` is masked. Open while `delivered_on` is."""

    __tablename__ = "paper"

    paper_id: UUID = Field(primary_key=True)
    notice_id: UUID
    petition_id: UUID = Field(index=True)
    case_id: UUID
    ordinal: int
    kind: str = Field(max_length=20)
    title: str | None = Field(max_length=60)
    number: str = Field(max_length=60)
    organ_code: str = Field(max_length=40)
    owed_on: date
    template: str | None = Field(max_length=20)
    template_sha256: str | None = Field(max_length=64)
    slots: dict[str, Any] | None = Field(sa_column=Column(JSON(none_as_null=True)))
    sha256: str | None = Field(max_length=64)
    made_at: datetime | None = Field(sa_type=UtcDateTime)
    made_by: str | None = Field(max_length=120)
    delivered_on: date | None
    method: str | None = Field(max_length=16)
    refused: bool
    proof: str | None = Field(sa_type=Text)
    seen_at: datetime | None = Field(sa_type=UtcDateTime)

    __table_args__ = (UniqueConstraint("notice_id", "petition_id"),)


_PAPER = Paper.__table__  # type: ignore[attr-defined]
partial_index(
    "ix_paper_open", "delivered_on IS NULL",
    _PAPER.c.organ_code, _PAPER.c.owed_on, _PAPER.c.paper_id,
)  # fmt: skip


class PaperTemplate(IntakeRow, table=True):
    """The text of a template for which papers were owed: kept, so that a paper can be made again
    word for word after a newer program has another one."""

    __tablename__ = "paper_template"

    sha256: str = Field(primary_key=True, max_length=64)
    text: str = Field(sa_type=Text)
    common: str = Field(sa_type=Text)


class Partner(IntakeRow, table=True):
    """A county system that pushes petitions; its division bounds what it may file."""

    __tablename__ = "partner"

    name: str = Field(primary_key=True, max_length=40)
    title: str = Field(max_length=100)
    division_code: str = Field(max_length=12)
    active: bool


class PartnerSecret(IntakeRow, table=True):
    """A signing secret of a partner, encrypted; in force until `valid_to`."""

    __tablename__ = "partner_secret"

    id: UUID = Field(primary_key=True)
    partner: str = Field(max_length=40, index=True)
    value: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    valid_to: datetime | None = Field(sa_type=UtcDateTime)
