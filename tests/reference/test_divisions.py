"""The division tree: codes, placeholders, subtrees, readers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference.division_files import dump, packaged, parse
from shared.reference.divisions import Division, Divisions, Kind, normalise_code
from shared.vocabulary.places import Level

PLAIN = ["code,name,parent_code,level", "90,西地省,,1", "9001,A市,90,2", "900101,A1区,9001,3"]
VILLAGES = [
    "code,name,streetCode,provinceCode,cityCode,areaCode",
    '110101001001,"多福巷社区居委会",110101001,11,1101,110101',
    '110101001202,"荣合桥村村民委员会",110101001,11,1101,110101',
    '110101001203,"东湖村委会",110101001,11,1101,110101',
]


@pytest.mark.parametrize(
    ("code", "full"),
    [
        ("43", "430000000000"),
        ("4301", "430100000000"),
        ("430121", "430121000000"),
        ("430121002", "430121002000"),
        ("430121002003", "430121002003"),
    ],
)
def test_a_code_of_any_width_has_one_full_form(code: str, full: str) -> None:
    assert normalise_code(code) == full


@pytest.mark.parametrize("code", ["", "4", "430", "43012", "4301210020030", "43x1", "４３"])
def test_other_widths_are_no_codes(code: str) -> None:
    with pytest.raises(ValueError, match="not a division code"):
        normalise_code(code)


@given(st.sampled_from([2, 4, 6, 9, 12]), st.integers(min_value=0, max_value=10**12 - 1))
def test_normalising_again_changes_nothing(width: int, number: int) -> None:
    full = normalise_code(str(number).zfill(12)[:width])
    assert normalise_code(full) == full


def test_the_national_tree_has_every_province_and_no_orphan() -> None:
    tree = packaged()
    assert len(tree.children(None)) == 34
    assert {"香港特别行政区", "澳门特别行政区", "台湾省"} <= {d.name for d in tree.children(None)}
    for division in tree:
        if division.parent_code is not None:
            assert tree.get(division.parent_code) is not None


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("110105", ["北京市", "朝阳区"]),
        ("419001", ["河南省", "济源市"]),
        ("441900101", ["广东省", "东莞市", "石碣镇"]),
        ("620201100", ["甘肃省", "嘉峪关市", "新城镇"]),
        ("430121", ["湖南省", "长沙市", "长沙县"]),
    ],
)
def test_placeholders_are_never_shown(code: str, path: list[str]) -> None:
    assert packaged().path_names(code) == path


def test_visible_children_of_a_municipality_are_its_districts() -> None:
    names = [d.name for d in packaged().children("11", visible=True)]
    assert "朝阳区" in names
    assert "市辖区" not in names


def test_development_zones_are_flagged() -> None:
    zone = packaged().get("130171")
    assert zone is not None
    assert zone.kind is Kind.DEVELOPMENT_ZONE
    assert sum(d.kind is Kind.DEVELOPMENT_ZONE for d in packaged() if d.level == 3) == 124


def test_a_merged_county_leads_to_its_successor() -> None:
    tree = packaged()
    gone = tree.current("330104", date(2026, 1, 1))
    assert gone is not None
    assert gone.name == "上城区"
    then = tree.current("330104", date(2020, 1, 1))
    assert then is not None
    assert then.name == "江干区"


@pytest.mark.parametrize(
    ("root", "code", "inside"),
    [
        ("43", "430121", True),
        ("4301", "430121002", True),
        ("430121", "430121", True),
        ("430121", "430122", False),
        ("430121", "4301", False),
        ("430121", "430121999", True),
    ],
)
def test_a_subtree_is_a_range_of_codes(root: str, code: str, *, inside: bool) -> None:
    assert packaged().contains(root, code) is inside


def test_an_unknown_village_lies_in_the_nearest_known_place() -> None:
    nearest = packaged().nearest("430121002999")
    assert nearest is not None
    assert nearest.code == "430121002000"


def test_plain_and_village_files_are_read() -> None:
    tree = Divisions(parse(PLAIN))
    assert tree.path_names("900101") == ["西地省", "A市", "A1区"]
    villages = list(parse(VILLAGES))
    assert [v.name for v in villages] == ["多福巷社区", "荣合桥村", "东湖村"]
    assert {v.level for v in villages} == {Level.VILLAGE}


def test_villages_extend_the_tree_under_a_new_edition() -> None:
    tree = Divisions([*packaged(), *parse(VILLAGES)], edition="divisions-x")
    assert tree.edition == "divisions-x"
    assert tree.path_names("110101001202")[-2:] == ["东华门街道", "荣合桥村"]


@pytest.mark.parametrize("lines", [[], ["name,code", "x,y"], ["code;name"]])
def test_an_unknown_header_is_refused(lines: list[str]) -> None:
    with pytest.raises(ValueError, match="unknown header"):
        list(parse(lines))


def test_one_code_twice_is_refused() -> None:
    row = Division("900000000000", "西地省", Level.PROVINCE, None)
    with pytest.raises(ValueError, match="occurs twice"):
        Divisions([row, row])


@given(st.data())
def test_every_division_lies_in_the_subtree_of_its_visible_parent(data: st.DataObject) -> None:
    tree = packaged()
    division = data.draw(st.sampled_from([d for d in tree if d.level > 1 and d.valid_to is None]))
    parent = tree.visible_parent(division.code)
    assert parent is not None
    assert parent.kind is not Kind.PLACEHOLDER
    assert tree.contains(parent.code, division.code)


def test_what_is_dumped_reads_back_the_same() -> None:
    tree = packaged()
    again = Divisions(parse(dump(tree).splitlines()))
    assert {d.code: d for d in again} == {d.code: d for d in tree}
