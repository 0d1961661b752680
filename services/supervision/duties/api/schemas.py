"""What the routes answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.supervision.duties.domain.duty import Duty, state_words
from services.supervision.duties.domain.explanation import Explanation
from shared.reference.organs import Organs
from shared.vocabulary.duties import AlarmCode, DutyState, Nature


class DutyOut(BaseModel):
    """One duty (时限任务)."""

    duty_id: UUID
    kind: str
    kind_name: str
    subject_kind: str
    subject_id: UUID
    ordinal: int
    case_id: UUID | None
    petition_ids: list[UUID]
    nature: Nature
    nature_name: str
    organ_code: str | None
    organ_name: str | None
    division_code: str | None
    started_on: date
    due_on: date = Field(description="最后一日")
    due_at: datetime = Field(description="最后一日二十四时，UTC")
    days_left: int = Field(description="距最后一日的日数，负数为已过")
    provisional: bool = Field(description="工作日历不够长，为可能的最早日期")
    state: DutyState
    state_name: str = Field(description="未到期、临期、超期，以及结束的方式")
    ended_on: date | None
    overdue_at: datetime | None = Field(description="何时成为超期，办结后仍保留")
    limit_id: str
    article: str
    silent: bool = Field(description="导入的历史数据：只记事实")
    version: int

    @classmethod
    def of(cls, duty: Duty, *, today: date, organs: Organs) -> Self:
        """The answer for a duty."""
        organ = organs.get(duty.organ_code) if duty.organ_code else None
        return cls(
            duty_id=duty.key.duty_id,
            kind=duty.key.kind.value,
            kind_name=duty.key.kind.label,
            subject_kind=duty.key.subject_kind.value,
            subject_id=duty.key.subject_id,
            ordinal=duty.key.ordinal,
            case_id=duty.case_id,
            petition_ids=list(duty.petition_ids),
            nature=Nature(duty.nature.value),
            nature_name=duty.nature.label,
            organ_code=duty.organ_code,
            organ_name=organ.name if organ else None,
            division_code=duty.division_code,
            started_on=duty.terms.started_on,
            due_on=duty.due.last_day,
            due_at=duty.due.at,
            days_left=(duty.due.last_day - today).days,
            provisional=duty.due.provisional,
            state=DutyState(duty.state.value),
            state_name=state_words(duty, today),
            ended_on=duty.ended_on,
            overdue_at=duty.overdue_at,
            limit_id=duty.limit_id,
            article=duty.article,
            silent=duty.silent,
            version=duty.version,
        )


class DayOut(BaseModel):
    """One day of the reckoning."""

    day: date
    weekday: str
    kind: str
    counted: bool
    number: int | None
    why: str


class ExplanationOut(BaseModel):
    """Why a duty is due when it is."""

    duty_id: UUID
    title: str
    sentences: list[str]
    articles: list[str]
    days: list[DayOut]

    @classmethod
    def of(cls, duty_id: UUID, told: Explanation) -> Self:
        """The answer for an explanation."""
        return cls(
            duty_id=duty_id,
            title=told.title,
            sentences=list(told.sentences),
            articles=list(told.articles),
            days=[
                DayOut(
                    day=line.day,
                    weekday=line.weekday,
                    kind=line.kind,
                    counted=line.counted,
                    number=line.number,
                    why=line.why,
                )
                for line in told.days
            ],
        )


class DutyCount(BaseModel):
    """How many duties of one state and nature; `was_overdue` counts late ones after closing."""

    state: DutyState
    nature: Nature
    was_overdue: bool
    count: int


class DutyCounts(BaseModel):
    """Counts within the caller's scope."""

    items: list[DutyCount]
    open: int
    overdue: int


class AlarmOut(BaseModel):
    """Something a person must look at."""

    alarm_id: UUID
    code: str
    title: str
    subject: str
    detail: str
    division_code: str | None
    organ_code: str | None
    times: int = Field(description="发生次数")
    first_at: datetime
    last_at: datetime
    cleared_at: datetime | None

    @classmethod
    def of(cls, row: Any) -> Self:
        """The answer for a row."""
        return cls(
            alarm_id=row.alarm_id,
            code=row.code,
            title=AlarmCode(row.code).label,
            subject=row.subject,
            detail=row.detail,
            division_code=row.division_code,
            organ_code=row.organ_code,
            times=row.times,
            first_at=row.first_at,
            last_at=row.last_at,
            cleared_at=row.cleared_at,
        )
