"""A code for the opposite party (相对人) of an agreement: it opens one promise and nothing else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.domain.undertakings import OPPOSITE, Undertaking
from services.routing.cases.store import undertakings
from services.routing.cases.store.undertaking_tables import WRONG_TRY
from services.routing.casework.use_cases.flow import open_case
from shared.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from shared.db.wrong_tries import forget_tries
from shared.kernel.codes import NO_HASH, hash_code, new_code, same_hash
from shared.kernel.errors import Forbidden, NotFound
from shared.vocabulary.cases import CaseState
from shared.workflow.entities import Actor
from shared.workflow.table import RuleBroken


async def give_code(
    uow: UnitOfWork, case_id: UUID, ordinal: int, actor: Actor
) -> tuple[Undertaking, str]:
    """A new code for an opposite party's promise; the one before opens nothing any more.

    Raises what `open_case` raises, NotFound without such a promise, Forbidden for another organ
    than the one that handles the case, RuleBroken for who is a side of the case and where no
    agreement stands.
    """
    case = await open_case(uow, case_id, actor)
    held = case.current
    if held is None or held.organ_code not in actor.organs:
        raise Forbidden("应由承办机关发给查看码")
    found = next((each for each in case.undertakings if each.ordinal == ordinal), None)
    if found is None:
        raise NotFound("没有这项义务")
    if case.state is not CaseState.AGREED or found.lapsed_on is not None:
        raise RuleBroken("协议履行期间方可发给查看码")
    if found.party not in OPPOSITE:
        raise RuleBroken("查看码只发给相对人")
    code = new_code()
    await undertakings.keep_code(
        uow.session, found.undertaking_id, _hash(found.undertaking_id, code)
    )
    uow.audit(
        "case.party_code.given", f"case/{case_id}", actor=actor.person,
        undertaking=str(found.undertaking_id),
    )  # fmt: skip
    return found, code


async def open_with_code(session: AsyncSession, undertaking_id: UUID, code: str) -> Any:
    """The promise a code opens, a row as `undertakings.by_code` has it.

    A wrong code, an unknown promise and one without a code get the same answer, NotFound, and leave
    nothing.
    """
    row = await undertakings.by_code(session, undertaking_id)
    expected = row.code_hash if row is not None else NO_HASH
    if not same_hash(expected, _hash(undertaking_id, code)) or row is None:
        raise NotFound("没有这项义务，或者查看码不正确")
    return row


async def sweep(units: UnitOfWorkFactory) -> int:
    """Forget old wrong tries; how many."""
    async with units.begin() as uow:
        return await forget_tries(uow.session, WRONG_TRY, now=uow.clock.now())


def _hash(undertaking_id: UUID, code: str) -> str:
    """Salted with the id of the promise, so that a code opens this one only."""
    return hash_code(undertaking_id.bytes, "party-code", str(undertaking_id), code)
