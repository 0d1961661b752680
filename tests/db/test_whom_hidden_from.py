"""When intake is upgraded it learns from its inbox whom the cases told of are hidden from."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, insert, select

from services.intake.main import SPEC
from shared.db.engine import Database
from tests.db.test_migrations import database, step  # noqa: F401  the fixture

NOW = datetime(2026, 3, 2, tzinfo=UTC)
HOUSING, OFFICE = "430104000000-HOUSING", "430104000000-PETITION"
SAMPLE = Path(__file__).parents[1] / "contracts" / "samples" / "routing.case.referred.v1.json"


def a_petition(petition_id: uuid.UUID, **values: Any) -> dict[str, Any]:
    return {
        "id": petition_id.hex, "number": str(petition_id)[:30], "matter_id": uuid.uuid4().hex,
        "version": 1, "sealed": False, "channel": "letter", "origin": "own", "purpose": "claim",
        "category_by": "none", "received_by": OFFICE, "received_division": "430104000000",
        "receiving_tier": 3, "received_on": NOW.date(), "registered_at": NOW,
        "registered_hour": NOW, "head_count": 1, "person_times": 1, "batch": False,
        "repeat": False, "joint": False, "anonymous": False, "notice_owed": True, "editions": {},
    } | values  # fmt: skip


async def test_cases_keep_from_whom_they_are_hidden(database: Database) -> None:  # noqa: F811
    for revision in ("0001", "0002", "0003", "0004", "0005", "0006", "0007"):
        await step(database, SPEC, revision)
    declared, found_out, cleared, stale, plain = (uuid.uuid4() for _ in range(5))
    sample = json.loads(SAMPLE.read_text("utf-8"))

    def told(petition_id: uuid.UUID, sequence: int, **facts: Any) -> dict[str, Any]:
        event_id = uuid.uuid4()
        case = sample["data"]["case"] | {"petition_ids": [str(petition_id)]} | facts
        subject = f"case/{petition_id}"
        envelope = sample | {
            "id": str(event_id), "subject": subject, "sequence": sequence, "data": {"case": case},
        }  # fmt: skip
        return {
            "id": event_id.hex, "source": "routing", "type": sample["type"], "subject": subject,
            "sequence": sequence, "epoch": envelope["epoch"], "event_time": NOW,
            "received_at": NOW, "state": "done", "attempts": 1,
            "envelope": json.dumps(envelope, separators=(",", ":")),
        }  # fmt: skip

    accusing = {"purpose": "accusation", "hidden_from": HOUSING}
    events = [
        told(found_out, 1), told(found_out, 2, **accusing),
        told(cleared, 1, **accusing), told(cleared, 2, purpose="claim", hidden_from=None),
        told(stale, 1, **accusing), told(plain, 1),
        told(declared, 1, purpose="accusation"),
    ]  # fmt: skip
    newest = {declared: 1, found_out: 2, cleared: 2, stale: 2, plain: 1}
    named = {"purpose": "accusation", "complained_organ": HOUSING}

    def fill(connection: Connection) -> None:
        metadata = MetaData()
        metadata.reflect(connection)
        tables = metadata.tables
        for petition_id, sequence in newest.items():
            more = named if petition_id in (declared, cleared) else {}
            _insert(connection, tables["petition"], a_petition(petition_id, **more))
            _insert(
                connection, tables["progress"],
                {"petition_id": petition_id.hex, "case_id": petition_id.hex,
                 "epoch": sample["epoch"], "sequence": sequence, "state": "referred"},
            )  # fmt: skip
        for event in events:
            _insert(connection, tables["inbox"], event)

    async with database.engine.begin() as connection:
        await connection.run_sync(fill)
    await step(database, SPEC, "0008")
    async with database.engine.connect() as connection:
        progress = SPEC.metadata.tables["progress"]
        stored = await connection.execute(select(progress.c.petition_id, progress.c.hidden_from))
        kept = dict(tuple(row) for row in stored)
    assert kept == {
        declared: HOUSING, found_out: HOUSING, cleared: None, stale: None, plain: None,
    }  # fmt: skip


def _insert(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    """A row, with something in every column that must have a value."""
    connection.execute(insert(table).values({k: v for k, v in values.items() if k in table.c}))
