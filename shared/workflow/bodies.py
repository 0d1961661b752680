"""What most acts take from outside: the base of a body, and words with reasons."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from shared.web.bodies import Flag, StaffText, Whole

Words = Annotated[str, StaffText(5_000)]
FewWords = Annotated[str, StaffText(5_000, least=0)]
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


class ApprovalIn(ActIn):
    """签批: approved and done, or given back with reasons."""

    approved: Flag
    reasons: FewWords = ""


def said(body: ActIn, *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What a body says, as the journal keeps it: as JSON, without what was left out."""
    return body.model_dump(mode="json", exclude_none=True, exclude={"version", *without})
