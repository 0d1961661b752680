"""Search: what is found is what a plain look at every case finds, within what one may see."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.routing.main import SPEC
from services.routing.search import store as search
from services.routing.search_index.domain import folded, pairs, searched
from services.routing.search_index.store.index import CASE_TEXT
from shared.db.engine import is_server
from shared.db.migrations import with_alembic
from shared.kernel.errors import Invalid
from shared.vocabulary.petitions import Purpose
from shared.vocabulary.posts import Role
from tests.routing.making import CHANGSHA, COUNTY, COUNTY_OFFICE, HOUSING, TODAY, content
from tests.support.service import ServiceUnderTest

URL = "/routing/v1/search"
CITY_HOUSING = "430100000000-HOUSING"
HOSTILE = (
    '"漏水',
    "漏水*",
    "漏水 OR 噪声",
    "pairs:漏水",
    "NEAR(漏水 噪声)",
    "漏水%",
    "漏水' --",
    "漏_水",
)
LETTERS = st.text(alphabet="墙体开裂漏水ＡaA１1，, \n", max_size=30)


class Desk:
    """Where cases come in and are searched."""

    def __init__(self, service: ServiceUnderTest) -> None:
        self.service = service

    async def receive(self, *contents: Any) -> None:
        await self.service.deliver(
            *(
                self.service.envelope(each, subject_id=each.petition.petition_id)
                for each in contents
            )
        )

    async def ask(
        self, organ: str = CHANGSHA, role: Role = Role.OFFICER, **body: Any
    ) -> httpx.Response:
        headers = await self.service.login(role, organ)
        return await self.service.client.post(URL, json=body, headers=headers)

    async def found(
        self, organ: str = CHANGSHA, role: Role = Role.OFFICER, **body: Any
    ) -> list[dict[str, Any]]:
        """All pages."""
        lines: list[dict[str, Any]] = []
        while True:
            answer = await self.ask(organ, role, **body)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            lines += page["items"]
            if page["next"] is None:
                return lines
            body["cursor"] = page["next"]


@pytest.fixture
async def desk(make_service: Any) -> Desk:
    return Desk(await make_service(SPEC))


def numbers(lines: list[dict[str, Any]]) -> list[str]:
    return [line["number"] for line in lines]


async def test_every_filter_finds_what_a_plain_look_finds(desk: Desk) -> None:
    chance = random.Random(7)
    made = [
        content(
            "长沙县"
            + chance.choice(("泉塘街道", "星沙街道"))
            + chance.choice(("漏水", "水漏", "ＡＢ栋")),
            text="，".join(chance.choices(("墙体开裂", "开裂墙体", "物业费", "Wi-Fi坏"), k=2)),
            category_code=chance.choice(("030800", "030801", "020000")),
            purpose=chance.choice((Purpose.CLAIM, Purpose.SUGGESTION)),
            received_on=TODAY - timedelta(days=chance.randrange(9)),
        )
        for _ in range(40)
    ]
    await desk.receive(*made)
    cases = {each.petition.number: each for each in made}
    everything = await desk.found()
    assert sorted(numbers(everything)) == sorted(cases)
    ids = [line["case_id"] for line in everything]
    assert ids == sorted(ids, reverse=True)
    line = everything[7]
    day = (TODAY - timedelta(days=4)).isoformat()
    texts = (
        "漏水",
        "ab栋",
        "ＷＩ-ＦＩ坏",
        "墙体开裂",
        "墙体 开裂",
        "漏水 物业费",
        "开裂,墙体",
        "街道水",
    )
    filters: list[tuple[dict[str, Any], Any]] = [
        ({"number": line["number"][:16]}, lambda x: x["number"].startswith(line["number"][:16])),
        ({"organ_code": HOUSING}, lambda x: x["organ_code"] == HOUSING),
        ({"category_code": "030800"}, lambda x: x["category_code"][:4] == "0308"),
        ({"category_code": "020000"}, lambda x: x["category_code"][:2] == "02"),
        ({"division_code": "430121"}, lambda x: (x["division_code"] or "").startswith("430121")),
        ({"purpose": "claim"}, lambda x: x["purpose"] == "claim"),
        ({"state": line["state"]}, lambda x: x["state"] == line["state"]),
        ({"closing_kind": "answered"}, lambda x: x["closing_kind"] == "answered"),
        ({"received_from": day}, lambda x: x["received_on"] >= day),
        ({"received_to": day}, lambda x: x["received_on"] <= day),
        ({"due_before": "2026-03-14"}, lambda x: (x["due_on"] or "9999") < "2026-03-14"),
        *(({"text": each}, _holds(each, cases)) for each in texts),
    ]
    for body, holds in filters:
        wanted = [each["number"] for each in everything if holds(each)]
        assert numbers(await desk.found(**body, limit=7)) == wanted, body
    both = {"text": "漏水", "purpose": "claim", "received_from": day}
    expected = [
        each["number"]
        for each in everything
        if _holds("漏水", cases)(each) and each["purpose"] == "claim" and each["received_on"] >= day
    ]
    assert numbers(await desk.found(**both)) == expected


def _holds(text: str, cases: dict[str, Any]) -> Any:
    def holds(line: dict[str, Any]) -> bool:
        case = cases[line["number"]]
        return all(word in folded(case.title, case.text) for word in searched(text))

    return holds


async def test_newer_words_replace_the_older(desk: Desk) -> None:
    first = content("长沙县泉塘街道漏水")
    await desk.receive(first)
    newer = first.model_copy(update={"title": "长沙县泉塘街道噪声"})
    sender = desk.service
    await sender.deliver(sender.envelope(newer, subject_id=first.petition.petition_id, sequence=2))
    assert await desk.found(text="漏水") == []
    assert numbers(await desk.found(text="噪声")) == [first.petition.number]


async def test_who_is_not_involved_finds_nothing_and_watchers_no_words(desk: Desk) -> None:
    await desk.receive(content())
    assert len(await desk.found(HOUSING, text="交房")) == 1
    assert await desk.found(CITY_HOUSING) == []
    assert await desk.found(CITY_HOUSING, text="交房") == []
    (line,) = await desk.found(COUNTY_OFFICE, Role.SUPERVISOR)
    assert line["title"] is None
    refused = await desk.ask(COUNTY_OFFICE, Role.LEADER, text="交房")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_the_accused_unit_finds_nothing_of_it(desk: Desk) -> None:
    await desk.receive(
        content(purpose=Purpose.ACCUSATION, complained_organ=HOUSING, received_by=HOUSING)
    )
    for role in (Role.REGISTRAR, Role.OFFICER, Role.HEAD, Role.SUPERVISOR, Role.LEADER):
        assert await desk.found(HOUSING, role) == []
    assert await desk.found(HOUSING, text="交房") == []
    assert len(await desk.found(COUNTY_OFFICE, Role.SUPERVISOR, division_code=COUNTY)) == 1


async def test_signs_of_a_query_language_are_plain_text(desk: Desk) -> None:
    await desk.receive(content("长沙县泉塘街道漏水"), content("长沙县泉塘街道噪声"))
    for words in HOSTILE:
        answer = await desk.ask(text=words)
        assert answer.status_code in (200, 422), words
        assert answer.status_code == 422 or answer.json()["items"] == [], words
    await desk.receive(content('长沙县泉塘街道"漏水*'))
    assert len(await desk.found(text='"漏水*')) == 1


@pytest.mark.parametrize(
    "text",
    [
        "水",
        "漏水 水",
        "!!",
        "，，，",
        "\u200b\u3164",
        "水\u200b",
        " ".join(map(str, range(10, 22))),
    ],
)
async def test_what_no_index_finds_is_refused(desk: Desk, text: str) -> None:
    assert (await desk.ask(text=text)).status_code == 422


@given(text=LETTERS, word=LETTERS)
def test_a_text_has_all_pairs_of_what_stands_in_it(text: str, word: str) -> None:
    try:
        words = searched(word)
    except Invalid:
        return
    for each in words:
        assert each in folded(word)
        assert set(pairs(each)) <= set(pairs(folded(f"{text}{word}")))


async def test_cases_that_were_there_before_are_found_after_the_migration(desk: Desk) -> None:
    await desk.receive(content("长沙县泉塘街道漏水"), content("长沙县泉塘街道噪声"))
    before = numbers(await desk.found(text="漏水"))
    database = desk.service.service.database
    for act, revision in ((command.downgrade, "0005"), (command.upgrade, "head")):
        change = partial(_change, act, revision)
        await with_alembic(database, SPEC.name, SPEC.metadata, change)
    assert numbers(await desk.found(text="漏水")) == before != []


def _change(act: Any, revision: str, config: Config) -> None:
    act(config, revision)


AS_WRITTEN = (
    "长沙县", "⻓沙县", "长\u200b沙\ufe0f县", "长 沙　县", "ＡＢ①②栋", "ab12栋", "㎡",
    "Ⅳ期", "一\n二三", "Straße", "İzmir", "e\u0301cole",
)  # fmt: skip
AS_SEEN = {
    "长沙县": ("长沙县", "⻓沙县", "长\u200b沙县", "长\ufe0f沙\u00ad县", "⻓\u2060沙\u3164县"),
    "ab12栋": ("ＡＢ１２栋", "ab①②栋", "AB12栋", "a\u200db12栋"),
    "iv期": ("Ⅳ期", "ⅳ期", "iv期"),
    "一二三": ("一二三",),
    "strasse": ("STRASSE", "straße", "ſtraße"),
    "ecole": ("école", "ÉCOLE"),
    "izmir": ("İZMİR", "izmir"),
}
"""What people see -> how it is typed, in a text as in a query."""


async def test_search_finds_what_people_see(desk: Desk) -> None:
    made = [content(f"长沙县路灯 {each}", text="甲") for each in AS_WRITTEN]
    await desk.receive(*made)
    everything = {each.petition.number for each in made}
    assert set(numbers(await desk.found(text="长沙县路灯", limit=200))) == everything
    for seen, typed in AS_SEEN.items():
        wanted = numbers(await desk.found(text=seen, limit=200))
        assert wanted, seen
        for query in typed:
            assert numbers(await desk.found(text=query, limit=200)) == wanted, ascii(query)
    assert len(await desk.found(text="ab12栋")) == 2
    assert len(await desk.found(text="路灯 iv期")) == 1


@given(st.text(max_size=100))
def test_any_query_is_read_or_refused(text: str) -> None:
    try:
        words = searched(text)
    except Invalid:
        return
    held = folded(f"前{text}后")
    assert all(word in held for word in words)
    assert folded(held) == held


async def test_words_of_the_release_before_are_found(desk: Desk) -> None:
    """Rows as release 1 kept them: compatibility forms read, the rest as it was typed."""
    made = content("⻓沙县泉塘街道漏\u200b水", text="ＡＢ栋 外 墙")
    await desk.receive(made)
    service = desk.service.service
    await with_alembic(
        service.database, SPEC.name, SPEC.metadata, partial(_change, command.downgrade, "0014")
    )
    before = "⻓沙县泉塘街道漏\u200b水\nab栋 外 墙"
    async with service.database.writing() as session:
        await session.execute(
            CASE_TEXT.update().values(words=before, pairs=" ".join(pairs(before)))
        )
    async with service.database.reading() as session:
        assert (await session.execute(search.with_pairs(session, ["长沙县"]))).all() == []
    await with_alembic(
        service.database, SPEC.name, SPEC.metadata, partial(_change, command.upgrade, "head")
    )
    for query in ("长沙县", "漏水", "外墙", "AB栋", "长沙县 漏水"):
        assert numbers(await desk.found(text=query)) == [made.petition.number], query


async def test_words_are_looked_up_in_the_index(desk: Desk) -> None:
    await desk.receive(content("长沙县泉塘街道漏水"))
    async with desk.service.service.database.reading() as session:
        query = search.with_pairs(session, ["漏水"])
        dialect = session.get_bind().dialect
        made = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        if is_server(session):
            await session.execute(text("SET LOCAL enable_seqscan = off"))
        how = "EXPLAIN" if is_server(session) else "EXPLAIN QUERY PLAN"
        plan = (await session.connection()).exec_driver_sql(f"{how} {made}")
        lines = str((await plan).all())
    assert ("fts_case_text_pairs" if how == "EXPLAIN" else "VIRTUAL TABLE INDEX") in lines


@pytest.mark.parametrize("words", ["漏水\x00", "漏水\ud800", "漏" * 101, "  ", "\u3000"])
async def test_what_no_text_can_hold_is_refused(desk: Desk, words: str) -> None:
    headers = await desk.service.login(Role.OFFICER, CHANGSHA)
    headers |= {"content-type": "application/json"}
    body = json.dumps({"text": words})
    answer = await desk.service.client.post(URL, content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
