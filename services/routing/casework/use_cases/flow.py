"""Cases as a noun of the workflow: their table, conditions and words, and how they are kept."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.guards import GUARDS
from services.routing.cases.domain.procedure import TABLE, Row
from services.routing.cases.domain.rules import due_of
from services.routing.cases.outgoing import record_case
from services.routing.cases.store import cases, proposals
from services.routing.cases.store.tables import WORK
from services.routing.casework.domain import law_guards as _law_guards  # noqa: F401  registers
from services.routing.casework.use_cases.acting import has_to_do_with, organs_of
from services.routing.papers.use_cases.notices import owe
from services.routing.papers.use_cases.papers import publish_papers
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Forbidden, NotFound
from shared.reference.editions import Reference
from shared.vocabulary.acts import Act, By
from shared.vocabulary.cases import CaseState
from shared.workflow import pipeline
from shared.workflow.acts import Workflow
from shared.workflow.entities import Actor
from shared.workflow.guards import Step


class _Port:
    """How cases are loaded, shown to whom, and kept."""

    async def load(self, uow: UnitOfWork, entity_id: UUID) -> Case | None:
        """The case, locked."""
        return await cases.load(uow.session, entity_id, lock=True)

    def admit(self, entity: Case, actor: Actor, reference: Reference) -> None:
        """Raises NotFound when the actor's organs have nothing to do with the case, Forbidden for a
        person who withdrew from it (回避, Art. 28(3))."""
        if not has_to_do_with(entity, actor, reference):
            raise NotFound("没有这个办件")
        if actor.person in entity.journal.recused():
            raise Forbidden("您已回避本事项")

    def organs(self, entity: Case, by: By) -> frozenset[str]:
        """The organs in a position."""
        return organs_of(entity, by)

    def at_hand(self, entity: Case) -> frozenset[str]:
        """Who must act next, in an ended case who had it last."""
        held = entity.hold
        return frozenset((entity.next_organ or (held.organ_code if held else entity.decider),))

    async def save(self, uow: UnitOfWork, entity: Case, *, proposed_by: str | None) -> None:
        """Store the case under its next version. Raises StaleVersion."""
        await cases.save(uow, entity, due_of(uow.reference, entity), proposed_by=proposed_by)

    async def issue(self, uow: UnitOfWork, entity: Case, row: Row, step: Step) -> None:
        """The paper the petitioner is owed."""
        await owe(uow, entity, row, organ=step.organ, on=step.on)

    async def publish(self, uow: UnitOfWork, entity: Case, did: str | None) -> None:
        """The event of the change, and papers on their way to intake."""
        record_case(uow, entity, did=did)
        await publish_papers(uow, entity)

    async def mark(self, uow: UnitOfWork, entity: Case, act: str | None) -> None:
        """For the lists."""
        await proposals.mark(uow, entity, act)

    def beside(self, entity: Case) -> Collection[str] | None:
        """Assisting organs that still owe an opinion."""
        if not entity.parts:
            return None
        return {part.organ_code for part in entity.parts if part.is_open}


CASES: Final[Workflow[Case]] = Workflow(
    noun="case",
    title="个办件",
    at="/routing/v1/cases",
    table=TABLE,
    guards=GUARDS,
    states={state: state.label for state in CaseState},
    positions={by: by.label for by in By},
    entities=_Port(),
    tables=WORK,
    beside=frozenset((Act.ANSWER_PART,)),
)


async def open_case(uow: UnitOfWork, case_id: UUID, actor: Actor) -> Case:
    """The case, locked, for somebody whose organ has to do with it. Raises NotFound, Forbidden,
    StaleVersion when the person has seen an older one."""
    return await pipeline.open_entity(CASES, uow, case_id, actor)


async def keep(uow: UnitOfWork, case: Case, actor: Actor, *, did: str) -> None:
    """Store, publish and audit what is no act of the table."""
    await pipeline.keep(CASES, uow, case, actor, did)
