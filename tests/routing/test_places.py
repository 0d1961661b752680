"""Places from words: longest match, candidates, no silent guess."""

from __future__ import annotations

import csv
import gzip
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.places.domain.place import Place, Query
from services.routing.places.domain.place_names import Gazetteer, Standing
from services.routing.places.domain.places import Places
from shared.reference import place_words
from shared.reference.division_files import packaged, parse, read_file
from shared.reference.divisions import Divisions
from shared.vocabulary.places import PlaceBasis

TODAY = date(2026, 3, 2)
SAMPLE = [
    "code,name,parent_code,level",
    *("90,西地省,,1", "9001,A市,90,2", "9011,K市,90,2", "9003,C市,90,2"),
    *("900101,A1区,9001,3", "900103,A3区,9001,3", "900107,A7县,9001,3", "900109,A9市,9001,3"),
    *("901101,K1区,9011,3", "901109,K9县,9011,3", "901110,K10县,9011,3", "900305,C5市,9003,3"),
]
REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def finder(divisions: Divisions) -> Places:
    return Places(Gazetteer(divisions, place_words.packaged(), on=TODAY))


@pytest.fixture(scope="module")
def sample() -> Places:
    return finder(Divisions(parse(SAMPLE)))


@pytest.fixture(scope="module")
def national() -> Places:
    return finder(packaged())


def where(places: Places, query: Query) -> str | None:
    found = places.find(query)
    return places.path(found.code) if found.code else None


@pytest.mark.parametrize(
    ("subject", "county"),
    [
        ("A市A3区某小区停水", "A3区"),
        ("A7县泉塘街道成菜园", "A7县"),
        ("K10县村道损坏", "K10县"),
        ("K1区停电", "K1区"),
        ("A1区南路与A3区交界", "A3区"),
        ("A3区A9市河边垃圾", "A3区"),
        ("A7县星沙K9县郡的噪音", "A7县"),
        ("请求开通A7县至C市的班车", "A7县"),
    ],
)
def test_the_subject_names_the_county(sample: Places, subject: str, county: str) -> None:
    found = where(sample, Query(subject))
    assert found is not None
    assert found.endswith(county)


@pytest.mark.parametrize(
    "subject", ["A1栋漏水", "BA3区停车场", "K1栋K10单元", "A10区段施工", "7县城"]
)
def test_what_only_looks_like_a_county_is_none(sample: Places, subject: str) -> None:
    assert sample.find(Query(subject)).basis is PlaceBasis.NONE


def test_the_subject_beats_the_text(sample: Places) -> None:
    assert where(sample, Query("A3区停水", "我在K1区上班，A7县也停水")) == "西地省A市A3区"


def test_a_county_in_the_text_completes_the_city_of_the_subject(sample: Places) -> None:
    found = sample.find(Query("A市某小区停水", "位于A7县城内"))
    assert found.code == "900107000000"
    assert 0.6 <= found.confidence < 0.85


def test_several_counties_in_the_text_leave_the_city(sample: Places) -> None:
    found = sample.find(Query("A市公交太少", "A3区到A7县很不方便"))
    assert found.code == "900100000000"
    assert set(found.candidates) == {"900103000000", "900107000000"}


def test_a_county_of_another_city_does_not_oust_the_city_named(sample: Places) -> None:
    found = sample.find(Query("A市五矿万境K9县房屋质量差"))
    assert found.code == "900100000000"
    assert found.candidates == ("901109000000",)


def test_two_counties_are_two_candidates(sample: Places) -> None:
    found = sample.find(Query("A1区红旗路口到A7县东四路口段归谁"))
    assert (found.code, found.basis) == (None, PlaceBasis.AMBIGUOUS)
    assert set(found.candidates) == {"900101000000", "900107000000"}
    assert "不作推定" in found.reasons[-1]


def test_only_the_province_is_not_enough(sample: Places) -> None:
    assert sample.find(Query("西地省某公司拖欠工资")).confidence < 0.6


@pytest.mark.parametrize(
    ("subject", "county"),
    [
        ("A3区停水", "西地省A市A3区"),
        ("A市停水", "西地省A市"),
        ("小区停水", None),
        ("A3区与A7县交界", None),
        ("举报A3区政府及A1区北路街道办事处", None),
        ("咨询K9县铜鼎镇C5市大桥规划", None),
    ],
)
def test_by_the_subject_alone_one_county_counts_and_no_other_beside_it(
    sample: Places, subject: str, county: str | None
) -> None:
    query = Query(subject, "位于A7县城内", "A9市", subject_alone=True, near="90")
    assert where(sample, query) == county


@pytest.mark.parametrize(
    ("subject", "county"),
    [
        ("要求解决攸县丫江桥镇矿山复绿", "攸县"),
        ("永州市道县停水", "道县"),
        ("街道县城停水", None),
        ("湖南县级公路", None),
    ],
)
def test_a_name_of_two_characters_counts_where_it_means_nothing_else(
    national: Places, subject: str, county: str | None
) -> None:
    found = where(national, Query(subject))
    assert (county or "") in (found or "")
    assert (found is None) == (county is None)


