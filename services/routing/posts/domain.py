"""Rules of giving and ending posts that no role is above: one person is not everybody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shared.kernel.errors import Conflict, Forbidden
from shared.kernel.plain_text import fold

Span = tuple[datetime, datetime | None]
"""From when to when a post is in force; None: without an end."""


class OwnPost(Forbidden):
    """Nobody gives a post to themselves."""

    code = "own_post"


class OtherPersonNeeded(Forbidden):
    """Somebody else than who gave the post and who gets it has to confirm it."""

    code = "other_person_needed"


class LastOperator(Conflict):
    """After this nobody could give posts any more."""

    code = "last_operator"


def same_person(one: str, other: str) -> bool:
    """Whether two subjects of tokens may be one person's: alike but for case, width, blanks and
    what is not seen. Two accounts of one person under different names can't be told."""
    return _plain(one) == _plain(other)


def first_gap(spans: Iterable[Span], since: datetime) -> datetime | None:
    """The first instant from `since` on at which none of the posts is in force; None: never."""
    covered = since
    for begins, ends in sorted(spans, key=lambda span: span[0]):
        if begins > covered:
            break
        if ends is None:
            return None
        covered = max(covered, ends)
    return covered


def _plain(subject: str) -> str:
    return "".join(fold(subject).text.casefold().split())
