"""A limit table is refused with line and reason; a part of it never passes for the whole."""

from __future__ import annotations

import pytest

from shared.reference.calendar import packaged_text
from shared.reference.checking.faults import Faults
from shared.reference.checking.limits import check_limits
from shared.reference.checking.specs import HANDOVERS, PURPOSES
from shared.reference.division_files import packaged
from shared.vocabulary.cases import ReferralKind
from shared.vocabulary.petitions import Purpose

LIMITS = packaged_text("limits.csv")
HEAD = LIMITS.splitlines()[0]
ROW = "L-1,D5,4302,claim,,2022-05-01,,30,calendar,legal,no,60,,5;1,《某市信访条例》第二十条,办结"


def faults_of(text: str, root: str = "430200000000") -> str:
    faults = Faults()
    check_limits(text, faults, divisions=packaged(), root=root)
    return faults.words


def with_row(row: str) -> str:
    return LIMITS + row + "\n"


def test_the_packaged_table_and_a_regions_own_row_beside_it_are_sound() -> None:
    assert faults_of(LIMITS) == faults_of(with_row(ROW)) == faults_of("\ufeff" + LIMITS) == ""


def test_the_words_are_those_of_the_contracts() -> None:
    assert tuple(PURPOSES) == tuple(each.value for each in Purpose)
    assert tuple(HANDOVERS) == tuple(each.value for each in ReferralKind)


@pytest.mark.parametrize(
    ("kept", "missing"),
    [
        ((), ["D1 自 2005-05-01 起", "D5 ", "raised", "withdrawal"]),  # the header alone
        (("D",), ["acceptance_internal 自 2005-05-01", "simple 自 2022-07-17", "reply"]),
        (("D1", "D2", "D3-2005", "D4", "D5", "D6", "D7", "D8", "D9", "N", "C", "W"),
         ["D3（suggestion、claim、uncertain）自 2022-05-01"]),
        (("D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9-2005", "D10", "D24", "N", "C", "W"),
         ["D9（claim）自 2022-05-01"]),
        (("D", "N", "C-reply-", "W"), ["reply 自 2000-01-01"]),
    ],
    ids=["none", "law only", "no D3 since 2022", "no D9 since 2022", "one source only"],
)  # fmt: skip
def test_kinds_that_would_be_without_a_limit_are_named(
    kept: tuple[str, ...], missing: list[str]
) -> None:
    lines = [line for line in LIMITS.splitlines()[1:] if line.startswith(kept)] if kept else []
    words = faults_of("\n".join([HEAD, *lines]))
    assert "没有时限" in words
    assert [each for each in missing if each not in words] == []


def test_a_row_of_another_region_covers_nothing_here() -> None:
    only_there = LIMITS.replace("D7-2022,D7,,claim", "D7-2022,D7,4403,claim")
    assert "D7（claim）自 2022-05-01 起" in faults_of(only_there)
    assert faults_of(only_there, root="440300000000") == ""
    one_district = LIMITS.replace("D7-2022,D7,,claim", "D7-2022,D7,430202,claim")
    assert "D7（claim）自 2022-05-01 起" in faults_of(one_district)


BAD = {
    "an unknown kind": ("D5,4302", "D55,4302", "没有“D55”这个时限种类"),
    "no such division": ("4302", "4397", "没有区划 4397"),
    "a region of no width": ("4302", "430", "“430”不是区划代码"),
    "a purpose mistyped": ("claim", "claims", "“claims”不是"),
    "a purpose twice": ("claim", "claim;claim", "有重复"),
    "a day that is none": ("2022-05-01", "2022-02-30", "没有 2022-02-30 这一天"),
    "a day with slashes": ("2022-05-01", "2022/5/1", "不是 2026-05-01 这样的日期"),
    "ends before it begins": ("2022-05-01,,", "2022-05-01,2021-05-01,", "早于 effective_from"),
    "no days": (",30,", ",0,", "“0”不是 1 至 3650 的整数"),
    "full-width digits": (",30,", ",３０,", "不是 1 至 3650 的整数"),
    "too many days": (",30,", ",36500,", "不是 1 至 3650 的整数"),
    "a sign": (",30,", ",+30,", "不是 1 至 3650 的整数"),
    "another unit": ("calendar", "days", "unit “days”不是"),
    "another nature": ("legal", "lawful", "nature “lawful”不是"),
    "a duty that lapses": ("legal", "window", "D5 的 nature 应为 legal"),
    "no length": (",30,", ",,", "length 只在 nature 为 assigned 时空着"),
    "an assigned D5": (",30,calendar,legal", ",,calendar,assigned", "D5 的 nature 应为 legal"),
    "roll": (",no,", ",ja,", "roll “ja”不是"),
    "a negative extension": (",60,", ",-1,", "extension_days “-1”不是"),
    "a stop that is none": (",60,,", ",60,holiday,", "stops “holiday”不是"),
    "a warning too early": ("5;1", "30;1", "warn_days 30 不小于期限 30"),
    "no article": ("《某市信访条例》第二十条", "", "article 不能为空"),
    "an article nobody sees": ("《某市信访条例》第二十条", "\u3164", "看不见的字符"),
    "an article too long": ("《某市信访条例》第二十条", "条" * 201, "超过 200 个字符"),
    "a known id": ("L-1,", "D5-2022,", "重复：D5-2022"),
    "an id with a zero-width space": ("L-1,", "L-1\u200b,", "<U+200B>"),
    "contradicts another": ("4302", "", "时限重叠"),
    "a column too many": (",办结", ",办结,了", "应有 16 列，实有 17 列"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "reason"), BAD.values(), ids=BAD)
def test_each_column_is_refused_with_its_line(old: str, new: str, reason: str) -> None:
    words = faults_of(with_row(ROW.replace(old, new, 1)))
    number = len(LIMITS.splitlines()) + 1
    assert words.startswith(f"limits.csv 第 {number} 行：")
    assert reason in words


def test_many_faults_are_told_at_once_and_their_number_is_bounded() -> None:
    two = LIMITS.replace("claim", "claims", 1).replace(",working,", ",weeks,", 1)
    assert [line.split("：")[0] for line in faults_of(two).splitlines()] == [
        "limits.csv 第 5 行", "limits.csv 第 8 行",
    ]  # fmt: skip
    words = faults_of(LIMITS.replace(",calendar,", ",moon,")).splitlines()
    assert len(words) == 21
    assert words[-1].startswith("……共 ")


@pytest.mark.parametrize(
    "text",
    ["", "\n", "a,b\n1,2", HEAD.replace("limit_id", "id"), "\x00", LIMITS.replace(",", ";")],
    ids=["empty", "a line", "others", "one column", "nul", "semicolons"],
)
def test_a_file_of_another_form_is_refused_by_its_header(text: str) -> None:
    assert "limits.csv 第 1 行：" in faults_of(text)


def test_a_quote_takes_no_rows_with_it() -> None:
    lines = LIMITS.splitlines()
    lines[3] = lines[3].replace("《", '"《', 1)
    lines[9] = lines[9].replace("，", '"，', 1)
    assert "第 4 行：" in faults_of("\n".join(lines))
    open_quote = [*lines[:2], lines[2].rsplit(",", 1)[0] + ',"收到', *lines[4:9]]
    assert "第 3 行：" in faults_of("\n".join(open_quote))
