"""What routing does when intake has received something."""

from __future__ import annotations

from collections.abc import Sequence

from services.routing.opening.use_cases import withdrawn
from services.routing.opening.use_cases.opening import Content, take_content
from services.routing.opening.use_cases.sealed import hold
from services.routing.subscriptions import SUBSCRIPTIONS
from shared.contracts.intake import PetitionContentV1, PetitionSealedV1, PetitionWithdrawnV1
from shared.db.unit_of_work import UnitOfWork
from shared.messaging.subscriptions import Received


@SUBSCRIPTIONS.on_batch(PetitionContentV1)
async def open_cases(events: Sequence[Received[PetitionContentV1]], uow: UnitOfWork) -> None:
    """Open a case for each matter the words are about, and decide where it goes."""
    await take_content(uow, [Content(event.envelope, event.data) for event in events])


@SUBSCRIPTIONS.on(PetitionSealedV1)
async def queue_sealed(event: Received[PetitionSealedV1], uow: UnitOfWork) -> None:
    """Put a sealed item before the people who may decide on it."""
    data = event.data
    await hold(
        uow,
        data.sealed_id,
        sealed_class=data.sealed_class,
        opener=data.opener,
        retaliation_for=data.retaliation_matter_id,
    )


@SUBSCRIPTIONS.on(PetitionWithdrawnV1)
async def note_withdrawal(event: Received[PetitionWithdrawnV1], uow: UnitOfWork) -> None:
    """A petitioner withdrew, or took that back."""
    data = event.data
    await withdrawn.note_withdrawal(
        uow,
        data.petition_id,
        event.envelope.rank,
        withdrawn_on=data.withdrawn_on,
        revocable_until=data.revocable_until,
    )