def test_nothing_named_takes_nothing_from_the_registrar(sample: Places) -> None:
    found = sample.find(Query("小区停水", near="900107"))
    assert (found.code, found.basis) == (None, PlaceBasis.NONE)
    assert found.candidates == ("900107000000",)
    assert any("不据此推定" in reason for reason in found.reasons)


def test_a_declared_code_wins_and_an_unknown_one_does_not(sample: Places) -> None:
    assert sample.find(Query("K1区停水", declared="900103")).code == "900103000000"
    found = sample.find(Query("K1区停水", declared="999999"))
    assert found.code == "901101000000"
    assert "不在现行区划表中" in found.reasons[0]


NATIONAL = [
    (Query("朝阳区停水"), None),
    (Query("北京朝阳区停水"), "北京市朝阳区"),
    (Query("北京市朝阳区建外街道停水"), "北京市朝阳区建外街道"),
    (Query("朝阳区停水", near="220100"), "吉林省长春市朝阳区"),
    (Query("鼓楼区噪音"), None),
    (Query("鼓楼区噪音", "家住南京市"), "江苏省南京市鼓楼区"),
    (Query("海淀学区划分"), "北京市海淀区"),
    (Query("雄安安置房"), "河北省雄安新区"),
    (Query("湖南长沙岳麓区停水"), "湖南省长沙市岳麓区"),
    (Query("长沙停水"), "湖南省长沙市"),
    (Query("长沙路灯不亮"), None),
    (Query("上海路与南京路口红绿灯"), None),
    (Query("购买白银被骗"), None),
    (Query("甘肃白银会宁修路"), "甘肃省白银市会宁县"),
    (Query("锡盟西乌旗草场纠纷"), "内蒙古自治区锡林郭勒盟西乌珠穆沁旗"),
    (Query("东莞市长安镇欠薪"), "广东省东莞市长安镇"),
    (Query("长安镇欠薪"), None),
    (Query("和平村修路"), None),
    (Query("合作社分红"), None),
    (Query("城区停水"), None),
    (Query("阳泉市郊区停水"), "山西省阳泉市郊区"),
    (Query("杭州江干区停水"), "浙江省杭州市上城区"),
    (Query("建成县道"), None),
    (Query("停水", declared="1101"), "北京市"),
]


@pytest.mark.parametrize(("query", "expected"), NATIONAL, ids=lambda v: getattr(v, "subject", None))
def test_addresses_of_the_whole_country(
    national: Places, query: Query, expected: str | None
) -> None:
    assert where(national, query) == expected


def test_candidates_of_a_common_name_are_all_shown(national: Places) -> None:
    assert len(national.find(Query("鼓楼区噪音")).candidates) == 4


def test_a_dependent_name_counts_only_behind_its_region() -> None:
    gazetteer = Gazetteer(packaged(), place_words.packaged(), on=TODAY)
    assert gazetteer.mentions("向阳区") == []
    found = gazetteer.mentions("佳木斯市向阳区")
    assert [m.surface for m in found] == ["佳木斯市", "向阳区"]
    assert found[1].standing is Standing.STRONG


@given(
    subject=st.text(alphabet="A1379区县市K西地省的路在村0，", max_size=30),
    text=st.text(alphabet="A1379区县市K西地省的路在村0，", max_size=60),
)
def test_a_place_is_always_backed_by_words(subject: str, text: str) -> None:
    places = finder(Divisions(parse(SAMPLE)))
    found: Place = places.find(Query(subject, text))
    assert 0 <= found.confidence <= 1
    assert found.reasons
    fields = {"subject": subject, "text": text}
    for each in found.evidence:
        assert fields[each.field][each.start : each.end] == each.surface
    if found.code is not None:
        assert any(found.code in each.codes for each in found.evidence)
        assert found.code not in found.candidates
    else:
        assert found.basis in (PlaceBasis.AMBIGUOUS, PlaceBasis.NONE)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real messages are not beside the checkout")
def test_real_messages_land_in_the_one_county_their_subject_names() -> None:
    divisions = Divisions(read_file(REAL / "divisions-sample.csv"))
    counties = {d.name: d.code for d in divisions if d.level == 3}
    pattern = re.compile("|".join(sorted(map(re.escape, counties), key=len, reverse=True)))
    places = finder(divisions)
    landed = named = 0
    with gzip.open(REAL / "messages.csv.gz", "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            names = set(pattern.findall(row["subject"]))
            if len(names) == 1:
                named += 1
                found = places.find(Query(row["subject"], row["text"], root="90"))
                landed += found.code == counties[names.pop()]
    assert named > 1_500
    assert landed / named >= 0.98
