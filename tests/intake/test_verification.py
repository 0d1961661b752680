"""Only genuine, fresh webhooks pass (reliability P7): a table of forgeries."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from services.intake.partners.webhooks.verification import WINDOW, WebhookRefused, verify

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLD = "whsec_" + base64.b64encode(bytes(range(50, 82))).decode()
FOREIGN = "whsec_" + base64.b64encode(bytes(range(100, 132))).decode()
BODY = json.dumps({"type": "petition.filed", "data": {"文": 1}}, ensure_ascii=False).encode()
Headers = list[tuple[bytes, bytes]]


def sign(secret: str, webhook_id: str, seconds: int | str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(
    *,
    webhook_id: str = "msg_1",
    at: datetime = NOW,
    secret: str = SECRET,
    body: bytes = BODY,
    signature: str | None = None,
    seconds: str | None = None,
) -> Headers:
    stamp = seconds if seconds is not None else str(int(at.timestamp()))
    made = signature if signature is not None else sign(secret, webhook_id, stamp, body)
    return [
        (b"content-type", b"application/json"),
        (b"webhook-id", webhook_id.encode("latin-1")),
        (b"Webhook-Timestamp", stamp.encode("latin-1")),
        (b"webhook-signature", made.encode("latin-1")),
    ]


def without(name: bytes) -> Headers:
    return [pair for pair in headers() if pair[0].lower() != name]


def swapped(name: bytes, value: bytes) -> Headers:
    return [(key, value if key.lower() == name else old) for key, old in headers()]


def test_a_genuine_webhook_passes() -> None:
    delivery = verify(headers(), BODY, secrets=[SECRET], now=NOW)
    assert delivery.webhook_id == "msg_1"
    assert delivery.sent_at == NOW


def test_the_vector_of_the_standard_passes() -> None:
    """From the reference libraries of Standard Webhooks."""
    made = [
        (b"webhook-id", b"msg_p5jXN8AQM9LWM0D4loKWxJek"),
        (b"webhook-timestamp", b"1614265330"),
        (b"webhook-signature", b"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ]
    at = datetime.fromtimestamp(1614265330, tz=UTC)
    verify(
        made, b'{"test": 2432232314}', secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], now=at
    )


@pytest.mark.parametrize("shift", [-300, -299, 0, 299, 300])
def test_the_window_is_300_seconds_by_our_clock(shift: int) -> None:
    verify(headers(at=NOW + timedelta(seconds=shift)), BODY, secrets=[SECRET], now=NOW)


@pytest.mark.parametrize("secrets", [[SECRET, OLD], [OLD, SECRET]])
def test_while_a_secret_rotates_both_open(secrets: list[str]) -> None:
    verify(headers(secret=OLD), BODY, secrets=secrets, now=NOW)
    both = " ".join(sign(each, "msg_1", STAMP, BODY) for each in (OLD, SECRET))
    verify(headers(signature=both), BODY, secrets=[SECRET], now=NOW)


STAMP = str(int(NOW.timestamp()))
GOOD = sign(SECRET, "msg_1", STAMP, BODY)
FORGERIES: dict[str, tuple[Headers, bytes, list[str]]] = {
    "no headers": ([], BODY, [SECRET]),
    "no id": (without(b"webhook-id"), BODY, [SECRET]),
    "no timestamp": (without(b"webhook-timestamp"), BODY, [SECRET]),
    "no signature": (without(b"webhook-signature"), BODY, [SECRET]),
    "empty id": (headers(webhook_id=""), BODY, [SECRET]),
    "empty timestamp": (headers(seconds=""), BODY, [SECRET]),
    "empty signature": (headers(signature=""), BODY, [SECRET]),
    "301 s old": (headers(at=NOW - WINDOW - timedelta(seconds=1)), BODY, [SECRET]),
    "301 s early": (headers(at=NOW + WINDOW + timedelta(seconds=1)), BODY, [SECRET]),
    "a year old": (headers(at=NOW - timedelta(days=365)), BODY, [SECRET]),
    "milliseconds": (headers(seconds=STAMP + "000"), BODY, [SECRET]),
    "float timestamp": (headers(seconds=STAMP + ".0"), BODY, [SECRET]),
    "exponent timestamp": (headers(seconds="1.77e9"), BODY, [SECRET]),
    "signed timestamp": (headers(seconds="+" + STAMP), BODY, [SECRET]),
    "timestamp with blank": (headers(seconds=" " + STAMP), BODY, [SECRET]),
    "nan timestamp": (headers(seconds="nan"), BODY, [SECRET]),
    "inf timestamp": (headers(seconds="inf"), BODY, [SECRET]),
    "leading zero": (headers(seconds="0" + STAMP), BODY, [SECRET]),
    "other digits": (headers(seconds="\xb2" * 10), BODY, [SECRET]),
    "swapped id": (swapped(b"webhook-id", b"msg_2"), BODY, [SECRET]),
    "swapped time": (swapped(b"webhook-timestamp", str(int(STAMP) + 1).encode()), BODY, [SECRET]),
    "id with a dot": (headers(webhook_id="msg.1"), BODY, [SECRET]),
    "dot moves the border": (
        headers(webhook_id=f"msg_1.{STAMP}", signature=GOOD), BODY, [SECRET]),
    "id with a blank": (headers(webhook_id="msg 1"), BODY, [SECRET]),
    "id with a line end": (headers(webhook_id="msg\n1"), BODY, [SECRET]),
    "endless id": (headers(webhook_id="m" * 201), BODY, [SECRET]),
    "changed body": (headers(), BODY.replace(b"1", b"2"), [SECRET]),
    "longer body": (headers(), BODY + b" ", [SECRET]),
    "empty body": (headers(), b"", [SECRET]),
    "body written anew": (headers(), json.dumps(json.loads(BODY)).encode(), [SECRET]),
    "body not UTF-8": (headers(body=b"\xff\xfe"), b"\xff\xfe", [SECRET]),
    "another county's secret": (headers(secret=FOREIGN), BODY, [SECRET, OLD]),
    "retired secret": (headers(secret=OLD), BODY, [SECRET]),
    "no secret in force": (headers(), BODY, []),
    "v1a signature": (headers(signature="v1a," + GOOD.split(",")[1]), BODY, [SECRET]),
    "v2 signature": (headers(signature="v2," + GOOD.split(",")[1]), BODY, [SECRET]),
    "no version": (headers(signature=GOOD.split(",")[1]), BODY, [SECRET]),
    "hex signature": (
        headers(signature="v1," + base64.b64decode(GOOD.split(",")[1]).hex()), BODY, [SECRET]),
    "cut signature": (headers(signature=GOOD[:-8]), BODY, [SECRET]),
    "not base64": (headers(signature="v1,%%%%"), BODY, [SECRET]),
    "foreign first, then junk": (headers(signature="v1,AAAA v1 ,, v1,"), BODY, [SECRET]),
    "too many signatures": (headers(signature="v1,AAAA " * 8 + GOOD), BODY, [SECRET]),
    "doubled signature": ([*headers(), (b"webhook-signature", GOOD.encode())], BODY, [SECRET]),
    "doubled id": ([*headers(), (b"Webhook-Id", b"msg_1")], BODY, [SECRET]),
    "doubled timestamp": ([*headers(), (b"webhook-timestamp", STAMP.encode())], BODY, [SECRET]),
    "svix headers only": (
        [(key.lower().replace(b"webhook", b"svix"), value) for key, value in headers()],
        BODY, [SECRET]),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_are_refused_without_detail(name: str) -> None:
    made, body, secrets = FORGERIES[name]
    with pytest.raises(WebhookRefused) as refused:
        verify(made, body, secrets=secrets, now=NOW)
    assert refused.value.detail == ""
    assert refused.value.extra == {}


def test_every_signature_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """All pairs are compared, the right one does not end the loop."""
    compared: list[bytes] = []
    real: Callable[[bytes, bytes], bool] = hmac.compare_digest

    def counting(one: bytes, other: bytes) -> bool:
        compared.append(other)
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    verify(headers(signature=f"{GOOD} {GOOD}"), BODY, secrets=[SECRET, OLD], now=NOW)
    assert len(compared) == 4
