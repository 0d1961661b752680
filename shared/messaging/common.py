"""Reactions every service shares: posts, editions, hourly digests."""

from __future__ import annotations

import base64

from shared.contracts.digest import IntakeDigestV1, RoutingDigestV1, SupervisionDigestV1
from shared.contracts.routing import EditionPublishedV1, PostChangedV1, PostFacts
from shared.db.editions import save_editions
from shared.db.ranks import keep_newest, note_rank
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Invalid
from shared.kernel.rank import Rank
from shared.messaging.subscriptions import EventT, Received, Subscriptions
from shared.reference.editions import Edition


def react_to_common_events(subscriptions: Subscriptions) -> None:
    """Register the shared reactions; a service never reacts to its own events."""
    own = subscriptions.consumer
    if own != "routing":
        subscriptions.on(PostChangedV1)(keep_post)
        subscriptions.on(EditionPublishedV1)(keep_edition)
    for digest in (IntakeDigestV1, RoutingDigestV1, SupervisionDigestV1):
        if digest.producer() != own:
            subscriptions.on(digest)(_keep_digest)


async def keep_post(event: Received[PostChangedV1], uow: UnitOfWork) -> None:
    """Take a post into the service's own copy."""
    await save_post(uow, event.data.post, rank=event.envelope.rank)


async def save_post(uow: UnitOfWork, post: PostFacts, *, rank: Rank) -> None:
    """Insert or update one post of the copy; an older rank never overwrites a newer one."""
    uow.changes_posts = True
    epoch, version = rank
    row = post.model_dump() | {"role": str(post.role), "epoch": epoch, "version": version}
    await keep_newest(uow.session, uow.tables.post, [row], key=("post_id",), sequence="version")


async def is_first_news(event: Received[EventT], uow: UnitOfWork) -> bool:
    """Whether nothing as new was told of an event's subject before; for effects that keep no rank
    with what they change. The rank is noted."""
    envelope = event.envelope
    return await note_rank(
        uow.session,
        uow.tables,
        source=envelope.source,
        subject=envelope.subject,
        rank=envelope.rank,
    )


async def keep_edition(event: Received[EditionPublishedV1], uow: UnitOfWork) -> None:
    """Load a published edition into the service's own tables. Raises Invalid when damaged.

    An edition never changes. But routing may have lost one with a restore and published another
    under its id: then all must count by the same."""
    data = event.data
    edition = Edition.unpack(
        data.kind, data.edition_id, data.effective_on, base64.b64decode(data.content_xz_base64)
    )
    if edition.sha256 != data.sha256:
        raise Invalid("edition content does not match its hash")
    epoch = event.envelope.epoch
    await save_editions(uow.session, uow.tables, [edition], clock=uow.clock, epoch=epoch)


async def _keep_digest(event: Received[object], uow: UnitOfWork) -> None:  # type: ignore[type-var]
    """The inbox row itself is the record; the reconcile loop compares it."""
