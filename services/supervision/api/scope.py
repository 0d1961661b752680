"""Whose duties somebody may see: an organ's people its own, supervisors their subtree's."""

from __future__ import annotations

from typing import Annotated, Any

from sqlalchemy import ColumnElement, or_

from shared.contracts.words import Role
from shared.reference.divisions import Divisions
from shared.web.deps import allow
from shared.web.security import Caller, ScopeKind, scope_of

ORGAN_ROLES = frozenset({Role.REGISTRAR, Role.OFFICER, Role.HEAD})
DIVISION_ROLES = frozenset({Role.SUPERVISOR, Role.LEADER})

Reader = Annotated[
    Caller, allow(*sorted(ORGAN_ROLES), *sorted(DIVISION_ROLES), scope=ScopeKind.DIVISION)
]
AlarmReader = Annotated[Caller, allow(Role.SUPERVISOR, Role.OPERATOR, scope=ScopeKind.DIVISION)]


def visible(
    caller: Caller, divisions: Divisions, *, organ: Any, division: Any
) -> ColumnElement[bool]:
    """Condition: the row belongs to an organ of the caller's or lies in the caller's subtree.

    The two kinds of posts are kept apart: an officer's division does not widen what he sees.
    """
    own = scope_of((post for post in caller.posts if post.role in ORGAN_ROLES), divisions)
    wide = scope_of((post for post in caller.posts if post.role in DIVISION_ROLES), divisions)
    return or_(own.of_organs(organ), wide.of_divisions(division))
