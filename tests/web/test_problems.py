"""Errors have one shape, stable codes, Chinese titles, and repeat nothing a client sent."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import asyncpg
import pytest

from shared.db.engine import Database
from shared.runtime.app import create_app
from shared.web.problems import KNOWN, MEDIA_TYPE, problem, register_problems
from tests.support.backends import test_settings
from tests.support.service import ServiceUnderTest, SilentBus
from tests.web.raw import send
from tests.web.shop import make_shop

HAN = re.compile("[一-鿿]")
AWAY = {
    "nobody listens": "postgresql+asyncpg://postgres@127.0.0.1:1/nowhere",
    "no such folder": "sqlite+aiosqlite:////nowhere/at/all.db",
}


def assert_shape(answer: Any, status: int, code: str) -> dict[str, Any]:
    """RFC 9457 with our one extension `code`; returns the document."""
    body: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"] == f"urn:xinfang:problem:{code}"
    assert HAN.search(body["title"])
    return body


@pytest.mark.parametrize("code", KNOWN)
def test_every_code_has_a_status_of_an_error_and_a_chinese_title(code: str) -> None:
    status, title = KNOWN[code]
    assert 400 <= status < 600
    assert HAN.search(title)
    assert re.fullmatch("[a-z][a-z0-9_]*", code)


def test_a_code_has_one_meaning_everywhere() -> None:
    register_problems({"not_found": KNOWN["not_found"]})
    with pytest.raises(ValueError, match="not_found"):
        register_problems({"not_found": (410, "没有了")})


async def test_a_broken_rule_carries_its_detail_and_what_is_allowed(
    shared_shop: ServiceUnderTest,
) -> None:
    body = assert_shape(await shared_shop.client.get("/shop/v1/faults/rule"), 409, "conflict")
    assert body["detail"] == "案件已办结"
    assert body["allowed"] == ["deliver"]


def test_extra_members_may_hold_dates_and_never_replace_the_shape() -> None:
    answer = problem("conflict", "x", due_on=date(2026, 3, 2), status="referred", title="other")
    assert b'"due_on":"2026-03-02"' in answer.body
    assert b'"status":409' in answer.body
    assert KNOWN["conflict"][1].encode() in answer.body


@pytest.mark.parametrize(
    ("form", "field", "kind"),
    [
        ({}, "word", "missing"),
        ({"word": "MARK-7316" * 50}, "word", "string_too_long"),
        ({"word": "a", "number": "MARK-7316"}, "number", "int_parsing"),
        ({"word": "a", "counts": {"MARK-7316 张三": "x"}}, "counts.?", "int_parsing"),
        ({"word": "a", "13807316000": 1}, "?", "extra_forbidden"),
        ({"word": "a", "MARK": 1}, "?", "extra_forbidden"),
        ([{"word": "MARK-7316"}], "", "model_attributes_type"),
        ("MARK-7316", "", "model_attributes_type"),
    ],
)
async def test_422_names_field_and_kind_and_repeats_no_input(
    shared_shop: ServiceUnderTest, form: Any, field: str, kind: str
) -> None:
    answer = await shared_shop.client.post("/shop/v1/forms", json=form)
    body = assert_shape(answer, 422, "invalid_input")
    assert body["errors"] == [{"field": field, "kind": kind}]
    assert "MARK" not in answer.text
    assert "7316" not in answer.text


async def test_422_for_parameters_repeats_no_input(shared_shop: ServiceUnderTest) -> None:
    answer = await shared_shop.client.get("/shop/v1/items/MARK?word=MARK")
    body = assert_shape(answer, 422, "invalid_input")
    assert body["errors"] == [{"field": "item_id", "kind": "uuid_parsing"}]
    assert "MARK" not in answer.text


async def test_422_lists_at_most_twenty_fields(shared_shop: ServiceUnderTest) -> None:
    counts = {f"n{number}": "x" for number in range(5000)}
    answer = await shared_shop.client.post("/shop/v1/forms", json={"word": "a", "counts": counts})
    assert len(answer.json()["errors"]) == 20


@pytest.mark.parametrize(
    "path", ["/", "/shop", "/shop/v1", "/shop/v2/forms", "/nowhere", "//", "/%E4%B8%AD"]
)
async def test_an_unknown_path_is_not_found(shared_shop: ServiceUnderTest, path: str) -> None:
    assert_shape(await shared_shop.client.get(path), 404, "not_found")


async def test_a_method_a_path_does_not_have_is_answered_with_those_it_has(
    shared_shop: ServiceUnderTest,
) -> None:
    answer = await shared_shop.client.delete("/shop/v1/forms")
    assert_shape(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


async def test_who_has_not_logged_in_learns_how_to(shared_shop: ServiceUnderTest) -> None:
    answer = await shared_shop.client.get("/shop/v1/notes")
    assert_shape(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("name", AWAY)
@pytest.mark.parametrize(
    ("method", "path", "form"),
    [("GET", "/shop/v1/pages", None), ("POST", "/shop/v1/forms", {"word": "a"})],
)
async def test_while_the_database_is_away_clients_are_told_to_come_again(
    shared_shop: ServiceUnderTest,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    method: str,
    path: str,
    form: Any,
) -> None:
    away = Database(AWAY[name])
    monkeypatch.setattr(shared_shop.service, "database", away)
    monkeypatch.setattr(shared_shop.service.units, "_database", away)
    answer = await shared_shop.client.request(method, path, json=form)
    assert_shape(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert (await shared_shop.client.get("/live")).status_code == 200
    ready = await shared_shop.client.get("/ready")
    assert (ready.status_code, ready.json()["reasons"]) == (503, ["database"])
    await away.close()


@pytest.mark.servers
async def test_a_connection_cut_by_the_server_is_503_once_and_then_mended(
    shop: ServiceUnderTest,
) -> None:
    assert (await shop.client.get("/shop/v1/pages")).status_code == 200
    await cut_connections(shop.settings.database_url)
    assert_shape(await shop.client.get("/shop/v1/pages"), 503, "unavailable")
    assert (await shop.client.get("/shop/v1/pages")).status_code == 200


async def cut_connections(url: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


async def test_before_the_reference_data_is_loaded_changes_are_refused_with_503(
    tmp_path: Any,
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'x.db'}"
    app = create_app(make_shop(), test_settings(tmp_path, database_url=url), bus=SilentBus())
    answer = await send(app, "POST", "/shop/v1/forms", b'{"word": "a"}')
    assert (answer.status, answer.json()["code"]) == (503, "unavailable")
    await app.state.service.database.close()
