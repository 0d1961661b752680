"""Organs, categories, competence and casework: what they name is there, and each column is sound;
an edition is also looked at for what stands on it."""

from __future__ import annotations

from datetime import date

import pytest

from shared.reference.checking.editions import check_edition, faults_in_force
from shared.reference.checking.rows import changes, merged
from shared.reference.editions import Edition, Reference, packaged_editions

TODAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def reference() -> Reference:
    editions = {each.kind: each for each in packaged_editions()}
    return Reference(editions, root_division="430000000000")


def faults_of(reference: Reference, kind: str, **files: str) -> str:
    whole = {**reference.files(kind), **{name.replace("__", "."): t for name, t in files.items()}}
    return check_edition(reference, Edition(kind, "x", TODAY, whole), today=TODAY).words


def test_all_that_comes_with_the_program_is_sound(reference: Reference) -> None:
    assert faults_in_force(reference, today=TODAY) == {}
    for kind in ("organs", "categories", "competence", "calendar", "limits", "casework"):
        assert faults_of(reference, kind) == ""


CASES = [
    ("organs", "organ_kinds.csv", "HOUSING,{name}住", "HOUSING,{nmae}住", "花括号里只能是"),
    ("organs", "organ_kinds.csv", "HOUSING,{name}住", "HOUSING,{name.x}住", "花括号里只能是"),
    ("organs", "organ_kinds.csv", "HOUSING,{name}住", "HOUSING,{name住", "花括号里只能是"),
    ("organs", "organ_kinds.csv", "HOUSING,{name}住", "HOUSING,{name!r}住", "花括号里只能是"),
    ("organs", "organ_kinds.csv", "\nHOUSING,", "\nHOUSING2,", "kind “HOUSING2”不是"),
    ("organs", "organ_kinds.csv", ",LABOUR,,no,GOVERNMENT,guide", ",LABUOR,,no,GOVERNMENT,guide",
     "superior 指向没有的机关类型：LABUOR"),
    ("organs", "organ_kinds.csv", ",HOUSING,UP,", ",HOUSING,DOWN,", "falls_to 指向没有的机关"),
    ("organs", "organ_kinds.csv", ",no,GOVERNMENT,handle,yes,", ",nein,GOVERNMENT,handle,yes,",
     "vertical “nein”"),
    ("organs", "organ_kinds.csv", ",no,GOVERNMENT,handle,yes,", ",no,GOVERNMENT,handel,yes,",
     "route “handel”"),
    ("organs", "organ_kinds.csv", ",no,GOVERNMENT,handle,yes,", ",no,GOVERMENT,handle,yes,",
     "led_by 指向没有的机关类型：GOVERMENT"),
    ("organs", "organ_kinds.csv", "handle,yes,", "handle,no,", "没有信访工作机构"),
    ("organs", "organ_exceptions.csv", "110000000000-EDUCATION", "110000000000-EDUCATON",
     "没有机关类型 EDUCATON"),
    ("organs", "organ_exceptions.csv", "110000000000-EDUCATION", "11-EDUCATION", "不是机关代码"),
    ("organs", "organ_exceptions.csv", "110000000000-EDUCATION", "439900000000-EDUCATION",
     "没有区划 439900000000"),
    ("organs", "organ_exceptions.csv", "110000000000-EDUCATION,yes", "110000000000-EDUCATION,",
     "exists “”"),
    ("categories", "categories.csv", "\n010100,", "\n010900,", "缺少上级分类 010100"),
    ("categories", "categories.csv", "\n010100,土地", "\n010100,\u200b土地", "看不见的字符"),
    ("categories", "categories.csv", "\n010101,土地承包,", "\n010101,土地流转,", "同级同名"),
    ("categories", "categories.csv", "\n010101,", "\n010102,", "重复：010102"),
    ("categories", "categories.csv", ",row,", ",rows,", "assigned “rows”"),
    ("competence", "competence.csv", "\n010000,,AGRICULTURE", "\n019800,,AGRICULTURE",
     "没有分类 019800"),
    ("competence", "competence.csv", "\n010000,,AGRICULTURE", "\n010000,,AGRICULTUR",
     "没有机关类型 AGRICULTUR"),
    ("competence", "competence.csv", "AGRICULTURE,county", "AGRICULTURE,country",
     "lowest_level “country”"),
    ("competence", "competence.csv", "010100,township", "010100,village", "level “village”"),
    ("competence", "competence.csv", "\n010105,township", "\n010105,", "重复：010105/*"),
    ("casework", "casework.toml", "upheld_before_superior = 2", "upheld_before_superior = 0",
     "第 6 行：objection.upheld_before_superior 应为 1 至 20"),
    ("casework", "casework.toml", "upheld_before_superior = 2", "upheld_before_superior = true",
     "应为 1 至 20 的整数"),
    ("casework", "casework.toml", "upheld_before_superior = 2", "upheld = 2",
     "缺少 objection.upheld_before_superior"),
    ("casework", "casework.toml", '["transfer", "own"]', '["transfers"]', "没有 transfers"),
    ("casework", "casework.toml", '["transfer", "own"]', '"transfer"', "应为列表"),
    ("casework", "casework.toml", '"DISCIPLINE"\n', '"DISCIPLIN"\n', "没有 DISCIPLIN"),
    ("casework", "casework.toml", "[archive]", "[archive", "不是 TOML"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "old", "new", "reason"), CASES, ids=range(len(CASES)))
