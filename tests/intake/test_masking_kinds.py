"""Identities in odd spellings, and what is none: each kind with forms people really send."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.masking.domain.masking import mask
from services.intake.masking.domain.names import DOTS
from shared.kernel.hidden_numbers import hide_numbers
from tests.intake.test_masking import squeezed

RARE = "㛃䶮𬽎鿍𠀀𱍐〇㐂"
"""Ideographs of extensions A, B, F and G, and the newest of the common block."""


@pytest.mark.parametrize("given_name", [*RARE, f"{RARE[0]}华", f"华{RARE[2]}"])
@pytest.mark.parametrize("cue", ["我叫", "姓名：", "投诉人:", "落款 ", "我的名字叫"])
def test_names_in_rare_ideographs_are_hidden(cue: str, given_name: str) -> None:
    shown = mask(f"{cue}王{given_name}，路灯坏了半个月。", identities=())
    assert shown == f"{cue}王**，路灯坏了半个月。"


def test_a_rare_ideograph_is_a_surname() -> None:
    assert mask("我叫𠮷田，路灯坏了", identities=()) == "我叫𠮷**，路灯坏了"


@pytest.mark.parametrize(
    "name",
    [
        "涂建国",
        "麦志强",
        "仝小兵",
        "冼星",
        "揭阳",
        "邸国",
        "庹宗华",
        "万俟雪",
        "第五伦",
        "張偉",
        "歐陽鋒",
        "刀玉罕",
    ],
)
def test_any_real_surname_begins_a_name(name: str) -> None:
    for text in (f"我叫{name}，灯坏了", f"名叫{name}的人", f"户主{name}。", f"姓 名：{name}。"):
        assert name not in mask(text, identities=())
        assert name[2:] not in mask(text, identities=())[2:] or not name[2:]


@pytest.mark.parametrize(
    "name",
    [
        "扎西多吉",
        "卓玛",
        "普布次仁",
        "岩温",
        "买买提",
        "木呷",
        "乌云其其格",
        "不常见名",
        "Иван Петров",
        "བཀྲ་ཤིས",
        "ئەركىن",
        "ꀊꁌ",
        "Tashi Dorje",
        "한지민",
    ],
)
def test_after_a_label_with_a_colon_any_name_is_one(name: str) -> None:
    for label in (
        "姓名：",
        "姓 名:",
        "【签名】",
        "真实姓名（必填）：",
        "落款——",
        "投诉人姓名｜",
        "户主：",
    ):
        assert name not in mask(f"{label}{name}，路灯坏了", identities=()), label


@pytest.mark.parametrize("name", ["扎西次仁", "Иван Петров", "Tashi Dorje", "མཚོ་མོ"])
def test_names_without_surname_are_hidden_after_a_cue(name: str) -> None:
    assert name not in mask(f"我叫{name}，路灯坏了", identities=())


@pytest.mark.parametrize("dot", [*DOTS, "\u2219", "\u22c5", "\uff65", "-", "\u2010", "－"])
def test_whatever_stands_for_the_dot_joins_a_name(dot: str) -> None:
    shown = mask(f"我叫古丽米热{dot}艾比布力，路灯坏了。", identities=())
    assert shown == "我叫古**，路灯坏了。"
    assert mask("我叫张三.路灯坏了", identities=()) == "我叫张**.路灯坏了"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("姓名：张三、李四、王五，三户", "姓名：张**、李**、王**，三户"),
        ("联系人：张三和李四", "联系人：张**和李**"),
        ("张三，男，1980年生", "张**，男，1980年生"),
        ("本人李岡，身份证丢了", "本人李**，身份证丢了"),
        ("投诉人：业主张三", "投诉人：业主张**"),
        ("签名：王梓涵", "签名：王**"),
        ("户主王梓涵", "户主王**"),
        ("法人：涂华昌）排污", "法人：涂**）排污"),
        ("张\U000e0100三，男，电话1\ufe0f3\u34f80000000", "张**，男，电话1\ufe0f3\u34f80000000"),
        ("我叫张\U000e0100三\U000e0100丰，在", "我叫张**，在"),
    ],
)
def test_names_said_in_many_ways(written: str, shown: str) -> None:
    assert mask(written, identities=()) == shown


@pytest.mark.parametrize(
    "written",
    [
        "我叫停车场的人来，他不来。",
        "我叫房东来修",
        "我叫管理处的人来看",
        "我叫120来",
        "我叫KTV的人小声点",
        "投诉人：我们小区的业主",
        "申请人：长沙市某某物业公司",
        "联系人：无",
        "姓名：保密",
        "落款：全体业主",
        "签字盖章后方可办理",
        "经理签字方可生效",
        "告知姓名和电话",
        "业主为何不能停车",
        "学生是祖国的花朵",
        "被举报人：李四",
        "对方姓名：李四",
        "各位家长：晚上好！",
        "本人是马王堆社区居民",
        "投诉人：邝胡社区居民",
        "打了0731-12345和400-810-0000，没人接。",
        "拨95598、96111、12345-2都没人接",
        "800-830-8088",
        "1、路灯 2、水费 3、电费 4、5、6、7、8、9、10、11",
        "公交147、226、262、26、38、138路",
        "合同价1,380,000,000元，已付138,001,234元",
        "2019-10-12，2019.10.13、2020/1/3",
        "〔2019〕12345678号",
        "2013、2014、2015、2016年",
        "GB0016-2006规定",
        "sb/t10720-2012",
        "电话为2019-6-12办理",
        "第一二三四五六七条",
        "总价12345678元",
        "3.1415926、2.7182818",
        "13.5-14.5-15.5-16.5米",
        "13:14:15到16:17:18",
    ],
)
def test_what_leads_to_nobody_stays(written: str) -> None:
    assert mask(written, identities=()) == written


PARTS = [
    " ",
    "\t",
    "\n",
    "-",
    "\u2011",
    "\u2012",
    "—",
    "·",
    "・",
    "．",
    "/",
    "\\",
    "，",
    "、",
    "|",
    "_",
    "~",
    ")(",
    " - ",
    "\u00a0\u00a0",
]
DIGITS = [
    "0123456789",
    "０１２３４５６７８９",
    "〇一二三四五六七八九",
    "零幺二三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "⁰¹²³⁴⁵⁶⁷⁸⁹",
    "₀₁₂₃₄₅₆₇₈₉",
    "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "٠١٢٣٤٥٦٧٨٩",
    "○一二三四五六七八九",
]
NUMBERS = {
    "138 0012 3456": "mobile",
    "138 00123456": "mobile",
    "430102 19900307 1233": "citizen",
    "4301 0219 9003 0712 33": "citizen",
    "6222 0212 3456 7890 128": "card",
    "0731 88880000": "landline",
}


@pytest.mark.parametrize("digits", DIGITS)
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("separator", ["", *PARTS])
def test_numbers_are_seen_however_they_are_parted(number: str, separator: str, digits: str) -> None:
    written = number.replace(" ", separator)
    written = written.translate({ord(str(d)): c for d, c in enumerate(digits)})
    if separator == "\\":
        written = number.replace(" ", "/")
    assert hide_numbers(f"号码是{written}。请回复") == "号码是***。请回复"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("座机+86 731 8888 0000。", "座机***。"),
        ("座机+86(0731)8888-0000。", "座机***。"),
        ("(138)1234-5678", "***"),
        ("0086-138-1234-5678", "***"),
        ("打+852 9123 4567", "打***"),
        ("1 3 8 0 0 1 2 3 4 5 6", "***"),
        ("tel13812345678", "tel***"),
        ("138一二三四5678一直打不通", "***一直打不通"),
        ("电话：88886666、87654321", "电话：***、***"),
        ("证430102199003071233、13812345678", "证***、***"),
        ("护照E 1234 5678", "护照***"),
        ("湘A·12345，湘AD一二三四五", "***，湘AD一二三四五"),
        ("湘A一二三四五", "***"),
        ("V信zhang_san88", "V信***"),
        ("加微zhang_san88", "加微***"),
        ("扣扣123456789", "扣扣***"),
        ("扣扣一二三四五六七", "扣扣***"),
        ("威信号zhang_san88", "威信号***"),
        ("邮箱zhang.san＠qq。com", "邮箱***"),
        ("邮箱zhang_san#163.com", "邮箱***"),
    ],
)
def test_odd_numbers_and_accounts(written: str, shown: str) -> None:
    assert hide_numbers(written) == shown


@settings(max_examples=300)
@given(st.text(st.sampled_from("张三李我叫姓名：:、，138 0-—.·*男女一二@qX\n湘A微信"), max_size=60))
def test_masking_a_masked_text_changes_nothing(text: str) -> None:
    once = mask(text, identities=["张三", "13800000000"])
    assert squeezed("13800000000") not in squeezed(once)
    assert mask(once, identities=["张三", "13800000000"]) == once
