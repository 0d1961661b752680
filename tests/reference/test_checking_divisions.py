"""The division tree: level, digits of the code and the parent say one thing."""

from __future__ import annotations

import pytest

from shared.reference.checking.divisions import check_divisions, read_divisions
from shared.reference.checking.faults import Faults
from shared.reference.division_files import packaged

PLAIN = "code,name,parent_code,level"
FULL = "code,name,level,parent,kind,valid_from,valid_to,successor"
VILLAGES = "code,name,streetCode,provinceCode,cityCode,areaCode"


def faults_of(*lines: str) -> str:
    """Faults of a file put into the national tree."""
    faults = Faults()
    rows = read_divisions("\n".join(lines), faults)
    tree = {row.code: row for row in packaged()} | {row.code: row for _, row in rows}
    check_divisions(rows, tree, faults)
    return faults.words


def test_the_national_tree_is_sound() -> None:
    rows = list(enumerate(packaged()))
    faults = Faults()
    check_divisions(rows, {row.code: row for _, row in rows}, faults)
    assert faults.words == ""


@pytest.mark.parametrize(
    "lines",
    [
        (PLAIN, "430202990,某某街道,430202,4"),
        (PLAIN, "441900990,某某街道,441900,4"),  # a city without counties
        (PLAIN, "4399,某市,43,2", "439901,某县,4399,3"),
        (VILLAGES, "430121002001,泉塘第一村村委会,430121002,43,4301,430121"),
        (VILLAGES, "441900003001,某社区居委会,441900003,44,4419,441900"),
        (FULL, "430124000000,宁乡县,3,430100000000,ordinary,,2017-04-09,430182000000"),
        ("\ufeff" + PLAIN, "430202001,月塘街道,430202,4", ""),
    ],
    ids=["street", "city without counties", "new county", "village", "its village", "abolished",
         "mark and blank line"],
)  # fmt: skip
def test_what_is_right_passes(lines: tuple[str, ...]) -> None:
    assert faults_of(*lines) == ""


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("430202001,月塘街道,430202,2", "级别 2（市）的代码是 4 位，430202001 不是"),
        ("430202001,月塘街道,430202,3", "级别 3（县）的代码是 6 位"),
        ("430202001,月塘街道,430202,5", "级别 5（村、社区）的代码是 12 位"),
        ("430202,荷塘区,4302,4", "级别 4（乡镇、街道）的代码是 9 位，430202 不是"),
        ("4302,株洲市,43,1", "级别 1（省）的代码是 2 位"),
        ("430202001,月塘街道,430202001,4", "上级应为 430202，写的是 430202001（写成了自己）"),
        ("430202001,月塘街道,430203,4", "上级应为 430202，写的是 430203"),
        ("430202001,月塘街道,4302,4", "上级应为 430202，写的是 4302"),
        ("430202001,月塘街道,,4", "上级应为 430202，写的是 空"),
        ("43,湖南省,11,1", "上级应为 空，写的是 11"),
        ("430298001,某街道,430298,4", "上级区划 430298 不存在"),
        ("430202001,,430202,4", "名称不能为空"),
        ("430202001,月塘\u200b街道,430202,4", "看不见的字符或首尾空格：“月塘<U+200B>街道”"),
        ("430202001, 月塘街道,430202,4", "首尾空格"),
        ("430202001,\u3164,430202,4", "看不见的字符"),
        ("430202001," + "街" * 61 + ",430202,4", "超过 60 个字符"),
        ("430202001,月塘街道,430202,6", "不能读取"),
        ("430202001,月塘街道,430202,乡", "不能读取"),
        ("43020200,月塘街道,430202,4", "不能读取"),
        ("４３０２０２００１,月塘街道,430202,4", "不能读取"),
        ("430202001,月塘街道,430202", "不能读取"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_with_its_line(row: str, reason: str) -> None:
    words = faults_of(PLAIN, "430202990,某某街道,430202,4", row)
    assert words.startswith("divisions.csv 第 3 行：")
    assert reason in words


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (["430202000000,荷塘区,3,430200000000,ordinary,2020-01-01,2019-01-01,"], "早于 valid_from"),
        (["430202000000,荷塘区,3,430200000000,ordinary,,,430203000000"], "却没有 valid_to"),
        (["430202000000,荷塘区,3,430200000000,ordinary,,2026-01-01,430299000000"],
         "继任区划 430299000000 不存在"),
        (["430202000000,荷塘区,3,430200000000,ordinary,,2026-01-01,430202000000"], "绕回自己"),
        (["430202000000,荷塘区,3,430200000000,ordinary,,2026-01-01,430203000000",
          "430203000000,芦淞区,3,430200000000,ordinary,,2026-01-01,430202000000"], "绕回自己"),
        (["430202000000,荷塘区,3,430200000000,strange,,,"], "不能读取"),
        (["430202000000,荷塘区,3,430200000000,ordinary,,2026-02-30,"], "不能读取"),
    ],
    ids=["dates", "no end", "nobody", "itself", "a round of two", "kind", "no day"],
)  # fmt: skip
def test_ends_and_successors_are_checked(rows: list[str], reason: str) -> None:
    assert reason in faults_of(FULL, *rows)


def test_a_code_twice_and_a_header_nobody_knows_are_refused() -> None:
    twice = faults_of(PLAIN, "430202001,月塘街道,430202,4", "430202001000,月塘,430202,4")
    assert twice == "divisions.csv 第 3 行：代码与第 2 行重复：430202001"
    for header in ("code;name;parent_code;level", "代码,名称,上级,级别", "", "\x00"):
        assert "divisions.csv 第 1 行：不认识的列名" in faults_of(header, "1,2,3,4")


@pytest.mark.parametrize("above", ["", "43"])
def test_a_tree_may_begin_at_the_root_of_its_deployment(above: str) -> None:
    rows = read_divisions(f"{PLAIN}\n4302,株洲市,{above},2\n430202,荷塘区,4302,3\n", Faults())
    tree = {row.code: row for _, row in rows}
    for top, sound in (("430200000000", True), ("430202000000", False), (None, False)):
        faults = Faults()
        check_divisions(rows, tree, faults, top=top)
        assert (not faults) is sound
