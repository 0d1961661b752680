"""Case grants (授权凭据): a short word of routing that a person may open one thing (decisions 7).

Routing alone knows who has a case; intake alone has the vault. The person carries the grant from
one to the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.store import cases, petitions, queue
from services.routing.store.posts import post_in_force
from services.routing.use_cases.acting import Actor, involved
from services.routing.use_cases.grant_keys import KeyRing
from shared.contracts.grant import LIFETIME, Grant
from shared.contracts.words import GrantPurpose, Role
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict, Forbidden, NotFound
from shared.kernel.ids import new_id

HANDLERS = (Role.OFFICER, Role.HEAD, Role.SUPERVISOR)
"""Who may ask for the identity behind a case of their organ."""
OPENERS = (Role.SUPERVISOR,)
"""Who may open a sealed item before their petition office."""


async def grant_case(
    uow: UnitOfWork,
    ring: KeyRing,
    case_id: UUID,
    actor: Actor,
    *,
    purpose: GrantPurpose,
    reason: str,
    number: str | None,
) -> tuple[str, Grant]:
    """A grant for one petition of a case (the one that opened it when no number is given).

    Raises NotFound for a case the actor's organs have nothing to do with and for a number that is
    not the case's, Conflict for a closed case (nobody has a task in it any more), Forbidden when
    another organ has it.
    """
    case = await cases.load(uow.session, case_id)
    if case is None or not actor.organs & involved(case):
        raise NotFound("没有这个办件")
    if case.holder is None:
        raise Conflict("办件已办结")
    petition_id = await petitions.of_case(uow.session, case_id, number or case.number)
    if petition_id is None:
        raise NotFound("该信访件不属于本办件")
    return await _issue(
        uow, ring, actor, f"petition/{petition_id}",
        holder=case.holder, roles=HANDLERS, purpose=purpose, reason=reason, case=case,
    )  # fmt: skip


async def grant_sealed(
    uow: UnitOfWork,
    ring: KeyRing,
    sealed_id: UUID,
    actor: Actor,
    *,
    purpose: GrantPurpose,
    reason: str,
) -> tuple[str, Grant]:
    """A grant for a sealed item before the actor's petition office. Raises NotFound."""
    holder = await queue.holder_of_sealed(uow.session, sealed_id)
    if holder is None or holder not in actor.organs:
        raise NotFound("没有这个密封件")
    return await _issue(
        uow, ring, actor, f"sealed/{sealed_id}",
        holder=holder, roles=OPENERS, purpose=purpose, reason=reason, case=None,
    )  # fmt: skip


async def _issue(
    uow: UnitOfWork,
    ring: KeyRing,
    actor: Actor,
    item: str,
    *,
    holder: str,
    roles: Iterable[Role],
    purpose: GrantPurpose,
    reason: str,
    case: Case | None,
) -> tuple[str, Grant]:
    now = uow.clock.now().replace(microsecond=0)
    post = await post_in_force(
        uow.session, uow.tables.post, actor.person, holder, roles=roles, now=uow.clock.now()
    )
    if post is None:
        raise Forbidden("办件现由其他机关办理")
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
    subject = f"case/{case.case_id}" if case else item
    uow.audit(
        "grant.issued", subject, actor=actor.person,
        purpose=str(purpose), item=item, post=grant.post_id, jti=grant.jti,
    )  # fmt: skip
    return ring.sign(grant), grant
