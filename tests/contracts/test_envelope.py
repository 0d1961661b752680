"""An envelope written at once reads like one made and checked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from services.contracts import SAMPLES
from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import Envelope, written

ROOT = Path(__file__).resolve().parents[2]
EVENT_ID = UUID(int=7)
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize("trace", [None, TRACE])
@pytest.mark.parametrize("cause", [None, "11111111-1111-7111-8111-111111111111"])
@pytest.mark.parametrize("correlation", ["abc", 'a"b\\c\n\x00\x1f\x7f字\u2028😀'])
@pytest.mark.parametrize("microsecond", [0, 5, 123456])
@pytest.mark.parametrize("kind", sorted(BY_TYPE))
def test_text_written_at_once_is_that_of_the_envelope(
    kind: str, microsecond: int, correlation: str, cause: str | None, trace: str | None
) -> None:
    sample = json.loads((ROOT / SAMPLES / f"{kind}.json").read_text(encoding="utf-8"))
    event = BY_TYPE[kind].model_validate(sample.get("data", sample))
    now = datetime(2026, 3, 2, 1, 0, 9, microsecond, tzinfo=UTC)
    subject = f"{event.SUBJECT}/x-1"
    envelope = Envelope(
        id=EVENT_ID, source=event.producer(), type=kind, subject=subject, time=now, sequence=3,
        epoch=2, partitionkey="m-1", correlationid=correlation, causationid=cause,
        traceparent=trace, data=event.model_dump(mode="json"),
    )  # fmt: skip
    text = written(
        event, event_id=EVENT_ID, subject=subject, time=now, sequence=3, epoch=2,
        partitionkey="m-1", correlationid=correlation, causationid=cause, traceparent=trace,
    )  # fmt: skip
    assert Envelope.parse(text) == envelope
    assert json.loads(text) == json.loads(envelope.to_json())
