"""Which of two events about one subject is the newer: the one comparison all consumers use.

The version of a subject alone does not say it. A service that was restored from a backup counts
versions again from the backup on, under a higher epoch: its events are newer than all before,
whatever their version.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeVar

Rank = tuple[int, int]
"""(epoch, sequence) of an event; the sequence is the version of its subject."""
UNSEEN: Rank = (0, 0)
"""Below every event."""

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)


def is_newer(rank: Rank, known: Rank | None) -> bool:
    """Whether an event says something newer than what is known; an equal rank is a repeat."""
    return known is None or rank > known


def newest(
    items: Iterable[Item],
    *,
    key: Callable[[Item], Key],
    rank: Callable[[Item], Rank],
) -> dict[Key, Item]:
    """Of each subject the item with the highest rank; of equal ones the first."""
    found: dict[Key, Item] = {}
    for item in items:
        other = found.get(key(item))
        if other is None or is_newer(rank(item), rank(other)):
            found[key(item)] = item
    return found


def newer_than_known(
    items: Mapping[Key, Item], known: Mapping[Key, Rank], *, rank: Callable[[Item], Rank]
) -> dict[Key, Item]:
    """Those of the items that say something newer than what is known of their subject."""
    return {key: item for key, item in items.items() if is_newer(rank(item), known.get(key))}
