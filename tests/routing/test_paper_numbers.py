"""Numbers of papers: the organ's own mark, the kind's word, a serial; no two alike."""

from __future__ import annotations

import asyncio
import re
import uuid
from functools import partial
from itertools import islice
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import column, insert, select, table
from sqlalchemy.exc import IntegrityError

from services.routing.cases.store import cases
from services.routing.cases.store.cases import NOTICE
from services.routing.main import SPEC
from services.routing.papers.domain.packaged_marks import packaged_kind_marks
from services.routing.papers.domain.paper_marks import marks_for
from services.routing.papers.use_cases.paper_numbers import next_number
from shared.contracts.papers import NoticeOwedV1
from shared.db.migrations import with_alembic
from shared.papers.kinds import packaged_kinds
from shared.papers.numbers import document_number, is_mark
from shared.reference import organ_files, place_words
from shared.reference.calendar import packaged_text
from shared.reference.division_files import packaged, parse
from shared.reference.divisions import Divisions
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.routing.making import HOUSING, ROOT_OFFICE
from tests.routing.test_casework_api import ANSWER, Desk

ALIKE = [
    "code,name,parent_code,level",
    *("90,西地省,,1", "9001,甲市,90,2", "9002,乙市,90,2", "900101,和平区,9001,3"),
    *("900102,和平县,9001,3", "900103,甲县,9001,3", "900201,和平区,9002,3"),
    *("900101001,建设街道,900101,4", "900101101,建设乡,900101,4", "900101102,建设镇,900101,4"),
]
OLD_SERIALS = table("paper_number", column("organ_code"), column("year"), column("last"))
OFFICES = tuple(f"{code.partition(',')[0].ljust(12, '0')}" for code in ALIKE[1:])


def first_marks(code: str, tree: Divisions, root: str, many: int = 1) -> list[str]:
    organs = organ_files.packaged(tree)
    marks = marks_for(
        code, organs, place_words.packaged(), packaged_kind_marks(), root=root.ljust(12, "0")
    )
    return list(islice(marks, many))


@pytest.mark.parametrize(
    ("root", "organ", "mark"),
    [
        ("43", "430000000000-PETITION", "湖南信"),
        ("43", "430202000000-PETITION", "株洲荷塘信"),
        ("43", "430203000000-PETITION", "株洲芦淞信"),
        ("43", "430121000000-HOUSING", "长沙县住建"),
        ("43", "430121000000-NOTHING", "长沙县机关"),
        ("4302", "430202000000-LABOUR", "荷塘人社"),
        ("4302", "999999000000-HOUSING", "住建"),
    ],
)
def test_a_mark_says_whose_it_is(root: str, organ: str, mark: str) -> None:
    assert first_marks(organ, packaged(), root) == [mark]


def test_divisions_with_one_name_have_marks_of_their_own() -> None:
    tree = Divisions(parse(ALIKE))
    marks = {office: first_marks(f"{office}-PETITION", tree, "90")[0] for office in OFFICES[1:7]}
    assert list(marks.values()) == [
        "甲市信",
        "乙市信",
        "甲市和平信",
        "甲市和平信",
        "甲市甲县信",
        "乙市和平信",
    ]


def test_marks_are_short_and_fit_and_have_no_end() -> None:
    for division in list(packaged())[::97]:
        for mark in first_marks(f"{division.code}-PETITION", packaged(), "43", 5):
            assert is_mark(mark)
            assert 1 <= len(mark) <= 12
    assert len(set(first_marks("430202000000-PETITION", packaged(), "43", 300))) == 300


def test_numbers_of_two_kinds_are_never_one_number() -> None:
    """`甲` + 不受告 would be `甲不` + 受告, so that no mark ends in 不."""
    words = {kind.number for kind in packaged_kinds().values()}
    assert len(words) == len(packaged_kinds())
    assert all(
        word.startswith("{mark}") and word.endswith("〔{year}〕{serial}号") for word in words
    )
    fit = [mark for mark in ("甲", "甲不", "甲复", "甲复不", "甲受", "甲信") if is_mark(mark)]
    assert fit == ["甲", "甲受", "甲信"]
    made = [document_number(word, mark=mark, year=2026, serial=1) for mark in fit for word in words]
    assert len(set(made)) == len(made)


@pytest.fixture
async def desk(make_service: MakeService) -> Desk:
    return Desk(await make_service(SPEC))


async def numbered(desk: Desk, *organs: str, kind: str = "acceptance", year: int = 2026) -> Any:
    made = []
    async with desk.service.service.units.begin() as uow:
        for organ in organs:
            made += [await next_number(uow, organ, kind, year)]
    return made


async def test_no_two_papers_of_a_deployment_share_a_number(desk: Desk) -> None:
    """Also of divisions with the same name; a serial for each organ, kind and year."""
    organs = [f"{code}-{kind}" for code in OFFICES for kind in ("PETITION", "HOUSING", "TOWNSHIP")]
    given: list[str] = []
    for organ in organs:
        for kind in ("acceptance", "refusal", "review_refusal", "opinion"):
            given += await numbered(desk, organ, kind=kind)
    assert len(set(given)) == len(given) == len(organs) * 4
    first = given[0].removesuffix("1号")
    assert await numbered(desk, organs[0], organs[0]) == [f"{first}2号", f"{first}3号"]
    assert (await numbered(desk, organs[0], year=2027))[0].endswith("〔2027〕1号")


async def test_organs_that_would_have_one_mark_get_two(desk: Desk) -> None:
    """Codes that no edition knows have nothing but the word of their kind."""
    organs = [f"99999900000{n}-HOUSING" for n in range(4)]
    made = await numbered(desk, *organs)
    assert made == [f"{mark}受告〔2026〕1号" for mark in ("住建", "住建二", "住建三", "住建四")]
    assert await numbered(desk, organs[2]) == ["住建三受告〔2026〕2号"]


