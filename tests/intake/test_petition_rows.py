"""A petition's row has every column, whoever makes it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.intake.petitions.outgoing import facts_of
from services.intake.petitions.store.petitions import PETITION, petition_row
from shared.contracts.intake import PetitionFacts
from shared.kernel.ids import new_id

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def columns(**more: Any) -> dict[str, Any]:
    """What has no default."""
    return {
        "id": new_id(), "number": "430000202603020001X", "matter_id": new_id(), "version": 1,
        "channel": "letter", "origin": "own", "purpose": "claim", "category_by": "none",
        "category_code": None, "received_by": "430000000000-PETITION",
        "received_division": "430000000000", "receiving_tier": 1, "received_on": date(2026, 3, 2),
        "registered_at": NOW, "registered_hour": NOW, "editions": {}, **more,
    }  # fmt: skip


def test_a_row_has_every_column_in_the_order_of_the_table() -> None:
    assert list(petition_row(columns())) == list(PETITION.c.keys())
    assert petition_row(columns(repeat=True))["repeat"] is True


def test_a_column_left_out_or_misspelt_is_refused() -> None:
    without = columns()
    del without["matter_id"]
    with pytest.raises(KeyError, match="matter_id"):
        petition_row(without)
    with pytest.raises(ValueError, match="repeet"):
        petition_row(columns(repeet=True))


def test_facts_are_the_columns_of_the_same_name() -> None:
    row = petition_row(columns(repeat=True, head_count=3))
    facts = facts_of(row)
    same = PetitionFacts.model_fields.keys() & row.keys()
    assert {"repeat", "head_count", "matter_id"} <= same
    assert {name: getattr(facts, name) for name in same} == {name: row[name] for name in same}
