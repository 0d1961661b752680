"""Words taken apart are read together before a filing is sealed, and sentences are not."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.sealing.domain.sealing import SealingRules
from shared.reference.calendar import packaged_text
from shared.reference.traditional import simplified
from tests.support.growth import lines_run

RULES = SealingRules(tomllib.loads(packaged_text("sealing.toml")))


def is_sealed(subject: str, text: str = "请查处。") -> bool:
    return RULES.judge(subject, text, declared_accusation=False) is not None


APART = [
    "贪.污",
    "贪*污",
    "贪1污",
    "贪a污",
    "贪ABC污",
    "贪/污",
    "贪_污",
    "受-贿",
    "贪【污】",
    "贪“污”",
    "贪（污）",
    "贪 污",
    "贪\u3000污",
    "贪\u200b污",
    "贪\ufe0f污",
    "贪\U000e0104污",
    "贪\u0336污\u0336",
    "贪＊污",
    "贪．污",
    "贪😀污",
    "贪👨\u200d👩\u200d👧污",
    "贪·污",
    "贪丨污",
    "贪の污",
    "贪ㆍ污",
    "贪①污",
    "贪&nbsp;污",
    "贪<b>污</b>",
    "贪、污、受、贿",
    "贪，污两百万",
    "贪……污",
    "贪。污。受。贿。",
    "贪!污!受!贿!",
    "贪\n污\n受\n贿",
    "滥*用*职*权",
    "貪污受賄",
    "受 賄",
    "貪*污",
    "挪/用公/款",
    "中*饱*私*囊",
]


@pytest.mark.parametrize("word", APART)
def test_a_word_taken_apart_is_read_as_the_word(word: str) -> None:
    assert is_sealed(f"天心区城管局局长{word}", "请查处。")
    assert is_sealed("路灯不亮", f"路灯三个月没人修。天心区城管局局长{word}，请查处。")


@pytest.mark.parametrize(
    "text",
    [
        "村*支*书侵-占集体土地补偿款",
        "鎮長挪用扶貧款",
        "派 出 所民/警收/了老板好/处",
        "縣領導與開發商官.商勾.結",
    ],
)
def test_who_did_it_may_be_taken_apart_too(text: str) -> None:
    assert is_sealed("请查一查", text)


@pytest.mark.parametrize(
    "text",
    [
        "我们不贪。污水横流也没人管",
        "我们不贪，污水却流到家门口",
        "不贪！污染严重",
        "他们不贪\n污水横流",
        "他们不贪.污水横流",
        "物业办事不公。款项去向不明",
        "物业办事不公，款项去向不明",
        "物业办事不公\n2、款项去向不明",
        "他说这样不行。贿字怎么写也不会",
        "教育局说放假，作为家长我们同意",
        "他只会说不。作为业主我很失望",
        "门面有人开始收，好处是方便",
        "这件事他失。职工都知道",
        "市政路上1个灯也不亮，A3栋B座",
    ],
)
def test_sentences_that_end_and_begin_so_are_ordinary(text: str) -> None:
    assert not is_sealed("小区污水", text)
    assert not is_sealed(text, "请修一下。")


MARKS = st.text(
    st.sampled_from("*/_-+=#@^|~·●★◆a1Ｚ９😀\u200b\ufe0f\u0301 "), min_size=1, max_size=4
)


@given(MARKS, MARKS, MARKS)
def test_any_marks_are_read_over(one: str, two: str, three: str) -> None:
    assert is_sealed(f"某镇镇长受{one}贿", "请查。")
    assert is_sealed("请查", f"某镇镇长{one}贪{two}污{three}")


@settings(max_examples=30)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_read(subject: str, text: str) -> None:
    RULES.judge(subject, text, declared_accusation=False)


UNITS = [
    "局长贪污受贿",
    "请局长贪污受贿",
    "局长贪污，",
    "没有贪污",
    "举报局长",
    "推诿",
    "贪*污",
    "贪、污",
    "丨",
    "村不",
    "贪污。",
]


@pytest.mark.parametrize("unit", UNITS)
def test_reading_takes_time_in_proportion_to_the_length(unit: str) -> None:
    short, long = (
        lines_run(lambda n=n: is_sealed("性能", unit * n) and is_sealed(unit * n, "性能"))
        for n in (100, 400)
    )
    assert long < 4.8 * short


def test_traditional_characters_keep_their_places() -> None:
    text = "岳麓區住房和城鄉建設局的李科長收賄，a1。"
    assert simplified(text) == "岳麓区住房和城乡建设局的李科长收贿，a1。"
    assert simplified("贪污") == "贪污"
