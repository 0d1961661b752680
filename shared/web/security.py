"""Who is calling and what the posts allow: deny by default (decisions 7).

A token proves only who somebody is. Role and scope come from the service's own copy of the posts.
Every route declares an `Allow`; a test walks the routes and fails when one has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.words import Role
from shared.kernel.clock import Clock
from shared.reference.divisions import Divisions


class ScopeKind(StrEnum):
    """What a route lets its caller see.

    public: no account; organ: rows of the caller's organs; division: rows in the subtree of the
    organs' divisions; deployment: technical objects of the whole deployment, never cases.
    """

    PUBLIC = "public"
    ORGAN = "organ"
    DIVISION = "division"
    DEPLOYMENT = "deployment"


@dataclass(frozen=True, slots=True)
class Post:
    """A post in force."""

    organ_code: str
    division_code: str
    role: Role


@dataclass(frozen=True, slots=True)
class Scope:
    """What the caller may see. Nothing known means no rows, never all rows."""

    organs: frozenset[str] = frozenset()
    divisions: tuple[tuple[str, str], ...] = ()

    def of_organs(self, column: Any) -> ColumnElement[bool]:
        """Condition: the row's organ is one of the caller's."""
        return column.in_(sorted(self.organs)) if self.organs else false()

    def of_divisions(self, column: Any) -> ColumnElement[bool]:
        """Condition: the row's 12-digit division lies in the caller's subtrees."""
        if not self.divisions:
            return false()
        return or_(*(and_(column >= low, column <= high) for low, high in self.divisions))

    def has_division(self, code: str | None) -> bool:
        """Whether one division lies in the caller's subtrees."""
        return code is not None and any(low <= code <= high for low, high in self.divisions)


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated person with the posts that opened this route (none on public routes)."""

    person: str
    posts: tuple[Post, ...] = ()
    scope: Scope = field(default_factory=Scope)

    @property
    def roles(self) -> frozenset[Role]:
        """Roles of the posts that opened the route."""
        return frozenset(post.role for post in self.posts)

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody has logged in."""
        return not self.posts


ANONYMOUS: Final = Caller(person="anonymous")


async def posts_of(session: AsyncSession, table: Table, person: str, *, clock: Clock) -> list[Post]:
    """Posts of a person in force now, from the service's own copy."""
    now = clock.now()
    found = await session.execute(
        select(table.c.organ_code, table.c.division_code, table.c.role)
        .where(table.c.person == person, table.c.valid_from <= now)
        .where(or_(table.c.valid_to.is_(None), table.c.valid_to > now))
    )
    return [Post(row.organ_code, row.division_code, Role(row.role)) for row in found]


def scope_of(posts: Iterable[Post], divisions: Divisions) -> Scope:
    """The union of what the posts let see.

    A division that is not in the tree shows nothing: how far it reaches is anybody's guess."""
    posts = tuple(posts)
    known = {post.division_code for post in posts if divisions.get(post.division_code)}
    return Scope(
        organs=frozenset(post.organ_code for post in posts),
        divisions=tuple(sorted({divisions.subtree_range(code) for code in known})),
    )
