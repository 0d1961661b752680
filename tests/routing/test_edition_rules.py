"""Editions over HTTP: a part is never taken for the whole, nothing goes that something stands on,
and what was dated under a faulty edition is dated anew."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from typing import Any

import pytest

from services.routing.editions.use_cases.due_dates import date_again
from services.routing.main import SPEC
from shared.contracts.routing import EditionPublishedV1
from shared.db.editions import save_editions
from shared.reference.calendar import packaged_text
from shared.reference.checking.rows import merged
from shared.reference.editions import Edition
from shared.vocabulary.posts import Role
from tests.routing.making import HOUSING, ROOT_OFFICE, content
from tests.support.service import ServiceUnderTest

URL = "/routing/v1/editions"
LIMITS = packaged_text("limits.csv")
OWN_ROW = (
    "L-D5,D5,4301,claim,,2022-05-01,,30,calendar,legal,no,60,,5;1,《某市信访条例》第二十条,办结\n"
)
HEAD = LIMITS.splitlines(keepends=True)[0]


@pytest.fixture
async def routing(make_service: Any) -> ServiceUnderTest:
    service: ServiceUnderTest = await make_service(SPEC)
    return service


@pytest.fixture
async def operator(routing: ServiceUnderTest) -> dict[str, str]:
    return await routing.login(Role.OPERATOR, ROOT_OFFICE)


def body(kind: str, files: dict[str, str], **more: Any) -> dict[str, Any]:
    """An edition effective today, packed."""
    edition = Edition(kind, f"{kind}-z.1", date(2026, 3, 2), files)
    return {
        "kind": kind,
        "edition_id": edition.edition_id,
        "effective_on": "2026-03-02",
        "content_xz_base64": base64.b64encode(edition.pack()).decode(),
    } | more


async def refused(
    routing: ServiceUnderTest, operator: dict[str, str], wanted: dict[str, Any]
) -> str:
    """What is said, the same when it is tried and when it is published; nothing is published."""
    tried = await routing.client.post(f"{URL}/trial", json=wanted, headers=operator)
    published = await routing.client.post(URL, json=wanted, headers=operator)
    assert (tried.status_code, published.status_code) == (422, 422)
    assert tried.json()["detail"] == published.json()["detail"]
    assert await routing.recorded(EditionPublishedV1) == []
    return str(tried.json()["detail"])


async def file_one(routing: ServiceUnderTest, **changes: Any) -> str:
    data = content(**changes)
    await routing.deliver(routing.envelope(data, subject_id=data.petition.petition_id))
    return data.petition.number


PARTS = {
    "a region's own row": ("limits", {"limits.csv": HEAD + OWN_ROW}, "这些时限种类会没有时限"),
    "the header alone": ("limits", {"limits.csv": HEAD}, "这些时限种类会没有时限：D1 自 2005"),
    "all but one of our own": (
        "limits",
        {"limits.csv": LIMITS.replace(LIMITS.splitlines(keepends=True)[-2], "")},
        "C-reply-message-board",
    ),
    "one category": ("categories", {
        "categories.csv": "code,name,assigned,source\n010000,农业,,x\n990000,其他,,x\n"},
        "没有分类"),
    "one competence": ("competence", {"competence.csv": (
        "category,level,kind,lowest_level,guide,note,source\n010000,,WATER,county,,,x\n")},
        "会少掉现行版本的 127 行"),
    "one new year": ("calendar", {"calendar.csv": (
        "date,kind,name,source\n2026-01-01,holiday,元旦,x\n2026-01-02,holiday,元旦,x\n")},
        "会少掉现行版本的 771 行"),
    "one exception": ("organs", {
        "organ_kinds.csv": packaged_text("organ_kinds.csv"),
        "organ_exceptions.csv": "organ_code,exists,name,superior,successor,valid_from,valid_to,"
                                "source\n430100000000-HOUSING,yes,长沙住建,,,,,x\n"},
        "会少掉现行版本的 34 行"),
    "a root and one district": ("divisions", {"divisions.csv": (
        "code,name,parent_code,level\n43,湖南省,,1\n4301,长沙市,43,2\n430121,长沙县,4301,3\n")},
        "会少掉现行版本的 447"),
    "casework without cadres": ("casework", {
        "casework.toml": packaged_text("casework.toml").split("[cadres]")[0]}, "缺少 cadres."),
}  # fmt: skip


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
async def test_a_part_is_not_the_whole(
    routing: ServiceUnderTest, operator: dict[str, str], part: tuple[str, dict[str, str], str]
) -> None:
    kind, files, words = part
    assert words in await refused(routing, operator, body(kind, files))


async def test_rows_go_only_by_name(routing: ServiceUnderTest, operator: dict[str, str]) -> None:
    """A region's own row comes and goes again; the trial counts the same rows as the load."""
    await save(routing, "limits", "limits-a", {"limits.csv": LIMITS + OWN_ROW})
    without = body("limits", {"limits.csv": LIMITS})
    assert "会少掉现行版本的 1 行：L-D5" in await refused(routing, operator, without)
    wrong = without | {"removes": ["L-D5", "L-D6"]}
    assert "L-D6" in await refused(routing, operator, wrong)
    right = without | {"removes": ["L-D5"]}
    tried = (await routing.client.post(f"{URL}/trial", json=right, headers=operator)).json()
    published = (await routing.client.post(URL, json=right, headers=operator)).json()
    assert tried["rows"] == published["rows"]
    assert (tried["rows"]["removed_ids"], tried["rows"]["unchanged"]) == (["L-D5"], 36)
    again = (await routing.client.post(URL, json=right, headers=operator)).json()
    assert (again["published"], again["rows"]) == (False, None)


