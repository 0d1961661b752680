"""What a citizen without an account is told about a petition, by number and query code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.papers.store.papers import papers_of
from services.intake.petitions.store.answers import forget
from services.intake.petitions.store.petitions import steps_of
from services.intake.tables import WRONG_TRY
from services.intake.withdrawals.store import withdrawal_of
from shared.db.wrong_tries import forget_tries
from shared.kernel.clock import Clock

ANSWERS_KEPT = timedelta(days=400)
"""Longer than any replay of a filing (reliability trap 28)."""


@dataclass(frozen=True, slots=True)
class StepView:
    """One step on the petition's way."""

    kind: str
    on: date
    organ_code: str | None


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper owed to the petitioner; it can be had once the organ has made it."""

    ordinal: int
    title: str | None
    number: str
    organ_code: str
    owed_on: date
    delivered_on: date | None
    available: bool


@dataclass(frozen=True, slots=True)
class ProgressView:
    """The whole way so far. `state` is None before routing has spoken and for held petitions."""

    number: str
    received_on: date
    registered_at: datetime
    state: str | None
    organ_code: str | None
    steps: tuple[StepView, ...]
    papers: tuple[PaperView, ...]
    withdrawal: Mapping[str, Any] | None


async def progress_of(session: AsyncSession, petition: Mapping[str, Any]) -> ProgressView:
    """The progress of a petition that was found by its code."""
    steps = await steps_of(session, petition["id"])
    papers = await papers_of(session, petition["id"])
    withdrawal = await withdrawal_of(session, petition["id"])
    return ProgressView(
        number=petition["number"],
        received_on=petition["received_on"],
        registered_at=petition["registered_at"],
        state=petition["state"],
        organ_code=petition["organ_code"],
        steps=tuple(
            StepView(step["kind"], step["happened_on"], step["organ_code"]) for step in steps
        ),
        papers=tuple(
            PaperView(
                ordinal=paper["ordinal"],
                title=paper["title"],
                number=paper["number"],
                organ_code=paper["organ_code"],
                owed_on=paper["owed_on"],
                delivered_on=paper["delivered_on"],
                available=paper["sha256"] is not None,
            )
            for paper in papers
        ),
        withdrawal=withdrawal,
    )


async def sweep(units: Any, *, clock: Clock) -> int:
    """Forget old tries and answers; how many rows went."""
    now = clock.now()
    async with units.begin() as uow:
        gone = await forget(uow.session, before=now - ANSWERS_KEPT)
        return gone + await forget_tries(uow.session, WRONG_TRY, now=now)
