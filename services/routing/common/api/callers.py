"""Who may call what, and what of the cases they see."""

from __future__ import annotations

from typing import Annotated

from services.routing.common.use_cases import posts
from shared.reference.divisions import Divisions
from shared.vocabulary.posts import Role
from shared.web.deps import allow, public
from shared.web.security import Caller, Scope, ScopeKind, scope_of

WATCHING = frozenset((Role.SUPERVISOR, Role.LEADER))
"""Roles that see the cases of their division's subtree, without their words."""

Worker = Annotated[Caller, allow(Role.REGISTRAR, Role.OFFICER, Role.HEAD, scope=ScopeKind.ORGAN)]
"""Sees the lists of the own organ."""
Officer = Annotated[Caller, allow(Role.OFFICER, Role.HEAD, scope=ScopeKind.ORGAN)]
"""Acts for the own organ."""
Head = posts.Head
"""Approves for the own organ."""
Anybody = Annotated[Caller, public()]
"""The law and how it is done here is no secret."""
Reader = Annotated[
    Caller,
    allow(
        Role.REGISTRAR, Role.OFFICER, Role.HEAD, Role.SUPERVISOR, Role.LEADER,
        scope=ScopeKind.DIVISION,
    ),
]  # fmt: skip
"""Sees cases of the own organ, and by division in a watching role."""
Watcher = Annotated[Caller, allow(*WATCHING, scope=ScopeKind.DIVISION)]
"""Sees cases of the division's subtree."""
Operator = Annotated[Caller, allow(Role.OPERATOR, scope=ScopeKind.DEPLOYMENT)]
"""Runs the deployment: posts and editions, never cases."""

Overseer = Annotated[Caller, allow(Role.OPERATOR, Role.AUDITOR, scope=ScopeKind.DIVISION)]
"""Sees who holds which post: operators all of them, auditors those of their division."""


def working_scope(caller: Caller, divisions: Divisions) -> Scope:
    """Scope of the posts that work on cases."""
    return scope_of((p for p in caller.posts if p.role not in WATCHING), divisions)


def watching_scope(caller: Caller, divisions: Divisions) -> Scope:
    """Scope of the posts that watch a division."""
    return scope_of((p for p in caller.posts if p.role in WATCHING), divisions)
