"""Case grants (授权凭据): a short word of routing that a person may open one thing (decisions 7).

Routing alone knows who has a case; intake alone has the vault. The person carries the grant from
one to the other. A refusal is a result here, no error: it is noted in the audit, and an error would
take the note back with the rest of the transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from services.routing.cases.domain.case import Case
from services.routing.cases.store import cases, petitions, queue
from services.routing.casework.use_cases.acting import has_to_do_with
from services.routing.grants.use_cases.grant_keys import KeyRing
from services.routing.posts.store.posts import post_in_force
from services.routing.posts.use_cases import HANDLERS, OPENERS
from shared.contracts.grant import LIFETIME, Grant
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict, DomainError, Forbidden, NotFound
from shared.kernel.ids import new_id
from shared.vocabulary.posts import GrantPurpose, Role
from shared.workflow.entities import Actor

UNKNOWN = "unknown"
"""In the audit for what does not exist: what was typed is not kept."""


async def grant_case(
    uow: UnitOfWork,
    ring: KeyRing,
    case_id: UUID,
    actor: Actor,
    *,
    purpose: GrantPurpose,
    reason: str,
    number: str | None,
) -> tuple[str, Grant] | DomainError:
    """A grant for one petition of a case (the one that opened it when no number is given).

    Refused with NotFound for a case the actor's organs have nothing to do with and for a number
    that is not the case's, Conflict for a closed case (nobody has a task in it any more), Forbidden
    when another organ has it. To deliver, an organ that owes a paper gets one all the same.
    """
    case = await cases.load(uow.session, case_id)
    subject = f"case/{case_id if case else UNKNOWN}"
    refuse = partial(_refuse, uow, actor, subject, purpose)
    if case is None or not has_to_do_with(case, actor, uow.reference):
        return refuse("not_involved" if case else UNKNOWN, NotFound("没有这个办件"))
    holder = case.holder
    if purpose is GrantPurpose.DELIVER:
        holder = _owing(case, actor) or holder
    if holder is None:
        return refuse("closed", Conflict("办件已办结"))
    petition_id = await petitions.of_case(uow.session, case_id, number or case.number)
    if petition_id is None:
        return refuse("other_petition", NotFound("该信访件不属于本办件"))
    return await _issue(
        uow, ring, actor, f"petition/{petition_id}", subject,
        holder=holder, roles=HANDLERS, purpose=purpose, reason=reason, case=case,
    )  # fmt: skip


def _owing(case: Case, actor: Actor) -> str | None:
    """The actor's organ that still owes the petitioners a paper, though another may have the case
    now or nobody: it has the task of delivering it."""
    owing = {each.organ_code for each in case.notices if each.told_on is None}
    return min(owing & actor.organs, default=None)


async def grant_sealed(
    uow: UnitOfWork,
    ring: KeyRing,
    sealed_id: UUID,
    actor: Actor,
    *,
    purpose: GrantPurpose,
    reason: str,
) -> tuple[str, Grant] | DomainError:
    """A grant for a sealed item before the actor's petition office; refused with NotFound."""
    holder = await queue.holder_of_sealed(uow.session, sealed_id)
    item = f"sealed/{sealed_id if holder else UNKNOWN}"
    if holder is None or holder not in actor.organs:
        why = "not_involved" if holder else UNKNOWN
        return _refuse(uow, actor, item, purpose, why, NotFound("没有这个密封件"))
    return await _issue(
        uow, ring, actor, item, item,
        holder=holder, roles=OPENERS, purpose=purpose, reason=reason, case=None,
    )  # fmt: skip


async def _issue(
    uow: UnitOfWork,
    ring: KeyRing,
    actor: Actor,
    item: str,
    subject: str,
    *,
    holder: str,
    roles: Iterable[Role],
    purpose: GrantPurpose,
    reason: str,
    case: Case | None,
) -> tuple[str, Grant] | DomainError:
    now = uow.clock.now().replace(microsecond=0)
    post = await post_in_force(
        uow.session, uow.tables.post, actor.person, holder, roles=roles, now=uow.clock.now()
    )
    if post is None:
        return _refuse(
            uow, actor, subject, purpose, "other_holder", Forbidden("办件现由其他机关办理")
        )
    grant = Grant(
        jti=new_id(),
        sub=actor.person,
        iat=now,
        exp=now + LIFETIME,
        purpose=purpose,
        reason=reason,
        item=item,
        case_id=case.case_id if case else None,
        case_epoch=uow.epoch if case else 0,
        case_version=case.version if case else 0,
        post_id=post.post_id,
        post_version=post.version,
    )
    uow.audit(
        "grant.issued", subject, actor=actor.person,
        purpose=str(purpose), item=item, post=grant.post_id, jti=grant.jti,
    )  # fmt: skip
    return ring.sign(grant), grant


def _refuse(
    uow: UnitOfWork,
    actor: Actor,
    subject: str,
    purpose: GrantPurpose,
    why: str,
    error: DomainError,
) -> DomainError:
    """Note the refusal for the auditor. The person is told the error, never `why`."""
    uow.audit(
        "grant.refused", subject, actor=actor.person,
        purpose=str(purpose), code=error.code, why=why,
    )  # fmt: skip
    return error
