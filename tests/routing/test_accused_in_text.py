"""A text that may accuse the organ chosen for it reaches a person first, not that organ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.routing.jurisdiction.domain.accused_in_text import AccusedInText
from services.routing.jurisdiction.domain.organ_names import packaged_organ_names, read_organ_names
from services.routing.main import SPEC
from shared.contracts.routing import CaseOpenedV1, CaseReferredV1
from shared.reference import organ_files
from shared.reference.division_files import packaged
from shared.reference.organs import Organ
from shared.vocabulary.places import PlaceField
from shared.vocabulary.posts import Role
from tests.routing.making import CHANGSHA, COUNTY, COUNTY_OFFICE, HOUSING, content, history
from tests.support.growth import lines_run
from tests.support.service import ServiceUnderTest
from tests.truth.counter import rows_of

ORGANS = organ_files.packaged(packaged())
READER = AccusedInText(packaged_organ_names(), ORGANS.kinds)
ROWS = rows_of(Path(__file__).parents[1] / "truth" / "plain_words.csv")
TOWNSHIP = "430121102000"


def organ(kind: str) -> Organ:
    found = ORGANS.organ(TOWNSHIP if kind == "TOWNSHIP" else COUNTY, kind) or ORGANS.organ(
        "430100000000", kind
    )
    assert found is not None
    return found


def held(kind: str, text: str, subject: str = "小区质量问题") -> bool:
    return (
        READER.words_about(organ(kind), {PlaceField.SUBJECT: subject, PlaceField.TEXT: text})
        is not None
    )


NAME = "长沙县住房和城乡建设局"
PLAIN = [
    "的王科长收了施工方五万块，墙裂了照样验收",
    "赵某把公共收益转到了自己卡上",
    "的人非要我们请他们喝酒才肯签字",
    "领导跟物业老板是一条裤子",
    "工作人员推了我母亲，还骂我是刁民",
    "副局长儿子名下三套门面，谁送的",
    "干部在这家物业公司占着干股",
    "扣着我的投诉信不办，又把我的电话告诉了开发商",
    "把安置款先给了自家亲戚",
    "的小金库",
    "压了我三年",
    "的李 科 長 拿 了 開 發 商 十 萬",
    "的李*科*长拿*了开发商十*万",
    "那个姓贺的，每次来都空手来满手走",
]


@pytest.mark.parametrize("told", PLAIN)
@pytest.mark.parametrize("name", [NAME, "县住建局", "住建局", "长沙縣住房和城鄉建設局", "住*建*局"])
def test_plain_words_about_the_organ_are_held(told: str, name: str) -> None:
    assert held("HOUSING", name + told)
    assert held("HOUSING", "墙体开裂，请看看。" + name + told)
    assert held("HOUSING", "请处理", name + told)


@pytest.mark.parametrize(
    "text",
    [
        "我去住建局办证，窗口让我送两条烟才肯盖章。",
        "找过县住建局。他们那里的人要我请吃饭。",
        "吃饭送烟酒才肯盖章。",
        "收了开发商十万块就给验收。",
        "王科长说想快就得懂规矩。",
        "请纪委查查住建局。",
        "该局拿了物业的好处。",
        "县长收了开发商的钱，房子才盖成这样。",
    ],
)
def test_an_organ_gone_to_or_not_named_may_still_be_the_one(text: str) -> None:
    assert held("HOUSING", text)


@pytest.mark.parametrize(
    "text",
    [
        "尊敬的住建局领导：您好！我家漏水。",
        "请住建局严肃查处开发商。",
        "望长沙县住房和城乡建设局督促整改。",
        "已向住建局、信访局反映，没有结果。",
        "建议住建局和城管局联合管理。",
        "我住在住建局对面，楼下很吵。",
        "根据县住建局文件，应当先验收再交房。",
        "施工单位偷工减料，业主要求退钱。",
        "物业经理收了我两千块装修押金不退。",
        "到房产局办产权证要什么材料？",
    ],
)
def test_an_organ_that_is_only_spoken_to_is_no_reason(text: str) -> None:
    assert not held("HOUSING", text)


def test_another_organ_is_not_the_one_chosen() -> None:
    told = "派出所的人把我扣了一夜。"
    assert held("POLICE", told)
    assert not held("EDUCATION", told)


def test_a_petition_office_is_looked_for_by_its_name_alone() -> None:
    assert held("PETITION", "信访局的小刘把我的信给了村支书。")
    assert not held("PETITION", "住建局的王科长收了两万。")
    assert not held("PETITION", "王科长收了两万。")


def test_a_former_body_is_the_one_that_took_it_over() -> None:
    assert held("NATURAL_RESOURCES", "国土资源局把我家的地批给了别人。")
    assert held("ECOLOGY", "环境保护局收了厂里的钱。")


def test_share_of_invented_texts_that_is_told_right() -> None:
    """What docs/routing-quality.md says of tests/truth/plain_words.csv."""
    told = [
        (row["accuses"] == "yes", held(row["kind"], row["text"], row["subject"])) for row in ROWS
    ]
    assert len(told) >= 120
    assert sum(found for accuses, found in told if accuses) >= 0.9 * sum(a for a, _ in told)
    assert sum(found for accuses, found in told if not accuses) <= 5


UNITS = [
    "住建局",
    "请住建局",
    "住建局，",
    "王科长",
    "领导收了我的钱",
    "收了",
    "请住建局收了开发商十万块",
    "的里",
    "住*建*局",
    "A、",
]


@pytest.mark.parametrize("unit", UNITS)
def test_reading_takes_time_in_proportion_to_the_length(unit: str) -> None:
    before = [unit.replace("收", "付") * n for n in (100, 400)]
    short, long = (lines_run(lambda text=text: held("HOUSING", text, text)) for text in before)
    assert long < 4.8 * short + 50


def test_names_are_data() -> None:
    with pytest.raises(KeyError, match="people"):
        read_organ_names('edition = "x"\nthe_same = "y"\n[names]\n')


@pytest.fixture
async def routing(make_service: Any) -> ServiceUnderTest:
    service: ServiceUnderTest = await make_service(SPEC)
    return service


ACCUSING = "长沙县住房和城乡建设局的李科长收了开发商十万块才给办验收。"


async def opened(routing: ServiceUnderTest, text: str = ACCUSING, **values: Any) -> Any:
    data = content("长沙县小区质量问题", text=text, **values)
    await routing.deliver(routing.envelope(data, subject_id=data.petition.petition_id))
    return (await routing.recorded())[-1]


async def test_it_waits_before_anything_leaves(routing: ServiceUnderTest) -> None:
    event = await opened(routing)
    assert event.type == CaseOpenedV1.TYPE
    case = event.data["case"]
    assert (case["needs_person_reason"], case["referrals"]) == ("accused_in_text", [])
    assert "李科长" not in event.to_json()
    assert (case["hidden_from"], case["also_hidden_from"]) == (HOUSING, [])
    head = await routing.login(Role.HEAD, CHANGSHA)
    queue = (await routing.client.get("/routing/v1/needs-person", headers=head)).json()["items"]
    assert [item["reason"] for item in queue] == ["accused_in_text"]
    path = f"/routing/v1/cases/{case['case_id']}"
    told = (await routing.client.get(f"{path}/explanation", headers=head)).json()["decisions"][0]
    assert "请人工判断" in told["reason_text"]
    assert any("可能涉及该单位，请人工判断" in step["text"] for step in told["trail"])
    assert "李科长" in told["evidence"][0]["surface"]
    assert all("李科长" not in step["text"] for step in told["trail"])  # shown without words too
    assert told["runner_up"]["organ_code"] == HOUSING


@pytest.mark.parametrize("role", [Role.OFFICER, Role.HEAD, Role.SUPERVISOR, Role.LEADER])
async def test_the_organ_and_those_who_watch_there_see_nothing(
    routing: ServiceUnderTest, role: Role
) -> None:
    event = await opened(routing, received_by=HOUSING)  # it got the letter itself
    case_id = event.data["case"]["case_id"]
    headers = await routing.login(role, HOUSING)
    for path in (f"cases/{case_id}", f"cases/{case_id}/explanation"):
        answer = await routing.client.get(f"/routing/v1/{path}", headers=headers)
        assert answer.status_code == 404
    for path in ("needs-person", "division-cases", "cases?view=received", "cases?view=held"):
        answer = await routing.client.get(f"/routing/v1/{path}", headers=headers)
        assert answer.status_code == 403 or answer.json()["items"] == []
    office = await routing.login(Role.OFFICER, COUNTY_OFFICE)
    answer = await routing.client.get(f"/routing/v1/cases/{case_id}", headers=office)
    assert answer.status_code == 200


async def test_a_person_may_send_it_there_knowingly(routing: ServiceUnderTest) -> None:
    event = await opened(routing)
    path = f"/routing/v1/cases/{event.data['case']['case_id']}"
    headers = await routing.login(Role.OFFICER, CHANGSHA)
    answer = await routing.client.post(
        f"{path}/decision",
        headers=headers,
        json={"kind": "transfer", "organ_code": HOUSING, "note": "已核，只是转述他人的话"},
    )
    assert answer.status_code == 200, answer.text
    referred = (await routing.recorded())[-1]
    assert referred.type == CaseReferredV1.TYPE
    assert referred.data["case"]["hidden_from"] is None
    told = await routing.client.get(f"{path}/explanation", headers=headers)
    last = told.json()["decisions"][-1]
    assert last["by_person"]
    assert any("知悉" in step["text"] for step in last["trail"])
    officer = await routing.login(Role.OFFICER, HOUSING)
    assert (await routing.client.get(path, headers=officer)).status_code == 200


async def test_history_stays_where_it_was(routing: ServiceUnderTest) -> None:
    event = await opened(routing, history=history(None))
    assert event.data["case"]["referrals"][0]["organ_code"] == HOUSING


async def test_a_petition_office_in_the_text_does_not_decide(routing: ServiceUnderTest) -> None:
    text = "长沙县信访局的小刘把我的信给了村支书，当晚我家的玻璃被砸。"
    event = await opened(routing, text=text, received_by=COUNTY_OFFICE, category_code=None)
    case = event.data["case"]
    assert case["referrals"] == []
    assert await queue_length(routing, COUNTY_OFFICE) == 0
    assert await queue_length(routing, CHANGSHA) == 1


async def queue_length(routing: ServiceUnderTest, office: str) -> int:
    headers = await routing.login(Role.HEAD, office)
    answer = await routing.client.get("/routing/v1/needs-person", headers=headers)
    return len(answer.json()["items"])
