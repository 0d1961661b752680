"""Hearing 听证, mediation 调解 and settlement 和解: events in a case, never endings (Art. 31, 33).

None of them stops the handling limit; only in a re-review the days of a hearing do not count
(Art. 36).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from services.routing.cases.domain.case_steps import Act
from services.routing.cases.domain.procedure import Row
from services.routing.casework.acts.frame import Step, act
from services.routing.casework.acts.promising import Undertakings, promise
from services.routing.common.use_cases.bodies import (
    ActIn,
    LongText,
    ReasonsIn,
    ShortLine,
    ShortText,
    Words,
    said,
)
from services.routing.undertakings.domain import lapse
from shared.kernel.errors import Invalid
from shared.web.bodies import Day, StaffText

Party = Annotated[str, StaffText(120, lines=False)]
Subject = Annotated[str, StaffText(500)]
Office = Annotated[str, StaffText(100, lines=False)]
TimeWords = Annotated[str, StaffText(60, lines=False)]
Parties = Annotated[list[Party], Field(min_length=1, max_length=50)]


class HearingIn(ActIn):
    """听证: why it is held and who takes part, by office and part, never by name of a citizen. The
    paper can be printed where it is said when, where and led by whom."""

    subject: Subject
    participants: Parties
    held_at: TimeWords | None = None
    place: ShortLine | None = None
    presided_by: Office | None = None


@act("hearing", "举行听证", HearingIn, Act.OPEN_HEARING)
async def open_hearing(step: Step, body: HearingIn) -> Row:
    """Convene a hearing; its time runs from today."""
    return step.take(Act.OPEN_HEARING, **said(body))


class HearingRecordIn(ActIn):
    """听证笔录."""

    record: LongText


@act("hearing-record", "听证结束", HearingRecordIn, Act.CLOSE_HEARING)
async def close_hearing(step: Step, body: HearingRecordIn) -> Row:
    """The hearing is over; its record stays with the case."""
    return step.take(Act.CLOSE_HEARING, record=body.record)


class MediationIn(ActIn):
    """调解: who mediates, between whom; both agreed to it."""

    mediator: Words
    parties: Parties


@act("mediation", "调解", MediationIn, Act.OPEN_MEDIATION)
async def open_mediation(step: Step, body: MediationIn) -> Row:
    """Mediate between parties who agreed to it (Art. 33)."""
    return step.take(Act.OPEN_MEDIATION, mediator=body.mediator, parties=body.parties)


@act("mediation-failure", "调解不成", ReasonsIn, Act.FAIL_MEDIATION)
async def fail_mediation(step: Step, body: ReasonsIn) -> Row:
    """No agreement; handling goes on, its limit never stopped."""
    return step.take(Act.FAIL_MEDIATION, reasons=body.reasons)


class AgreementKind(StrEnum):
    """调解协议 or 和解协议."""

    MEDIATION = "mediation"
    SETTLEMENT = "settlement"


AGREEMENT_WORDS: Mapping[AgreementKind, str] = {
    AgreementKind.MEDIATION: "调解协议",
    AgreementKind.SETTLEMENT: "和解协议",
}


class AgreementIn(ActIn):
    """What was agreed and by when it is to be fulfilled, and what each side undertakes; with which
    organ, about what and how it is to be fulfilled, where the paper is to be printed."""

    kind: AgreementKind
    terms: LongText
    fulfil_by: Day
    other_party: ShortLine | None = None
    dispute: LongText | None = None
    performance: ShortText | None = None
    undertakings: Undertakings | None = None


@act("agreement", "达成调解或者和解协议", AgreementIn, Act.AGREE)
async def agree(step: Step, body: AgreementIn) -> Row:
    """Both sides agreed; the case ends when the agreement is fulfilled, not before."""
    if body.fulfil_by < step.on:
        raise Invalid("履行期限不得早于今天", field="fulfil_by")
    held = step.case.current
    row = step.take(Act.AGREE, **said(body))
    promise(step, body.undertakings or (), fulfil_by=body.fulfil_by)
    if held is not None:
        held.answered_on = step.case.answered_on = step.on
    return row


class FulfilmentIn(ActIn):
    """How it was fulfilled."""

    outcome: Words


@act("fulfilment", "协议已履行", FulfilmentIn, Act.FULFIL)
async def fulfil(step: Step, body: FulfilmentIn) -> Row:
    """The agreement was fulfilled: the case ends as settled."""
    held = step.case.current
    row = step.take(Act.FULFIL, outcome=body.outcome)
    if held is not None:
        held.delivered_on = step.case.delivered_on = step.on
    return row


@act("breach", "协议未履行，恢复办理", ReasonsIn, Act.BREACH)
async def breach(step: Step, body: ReasonsIn) -> Row:
    """The agreement was not fulfilled: handling goes on under the limit it had, and what is left of
    its promises is owed no more."""
    held, agreed = step.case.current, step.case.journal.last(Act.AGREE)
    row = step.take(Act.BREACH, reasons=body.reasons)
    if agreed is not None:
        lapse(step.case.undertakings, agreement=agreed.ordinal, on=step.on)
    if held is not None:
        held.answered_on = step.case.answered_on = None
    return row
