"""Who acts, as the use cases know them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the person of the token and the organs of the posts that open the route.

    `heads` are those of the organs whose head (负责人) the person is, `held` those of all posts the
    person holds, whatever they open; `version` is the version of
    the case the person has seen, None when not told."""

    person: str
    organs: frozenset[str]
    version: int | None = None
    heads: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
