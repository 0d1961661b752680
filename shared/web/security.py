"""Who is calling and what the posts allow: deny by default (decisions 7).

A token proves only who somebody is. Role and scope come from the service's own copy of the posts.
Every route declares an `Allow`; a test walks the routes and fails when one has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, false, or_, select

from shared.db.engine import Database
from shared.kernel.clock import Clock, SystemClock
from shared.reference.divisions import Divisions
from shared.reference.organs import Organs
from shared.vocabulary.posts import Role

REMEMBERED_SECONDS = 1.0
MOST_REMEMBERED = 10_000


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
    """An authenticated person with the posts that opened this route (none on public routes), and
    all posts they hold."""

    person: str
    posts: tuple[Post, ...] = ()
    scope: Scope = field(default_factory=Scope)
    held: tuple[Post, ...] = ()

    @property
    def roles(self) -> frozenset[Role]:
        """Roles of the posts that opened the route."""
        return frozenset(post.role for post in self.posts)

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody has logged in."""
        return not self.posts


ANONYMOUS: Final = Caller(person="anonymous")


@dataclass(frozen=True, slots=True)
class _Held:
    """A post with the time in which it is in force."""

    post: Post
    valid_from: datetime
    valid_to: datetime | None


class Posts:
    """The service's own copy of the post table, each person's posts remembered for a second.

    With the second an event may take, a change is in force within two (decisions 7). Machine time
    on purpose: a shifted test clock must not make the memory last.
    """

    def __init__(self, database: Database, table: Table, clock: Clock) -> None:
        self._database = database
        self._table = table
        self._clock = clock
        self._machine = SystemClock()
        self._known: dict[str, tuple[float, Sequence[_Held]]] = {}

    async def of(self, person: str) -> list[Post]:
        """Posts of a person in force now."""
        known = self._known.get(person)
        if known is None or known[0] < self._machine.monotonic():
            known = await self._look_up(person)
        now = self._clock.now()
        return [
            each.post
            for each in known[1]
            if each.valid_from <= now and (each.valid_to is None or each.valid_to > now)
        ]

    def forget(self) -> None:
        """Look everybody up anew: some post has changed."""
        self._known.clear()

    async def _look_up(self, person: str) -> tuple[float, Sequence[_Held]]:
        table = self._table.c
        until = self._machine.monotonic() + REMEMBERED_SECONDS
        async with self._database.reading() as session:
            found = await session.execute(
                select(
                    table.organ_code, table.division_code, table.role,
                    table.valid_from, table.valid_to,
                ).where(table.person == person)
            )  # fmt: skip
            held = [
                _Held(Post(organ, division, Role(role)), valid_from, valid_to)
                for organ, division, role, valid_from, valid_to in found
            ]
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[person] = until, held
        return until, held


def scope_of(posts: Iterable[Post], divisions: Divisions) -> Scope:
    """The union of what the posts let see.

    A division that is not in the tree shows nothing: how far it reaches is anybody's guess."""
    posts = tuple(posts)
    known = {post.division_code for post in posts if divisions.get(post.division_code)}
    return Scope(
        organs=frozenset(post.organ_code for post in posts),
        divisions=tuple(sorted({divisions.subtree_range(code) for code in known})),
    )


def organs_above(caller: Caller, organs: Organs) -> frozenset[str]:
    """The organs of all posts the caller holds, also of those that do not open the route, and all
    these are under: an accusation of one of them stays hidden from the caller (Art. 30(3)). Of
    several posts the strictest counts: nobody forgets at one desk what they learnt at another."""
    codes = {post.organ_code for post in (*caller.posts, *caller.held)}
    return frozenset().union(*(organs.under(code) for code in codes))
