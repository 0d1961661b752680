"""Every paper the table of procedure owes, as pages (条例 Art. 21 to 36)."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest

from services.routing.cases.domain.procedure import TABLE
from services.routing.main import SPEC
from services.routing.papers.use_cases.paper_values import MAKERS
from shared.vocabulary.posts import Role
from tests.routing.making import CHANGSHA, COUNTY, HOUSING
from tests.routing.test_papers_api import text_of
from tests.routing.walking import Walk

CITY, PROVINCE = "430100000000-HOUSING", "430000000000-HOUSING"
APART = {"request": "请求返还押金。", "facts": "经查，押金未退。", "reasons": "约定已到期。"}
REVIEWED = APART | {"legal_basis": "《民法典》第五百零九条", "text": "事实清楚。"}
AGREED = {
    "terms": "开发商于期限内维修外墙并补偿损失。", "fulfil_by": "2026-06-30",
    "other_party": "县某置业有限公司", "dispute": "外墙渗水由谁维修。",
    "performance": "一次履行完毕。",
}  # fmt: skip
ON = "2026-03-02"


async def papers(walk: Walk, organ: str) -> dict[str, str]:
    """The newest papers of a case by the name of their kind, as the text of their pages."""
    found = {}
    for each in (await walk.detail())["notices"]:
        url = f"/cases/{walk.case_id}/notices/{each['ordinal']}/paper"
        for who in (organ, CHANGSHA):
            answer = await walk.get(url, who)
            if answer.status_code != 404:
                break
        word = await walk.get(f"{url}?format=docx", who)
        assert (answer.status_code, word.status_code) == (200, 200), answer.text
        docx.Document(BytesIO(word.content))
        found[each["kind"]] = text_of(answer.content)
        if pages := os.environ.get("XINFANG_TEST_PAGES"):  # a folder, to look at them
            name = f"{walk.case_id[-6:]}-{each['ordinal']}-{each['kind']}.pdf"
            (Path(pages) / name).write_bytes(answer.content)
    return found


@pytest.fixture
async def walk(make_service: Any) -> Walk:
    made = Walk(await make_service(SPEC))
    await made.service.login(Role.HEAD, HOUSING, person=f"head of {HOUSING}")
    return made


def test_every_paper_the_table_owes_has_its_words() -> None:
    assert {row.notice for row in TABLE.rows if row.notice} == set(MAKERS)


async def answered(walk: Walk) -> None:
    await walk.do("answer", HOUSING, expect=202, **APART)
    await walk.approve(HOUSING)
    await walk.do("delivery", HOUSING)


async def test_a_suspension_and_an_extension_after_it(walk: Walk) -> None:
    await walk.load_limit(
        "L-D5,D5,430121,claim,,2022-05-01,,60,calendar,legal,no,30,suspension,5;1,《县办法》第九条,"
    )
    await walk.receive()
    await walk.do("acceptance", HOUSING)
    await walk.do("suspension", HOUSING, until="2026-03-31", expect=202)
    await walk.approve(HOUSING)
    await walk.do("extension", HOUSING, expect=202)
    await walk.approve(HOUSING)
    seen = await papers(walk, HOUSING)
    for words in ("《县办法》第九条", "2026年3月31日", "须以另案的结果为依据"):
        assert words in seen["suspension"]
    assert "2026年5月1日" in seen["acceptance"]  # what it said when it was made
    assert "2026年5月30日" in seen["extension"]
    assert "2026年6月29日" in seen["extension"]


async def test_a_long_way_to_the_final_opinion(walk: Walk) -> None:
    await walk.receive()
    first = walk.number
    await walk.do("acceptance", HOUSING)
    await walk.do(
        "supplement-request",
        HOUSING,
        reason="核实产权",
        wanted_by="2026-03-20",
        hand_in="邮寄或当面",
    )
    await walk.do(
        "hearing", HOUSING, held_at="2026年3月10日9时", place="县住建局会议室", presided_by="法规科"
    )
    await walk.do("hearing-record", HOUSING)
    await walk.do("extension", HOUSING, expect=202)
    await walk.approve(HOUSING)
    await answered(walk)
    seen = await papers(walk, HOUSING)
    assert seen.keys() == {"acceptance", "supplement", "hearing", "extension", "opinion"}
    assert "2026年3月20日" in seen["supplement"]
    for words in ("县住建局会议室", "法规科"):
        assert words in seen["hearing"]
    await walk.do("review-request", HOUSING, requested_on=ON)
    await walk.do("review", CITY, opinion="redo", redo_by="2026-05-01", **REVIEWED)
    again = (await papers(walk, CITY))["opinion"]
    for words in ("复查意见书", "2026年5月1日", "30日内", "长沙县住房和城乡建设局"):
        assert words in again
    await walk.do("delivery", CITY)
    await answered(walk)
    await walk.do("review-request", HOUSING, requested_on=ON)
    await walk.do("review", CITY, opinion="changed", **REVIEWED)
    await walk.do("delivery", CITY)
    await walk.do("review-request", CITY, requested_on=ON)
    await walk.do("review", PROVINCE, **REVIEWED)
    final = (await papers(walk, PROVINCE))["opinion"]
    assert "复核意见书" in final
    assert "信访程序至此终结" in final
    await walk.do("delivery", PROVINCE)

    await walk.receive(title="房子漏水")
    await walk.do("no-further-acceptance", CHANGSHA, same_as=first)
    assert "湖南省住房和城乡建设厅" in (await papers(walk, CHANGSHA))["no_further"]


async def test_a_guided_person(walk: Walk) -> None:
    await walk.receive(title="房子漏水")
    await walk.do("decision", CHANGSHA, kind="guide", organ_code=f"{COUNTY}-COURT")
    await walk.do("delivery", CHANGSHA)
    assert "人民法院" in (await papers(walk, CHANGSHA))["route"]


@pytest.mark.parametrize("kind", ["mediation", "settlement"])
async def test_an_agreement(walk: Walk, kind: str) -> None:
    await walk.receive()
    await walk.do("acceptance", HOUSING)
    await walk.do("mediation", HOUSING)
    await walk.do("agreement", HOUSING, expect=202, kind=kind, **AGREED)
    await walk.approve(HOUSING)
    agreed = (await papers(walk, HOUSING))["agreement"]
    assert ("调解员" in agreed) is (kind == "mediation")
    assert "2026年6月30日" in agreed


async def test_refusals(walk: Walk) -> None:
    await walk.receive()
    other = walk.number
    await walk.receive(title="房子漏水")
    await walk.do("refusal", CHANGSHA, same_as=other)
    assert other[-8:] in (await papers(walk, CHANGSHA))["refusal"]
    await walk.receive()
    await walk.do("acceptance", HOUSING)
    await answered(walk)
    await walk.do("review-request", HOUSING, requested_on=ON)
    await walk.do("review-refusal", CITY)
    assert "不予受理该复查申请" in (await papers(walk, CITY))["review_refusal"]
