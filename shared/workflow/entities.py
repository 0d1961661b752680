"""What the pipeline asks of a noun: the entity itself, and the port that keeps it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict
from shared.reference.editions import Reference
from shared.workflow.guards import Step
from shared.workflow.journal import Journal


class StaleVersion(Conflict):
    """Somebody else changed the entity in between; load it again."""

    code: ClassVar[str] = "stale_version"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the person of the token and the organs of the posts that open the route.

    `heads` are those of the organs whose head (负责人) the person is, `held` those of all posts the
    person holds, whatever they open; `version` is the version of the entity the person has seen,
    None when not told."""

    person: str
    organs: frozenset[str]
    version: int | None = None
    heads: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()


class Entity(Protocol):
    """Something with a life of its own. `awaits` is the act that waits for approval, if any."""

    awaits: str | None

    @property
    def state(self) -> Any:
        """Where it is in its life."""

    @property
    def version(self) -> int:
        """Counts its changes."""

    @property
    def entity_id(self) -> UUID:
        """Its identity."""

    @property
    def journal(self) -> Journal[Any]:
        """Its acts."""

    def take(self, row: Any, step: Step) -> None:
        """Note an act in the journal with `step.said`, and move by its row of the table."""


E = TypeVar("E", bound=Entity)


class Entities(Protocol[E]):
    """The port of a noun. Nothing in it decides which act is possible: that is the table's."""

    async def load(self, uow: UnitOfWork, entity_id: UUID) -> E | None:
        """The entity, locked until the transaction ends."""

    def admit(self, entity: E, actor: Actor, reference: Reference) -> None:
        """Raises NotFound for who must not know of the entity, Forbidden for who must not act."""

    def organs(self, entity: E, by: Any) -> frozenset[str]:
        """The organs in a position: whose act a row with this `by` is."""

    def at_hand(self, entity: E) -> frozenset[str]:
        """Organs that are told what else is possible when an act is nobody's now."""

    async def save(self, uow: UnitOfWork, entity: E, *, proposed_by: str | None) -> None:
        """Store the changed entity under its next version, with the fresh acts of its journal.
        Raises StaleVersion."""

    async def issue(self, uow: UnitOfWork, entity: E, row: Any, step: Step) -> None:
        """Note the papers (or messages) that an act makes owed; before `save`."""

    async def publish(self, uow: UnitOfWork, entity: E, did: str | None) -> None:
        """Record the events of the change; `did` names what is no act of the table."""

    async def mark(self, uow: UnitOfWork, entity: E, act: str | None) -> None:
        """Note for lists which act waits for approval: no change, so no version and no event."""

    def beside(self, entity: E) -> Collection[str] | None:
        """Organs whose drafts stand beside the one of the entity itself (`Workflow.beside`); None
        where there never was one."""


class Quiet:
    """Base of a port without papers, events and approval."""

    async def issue(self, uow: UnitOfWork, entity: Any, row: Any, step: Step) -> None:
        """Nobody is owed anything."""

    async def publish(self, uow: UnitOfWork, entity: Any, did: str | None) -> None:
        """Nobody outside of the service hears of it."""

    async def mark(self, uow: UnitOfWork, entity: Any, act: str | None) -> None:
        """Nothing waits for approval."""

    def beside(self, entity: Any) -> Collection[str] | None:
        """No organ acts beside another."""
