"""What no parser, database or log may ever get to see, in bare bytes."""

from __future__ import annotations

import pytest
from starlette.routing import Route

from shared.web.body_limits import DEFAULT_BYTES, LARGE_BYTES, BodyLimits, body_limit
from shared.web.problems import KNOWN, MEDIA_TYPE
from shared.web.strictness import StrictRequests
from tests.support.service import ServiceUnderTest
from tests.web.raw import JSON_TYPE, Answer, send
from tests.web.shop import SECRET

FORMS = "/shop/v1/forms"
MARK = "Zq8MARKzQ8"
"""Stands in every bad body; no answer may repeat it."""


def deep(levels: int, inner: bytes) -> bytes:
    return (
        b'{"word": "%s", "anything": ' % MARK.encode()
        + b"[" * levels
        + inner
        + b"]" * levels
        + b"}"
    )


def form(member: str) -> bytes:
    return f'{{"word": "{MARK}", {member}}}'.encode()


MALFORMED = {
    "lone high surrogate": form(r'"anything": "\ud800"'),
    "lone low surrogate": form(r'"anything": "\udead"'),
    "surrogates in the wrong order": form(r'"anything": "\udc00\ud800"'),
    "surrogate in a member's name": form(r'"\ud800": 1'),
    "surrogate deep inside": deep(20, rb'"\ud800"'),
    "escaped NUL": form(r'"anything": "a\u0000b"'),
    "escaped NUL in a name": form(r'"a\u0000b": 1'),
    "raw NUL": form('"anything": "a\x00b"'),
    "raw control character": form('"anything": "a\nb"'),
    "NaN": form('"amount": NaN'),
    "Infinity": form('"amount": Infinity'),
    "minus Infinity": form('"amount": -Infinity'),
    "number beyond a float": form('"amount": 1e400'),
    "integer of 5,000 digits": form('"number": ' + "9" * 5000),
    "integer beyond 64 bits": form(f'"number": {2**63}'),
    "integer below 64 bits": form(f'"number": {-(2**63) - 1}'),
    "member twice": form('"number": 1, "number": 2'),
    "member twice, once escaped": form(r'"number": 1, "\u006eumber": 2'),
    "member twice deep inside": form('"anything": [{"a": 1, "a": 1}]'),
    "100,000 lists in lists": deep(100_000, b"1"),
    "40,000 objects in objects": b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
    "200 lists in lists": deep(200, b"1"),
    "600 lists around an escape": deep(600, rb'"\u4e2d"'),
    "not UTF-8": b'{"word": "' + MARK.encode() + b'\xff"}',
    "surrogate in UTF-8": b'{"word": "' + MARK.encode() + b'\xed\xa0\x80"}',
    "overlong UTF-8": b'{"word": "' + MARK.encode() + b'\xc0\xaf"}',
    "GBK": f'{{"word": "{MARK}信访"}}'.encode("gbk"),
    "UTF-16": form('"number": 1').decode().encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + form('"number": 1'),
    "no JSON at all": f"word={MARK}".encode(),
    "two values": form('"number": 1') * 2,
    "a comma too many": form('"number": 1,'),
    "cut short": form('"number": 1')[:-1],
}

JSON_TYPES = {
    "plain": [JSON_TYPE],
    "in capitals": [(b"content-type", b"Application/JSON; charset=UTF-8")],
    "a kind of JSON": [(b"content-type", b"application/merge-patch+JSON")],
    "named twice": [JSON_TYPE, (b"content-type", b"text/plain")],
    "not named": [],
}


