"""What the sides of an agreement undertake (义务), each by its own day, and that it was kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from services.routing.cases.domain.case_steps import Act, RuleBroken
from services.routing.cases.domain.procedure import Row
from services.routing.casework.acts.frame import Step, act
from services.routing.common.use_cases.bodies import ActIn, Request, ShortLine, ShortText
from services.routing.undertakings.domain import Party, Undertaking
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.web.bodies import Day, Whole

SHOWN = "凭码可由该方查看，请勿写入信访人或者他人的身份信息"
Ordinal = Annotated[Whole, Field(ge=1, le=10_000, description="义务序号")]


class UndertakingIn(Request):
    """One side's promise: who, what, by when. Only an organisation is named: a person's name has no
    place outside the vault."""

    party: Party
    name: ShortLine | None = Field(default=None, description="只用于单位；个人不写姓名")
    duty: Annotated[ShortText, Field(description=SHOWN)]
    due: Day

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.name is not None) is not (self.party is Party.ORGANISATION):
            raise ValueError("an organisation has a name, nobody else")
        return self


Undertakings = Annotated[list[UndertakingIn], Field(min_length=1, max_length=50)]


def promise(step: Step, wanted: Iterable[UndertakingIn], *, fulfil_by: date) -> None:
    """Add the promises of the agreement just made. Raises Invalid for a day before today or after
    the one by which the whole is to be fulfilled."""
    case = step.case
    for each in wanted:
        if not step.on <= each.due <= fulfil_by:
            raise Invalid("义务的期限不得早于今天，也不得晚于履行期限", field="undertakings")
        case.undertakings.append(
            Undertaking(
                undertaking_id=new_id(),
                ordinal=len(case.undertakings) + 1,
                agreement=len(case.journal),
                party=each.party,
                name=each.name,
                duty=each.duty,
                due_on=each.due,
            )
        )


class KeepingIn(ActIn):
    """Which promise was kept, and how."""

    undertaking: Ordinal
    outcome: Annotated[ShortText, Field(description=SHOWN)]


@act("undertaking-fulfilment", "登记义务已履行", KeepingIn, Act.KEEP_UNDERTAKING)
async def keep_undertaking(step: Step, body: KeepingIn) -> Row:
    """One side kept its promise; the agreement is fulfilled when all have. Raises RuleBroken for
    one that is not open."""
    found = next((u for u in step.case.undertakings if u.ordinal == body.undertaking), None)
    if found is None:
        raise Invalid("没有这项义务", field="undertaking")
    row = step.take(Act.KEEP_UNDERTAKING, undertaking=found.ordinal, outcome=body.outcome)
    if not found.is_open:
        raise RuleBroken("该项义务已经登记履行，或者协议已不再有效")
    found.keep(body.outcome, on=step.on)
    return row
