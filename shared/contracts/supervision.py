"""What supervision tells the others: duties (时限任务) and what became of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.envelope import EventData, Facts
from shared.vocabulary.duties import DutyState, Nature


class DutyFacts(Facts):
    """One obligation of one organ with a due date. Due is a pure function of the other fields."""

    duty_id: UUID
    kind: str = Field(description="D1 … D5, raised, handling_internal, …; see docs/glossary.md")
    ordinal: int = Field(description="Distinguishes duties of one kind on one subject.")
    subject_kind: str = Field(description="petition | case | duty")
    subject_id: UUID
    case_id: UUID | None
    petition_ids: list[UUID]
    nature: Nature
    organ_code: str | None = Field(description="Organ that owes it; None = nobody to tell.")
    division_code: str | None
    started_on: date
    due_on: date = Field(description="Last local day.")
    due_at: datetime = Field(description="End of that day as an instant, UTC.")
    provisional: bool = Field(description="Counted beyond the calendar's horizon.")
    state: DutyState
    ended_on: date | None
    overdue_at: datetime | None = Field(description="When it became true; kept after closing.")
    limit_id: str
    article: str
    silent: bool = Field(description="Imported history: facts only, no warnings or notices.")


class DutyEvent(EventData):
    """Base of all duty events: subject `duty/<duty_id>`, sequence = version of the duty."""

    SUBJECT: ClassVar[str] = "duty"

    duty: DutyFacts


class DutyStartedV1(DutyEvent):
    """An organ owes something from now on."""

    TYPE: ClassVar[str] = "supervision.duty.started.v1"


class DutyWarnedV1(DutyEvent):
    """A duty comes due soon (临期). `days_left` is the warning stage that was reached."""

    TYPE: ClassVar[str] = "supervision.duty.warned.v1"

    days_left: int


class DutyOverdueV1(DutyEvent):
    """A duty was not met in time (超期), dated when it became true, however late it was noticed."""

    TYPE: ClassVar[str] = "supervision.duty.overdue.v1"

    noticed_at: datetime
    raised_to: str | None = Field(description="Superior organ that now owes supervision, if any.")


class DutyEndedV1(DutyEvent):
    """A duty was met, met late, lapsed (a window) or fell away."""

    TYPE: ClassVar[str] = "supervision.duty.ended.v1"


class DutyJudgedV1(DutyEvent):
    """A duty of imported history, judged silently by its own dates."""

    TYPE: ClassVar[str] = "supervision.duty.judged.v1"
