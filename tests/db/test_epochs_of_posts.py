"""When a service is upgraded, posts that were told anew after a restore are brought up to that."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, Table, insert, select

from services.deployment import SPECS
from shared.db.engine import Database
from tests.db.test_migrations import database, revisions_of, step  # noqa: F401  the fixture

NOW = datetime(2026, 3, 2, tzinfo=UTC)
END = "2026-04-01T00:00:00Z"
SAMPLE = Path(__file__).parents[1] / "contracts" / "samples" / "routing.post.changed.v1.json"
NAMES = [spec.name for spec in SPECS]


def a_post(post_id: uuid.UUID, version: int) -> dict[str, Any]:
    return {
        "post_id": post_id.hex, "person": f"p-{version}", "organ_code": "430104000000-HOUSING",
        "division_code": "430104000000", "role": "officer", "valid_from": NOW, "valid_to": None,
        "version": version,
    }  # fmt: skip


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
async def test_a_right_that_was_withdrawn_ends(database: Database, spec: Any) -> None:  # noqa: F811
    revisions = await revisions_of(database, spec)
    (named,) = [at for at, each in enumerate(revisions) if _is_named(each[0], spec)]
    for revision, _ in revisions[:named]:
        await step(database, spec, revision)
    ended, higher, plain, untold = (uuid.uuid4() for _ in range(4))
    versions = {ended: 2, higher: 5, plain: 1, untold: 0}
    sample = json.loads(SAMPLE.read_text("utf-8"))

    def told(post_id: uuid.UUID, epoch: int, sequence: int, until: str | None) -> dict[str, Any]:
        event_id = uuid.uuid4()
        post = sample["data"]["post"] | {"post_id": str(post_id), "valid_to": until}
        envelope = sample | {"epoch": epoch, "sequence": sequence, "data": {"post": post}}
        return {
            "id": event_id.hex, "source": "routing", "type": sample["type"],
            "subject": f"post/{post_id}", "sequence": sequence, "epoch": epoch, "event_time": NOW,
            "received_at": NOW, "recorded_at": NOW, "state": "done", "attempts": 1,
            "envelope": json.dumps(envelope, separators=(",", ":")),
        }  # fmt: skip

    events = [
        told(ended, 1, 1, None), told(ended, 1, 2, None), told(ended, 9, 2, END),
        told(higher, 1, 5, None), told(higher, 9, 2, END),
        told(plain, 1, 1, None),
    ]  # fmt: skip

    def fill(connection: Connection) -> None:
        metadata = MetaData()
        metadata.reflect(connection)
        for post_id, version in versions.items():
            _insert(connection, metadata.tables["post"], a_post(post_id, version))
        for event in events:
            name = "outbox" if spec.name == "routing" else "inbox"
            _insert(connection, metadata.tables[name], event)

    async with database.engine.begin() as connection:
        await connection.run_sync(fill)
    await step(database, spec, revisions[named][0])
    post = spec.metadata.tables["post"]
    async with database.engine.connect() as connection:
        found = await connection.execute(
            select(post.c.post_id, post.c.valid_to, post.c.epoch, post.c.version)
        )
        kept = {row.post_id: tuple(row)[1:] for row in found}
    end = datetime.fromisoformat(END)
    assert kept == {
        ended: (end, 9, 2), higher: (end, 9, 2), plain: (None, 1, 1), untold: (None, 1, 0),
    }  # fmt: skip


def _is_named(revision: str, spec: Any) -> bool:
    folder = Path("migrations", spec.name, "versions")
    return bool(list(folder.glob(f"{revision}_epochs_of_posts*")))


def _insert(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    """A row, with something in every column that must have a value."""
    connection.execute(insert(table).values({k: v for k, v in values.items() if k in table.c}))
