"""Conditions of a table of procedure: functions, each registered under its name and level.

The level says what the function looks at, and so when it can be asked: a condition of the entity
or of the rules narrows what is offered, one of the body or of the store is asked when the act is
taken. A function answers False (the act is illegal now, with the words of the condition) or raises
a DomainError of its own. Pure: the domain of a service may import it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import Any, Generic, TypeVar

from shared.kernel.errors import DomainError
from shared.reference.editions import Reference
from shared.workflow.table import TableInvalid

E = TypeVar("E")
Check = Callable[..., Any]
CheckT = TypeVar("CheckT", bound=Check)


class Level(IntEnum):
    """What a condition looks at: the entity alone; also the rules in force and the day; also who
    acts and the body of the act; also the database."""

    ENTITY = 1
    RULES = 2
    BODY = 3
    STORE = 4


@dataclass(frozen=True, slots=True)
class Law:
    """The rules in force on a day."""

    reference: Reference
    on: date


@dataclass(slots=True)
class Step:
    """One act being done: under which rules, for which organ, by whom. `found` is what the act
    looked up in the store (`ActSpec.finds`), `said` what the journal keeps of it, as JSON."""

    law: Law
    organ: str
    person: str
    found: Any = None
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def on(self) -> date:
        """The legal local day of the act."""
        return self.law.on

    @property
    def reference(self) -> Reference:
        """The reference data in force."""
        return self.law.reference

    def note(self, **more: Any) -> None:
        """Keep more in the journal than the body said; values as JSON keeps them."""
        self.said |= more


@dataclass(frozen=True, slots=True)
class Guard:
    """One condition. `words` completes “须…”; `refuses` are the errors `check` raises."""

    name: str
    words: str
    level: Level
    check: Check
    refuses: tuple[type[DomainError], ...] = ()


class Guards(Generic[E]):
    """The conditions of one noun. The parameters of a check follow from its level:

    entity `(entity)`, rules `(entity, law)`, body `(entity, step, body)`, store
    `async (entity, step, body, uow)`."""

    def __init__(self) -> None:
        self._known: dict[str, Guard] = {}

    def __getitem__(self, name: str) -> Guard:
        return self._known[name]

    def __iter__(self) -> Iterator[Guard]:
        return iter(self._known.values())

    def entity(self, name: str, words: str, *refuses: type[DomainError]) -> Callable[..., Any]:
        """Register a condition that needs only the entity."""
        return self._register(name, words, Level.ENTITY, refuses)

    def rules(self, name: str, words: str, *refuses: type[DomainError]) -> Callable[..., Any]:
        """Register a condition that needs the entity, the rules in force and the day."""
        return self._register(name, words, Level.RULES, refuses)

    def body(self, name: str, words: str, *refuses: type[DomainError]) -> Callable[..., Any]:
        """Register a condition that needs the body of the act, or who acts."""
        return self._register(name, words, Level.BODY, refuses)

    def store(self, name: str, words: str, *refuses: type[DomainError]) -> Callable[..., Any]:
        """Register a condition that needs the database."""
        return self._register(name, words, Level.STORE, refuses)

    def broken(
        self, entity: E, names: Iterable[str], law: Law | None = None
    ) -> tuple[Guard, DomainError | None] | None:
        """The first of these that does not hold, of those of the entity and, with `law`, of the
        rules; with the error it raised."""
        for guard in self._of(names, Level.RULES if law else Level.ENTITY):
            try:
                given = (entity, law) if guard.level is Level.RULES else (entity,)
                if not guard.check(*given):
                    return guard, None
            except DomainError as error:
                return guard, error
        return None

    async def ask(self, entity: E, names: Iterable[str], step: Step, body: Any, uow: Any) -> Any:
        """Ask the conditions of the body and of the store, in the order of the table.

        Gives the guard that answered False; raises what they raise."""
        for guard in self._of(names, Level.STORE):
            if guard.level is Level.BODY and not guard.check(entity, step, body):
                return guard
            if guard.level is Level.STORE and not await guard.check(entity, step, body, uow):
                return guard
        return None

    def check_names(self, named: Iterable[str]) -> None:
        """Raises TableInvalid for a name without a function and a function that no row names."""
        if faults := sorted(set(named) ^ self._known.keys()):
            raise TableInvalid(f"conditions named or registered alone: {faults}")

    def _of(self, names: Iterable[str], most: Level) -> list[Guard]:
        """What the domain alone has not registered is of a higher level: `check_names` sees to it
        that in a program that runs nothing is missing."""
        known = (self._known.get(name) for name in names)
        return [guard for guard in known if guard is not None and guard.level <= most]

    def _register(
        self, name: str, words: str, level: Level, refuses: tuple[type[DomainError], ...]
    ) -> Callable[[CheckT], CheckT]:
        def register(check: CheckT) -> CheckT:
            if name in self._known:
                raise TableInvalid(f"condition {name} registered twice")
            self._known[name] = Guard(name, words, level, check, refuses)
            return check

        return register
