"""Whom a sealed petition accuses, and so who opens it; settled when it is filed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from services.intake.desk.use_cases import Desk
from services.intake.openers.domain import opener_of
from services.intake.petitions.outgoing import publish_sealed
from services.intake.petitions.store.petitions import (
    change_petition,
    handler_of_matter,
    unsettled_petitions,
    vault_values,
)
from shared.db.accused import joined
from shared.db.unit_of_work import UnitOfWorkFactory
from shared.kernel.clock import Clock
from shared.reference.editions import Reference

AT_ONCE = 50
"""Items settled in one transaction."""
AGAIN = 2
"""Sequence of the event that says where an item lies, of items filed before it was said."""


def accused_by(
    reference: Reference,
    desk: Desk,
    words: Mapping[str, str],
    *,
    named: str | None,
    handler: str | None,
) -> frozenset[str]:
    """The organs a sealed petition accuses: the one the form names, of a report of retaliation the
    one that handled the earlier petition, and the offices that the text accuses."""
    found = desk.offices.accused(
        reference.organs, reference.root_division,
        subject=words["subject"], text=words["text"], complained=words.get("complained", ""),
    )  # fmt: skip
    return found.union(each for each in (named, handler) if each)


def earlier_matter(seal: Mapping[str, Any]) -> UUID | None:
    """Of a report of retaliation the matter of the earlier petition, where that is known."""
    stored = seal.get("retaliation_matter_id")
    return UUID(stored) if stored else None


def marks(desk: Desk, organs: Iterable[str]) -> list[str]:
    """Organs as they stand in a sealed row: comparable by who has the key, and no more."""
    return [desk.digest("accused", code)[:32] for code in sorted(organs)]


def held_before(
    reference: Reference, desk: Desk, accused: frozenset[str], clock: Clock
) -> dict[str, Any]:
    """Columns of a sealed petition: the organ before which it lies, and from whom it is hidden."""
    opener = opener_of(reference, accused, on=clock.today())
    return {"opener": opener, "hidden_from": joined(*marks(desk, accused))}


async def settle_openers(units: UnitOfWorkFactory, desk: Desk) -> int:
    """Settle before whom sealed items lie that were filed before that was kept; how many."""
    async with units.begin() as uow:
        rows = await unsettled_petitions(uow.session, limit=AT_ONCE)
        for row in rows:
            stored = await vault_values(uow.session, row["id"])
            words = desk.unlock(row["id"], "words", stored["words"])
            seal = desk.unlock(row["id"], "seal", stored["seal"])
            earlier = earlier_matter(seal)
            handler = await handler_of_matter(uow.session, earlier) if earlier else None
            accused = accused_by(
                uow.reference, desk, words, named=seal["complained_organ"], handler=handler
            )
            held = held_before(uow.reference, desk, accused, uow.clock)
            await change_petition(uow.session, row["id"], held)
            if held["opener"] != uow.reference.root_petition_office:
                publish_sealed(
                    uow, {**row, **held},
                    sealed_class=seal["class"], retaliation_for=earlier, sequence=AGAIN,
                )  # fmt: skip
        return len(rows)
