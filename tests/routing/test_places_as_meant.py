"""Places as people write them: odd characters, the way to somewhere, names of before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.casework.domain.destinations import Choice, decision_of, destination_of
from services.routing.main import SPEC
from services.routing.places.domain.place import Query
from services.routing.places.domain.place_names import MOST_NAMED, Gazetteer
from services.routing.places.domain.places import Places
from shared.contracts.routing import CaseReferredV1
from shared.reference import place_words
from shared.reference.division_files import packaged
from shared.vocabulary.cases import DecisionKind
from shared.vocabulary.places import PlaceBasis
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.routing.making import ROOT_OFFICE, a_case, content
from tests.support.law import packaged_reference

TODAY = date(2026, 3, 2)


@cache
def national() -> Places:
    """The national tree; building takes a while."""
    return Places(Gazetteer(packaged(), place_words.packaged(), on=TODAY))


@pytest.fixture
def places() -> Places:
    return national()


def where(places: Places, **query: str | None) -> str | None:
    found = places.find(Query(**({"root": "43"} | query)))  # type: ignore[arg-type]
    return places.path(found.code) if found.code else None


YUETANG = "湖南省株洲市荷塘区月塘街道"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("荷塘\u200b区月塘街道路灯不亮", YUETANG),
        ("荷\u2060塘\ufeff区月\u00ad塘街\ufe00道路灯不亮", YUETANG),
        ("荷塘 区月塘 街道路灯不亮", YUETANG),
        ("荷 塘\u3000区\u00a0月\u2003塘 街 道路灯不亮", YUETANG),
        ("荷塘\t区月塘街道路灯不亮", YUETANG),
        ("荷̶塘̶区̶月塘街道路灯不亮", YUETANG),
        ("荷塘区⽉塘街道路灯不亮", YUETANG),
        ("⾬花区停水", "湖南省长沙市雨花区"),
        ("⻓沙县星沙街道路灯不亮", "湖南省长沙市长沙县星沙街道"),
        ("⻓ 沙 县星沙街道路灯不亮", "湖南省长沙市长沙县星沙街道"),
        ("⻢鞍山市花山区停水", "安徽省马鞍山市花山区"),
    ],
)
@pytest.mark.parametrize("field", ["subject", "place", "text"])
def test_a_place_is_read_as_meant(places: Places, field: str, typed: str, meant: str) -> None:
    query = {"subject": "停水"} | {field: typed}
    assert where(places, **query) == meant
    (first, *_) = places.find(Query(**query, root="43")).evidence
    shown = query[first.field][first.start : first.end]
    assert shown[0] == next(each for each in typed if each not in "\u200b ")
    assert len(shown) >= len(first.surface)


NAME = "荷塘区月塘街道"
UNSEEN = st.sampled_from(["", "", " ", "\u200b", "\u3000", "\ufe0f", "\u0336", "\u2060"])


@given(st.lists(UNSEEN, min_size=len(NAME) - 1, max_size=len(NAME) - 1))
def test_nothing_unseen_takes_a_name_apart(gaps: list[str]) -> None:
    typed = "".join(a + b for a, b in zip(NAME, [*gaps, ""], strict=True))
    assert where(national(), subject=f"反映{typed}停水") == YUETANG


@pytest.mark.parametrize("typed", ["荷塘\n区停水", "荷塘，区停水", "荷塘区内的A3 B4 号"])
def test_line_ends_and_marks_part_names(places: Places, typed: str) -> None:
    found = places.find(Query(subject=typed, root="43"))
    assert (found.code is None) == ("荷塘区" not in typed)


YOU, DAYAO = "湖南省株洲市攸县网岭镇", "湖南省长沙市浏阳市大瑶镇"


@pytest.mark.parametrize(
    ("subject", "never", "place"),
    [
        ("我在长沙打工，老家攸县网岭镇公路塌方", "湖南省长沙市", YOU),
        ("从株洲嫁到浏阳市大瑶镇，村里公路塌方", "湖南省株洲市", DAYAO),
        ("本人在广州务工，户籍在攸县网岭镇，低保被取消", "广东省广州市", YOU),
        ("长沙大学毕业后回攸县网岭镇创业，补贴未发", "湖南省长沙市", YOU),
        ("由长沙市返回浏阳市大瑶镇途中看到…株洲来的货车压坏了路", "湖南省株洲市", DAYAO),
        ("我是岳阳人，现住浏阳市大瑶镇，自来水浑浊", "湖南省岳阳市", DAYAO),
        ("深圳至攸县网岭镇的班车取消", "广东省深圳市", YOU),
        ("在长沙上班，老家攸县公路塌方", "湖南省长沙市", None),
        ("衡阳人在浏阳市买房，开发商延期", "湖南省衡阳市", None),
    ],
)
def test_the_place_of_the_matter_beats_places_on_the_way(
    places: Places, subject: str, never: str, place: str | None
) -> None:
    for query in ({"subject": subject}, {"subject": "公路问题", "text": subject}):
        found = where(places, **query)
        assert found != never
        assert found in {place, None}


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("在长沙务工人员反映家乡公路问题", "老家攸县公路塌方，无人修。"),
        ("在长沙务工人员反映家乡公路问题", "老家攸县网岭镇公路塌方，无人修。"),
        ("株洲媳妇的烦恼", "嫁到浏阳市五年了，户口迁不进来。"),
    ],
)
def test_a_region_of_the_subject_does_not_beat_a_county_of_the_text(
    places: Places, subject: str, text: str
) -> None:
    found = places.find(Query(subject=subject, text=text, root="43"))
    assert found.code is None or places.path(found.code) in {YOU}
    assert found.basis is not PlaceBasis.NONE


OLD = [
    ("430124", "湖南省长沙市宁乡市"),
    ("430122", "湖南省长沙市望城区"),
    ("430221", "湖南省株洲市渌口区"),
    ("431121", "湖南省永州市祁阳市"),
    ("500105", "重庆市两江新区"),
    ("310108", "上海市静安区"),
    ("310119000000", "上海市浦东新区"),
    ("371200", "山东省济南市莱芜区"),
]


@pytest.mark.parametrize(("code", "now"), OLD)
def test_a_declared_code_of_before_means_who_took_it_over(
    places: Places, code: str, now: str
) -> None:
    found = places.find(Query(subject="停水", declared=code))
    assert places.path(found.code or "") == now
    assert "撤并" in found.reasons[0]
    assert code in found.reasons[0]


@pytest.mark.parametrize(
    ("subject", "now"),
    [
        ("宁乡县灰汤镇公路塌方", "湖南省长沙市宁乡市灰汤镇"),
        ("我是株洲县人，自来水浑浊", "湖南省株洲市渌口区"),
        ("上海市闸北区噪音扰民", "上海市静安区"),
        ("北京市宣武区停水", "北京市西城区"),
        ("老家在祁阳县白水镇，在株洲打工", "湖南省永州市祁阳市白水镇"),
        ("株洲停水", "湖南省株洲市"),
    ],
)
def test_names_of_before_are_read(places: Places, subject: str, now: str) -> None:
    assert where(places, subject=subject, root="") == now


def test_a_name_is_weighed_a_few_times_and_many_names_only_in_part(places: Places) -> None:
    many = "".join(each.name for each in packaged() if each.level == 3)
    gazetteer = Gazetteer(packaged(), place_words.packaged(), on=TODAY)
    assert len({m.surface for m in gazetteer.mentions(many)}) <= MOST_NAMED
    assert len(gazetteer.mentions("长沙县" * 7000)) < 10
    assert places.find(Query(text=many, root="43")).code is None
    assert where(places, text="长沙县" * 7000) == "湖南省长沙市长沙县"


async def test_a_case_goes_to_the_successor_and_says_why(make_service: MakeService) -> None:
    service = await make_service(SPEC)
    data = content("交房质量差", division_code="430124000000")
    await service.deliver(service.envelope(data, subject_id=data.petition.petition_id))
    (event,) = await service.recorded()
    facts = CaseReferredV1.model_validate(event.data).case
    assert facts.division_code == "430182000000"
    assert [each.organ_code for each in facts.referrals] == ["430182000000-HOUSING"]
    clerk = await service.login(Role.OFFICER, "430182000000-HOUSING")
    shown = await service.client.get(
        f"/routing/v1/cases/{facts.case_id}/explanation", headers=clerk
    )
    assert "宁乡县（430124000000）已撤并" in shown.text


async def test_codes_of_before_are_read_wherever_they_enter(make_service: MakeService) -> None:
    service = await make_service(SPEC)
    get = service.client.get
    organ = (await get("/routing/v1/competent-organ?division=430124&category=030800")).json()
    assert organ["code"] == "430182000000-HOUSING"
    organs = (await get("/routing/v1/organs?division=430124")).json()
    assert {each["code"][:6] for each in organs} == {"430182"}
    below = (await get("/routing/v1/divisions?parent=4301")).json()
    assert "宁乡市" in {each["name"] for each in below}
    assert not {"宁乡县", "望城县"} & {each["name"] for each in below}
    found = (await get("/routing/v1/divisions", params={"q": "宁乡县"})).json()
    assert [each["name"] for each in found] == ["宁乡市"]
    old = (await get("/routing/v1/divisions/430124")).json()
    assert old["name"] == "宁乡县"  # asked for itself

    operator = await service.login(Role.OPERATOR, "430000000000-PETITION")
    post = {"person": "p-1", "role": "officer", "organ_code": "430124000000-HOUSING"}
    given = await service.client.post("/routing/v1/posts", json=post, headers=operator)
    assert given.json()["organ_code"] == "430182000000-HOUSING"


def test_a_person_may_choose_by_codes_of_before() -> None:
    law = packaged_reference()
    choice = Choice(DecisionKind.TRANSFER, note="转", sender=ROOT_OFFICE)
    for changed in (
        replace(choice, organ_code="430124000000-HOUSING"),
        replace(choice, division_code="430124000000", category_code="030800"),
    ):
        meant = destination_of(law, a_case(), changed, on=TODAY)
        decision = decision_of(law, a_case(), meant, person="p", on=TODAY)
        assert decision.organ_code == "430182000000-HOUSING"
        assert decision.organ_division == "430182000000"


@pytest.mark.parametrize(
    ("code", "on", "now"),
    [
        ("430124000000-HOUSING", TODAY, "430182000000-HOUSING"),
        ("430124000000-HOUSING", date(2016, 1, 1), "430124000000-HOUSING"),
        ("371200000000-PETITION", TODAY, "370116000000-PETITION"),
        ("430121000000-HOUSING", TODAY, "430121000000-HOUSING"),
        ("430124000000-NOTHING", TODAY, None),
        ("nonsense", TODAY, None),
    ],
)
def test_an_organ_of_before_is_who_took_its_work_over(code: str, on: date, now: str | None) -> None:
    found = packaged_reference().organs.current(code, on)
    assert (found and found.code) == now
