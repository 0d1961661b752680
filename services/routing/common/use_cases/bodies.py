"""What the acts take from outside: types of members, and the bodies most acts share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.web.bodies import StaffText, Whole

OrganCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}-[A-Z_]{2,24}$")]
DivisionCode = Annotated[
    str, StringConstraints(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")
]
CategoryCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
CaseNumber = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Words = Annotated[str, StaffText(5_000)]
FewWords = Annotated[str, StaffText(5_000, least=0)]
ShortLine = Annotated[str, StaffText(200, lines=False)]
ShortText = Annotated[str, StaffText(2_000)]
LongText = Annotated[str, StaffText(20_000)]
SeenVersion = Annotated[Whole | None, Field(description="看到的版本号；与现版本不符则拒绝")]


class Request(BaseModel):
    """Base of request bodies: unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class ActIn(Request):
    """An act that needs no words."""

    version: SeenVersion = None


class ReasonsIn(ActIn):
    """An act with its reasons."""

    reasons: Words


def said(body: ActIn, *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What a body says, as the journal keeps it: as JSON, without what was left out."""
    return body.model_dump(mode="json", exclude_none=True, exclude={"version", *without})
