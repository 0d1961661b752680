"""Standard Webhooks verification over the raw body, judged by our own clock.

https://github.com/standard-webhooks/standard-webhooks : sign `id.timestamp.body` with HMAC-SHA256,
several secrets while one is rotated, a window of 300 s. The library signs; its own verification
reads the machine's clock, takes odd spellings of the timestamp and decodes the body, so the checks
around the signature are ours.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

from shared.kernel.errors import DomainError

WINDOW = timedelta(seconds=300)
ID_LIMIT = 200
SIGNATURES_LIMIT = 8
"""Signatures read from one request; rotation needs two."""
_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
_ID = re.compile(r"[!-\-/-~]+")  # printable ASCII without the dot that separates what is signed
_SECONDS = re.compile(r"[1-9][0-9]{8,11}")


class WebhookRefused(DomainError):
    """The request is not a fresh, genuine webhook of this partner. Nothing more is said."""

    code = "webhook_refused"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a genuine webhook says about itself."""

    webhook_id: str
    sent_at: datetime


def verify(
    headers: Iterable[tuple[bytes, bytes]],
    body: bytes,
    *,
    secrets: Sequence[str],
    now: datetime,
) -> Delivery:
    """Check one request.

    `headers` are the raw header lines (so that a doubled header shows), `secrets` the partner's
    `whsec_…` secrets in force, `now` the clock port's instant. Every secret is tried against every
    signature whatever the outcome. Raises WebhookRefused.
    """
    webhook_id, seconds, signatures = _fields(headers)
    sent_at = datetime.fromtimestamp(int(seconds), tz=UTC)
    if not _ID.fullmatch(webhook_id) or len(webhook_id) > ID_LIMIT or abs(now - sent_at) > WINDOW:
        raise WebhookRefused
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise WebhookRefused from error
    offered = _offered(signatures)
    genuine = False
    for secret in secrets:
        expected = Webhook(secret).sign(webhook_id, sent_at, text).split(",", 1)[1].encode()
        for signature in offered:
            genuine |= hmac.compare_digest(expected, signature)
    if not genuine:
        raise WebhookRefused
    return Delivery(webhook_id, sent_at)


def _fields(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, str, str]:
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = raw_name.decode("latin-1").lower()
        if name in _HEADERS:
            if name in found:
                raise WebhookRefused
            found[name] = raw_value.decode("latin-1")
    if len(found) != len(_HEADERS) or not _SECONDS.fullmatch(found["webhook-timestamp"]):
        raise WebhookRefused
    return found["webhook-id"], found["webhook-timestamp"], found["webhook-signature"]


def _offered(header: str) -> list[bytes]:
    """The `v1` signatures of the header in canonical base64."""
    offered: list[bytes] = []
    for part in header.split(" ")[:SIGNATURES_LIMIT]:
        version, _, encoded = part.partition(",")
        if version != "v1":
            continue
        try:
            offered.append(base64.b64encode(base64.b64decode(encoded, validate=True)))
        except (binascii.Error, ValueError):
            continue
    return offered