def test_a_faulty_row_is_refused_with_its_reason(
    reference: Reference, kind: str, name: str, old: str, new: str, reason: str
) -> None:
    text = reference.files(kind)[name]
    assert old in text
    words = faults_of(reference, kind, **{name.replace(".", "__"): text.replace(old, new, 1)})
    assert reason in words
    assert name in words


def test_what_goes_round_is_refused(reference: Reference) -> None:
    kinds = reference.files("organs")["organ_kinds.csv"]
    lines = {line.split(",")[0]: line.split(",") for line in kinds.splitlines()}
    lines["DATA"][8], lines["DEVELOPMENT_REFORM"][8] = "DEVELOPMENT_REFORM", "DATA"
    text = "\n".join(",".join(fields) for fields in lines.values())
    words = faults_of(reference, "organs", organ_kinds__csv=text)
    assert words.count("的 falls_to 绕回自己") == 2


def test_what_stands_on_a_row_is_named_when_it_would_go(reference: Reference) -> None:
    kinds = reference.files("organs")["organ_kinds.csv"]
    without = "\n".join(line for line in kinds.splitlines() if not line.startswith("GRAIN,"))
    assert "没有机关类型 GRAIN" in faults_of(reference, "organs", organ_kinds__csv=without)
    categories = reference.files("categories")["categories.csv"]
    fewer = "\n".join(line for line in categories.splitlines() if not line.startswith("010105,"))
    assert "没有分类 010105" in faults_of(reference, "categories", categories__csv=fewer)


@pytest.mark.parametrize(
    "files",
    [{}, {"limit.csv": "x"}, {"limits.csv": "x", "more.csv": "y"}],
    ids=["none", "another name", "one too many"],
)
def test_files_have_the_names_of_their_kind(reference: Reference, files: dict[str, str]) -> None:
    edition = Edition("limits", "x", TODAY, files)
    assert "文件应为 limits.csv" in check_edition(reference, edition, today=TODAY).words


PARTS = {
    "limits": ("limits.csv", "L-1,D5,4301,claim,,2022-05-01,,30,calendar,legal,no,0,,,某条,"),
    "calendar": ("calendar.csv", "2026-12-07,holiday,临时放假,通知"),
    "categories": ("categories.csv", "010199,新事项,row,ours"),
    "competence": ("competence.csv", "010101,county,AGRICULTURE,county,,,某条"),
    "organs": ("organ_exceptions.csv", "430100000000-HOUSING,yes,长沙市住建局,,,,,某文"),
}


@pytest.mark.parametrize("kind", PARTS)
def test_a_part_is_put_into_the_whole_by_the_ids_of_its_rows(
    reference: Reference, kind: str
) -> None:
    name, row = PARTS[kind]
    base = reference.files(kind)
    head = base[name].splitlines()[0]
    whole = merged(kind, base, {name: f"{head}\n{row}\n"}, removes=())
    change = changes(kind, base, whole)
    assert (len(change.added), change.changed, change.removed) == (1, (), ())
    assert check_edition(reference, Edition(kind, "x", TODAY, whole), today=TODAY).words == ""
    back = merged(kind, whole, {}, removes=change.added)
    assert changes(kind, base, back).removed == changes(kind, base, back).added == ()


@pytest.mark.parametrize("kind", PARTS)
def test_a_part_as_it_is_takes_nothing_away_unsaid(reference: Reference, kind: str) -> None:
    name, row = PARTS[kind]
    base = reference.files(kind)
    part = {**base, name: f"{base[name].splitlines()[0]}\n{row}\n"}
    change = changes(kind, base, part)
    assert f"会少掉现行版本的 {len(change.removed)} 行" in change.unsaid(())
    assert "会少掉现行版本的 1 行" in change.unsaid(change.removed[1:])
    assert change.unsaid(change.removed) == ""
    assert "列为删除的行不在现行版本中" in change.unsaid([*change.removed, "NOWHERE"])
