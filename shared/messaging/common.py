"""Reactions every service shares: posts, editions, hourly digests."""

from __future__ import annotations

import base64

from shared.contracts.digest import IntakeDigestV1, RoutingDigestV1, SupervisionDigestV1
from shared.contracts.routing import EditionPublishedV1, PostChangedV1, PostFacts
from shared.db.editions import save_editions
from shared.db.engine import insert_into
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Invalid
from shared.messaging.subscriptions import Received, Subscriptions
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
    """Take a post into the service's own copy; an older version never overwrites a newer one."""
    await save_post(uow, event.data.post, version=event.envelope.sequence)


async def save_post(uow: UnitOfWork, post: PostFacts, *, version: int) -> None:
    """Insert or update one post of the copy."""
    uow.changes_posts = True
    table = uow.tables.post
    values = post.model_dump() | {"role": str(post.role), "version": version}
    statement = insert_into(uow.session, table).values(values)
    await uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["post_id"], set_=values, where=table.c.version < version
        )
    )


async def keep_edition(event: Received[EditionPublishedV1], uow: UnitOfWork) -> None:
    """Load a published edition into the service's own tables. Raises Invalid when damaged."""
    data = event.data
    edition = Edition.unpack(
        data.kind, data.edition_id, data.effective_on, base64.b64decode(data.content_xz_base64)
    )
    if edition.sha256 != data.sha256:
        raise Invalid("edition content does not match its hash")
    await save_editions(uow.session, uow.tables, [edition], clock=uow.clock)


async def _keep_digest(event: Received[object], uow: UnitOfWork) -> None:  # type: ignore[type-var]
    """The inbox row itself is the record; the reconcile loop compares it."""