async def save(routing: ServiceUnderTest, kind: str, name: str, files: dict[str, str]) -> None:
    """An edition from before anything was checked: kept as it is, and in force."""
    edition = Edition(kind, name, date(2026, 3, 2), files)
    async with routing.service.units.begin() as uow:
        await save_editions(uow.session, uow.tables, [edition], clock=uow.clock)
    await routing.service.prepare()


STREET = "430121002"  # 泉塘街道, where the case of `content` lies


@pytest.mark.parametrize(
    ("kind", "removes", "used"),
    [
        ("divisions", [STREET], "430121002000"),
        ("categories", ["030801"], "030801"),
        ("organs", ["HOUSING"], "没有机关类型 HOUSING"),
    ],
)
async def test_what_something_open_stands_on_does_not_go(
    routing: ServiceUnderTest, operator: dict[str, str], kind: str, removes: list[str], used: str
) -> None:
    await file_one(routing, category_code="030801")
    base = dict(routing.service.reference.files(kind))
    files = merged(kind, base, {}, removes=removes)
    said = await refused(routing, operator, body(kind, files, removes=removes))
    assert used in said


async def test_a_post_keeps_its_organ(routing: ServiceUnderTest, operator: dict[str, str]) -> None:
    await routing.login(Role.OFFICER, "430121000000-WATER")
    exceptions = packaged_text("organ_exceptions.csv") + "430121000000-WATER,no,,,,,,某文\n"
    files = {"organ_kinds.csv": packaged_text("organ_kinds.csv"),
             "organ_exceptions.csv": exceptions}  # fmt: skip
    said = await refused(routing, operator, body("organs", files))
    assert "岗位仍在使用：430121000000-WATER" in said


async def test_an_edition_that_would_never_be_in_force_is_refused(
    routing: ServiceUnderTest, operator: dict[str, str]
) -> None:
    await save(routing, "limits", "limits-x", {"limits.csv": LIMITS + OWN_ROW})
    files = {"limits.csv": LIMITS + OWN_ROW.replace("L-D5", "L-D5b").replace("4301", "4302")}
    late = body("limits", {"limits.csv": LIMITS + OWN_ROW + files["limits.csv"][len(LIMITS) :]})
    early = late | {"effective_on": "2026-03-01"}
    assert "自 2026-03-02 起生效" in await refused(routing, operator, early)
    before = late | {"edition_id": "limits-a"}
    assert "limits-x 之后的编号" in await refused(routing, operator, before)
    assert (await routing.client.post(URL, json=late, headers=operator)).status_code == 200


async def test_what_was_filed_without_a_limit_is_dated_when_there_is_one(
    routing: ServiceUnderTest,
) -> None:
    await save(routing, "limits", "limits-a", {"limits.csv": HEAD + OWN_ROW})
    number = await file_one(routing)
    headers = await routing.login(Role.OFFICER, HOUSING)
    assert await due(routing, headers, number) is None
    routing.clock.advance(timedelta(days=2))
    await save(routing, "limits", "limits-b", {"limits.csv": LIMITS})
    steps = [await date_again(routing.service.database, routing.service.units) for _ in range(5)]
    assert steps == [1, 0, 1, 0, 0]  # two rounds
    assert await due(routing, headers, number) == "2026-03-17"


async def test_lists_and_cases_show_one_date_after_a_correction(routing: ServiceUnderTest) -> None:
    """A wrong number is put right; a date another process noted meanwhile in the second round."""
    row = "D3-2022,D3,,suggestion;claim;uncertain,,2022-05-01,,"
    wrong = LIMITS.replace(f"{row}15,calendar,legal,no,0,,5;1", f"{row}6,calendar,legal,no,0,,5;1")
    await save(routing, "limits", "limits-a", {"limits.csv": wrong})
    number, headers = await file_one(routing), await routing.login(Role.OFFICER, HOUSING)
    assert await due(routing, headers, number) == "2026-03-08"
    await save(routing, "limits", "limits-b", {"limits.csv": LIMITS})
    while await date_again(routing.service.database, routing.service.units, step=1):
        pass
    assert await due(routing, headers, number) == "2026-03-17"


async def due(routing: ServiceUnderTest, headers: dict[str, str], number: str) -> str | None:
    """The date of the case in the organ's list."""
    listed = (await routing.client.get("/routing/v1/cases", headers=headers)).json()["items"]
    (one,) = [each for each in listed if each["number"] == number]
    found: str | None = one["due_on"]
    return found