async def test_an_act_that_fails_leaves_no_gap(desk: Desk) -> None:
    with pytest.raises(RuntimeError):
        await _fails(desk)
    await desk.receive()
    await desk.act("acceptance", HOUSING)
    (owed,) = await desk.service.recorded(NoticeOwedV1)
    assert owed.data["paper"]["number"] == "长沙县住建受告〔2026〕1号"


async def _fails(desk: Desk) -> None:
    async with desk.service.service.units.begin() as uow:
        await next_number(uow, HOUSING, "acceptance", 2026)
        raise RuntimeError("crash")


async def test_two_acts_at_once_get_two_numbers(desk: Desk) -> None:
    made = await asyncio.gather(*(numbered(desk, HOUSING) for _ in range(6)))
    assert sorted(each for (each,) in made) == [f"长沙县住建受告〔2026〕{n}号" for n in range(1, 7)]


async def test_papers_of_two_offices_tell_them_apart(desk: Desk) -> None:
    numbers = []
    for title in ("荷塘区月塘街道路灯不亮", "芦淞区建设街道路灯不亮", "长沙县泉塘街道路灯不亮"):
        await desk.receive(title)
        (handler,) = {each.organ_code for each in (await stored(desk)).referrals[-1:]}
        await desk.act("acceptance", handler)
        shown = (await desk.get(f"/cases/{desk.case_id}", handler)).json()
        numbers.append(shown["notices"][0]["number"])
        (event,) = (await desk.service.recorded(NoticeOwedV1))[-1:]
        assert event.data["paper"]["number"] == numbers[-1] == event.data["values"]["number"]
    assert len(set(numbers)) == 3
    assert all(re.fullmatch(r"[一-鿿]{2,12}受告〔2026〕1号", each) for each in numbers), numbers


async def stored(desk: Desk) -> Any:
    async with desk.service.service.database.reading() as session:
        return await cases.load(session, uuid.UUID(desk.case_id))


async def test_an_organ_keeps_its_mark_until_the_edition_names_another(desk: Desk) -> None:
    assert await numbered(desk, HOUSING) == ["长沙县住建受告〔2026〕1号"]
    await _publish(desk, "organs-own.1", f"{HOUSING},yes,长沙县住建和房产局,,,,,自定,长县建")
    assert await numbered(desk, HOUSING) == ["长县建受告〔2026〕2号"]
    # Without the wish the mark in use stays, also under another name.
    await _publish(desk, "organs-own.2", f"{HOUSING},yes,长沙县城乡建设局,,,,,自定,")
    assert await numbered(desk, HOUSING) == ["长县建受告〔2026〕3号"]
    # What another organ has, or what could be mistaken, is nobody's wish.
    other = f"{HOUSING[:4]}02000000-HOUSING"
    await _publish(
        desk, "organs-own.3",
        f"{HOUSING},yes,长沙县住建局,,,,,自定,长县不\n{other},yes,芙蓉区住建局,,,,,自定,长县建",
    )  # fmt: skip
    assert await numbered(desk, HOUSING, other) == [
        "长县建受告〔2026〕4号",
        "长沙芙蓉住建受告〔2026〕1号",
    ]


async def _publish(desk: Desk, edition: str, rows: str) -> None:
    operator = await desk.service.login(Role.OPERATOR, ROOT_OFFICE)
    head, *others = packaged_text("organ_exceptions.csv").rstrip().split("\n")
    lines = [f"{head},mark", *(f"{line}," for line in others), rows]
    body = {
        "kind": "organs", "edition_id": edition, "effective_on": "2026-03-01",
        "files": {
            "organ_kinds.csv": packaged_text("organ_kinds.csv"),
            "organ_exceptions.csv": "\n".join(lines) + "\n",
        },
    }  # fmt: skip
    answer = await desk.service.client.post("/routing/v1/editions", json=body, headers=operator)
    assert answer.status_code == 200, answer.text
    await desk.service.service.prepare()


async def test_numbers_given_before_stay_as_they_are(desk: Desk) -> None:
    """Equal between organs; the serials of the old kind stay, the new ones begin at 1."""
    await desk.receive()
    await desk.act("acceptance", HOUSING)
    await desk.act("answer", HOUSING, **ANSWER)
    service = desk.service.service
    await with_alembic(
        service.database, SPEC.name, SPEC.metadata, partial(_to, command.downgrade, "0013")
    )
    async with service.database.writing() as session:
        await session.execute(NOTICE.update().values(number="〔2026〕1号"))
        await session.execute(insert(OLD_SERIALS).values(organ_code=HOUSING, year=2026, last=17))
    await with_alembic(
        service.database, SPEC.name, SPEC.metadata, partial(_to, command.upgrade, "head")
    )
    async with service.database.reading() as session:
        numbers = [row.number for row in await session.execute(select(NOTICE))]
        serials = [tuple(row) for row in await session.execute(select(OLD_SERIALS))]
    assert numbers == ["〔2026〕1号"] * 2
    assert serials == [(HOUSING, 2026, 17)]
    assert await numbered(desk, HOUSING) == ["长沙县住建受告〔2026〕1号"]


async def test_the_database_refuses_a_number_twice(desk: Desk) -> None:
    await desk.receive()
    await desk.act("acceptance", HOUSING)
    await desk.act("answer", HOUSING, **ANSWER)
    with pytest.raises(IntegrityError):
        async with desk.service.service.database.writing() as session:
            await session.execute(NOTICE.update().values(number="长沙县住建处〔2026〕1号"))


def _to(act: Any, revision: str, config: Config) -> None:
    act(config, revision)
