"""What the posts of a person say: who is head, and for which organ somebody speaks."""

from __future__ import annotations

from typing import Annotated

from shared.kernel.errors import Invalid
from shared.vocabulary.posts import Role
from shared.web.deps import allow
from shared.web.security import Caller, ScopeKind
from shared.workflow.entities import Actor

Head = Annotated[Caller, allow(Role.HEAD, scope=ScopeKind.ORGAN)]
"""Approves for the own organ."""


def own_organ(actor: Actor, organ_code: str | None) -> str:
    """The organ the actor speaks for: the one named, or the only one. Raises Invalid."""
    if organ_code is None and len(actor.organs) == 1:
        return next(iter(actor.organs))
    if organ_code is None or organ_code not in actor.organs:
        raise Invalid("请指明您任职的机关单位", field="organ_code")
    return organ_code
