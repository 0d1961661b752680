"""Nothing in the vault opens without a case grant of routing (decisions 7).

A refusal is a result here, no error: it is noted in the audit, and an error would take the note
back with the rest of the transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import Key, KeySet, OKPKey

from services.intake.desk.use_cases import Desk
from services.intake.masking.domain.masking import Mask
from services.intake.reveals.domain import (
    SHOWN,
    WINDOW,
    Claim,
    Flaw,
    Known,
    flaw_of,
    seconds_to_wait,
)
from services.intake.reveals.store import reveals as store
from shared.contracts.grant import ALGORITHM, TYPE, Grant
from shared.db.unit_of_work import UnitOfWork
from shared.vocabulary.posts import GrantPurpose
from shared.web.security import Caller, Post

NOWHERE = "petition/unknown"
"""Subject of the audit line where the item asked for does not exist: what was typed is not kept."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody wants to open `petition_id` (None: there is no such thing), known to grants as
    `item`, for a purpose, and shows a grant. `case_id` of a grant must be the petition's case
    where `needs_case`."""

    caller: Caller
    grant: str
    purpose: GrantPurpose
    petition_id: UUID | None
    item: str | None
    needs_case: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """The vault stays shut. `code` is the problem the bearer is told, `retry_after` in seconds."""

    code: str
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """The vault may be opened now, once, in this transaction; `note` must follow."""

    grant: Grant
    petition_id: UUID
    post: Any


async def admit(uow: UnitOfWork, desk: Desk, attempt: Attempt) -> Admitted | Refusal:
    """Whether the grant shown opens the item for this person now."""
    person, now = attempt.caller.person, uow.clock.now()
    posts = await store.locked_posts(uow.session, uow.tables.post, person)
    grant = read_grant(attempt.grant, await store.keys_in_force(uow.session, now=now))
    if grant is None:
        return refuse(uow, desk, attempt, "grant_refused", why=Flaw.UNREADABLE)
    post = posts.get(grant.post_id)
    known = Known(
        person=person,
        purpose=attempt.purpose,
        item=attempt.item,
        post_version=_version_in_force(attempt.caller, post, now=now),
        case_rank=await _case_rank(uow, attempt, grant),
        is_used=await store.is_used(uow.session, grant.jti),
        needs_case=attempt.needs_case,
    )
    flaw = flaw_of(_claim(grant), known, now=now)
    if flaw is not None or attempt.petition_id is None:
        return refuse(uow, desk, attempt, "grant_refused", why=flaw or Flaw.ITEM)
    if wait := await _wait(uow, desk, attempt, now=now):
        return refuse(uow, desk, attempt, "rate_limited", why="too_many", retry_after=wait)
    return Admitted(grant, attempt.petition_id, post)


def note(uow: UnitOfWork, admitted: Admitted, *, hide: Mask) -> None:
    """Write into the log that the vault was opened; the reason without who it is about."""
    grant, post = admitted.grant, admitted.post
    uow.add(
        store.REVEAL,
        {
            "grant_id": grant.jti,
            "petition_id": admitted.petition_id,
            "person": grant.sub,
            "post_id": grant.post_id,
            "organ_code": post.organ_code,
            "role": post.role,
            "purpose": grant.purpose.value,
            "reason": hide(grant.reason),
            "case_id": grant.case_id,
            "at": uow.clock.now(),
        },
    )
    uow.audit(
        "vault.opened", grant.item, actor=grant.sub,
        purpose=grant.purpose.value, case=grant.case_id, post=grant.post_id, jti=grant.jti,
    )  # fmt: skip


def refuse(
    uow: UnitOfWork,
    desk: Desk,
    attempt: Attempt,
    code: str,
    *,
    why: str,
    retry_after: int | None = None,
) -> Refusal:
    """Note the refusal for the auditor. The bearer learns `code`, never `why`."""
    uow.audit(
        "vault.refused", attempt.item or NOWHERE, actor=attempt.caller.person,
        purpose=attempt.purpose.value, code=code, why=why,
    )  # fmt: skip
    desk.refusals[code] += 1
    return Refusal(code, retry_after)


def read_grant(text: str, public_keys: Mapping[str, str]) -> Grant | None:
    """What a grant says, if one of the keys signed it; None for anything else."""
    keys: list[Key] = [
        OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": public, "kid": key_id})
        for key_id, public in public_keys.items()
    ]
    try:
        token = jwt.decode(text, KeySet(keys), algorithms=[ALGORITHM])
        return Grant.model_validate(token.claims) if token.header.get("typ") == TYPE else None
    except Exception:  # noqa: BLE001  whatever a forged grant trips over, it is no grant
        return None


def _claim(grant: Grant) -> Claim:
    return Claim(
        person=grant.sub,
        purpose=grant.purpose,
        item=grant.item,
        issued_at=grant.iat,
        ends_at=grant.exp,
        post_version=grant.post_version,
        case_rank=grant.case_rank,
    )


def _version_in_force(caller: Caller, post: Any, *, now: datetime) -> int | None:
    """Version of the post, if it is in force and one of those that opened this route."""
    if post is None or not post.valid_from <= now or (post.valid_to and post.valid_to <= now):
        return None
    if Post(post.organ_code, post.division_code, post.role) not in caller.posts:
        return None
    version: int = post.version
    return version


async def _case_rank(uow: UnitOfWork, attempt: Attempt, grant: Grant) -> tuple[int, int] | None:
    if attempt.petition_id is None or not attempt.needs_case:
        return None
    return await store.case_rank(uow.session, attempt.petition_id, grant.case_id)


async def _wait(uow: UnitOfWork, desk: Desk, attempt: Attempt, *, now: datetime) -> int:
    if attempt.purpose not in SHOWN:
        return 0
    most = desk.protection.reveals_per_hour
    recent = await store.recent_reveals(
        uow.session, attempt.caller.person, purposes=SHOWN, since=now - WINDOW, most=most
    )
    return seconds_to_wait(recent, most=most, now=now)
