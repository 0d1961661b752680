"""Counts and digests per hour, so that a consumer can see what it missed (decision 0003)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from shared.contracts.envelope import EventData, Facts


class TypeDigest(Facts):
    """How many events of one type an hour had, and a digest of their ids."""

    type: str
    count: int
    digest: str = Field(
        description="XOR of the first 16 bytes of the ids' SHA-256, hex; independent of order."
    )


class HourlyDigest(EventData):
    """What a service recorded in one closed hour; consumers compare with their inbox."""

    SUBJECT: ClassVar[str] = "digest"

    hour: datetime = Field(description="Start of the hour, UTC.")
    types: list[TypeDigest]
    previous: datetime | None = Field(
        default=None,
        description="Hour of the digest before this one: who does not have that one fetches it.",
    )


class IntakeDigestV1(HourlyDigest):
    """Hourly count and digest of what intake published."""

    TYPE: ClassVar[str] = "intake.digest.hourly.v1"


class RoutingDigestV1(HourlyDigest):
    """Hourly count and digest of what routing published."""

    TYPE: ClassVar[str] = "routing.digest.hourly.v1"


class SupervisionDigestV1(HourlyDigest):
    """Hourly count and digest of what supervision published."""

    TYPE: ClassVar[str] = "supervision.digest.hourly.v1"
