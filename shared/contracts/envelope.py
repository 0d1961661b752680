"""The envelope around every event: CloudEvents 1.0 names and the extensions we need."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

_OPTIONAL = ("partitionkey", "traceparent")
"""Members that are left out where they have no value."""
_text = json.JSONEncoder(ensure_ascii=False).encode
"""A string as JSON; `json.dumps` would make an encoder each time."""


class Facts(BaseModel):
    """Base of what contracts are made of: immutable; readers ignore fields they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class EventData(Facts):
    """Base of every event contract.

    `TYPE` is `<producer>.<aggregate>.<what happened>.v<n>` and is the routing key on the bus;
    `SUBJECT` is the kind of aggregate the event is about. Both never change once released.
    """

    TYPE: ClassVar[str]
    SUBJECT: ClassVar[str]

    @classmethod
    def producer(cls) -> str:
        """Name of the service that alone may publish this contract."""
        return cls.TYPE.split(".", 1)[0]

    def matter(self) -> UUID | None:
        """The matter (信访事项) the event belongs to, where its data names one.

        It is the partition key then; of all others the subject is."""
        return None

    @classmethod
    def is_of_matter(cls) -> bool:
        """Whether the matter is the partition key of these events."""
        return cls.matter is not EventData.matter


class Envelope(BaseModel):
    """One event on its way.

    `source` + `id` identify it (the inbox key). `sequence` is the version of the aggregate named
    by `subject` (`kind/id`), taken in the transaction that changed it; `epoch` is raised when a
    service is restored from a backup, so (epoch, sequence) orders the events of one subject for
    ever. `correlationid` is the same for everything one outside request caused, `causationid` is
    the id of the event that caused this one. `traceparent` (W3C) is there while traces are
    exported; nothing depends on it. `partitionkey` (CloudEvents' partitioning extension) names what
    has to stay in order together: the matter's id, or the subject of an event without a matter. It
    never changes for a subject. Events recorded before it was introduced have none.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: str = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: str = "application/json"
    sequence: int
    epoch: int
    partitionkey: str | None = None
    correlationid: str
    causationid: str | None = None
    traceparent: str | None = None
    data: dict[str, Any]

    @property
    def rank(self) -> tuple[int, int]:
        """(epoch, sequence): of two events about one subject the higher one is the newer."""
        return (self.epoch, self.sequence)

    @property
    def partition(self) -> str:
        """The partition key, also of an event that does not say it."""
        return self.partitionkey or self.subject

    @classmethod
    def parse(cls, raw: bytes | str) -> Self:
        """Read an envelope from its JSON text.

        Raises pydantic.ValidationError when it is not one.
        """
        return cls.model_validate_json(raw)

    def to_json(self) -> str:
        """The JSON text that goes on the bus and is kept in inbox and outbox."""
        unsaid = {name for name in _OPTIONAL if getattr(self, name) is None}
        return self.model_dump_json(exclude=unsaid)


def written(
    event: EventData,
    *,
    event_id: UUID,
    subject: str,
    time: datetime,
    sequence: int,
    epoch: int,
    partitionkey: str,
    correlationid: str,
    causationid: str | None,
    traceparent: str | None = None,
) -> str:
    """What `to_json` of the event's envelope gives, without making the envelope: a batch writes
    thousands, and nothing in it comes from outside but the two ids of the cause. `time` is UTC."""
    head = (
        f'{{"specversion":"1.0","id":"{event_id}","source":"{event.producer()}",'
        f'"type":"{event.TYPE}","subject":{_text(subject)},'
        f'"time":"{time.replace(tzinfo=None).isoformat()}Z","datacontenttype":"application/json",'
        f'"sequence":{sequence},"epoch":{epoch},"partitionkey":{_text(partitionkey)},'
        f'"correlationid":{_text(correlationid)},'
    )
    cause = "null" if causationid is None else _text(causationid)
    trace = f'"traceparent":{_text(traceparent)},' if traceparent else ""
    return f'{head}"causationid":{cause},{trace}"data":{event.model_dump_json()}}}'
