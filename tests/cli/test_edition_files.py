"""Rule files as people bring them: put into the edition in force, and told by their own lines."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest

from services.cli.edition_files import in_own_lines, joined, named, read_text, within
from shared.kernel.errors import Invalid
from shared.reference.calendar import packaged_text
from shared.reference.checking.rows import changes
from shared.reference.division_files import dump, packaged

ROOT = "430200000000"
LIMITS = {"limits.csv": packaged_text("limits.csv")}
HEAD = LIMITS["limits.csv"].splitlines()[0]
OWN = "L-D5,D5,4302,claim,,2022-05-01,,30,calendar,legal,no,60,,5;1,某条例,办结"


@pytest.fixture(scope="module")
def tree() -> dict[str, str]:
    return {"divisions.csv": dump(packaged())}


def test_a_row_is_added_changed_and_removed_by_its_id() -> None:
    whole, gone = joined(
        "limits", LIMITS, {"limits.csv": f"{HEAD}\n{OWN}\n"}, removes=(), whole=False
    )
    assert (changes("limits", LIMITS, whole).added, gone) == (("L-D5",), [])
    longer = {"limits.csv": f"{HEAD}\n{OWN.replace(',30,', ',45,')}\n"}
    again, _ = joined("limits", whole, longer, removes=(), whole=False)
    assert changes("limits", whole, again).changed == ("L-D5",)
    back, gone = joined("limits", again, {}, removes=["L-D5"], whole=False)
    assert (back, gone) == (LIMITS, ["L-D5"])


def test_only_a_file_said_to_be_whole_takes_rows_away() -> None:
    fewer = {"limits.csv": "\n".join(LIMITS["limits.csv"].splitlines()[:-1])}
    kept, gone = joined("limits", LIMITS, fewer, removes=(), whole=False)
    assert (kept, gone) == (LIMITS, [])
    whole, gone = joined("limits", LIMITS, fewer, removes=(), whole=True)
    assert (changes("limits", LIMITS, whole).removed, gone) == (("W-withdrawal",), ["W-withdrawal"])


def test_a_table_with_the_root_is_a_part_like_any_other(tree: dict[str, str]) -> None:
    part = "code,name,parent_code,level\n4302,株洲市,43,2\n430202,荷塘区改,4302,3\n"
    own = within(part, ROOT, tree["divisions.csv"])
    whole, gone = joined("divisions", tree, {"x.csv": own}, removes=(), whole=False)
    change = changes("divisions", tree, whole)
    assert (change.added, change.changed, change.removed, gone) == ((), ("430202",), (), [])


def test_a_shape_without_ends_and_successors_leaves_them(tree: dict[str, str]) -> None:
    part = "code,name,parent_code,level\n430124,宁乡县,4301,3\n"
    own = within(part, "430100000000", tree["divisions.csv"])
    whole, _ = joined("divisions", tree, {"x.csv": own}, removes=(), whole=False)
    assert whole == tree


def test_what_lies_elsewhere_is_left_out(tree: dict[str, str]) -> None:
    villages = "code,name,streetCode\n110101001001,某居委会,110101001\n"
    with pytest.raises(ValueError, match="没有根区划 4302 之内"):
        within(villages, ROOT, tree["divisions.csv"])
    both = villages + "430202001001,某村村委会,430202001\n"
    own = within(both, ROOT, tree["divisions.csv"])
    whole, _ = joined("divisions", tree, {"x.csv": own}, removes=(), whole=False)
    assert changes("divisions", tree, whole).added == ("430202001001",)


def test_words_about_the_joined_edition_become_words_about_the_file() -> None:
    given = {"limits.csv": f"{HEAD}\n\n{OWN}\n"}
    whole, _ = joined("limits", LIMITS, given, removes=(), whole=False)
    said = in_own_lines("limits.csv 第 38 行：甲\nlimits.csv 第 2 行：乙", "limits", whole, given)
    assert said == "limits.csv 第 3 行：甲\nlimits.csv（现行版本的 D1-2005）：乙"


@pytest.mark.parametrize(
    ("raw", "name", "words"),
    [
        ("编号".encode("gb18030"), "limits.csv", "不是 UTF-8 编码"),
        (b"not xz", "limits.csv.xz", "不是完整的 .xz"),
        (lzma.compress(b"x")[:-9], "limits.csv.xz", "不是完整的 .xz"),
    ],
)
def test_a_file_that_can_not_be_read_is_named(
    tmp_path: Path, raw: bytes, name: str, words: str
) -> None:
    file = tmp_path / name
    file.write_bytes(raw)
    with pytest.raises(ValueError, match=words):
        read_text(file)


def test_names_and_lines_of_files() -> None:
    assert named("limits", {"mine.csv": "x"}) == {"limits.csv": "x"}
    with pytest.raises(ValueError, match="文件名应为"):
        named("organs", {"kinds.csv": "x"})
    with pytest.raises(Invalid) as refused:
        joined("limits", LIMITS, {"limits.csv": f"{HEAD}\n{OWN},\n"}, removes=(), whole=False)
    assert refused.value.detail == "limits.csv 第 2 行：应有 16 列，实有 17 列"
