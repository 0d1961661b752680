"""Hearing 听证, mediation 调解, settlement 和解 and what its sides undertake: events in a case,
never endings (Art. 31, 33).

None of them stops the handling limit; only in a re-review the days of a hearing do not count
(Art. 36).
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.undertakings import Undertaking
from services.routing.casework.use_cases.flow import CASES
from services.routing.common.use_cases.bodies import LongText, ShortLine, ShortText
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import AgreementKind
from shared.vocabulary.cases import Party as Side
from shared.web.bodies import Day, StaffText, Whole
from shared.workflow.bodies import ActIn, ReasonsIn, Request, Words
from shared.workflow.guards import Step
from shared.workflow.table import RuleBroken

SHOWN = "凭码可由该方查看，请勿写入信访人或者他人的身份信息"
Ordinal = Annotated[Whole, Field(ge=1, le=10_000, description="义务序号")]
Party = Annotated[str, StaffText(120, lines=False)]
Subject = Annotated[str, StaffText(500)]
Office = Annotated[str, StaffText(100, lines=False)]
TimeWords = Annotated[str, StaffText(60, lines=False)]
Parties = Annotated[list[Party], Field(min_length=1, max_length=50)]


class HearingIn(ActIn):
    """听证：为什么举行，谁参加（写单位和身份，不写公民姓名）；需要打印文书的，写明时间、地点和主持人。"""

    subject: Subject
    participants: Parties
    held_at: TimeWords | None = None
    place: ShortLine | None = None
    presided_by: Office | None = None


CASES.plain(
    "hearing", "举行听证", HearingIn, Act.OPEN_HEARING,
    sample={"subject": "质量是否合格", "participants": ["住建局", "建设单位"]},
)  # fmt: skip


class HearingRecordIn(ActIn):
    """听证笔录。"""

    record: LongText


CASES.plain(
    "hearing-record", "听证结束", HearingRecordIn, Act.CLOSE_HEARING,
    sample={"record": "双方陈述如下"},
)  # fmt: skip


class MediationIn(ActIn):
    """调解：谁主持，谁参加；双方均同意调解。"""

    mediator: Words
    parties: Parties


CASES.plain(
    "mediation", "调解", MediationIn, Act.OPEN_MEDIATION,
    sample={"mediator": "街道调解委员会", "parties": ["信访人", "开发商"]},
)  # fmt: skip
CASES.plain(
    "mediation-failure", "调解不成", ReasonsIn, Act.FAIL_MEDIATION, sample={"reasons": "未达成一致"}
)


class UndertakingIn(Request):
    """一方的义务：谁，做什么，何时以前。只写单位名称，个人不写姓名。"""

    party: Side
    name: ShortLine | None = Field(default=None, description="只用于单位；个人不写姓名")
    duty: Annotated[ShortText, Field(description=SHOWN)]
    due: Day

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.name is not None) is not (self.party is Side.ORGANISATION):
            raise ValueError("an organisation has a name, nobody else")
        return self


Undertakings = Annotated[list[UndertakingIn], Field(min_length=1, max_length=50)]


class AgreementIn(ActIn):
    """协议的内容、履行期限和各方的义务；需要打印文书的，写明对方、争议和履行方式。"""

    kind: AgreementKind
    terms: LongText
    fulfil_by: Day
    other_party: ShortLine | None = None
    dispute: LongText | None = None
    performance: ShortText | None = None
    undertakings: Undertakings | None = None


@CASES.act(
    "agreement", "达成调解或者和解协议", AgreementIn, Act.AGREE, refuses=(Invalid,),
    sample={"kind": "settlement", "terms": "维修并补偿", "fulfil_by": "2026-06-30"},
)  # fmt: skip
def agree(case: Case, step: Step, body: AgreementIn) -> None:
    """The case ends when the agreement is fulfilled, not before."""
    promises = [
        Undertaking(
            undertaking_id=new_id(), ordinal=0, agreement=0, party=each.party, name=each.name,
            duty=each.duty, due_on=each.due,
        )
        for each in body.undertakings or ()
    ]  # fmt: skip
    case.agree(promises, fulfil_by=body.fulfil_by, on=step.on)


class KeepingIn(ActIn):
    """哪一项义务已经履行，怎样履行的。"""

    undertaking: Ordinal
    outcome: Annotated[ShortText, Field(description=SHOWN)]


@CASES.act(
    "undertaking-fulfilment", "登记义务已履行", KeepingIn, Act.KEEP_UNDERTAKING,
    sample={"undertaking": 1, "outcome": "已付清"}, refuses=(Invalid, RuleBroken),
)  # fmt: skip
def keep_undertaking(case: Case, step: Step, body: KeepingIn) -> None:
    """The agreement is fulfilled when all sides have kept theirs."""
    case.keep_undertaking(body.undertaking, body.outcome, on=step.on)


class FulfilmentIn(ActIn):
    """协议怎样履行的。"""

    outcome: Words


@CASES.act("fulfilment", "协议已履行", FulfilmentIn, Act.FULFIL, sample={"outcome": "已维修"})
def fulfil(case: Case, step: Step, _body: FulfilmentIn) -> None:
    """The case ends as settled."""
    case.fulfil(on=step.on)


@CASES.act(
    "breach", "协议未履行，恢复办理", ReasonsIn, Act.BREACH, sample={"reasons": "逾期未维修"}
)  # fmt: skip
def breach(case: Case, step: Step, _body: ReasonsIn) -> None:
    """Handling goes on under the limit it had."""
    case.breach(on=step.on)
