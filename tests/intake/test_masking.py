"""Who wrote never shows in what was written (decisions 16)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.masking.domain.masking import mask
from services.intake.masking.domain.shown import mask_name, mask_value
from shared.kernel.identity_numbers import (
    has_check_digit,
    has_citizen_shape,
    passes_luhn,
)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("我叫张三，是A市人", "我叫张**，是A市人"),
        ("我叫刘科连,男，现年51岁", "我叫刘**,男，现年51岁"),
        ("本人姓名：欧阳锋是业主", "本人姓名：欧阳**是业主"),
        ("姓名：李雷电话：13912345678", "姓名：李**电话：***"),
        ("联系人 王小明，住三楼", "联系人 王**，住三楼"),
        ("实名举报人: 彭乔松2019年3月", "实名举报人: 彭**2019年3月"),
        ("我叫阿卜杜拉·买买提，来自乡下", "我叫阿**，来自乡下"),
        ("电话138 1234 5678。", "电话***。"),
        ("电话138-1234-5678。", "电话***。"),
        ("电话１３８１２３４５６７８。", "电话***。"),
        ("电话+86 13812345678", "电话***"),
        ("电话138\u200b1234\u200b5678", "电话***"),
        ("手机幺三八零零一三八零零零", "手机***"),
        ("座机0731-88886666转12", "座机***"),
        ("（0731）88886666", "***"),
        ("联系电话：88886666", "联系电话：***"),
        ("身份证430102199003071233", "身份证***"),
        ("身份证4301 0219 9003 0712 3X号", "身份证***号"),
        ("身份证430102900307123", "身份证***"),
        ("港澳证H12345678", "港澳证***"),
        ("香港身份证A123456(7)", "香港身份证***"),
        ("台胞证12345678", "台胞证***"),
        ("居住证810000199001011234", "居住证***"),
        ("永居证CHN110105123456", "永居证***"),
        ("卡号6222 0212 3456 7890 123", "卡号***"),
        ("车牌湘A12345和湘AD12345", "车牌***和***"),
        ("邮箱a.b@example.com", "邮箱***"),
        ("微信号：wx_abc123", "微信号：***"),
    ],
)
def test_identities_are_hidden(written: str, shown: str) -> None:
    assert mask(written, identities=()) == shown


@pytest.mark.parametrize(
    "written",
    [
        "我是A市A3区人，住在咸嘉新村",
        "我叫停车场的人来",
        "我叫他来他不来",
        "拨打12345热线，报警110",
        "2019年10月12日至2020年1月3日",
        "总价12345678元，面积120平方米",
        "文号长政发〔2019〕12号",
        "被举报人：某某公司",
        "3栋1单元1204房",
        "",
    ],
)
def test_what_names_nobody_stays(written: str) -> None:
    assert mask(written, identities=()) == written


@pytest.mark.parametrize(
    ("identity", "written"),
    [
        ("张三", "楼上的张 三又来了"),
        ("张三", "楼上的张\u200b三又来了"),
        ("张三", "楼上的张\u3000三又来了"),
        ("ZHANG San", "楼上的zhangsanＺＨＡＮＧ　ＳＡＮ"),
        ("13812345678", "１３８·１２３４·５６７８"),
        ("岳麓区咸嘉湖路1号3栋", "住岳麓区 咸嘉湖路1号，3栋"),
        ("A-1234-b", "护照a1234B"),
    ],
)
def test_field_values_are_found_however_they_are_written(identity: str, written: str) -> None:
    shown = mask(written, identities=[identity])
    assert shown != written
    assert squeezed(identity) not in squeezed(shown)


def test_a_name_once_introduced_is_hidden_everywhere() -> None:
    assert "李建义" not in mask("我叫李建义。社区让李建义等通知。", identities=())


def test_a_single_character_hides_nothing() -> None:
    assert mask("楼下一直很吵", identities=["一", ""]) == "楼下一直很吵"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("张三", "张**"), ("欧阳锋", "欧阳**"), ("欧阳", "欧**"), ("", "")],
)
def test_names_keep_the_surname(value: str, shown: str) -> None:
    assert mask_name(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("13812345678", "138****5678"), ("a@b.cn", "a***@***"), ("某小区3栋", "***")],
)
def test_other_values_keep_little(value: str, shown: str) -> None:
    assert mask_value(value) == shown


def test_check_digits() -> None:
    assert has_check_digit("11010519491231002X")  # the example of GB 11643
    assert not has_check_digit("110105194912310021")
    assert has_citizen_shape("110105491231002")
    assert passes_luhn("4111 1111 1111 1111")
    assert not passes_luhn("4111111111111112")


NAMES = st.builds(
    lambda surname, given: surname + given,
    st.sampled_from("张王李赵陈杨黄周吴徐孙马朱胡林郭何高罗"),
    st.text(
        st.sampled_from("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂"), min_size=1, max_size=2
    ),
)
PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
FILLER = st.text(
    st.sampled_from("楼下餐馆油烟扰民请政府处理，。！ \n我是人的小区道路"), max_size=40
)
SEPARATORS = st.sampled_from(["", " ", "-", "\u200b", "\u3000", "·"])


@settings(max_examples=300)
@given(NAMES, PHONES, FILLER, FILLER, SEPARATORS)
def test_a_planted_identity_never_survives(
    name: str, phone: str, before: str, after: str, separator: str
) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in phone)
    text = f"{before}{separator.join(name)}{after}{separator.join(phone)}{before}{wide}{after}"
    shown = mask(text, identities=[name, phone])
    assert squeezed(name) not in squeezed(shown)
    assert squeezed(phone) not in squeezed(shown)
    assert mask(shown, identities=[name, phone]) == shown


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask(text, identities=())
    assert mask(once, identities=()) == once


def squeezed(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(character for character in folded if character.isalnum())
