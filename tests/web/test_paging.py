"""Pages neither lose nor repeat rows, and a forged cursor is a client's mistake."""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert

from shared.vocabulary.posts import Role
from shared.web.paging import BadCursor, decode_cursor, encode_cursor
from tests.support.service import ServiceUnderTest
from tests.web.shop import NOTE

DAY = date(2026, 3, 2)


async def put(shop: ServiceUnderTest, *ids: int) -> None:
    """Notes of which three share a day."""
    rows = [
        {"id": number, "word": f"n{number}", "organ_code": "-", "division_code": "-",
         "noted_on": DAY + timedelta(days=number // 3)}
        for number in ids
    ]  # fmt: skip
    async with shop.service.database.writing() as session:
        await session.execute(insert(NOTE), rows)


async def page(shop: ServiceUnderTest, limit: int, cursor: str | None = None) -> dict:
    params = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
    answer = await shop.client.get("/shop/v1/pages", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def walk(shop: ServiceUnderTest, limit: int) -> list[int]:
    found: list[int] = []
    cursor: str | None = None
    while True:
        answer = await page(shop, limit, cursor)
        found += [item["id"] for item in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 19, 20, 21, 200])
async def test_pages_of_any_size_give_every_row_once_and_in_order(
    shop: ServiceUnderTest, limit: int
) -> None:
    await put(shop, *range(20))
    expected = sorted(range(20), key=lambda number: (-(number // 3), number))
    assert await walk(shop, limit) == expected


async def test_the_last_page_says_so_and_an_empty_list_has_one_page(shop: ServiceUnderTest) -> None:
    assert await page(shop, 5) == {"items": [], "next": None}
    await put(shop, *range(5))
    assert (await page(shop, 5))["next"] is None
    assert (await page(shop, 4))["next"] is not None


async def test_rows_that_come_and_go_while_somebody_turns_pages_move_no_other_row(
    shop: ServiceUnderTest,
) -> None:
    await put(shop, *range(0, 12, 2))
    first = await page(shop, 3)
    seen = [item["id"] for item in first["items"]]
    await put(shop, 100)
    async with shop.service.database.writing() as session:
        await session.execute(delete(NOTE).where(NOTE.c.id == seen[-1]))
    rest = await page(shop, 50, first["next"])
    assert sorted(seen + [item["id"] for item in rest["items"]]) == list(range(0, 12, 2))


@pytest.mark.parametrize("limit", ["0", "-1", "201", "9" * 30, "1.5", "x", ""])
async def test_a_limit_outside_its_bounds_is_refused(
    shared_shop: ServiceUnderTest, limit: str
) -> None:
    answer = await shared_shop.client.get("/shop/v1/pages", params={"limit": limit})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def forged(text: str | bytes) -> str:
    raw = text.encode() if isinstance(text, str) else text
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


FORGED = {
    "no base64": "!!!!",
    "of an odd length": "abcde",
    "Han": "游标",
    "not JSON": forged("date"),
    "not UTF-8": forged(b"\xff\xfe"),
    "no list": forged('{"a": 1}'),
    "too short": forged('["2026-03-02"]'),
    "too long": forged('["2026-03-02", 1, 2]'),
    "a list inside": forged('["2026-03-02", [1]]'),
    "null inside": forged('["2026-03-02", null]'),
    "a fraction inside": forged('["2026-03-02", 1.5]'),
    "NUL inside": forged(r'["2026-03-02", "\u0000"]'),
    "half a character inside": forged(r'["2026-03-02", "\ud800"]'),
    "another date": forged('["2026-02-30", 1]'),
    "no number": forged('["2026-03-02", "one"]'),
    "a raised digit": forged('["2026-03-02", "²"]'),
    "beyond 64 bits": forged(f'["2026-03-02", {2**63}]'),
    "below zero": forged('["2026-03-02", -1]'),
    "5,000 digits": forged('["2026-03-02", ' + "9" * 300 + "]"),
    "deep": forged("[" * 180 + "]" * 180),
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_cursor_is_refused(shared_shop: ServiceUnderTest, name: str) -> None:
    answer = await shared_shop.client.get("/shop/v1/pages", params={"cursor": FORGED[name]})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


@pytest.mark.parametrize("key", ["²", "one", "-1", str(2**63), "9" * 400, "", "\x00"])
async def test_a_forged_cursor_of_parked_events_is_refused(
    shared_shop: ServiceUnderTest, key: str
) -> None:
    headers = await shared_shop.login(Role.OPERATOR, "430000000000-PETITION")
    answer = await shared_shop.client.get(
        "/shop/v1/parked", params={"cursor": forged(json.dumps([key]))}, headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) in {
        (400, "bad_cursor"),
        (422, "invalid_input"),  # longer than any cursor
    }


def test_a_cursor_gives_back_its_keys_as_text() -> None:
    cursor = encode_cursor(DAY, 7, "岳麓区")
    assert decode_cursor(cursor, 3) == ["2026-03-02", "7", "岳麓区"]
    with pytest.raises(BadCursor):
        decode_cursor(cursor, 2)


@pytest.mark.parametrize(
    "hour",
    ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:30:00Z", "9999-12-31T23:30:00-14:00"],
)
async def test_the_ends_of_time_are_no_error_of_ours(
    shared_shop: ServiceUnderTest, hour: str
) -> None:
    headers = await shared_shop.login(Role.SERVICE, "430000000000-PETITION")
    answer = await shared_shop.client.get(f"/shop/v1/events?hour={hour}&types=a", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
