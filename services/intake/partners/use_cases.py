"""County systems and their signing secrets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.desk.use_cases import Desk, new_webhook_secret
from services.intake.partners.store import partners as store
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.kernel.ids import new_id
from shared.reference.divisions import normalise_code

OVERLAP = timedelta(hours=24)
"""How long the old secret still opens after a rotation."""
_FIELD = "secret"


async def admit_partner(
    uow: UnitOfWork, desk: Desk, *, name: str, title: str, division_code: str, actor: str
) -> str:
    """Admit a partner for one division of the deployment; returns its secret, shown only now.

    Raises Conflict for a taken name, Invalid for a division that is unknown or outside.
    """
    try:
        code = normalise_code(division_code)
    except ValueError as error:
        raise Invalid("行政区划代码不正确") from error
    divisions = uow.reference.divisions
    known = divisions.current(code, uow.clock.today())
    if known is None or not divisions.contains(uow.reference.root_division, known.code):
        raise Invalid("区划不在本部署范围内")
    values = {"name": name, "title": title, "division_code": known.code, "active": True}
    if not await store.add_partner(uow.session, values):
        raise Conflict("已有同名的接入系统")
    uow.audit("partner.admitted", f"partner/{name}", actor=actor, division=known.code)
    return await _new_secret(uow, desk, name)


async def rotate_secret(
    uow: UnitOfWork, desk: Desk, name: str, *, actor: str, immediately: bool
) -> str:
    """Give a partner a new secret; the old ones open for OVERLAP more, or with `immediately`, for
    one that others may know, no more at all. Raises NotFound."""
    if await store.partner(uow.session, name) is None:
        raise NotFound("没有这个接入系统")
    overlap = timedelta(0) if immediately else OVERLAP
    await store.retire_secrets(uow.session, name, at=uow.clock.now() + overlap)
    uow.audit("partner.secret_rotated", f"partner/{name}", actor=actor, immediately=immediately)
    return await _new_secret(uow, desk, name)


async def end_old_secrets(uow: UnitOfWork, name: str, *, actor: str) -> None:
    """Let nothing but the newest secret open any more. Raises NotFound."""
    if await store.partner(uow.session, name) is None:
        raise NotFound("没有这个接入系统")
    await store.retire_secrets(uow.session, name, at=uow.clock.now(), but_newest=True)
    uow.audit("partner.old_secrets_ended", f"partner/{name}", actor=actor)


async def switch_partner(uow: UnitOfWork, name: str, *, active: bool, actor: str) -> None:
    """Let a partner in or keep it out. Raises NotFound."""
    if await store.partner(uow.session, name) is None:
        raise NotFound("没有这个接入系统")
    await store.set_active(uow.session, name, active=active)
    uow.audit("partner.switched", f"partner/{name}", actor=actor, active=active)


async def signing_secrets(
    session: AsyncSession, desk: Desk, name: str, *, now: datetime
) -> Sequence[str]:
    """Secrets in force of an active partner; none for an unknown one."""
    rows = await store.secrets_in_force(session, name, now=now)
    return [_opened(desk, row["id"], row["value"]) for row in rows]


async def _new_secret(uow: UnitOfWork, desk: Desk, name: str) -> str:
    secret, secret_id = new_webhook_secret(), new_id()
    await store.add_secret(
        uow.session,
        secret_id=secret_id,
        name=name,
        value=desk.lock(secret_id, _FIELD, secret),
        now=uow.clock.now(),
    )
    return secret


def _opened(desk: Desk, secret_id: UUID, value: str) -> str:
    secret: str = desk.unlock(secret_id, _FIELD, value)
    return secret
