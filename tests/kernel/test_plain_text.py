"""A text is read as people see it, and what is found leads back to what was typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.plain_text import fold, fold_character, says_something, squeeze

ODD = st.sampled_from("①⑩¼⼈⻓㎡ﬁ㍿é\u0336\u200b\ufe0f\U000e0101\u2028\v\u3164\u2800Ａ１\x00")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("１３８ＡＢ，", "138AB,"),
        ("①③⑧⑩", "13810"),
        ("¹³⁸₄", "1384"),
        ("١٣٨𝟏𝟛", "13813"),
        ("⻓沙⼈民⾏", "长沙人民行"),
        ("不行", "不行"),
        ("张\u200b三\u2060\ufeff\u00ad\u180e", "张三"),
        ("张\ufe00三\U000e0100四\u034f五\u3164\uffa0", "张三四五"),
        ("贪\u0336污\u20dd", "贪污"),
        ("Андре\u0439 Андре\u0438\u0306", "Андреи Андреи"),
        ("a\x00b\x1fc\x7f\x85d", "abc\nd"),
        ("一\u2028二\u2029三\v四\f五", "一\n二\n三\n四\n五"),
        ("一\u2003二\u3000三\u00a0四\u2800五", "一 二 三 四 五"),
        ("한국 ガ", "한국 カ"),
        ("“您好”……", "“您好”……"),
    ],
)
def test_a_text_is_read_as_people_see_it(typed: str, read: str) -> None:
    assert fold(typed).text == read


@given(st.text(max_size=60) | st.text(ODD | st.characters(), max_size=60))
def test_every_folded_character_leads_back_to_its_original(text: str) -> None:
    folded = fold(text)
    plain = [fold_character(character) for character in text]
    assert folded.text == "".join(plain)
    assert list(folded.positions) == [at for at, shown in enumerate(plain) for _ in shown]


@given(st.text(ODD | st.characters(), max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text).text).text == fold(text).text


@pytest.mark.parametrize("many", ["你好，世界。" * 3000, "".join(map(chr, range(0x3400, 0x8000)))])
def test_many_characters_and_many_different_ones_read_the_same(many: str) -> None:
    assert fold(many).text == "".join(map(fold_character, many))


def test_whatever_a_page_shows_as_nothing_says_nothing() -> None:
    unseen = "".join(
        chr(code)
        for code in range(0x110000)
        if unicodedata.category(chr(code)) in {"Cf", "Cc", "Zs", "Zl", "Zp"}
    )
    for text in (unseen, "\u3164\u115f\u1160\uffa0", "\u2800 \u2800", "\ufe0f\U000e01ef\u034f", ""):
        assert not says_something(text)
        assert says_something(f"{text}路{text}")


def test_words_are_read_without_blanks_inside_lines() -> None:
    assert squeeze("贪 污\u200b受\u3000贿\n第二 行") == "贪污受贿\n第二行"
