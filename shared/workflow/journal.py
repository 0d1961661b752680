"""The journal of an entity: its acts, oldest first, each with what it said.

What is read off the acts is stored nowhere else. Pure: the domain of a service may import it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from enum import Enum
from types import UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
D = TypeVar("D", bound="Done")


@dataclass(frozen=True, slots=True)
class Done:
    """One act: `ordinal` counts the acts of an entity from 1, `data` is what the act said, as JSON
    keeps it."""

    ordinal: int
    act: Any
    on: date
    organ: str
    person: str
    data: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    def said(self, kind: type[T]) -> T:
        """What the act said, as a typed body; see `read`."""
        return read(kind, self.data)


class Journal(Generic[D]):
    """The acts of one entity, oldest first."""

    def __init__(self, acts: Sequence[D] = ()) -> None:
        self.acts = list(acts)
        self.stored = len(self.acts)

    @property
    def fresh(self) -> list[D]:
        """Acts that are not stored yet."""
        return self.acts[self.stored :]

    def __iter__(self) -> Iterator[D]:
        return iter(self.acts)

    def __len__(self) -> int:
        return len(self.acts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Journal) and self.acts == other.acts

    __hash__ = None  # type: ignore[assignment]  # it grows

    def add(self, done: D) -> None:
        """Note an act."""
        self.acts.append(done)

    def of(self, *acts: Any, **where: Any) -> list[D]:
        """Acts of these kinds; `where` names what else must be equal, None for anything."""
        wanted = [(name, value) for name, value in where.items() if value is not None]
        return [
            done
            for done in self.acts
            if done.act in acts and all(getattr(done, name) == value for name, value in wanted)
        ]

    def last(self, *acts: Any, **where: Any) -> D | None:
        """The newest of these, None when there is none."""
        found = self.of(*acts, **where)
        return found[-1] if found else None

    def lasts(self, begin: Any, *ends: Any, **where: Any) -> bool:
        """Whether something was begun and not ended."""
        newest = self.last(begin, *ends, **where)
        return newest is not None and newest.act is begin


def read(kind: type[T], data: Mapping[str, Any]) -> T:
    """A typed body from the JSON of the journal: a dataclass with members that are text, numbers,
    truths, days, codes, or such or None. Members the JSON lacks take their default, else None:
    older acts said less. What the class does not have is left alone."""
    hints = get_type_hints(kind)
    given: dict[str, Any] = {}
    for each in fields(kind):  # type: ignore[arg-type]
        if each.name in data:
            given[each.name] = _value(hints[each.name], data[each.name])
        elif each.default is MISSING and each.default_factory is MISSING:
            given[each.name] = None
    return kind(**given)


def _value(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) is UnionType:
        hint = next(each for each in get_args(hint) if each is not type(None))
    if hint is date:
        return date.fromisoformat(value)
    return hint(value) if isinstance(hint, type) and issubclass(hint, Enum) else value