def assert_problem(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json()["title"] == KNOWN[code][1]
    assert MARK.encode() not in answer.body


@pytest.mark.parametrize("name", MALFORMED)
async def test_a_body_that_does_not_mean_one_thing_is_refused(
    shared_shop: ServiceUnderTest, name: str
) -> None:
    assert_problem(await send(shared_shop.app, "POST", FORMS, MALFORMED[name]), 400, "malformed")


@pytest.mark.parametrize("name", JSON_TYPES)
async def test_no_content_type_gets_round_the_parser(
    shared_shop: ServiceUnderTest, name: str
) -> None:
    for bad in ("lone high surrogate", "member twice", "NaN", "escaped NUL"):
        answer = await send(
            shared_shop.app, "POST", FORMS, MALFORMED[bad], headers=JSON_TYPES[name]
        )
        assert_problem(answer, 400, "malformed")


ACCEPTED = {
    "rare Han": ('"word": "\U0002fa1d"', "\U0002fa1d"),
    "rare Han as a pair of escapes": (r'"word": "\ud87e\ude1d"', "\U0002fa1d"),
    "emoji, joiners, right-to-left": ('"word": "👩‍👩‍👧 \u202eabc"', "👩‍👩‍👧 \u202eabc"),
    "a line break": (r'"word": "a\nb"', "a\nb"),
    "the greatest integer": (f'"word": "a", "number": {2**63 - 1}', "a"),
    "the least integer": (f'"word": "a", "number": {-(2**63)}', "a"),
    "a long fraction": ('"word": "a", "amount": 0.' + "1" * 500, "a"),
    "sixty lists in lists": ('"word": "a", "anything": ' + "[" * 60 + "]" * 60, "a"),
}


@pytest.mark.parametrize("name", ACCEPTED)
async def test_what_is_merely_unusual_is_kept_as_it_came(
    shared_shop: ServiceUnderTest, name: str
) -> None:
    members, word = ACCEPTED[name]
    answer = await send(shared_shop.app, "POST", FORMS, f"{{{members}}}".encode())
    assert (answer.status, answer.json()) == (201, {"word": word})


@pytest.mark.parametrize(
    "kind", [b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data", b"\xff"]
)
async def test_a_body_of_another_type_is_no_form(
    shared_shop: ServiceUnderTest, kind: bytes
) -> None:
    answer = await send(
        shared_shop.app, "POST", FORMS, form('"number": 1'), headers=[(b"content-type", kind)]
    )
    assert_problem(answer, 422, "invalid_input")


async def test_a_body_is_read_up_to_the_limit_and_not_beyond(shared_shop: ServiceUnderTest) -> None:
    limit = shared_shop.settings.max_body_bytes
    plain = [(b"content-type", b"application/octet-stream")]
    whole, part = b"x" * limit, b"x" * (limit // 4)
    assert (await send(shared_shop.app, "POST", "/shop/v1/raw", whole, headers=plain)).json() == {
        "bytes": limit
    }
    for parts in ([whole + b"x"], [part] * 5):
        assert_problem(
            await send(shared_shop.app, "POST", "/shop/v1/raw", *parts, headers=plain),
            413,
            "too_large",
        )


async def test_a_route_takes_as_much_as_it_declares_and_says_what_that_is(
    shared_shop: ServiceUnderTest,
) -> None:
    answer = await send(shared_shop.app, "POST", FORMS, b" " * (DEFAULT_BYTES + 1))
    assert_problem(answer, 413, "too_large")
    assert answer.json()["limit_bytes"] == DEFAULT_BYTES
    assert str(DEFAULT_BYTES) in answer.json()["detail"]
    raw = await send(shared_shop.app, "POST", "/shop/v1/raw", b"x" * (LARGE_BYTES + 1))
    assert raw.json()["limit_bytes"] == LARGE_BYTES


def test_no_route_takes_more_than_the_deployment_lets_it() -> None:
    @body_limit(5000)
    def endpoint() -> None:
        """Takes large bodies."""

    limits = BodyLimits(most=1000, default=500)
    limits.declare([Route("/files/{name}", endpoint, methods=["PUT"])])
    asked = (("PUT", "/files/a"), ("POST", "/files/a"), ("PUT", "/files/a/b"), ("PUT", "/"))
    assert [limits.of(*each) for each in asked] == [1000, 500, 500, 500]
    assert BodyLimits(most=100).of("POST", "/") == 100


@pytest.mark.parametrize(
    ("declared", "status", "code"),
    [
        *((length, 413, "too_large") for length in (b"1000001", b"9" * 40)),
        *((length, 400, "malformed") for length in (b"-1", b"1e3", b"abc", b"")),
    ],
)
async def test_a_declared_length_that_cannot_be_is_refused_unread(
    shared_shop: ServiceUnderTest, declared: bytes, status: int, code: str
) -> None:
    headers = [JSON_TYPE, (b"content-length", declared)]
    answer = await send(shared_shop.app, "POST", FORMS, headers=headers, stall=True)
    assert_problem(answer, status, code)


async def test_a_body_that_stops_coming_ends_the_request() -> None:
    async def never(*_: object) -> None:
        raise AssertionError("the app must not see half a body")

    strict = StrictRequests(never, limits=BodyLimits(most=1000), body_seconds=0.01)
    answer = await send(strict, "POST", FORMS, b'{"word": ', stall=True)
    assert_problem(answer, 408, "too_slow")


async def test_half_a_body_of_a_client_that_left_changes_nothing(shop: ServiceUnderTest) -> None:
    answer = await send(shop.app, "POST", FORMS, b'{"word": "a"}', cut_off=True)
    assert answer.status == 0
    assert (await send(shop.app, "GET", "/shop/v1/pages")).json()["items"] == []


@pytest.mark.parametrize("query", [b"word=%00", b"word=a%00b", b"%00=1"])
async def test_nul_in_a_query_never_reaches_the_database(
    shared_shop: ServiceUnderTest, query: bytes
) -> None:
    path = "/shop/v1/items/00000000-0000-0000-0000-000000000001"
    assert_problem(await send(shared_shop.app, "GET", path, query=query), 400, "malformed")


async def test_nul_in_a_path_never_reaches_a_route(shared_shop: ServiceUnderTest) -> None:
    assert_problem(await send(shared_shop.app, "GET", "/shop/v1/faults/a\x00b"), 400, "malformed")


async def test_bytes_that_are_no_text_in_a_query_do_no_harm(shared_shop: ServiceUnderTest) -> None:
    path = "/shop/v1/items/00000000-0000-0000-0000-000000000001"
    for query in (b"word=%ff", b"word=%ed%a0%80", b"word=\xff", b"word=%", b"word=%zz"):
        assert (await send(shared_shop.app, "GET", path, query=query)).status == 200


@pytest.mark.parametrize("given", [b"12345678", b"a" * 64, b"req:2026-03-02_a.b"])
async def test_a_fitting_correlation_id_is_kept(
    shared_shop: ServiceUnderTest, given: bytes
) -> None:
    headers = [JSON_TYPE, (b"x-correlation-id", given)]
    answer = await send(shared_shop.app, "GET", "/live", headers=headers)
    assert answer.headers["x-correlation-id"] == given.decode()


@pytest.mark.parametrize(
    "given", [b"", b"1234567", b"a" * 65, b"a b c d e", b"a\r\nset: x", b"\xe4" * 9]
)
async def test_any_other_correlation_id_is_replaced(
    shared_shop: ServiceUnderTest, given: bytes
) -> None:
    headers = [JSON_TYPE, (b"x-correlation-id", given)]
    made = {
        (await send(shared_shop.app, "GET", "/live", headers=headers)).headers["x-correlation-id"]
        for _ in range(2)
    }
    assert len(made) == 2
    assert all(len(each) == 36 for each in made)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", FORMS, MALFORMED["NaN"]),
        ("POST", FORMS, b"{}"),
        ("POST", FORMS, b"x" * 1_000_001),
        ("GET", "/shop/v1/nowhere", b""),
        ("GET", "/shop/v1/notes", b""),
        ("GET", "/shop/v1/faults/unexpected", b""),
    ],
)
async def test_every_error_answer_has_its_correlation_id(
    shared_shop: ServiceUnderTest, method: str, path: str, body: bytes
) -> None:
    headers = [JSON_TYPE, (b"x-correlation-id", b"find-me-in-the-log")]
    answer = await send(shared_shop.app, method, path, body, headers=headers)
    assert answer.status >= 400
    assert answer.headers["x-correlation-id"] == "find-me-in-the-log"


async def test_an_unexpected_error_tells_nobody_what_it_was_about(
    shared_shop: ServiceUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await send(shared_shop.app, "GET", "/shop/v1/faults/unexpected")
    assert_problem(answer, 500, "internal")
    captured = capsys.readouterr()
    for told in (answer.body.decode(), captured.out, captured.err):
        assert SECRET not in told
    assert "RuntimeError" in captured.out + captured.err
