"""Whose duties somebody may see: an organ's people its own, supervisors their subtree's."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import ColumnElement, and_, or_

from services.supervision.duties.store.hiding import not_hidden
from services.supervision.facts.store import DUTY
from shared.reference.editions import Reference
from shared.vocabulary.posts import Role
from shared.web.deps import allow
from shared.web.security import Caller, ScopeKind, organs_above, scope_of

ORGAN_ROLES = frozenset({Role.REGISTRAR, Role.OFFICER, Role.HEAD})
DIVISION_ROLES = frozenset({Role.SUPERVISOR, Role.LEADER})

Reader = Annotated[
    Caller, allow(*sorted(ORGAN_ROLES), *sorted(DIVISION_ROLES), scope=ScopeKind.DIVISION)
]
AlarmReader = Annotated[Caller, allow(Role.SUPERVISOR, Role.OPERATOR, scope=ScopeKind.DIVISION)]


def visible(caller: Caller, reference: Reference) -> ColumnElement[bool]:
    """Condition on `duty`: it belongs to an organ of the caller's or lies in the caller's subtree,
    and is not about an accusation of one of their organs, or of one they are under (Art. 30).

    The two kinds of posts are kept apart: an officer's division does not widen what he sees.
    """
    divisions = reference.divisions
    own = scope_of((post for post in caller.posts if post.role in ORGAN_ROLES), divisions)
    wide = scope_of((post for post in caller.posts if post.role in DIVISION_ROLES), divisions)
    seen = or_(own.of_organs(DUTY.c.organ_code), wide.of_divisions(DUTY.c.division_code))
    return and_(seen, not_hidden(organs_above(caller, reference.organs)))
