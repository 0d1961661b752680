"""What nouns without papers, events and proposals have in common before the pipeline."""

from __future__ import annotations

from typing import Any

from shared.db.unit_of_work import UnitOfWork
from shared.workflow.acts import Workflow
from shared.workflow.entities import Actor, E
from shared.workflow.guards import Law, Step
from shared.workflow.pipeline import keep
from shared.workflow.table import Row


class Quiet:
    """A port whose entities owe no papers, tell nobody and wait for nobody's approval."""

    async def issue(self, uow: UnitOfWork, entity: Any, row: Row, step: Step) -> None:
        """No papers."""

    async def publish(self, uow: UnitOfWork, entity: Any, did: str | None) -> None:
        """No events."""

    async def mark(self, uow: UnitOfWork, entity: Any, act: str | None) -> None:
        """No proposals."""

    def beside(self, entity: Any) -> tuple[str, ...]:  # noqa: ARG002
        """No drafts beside it."""
        return ()


async def begin(
    flow: Workflow[E], uow: UnitOfWork, entity: E, actor: Actor, act: Any, step: Step, body: Any
) -> None:
    """Keep a new entity by the act that opens it, when every condition of its row holds. Raises
    IllegalStep, and what the conditions raise."""
    row = flow.table.opening(act)
    broken = flow.guards.broken(entity, row.guards, step.law)
    if broken is not None and broken[1] is not None:
        raise broken[1]
    guard = broken[0] if broken else await flow.guards.ask(entity, row.guards, step, body, uow)
    if guard is not None:
        raise flow.illegal(entity.state, (), f"须{guard.words}")
    entity.take(row, step)
    await keep(flow, uow, entity, actor, str(act), step=step)


def law_of(uow: UnitOfWork) -> Law:
    """The rules in force today."""
    return Law(uow.reference, uow.clock.today())
