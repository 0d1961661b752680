"""What a citizen without an account reads of a petition."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, Field

from services.intake.petitions.api.schemas import StepOut, WithdrawalOut, organ_name
from services.intake.petitions.api.words import UNNAMED_PAPER, case_state
from services.intake.progress.use_cases import ProgressView
from shared.reference.organs import Organs
from shared.vocabulary.acts import PublicStep
from shared.vocabulary.term import label_of


class PaperShown(BaseModel):
    """A paper the petitioner is owed (文书); `available` when it can be downloaded."""

    ordinal: int
    title: str
    number: str
    organ: str | None
    owed_on: date
    delivered_on: date | None
    available: bool


class ProgressOut(BaseModel):
    """Where a petition stands (办理进度)."""

    number: str
    received_on: date
    registered_at: datetime
    state: str
    organ: str | None
    steps: list[StepOut]
    papers: list[PaperShown] = Field(description="应当书面告知信访人的文书")
    withdrawal: WithdrawalOut | None = Field(description="本人的撤回；空：没有撤回过")

    @classmethod
    def of(cls, view: ProgressView, organs: Organs) -> Self:
        """With names instead of codes."""
        return cls(
            number=view.number,
            received_on=view.received_on,
            registered_at=view.registered_at,
            state=case_state(view.state),
            organ=organ_name(organs, view.organ_code),
            steps=[
                StepOut(
                    kind=step.kind,
                    title=label_of(PublicStep, step.kind),
                    on=step.on,
                    organ=organ_name(organs, step.organ_code),
                )
                for step in view.steps
            ],
            papers=[
                PaperShown(
                    ordinal=paper.ordinal,
                    title=paper.title or UNNAMED_PAPER,
                    number=paper.number,
                    organ=organ_name(organs, paper.organ_code),
                    owed_on=paper.owed_on,
                    delivered_on=paper.delivered_on,
                    available=paper.available,
                )
                for paper in view.papers
            ],
            withdrawal=WithdrawalOut.of(view.withdrawal) if view.withdrawal else None,
        )
