"""The category tree: shape, look-ups, and what a bad file does."""

import pytest

from shared.reference.categories import (
    OTHER,
    CategoriesInvalid,
    packaged_categories,
    read_categories,
)

SEVEN_LABELLED = {
    "城乡建设",
    "劳动和社会保障",
    "教育文体",
    "商贸旅游",
    "环境保护",
    "卫生计生",
    "交通运输",
}
HEADER = "code,name,assigned,source\n"


def test_the_first_level_has_seventeen_words_and_ends_with_other():
    first = packaged_categories().children(None)
    assert len(first) == 17
    assert (first[-1].code, first[-1].name) == (OTHER, "其他")
    assert {category.name for category in first} >= SEVEN_LABELLED


def test_every_category_hangs_under_one_of_the_level_above():
    tree = packaged_categories()
    for category in tree:
        parent = tree.parent(category.code)
        assert (parent is None) == (category.level == 1)
        if parent is not None:
            assert parent.level == category.level - 1
            assert category in tree.children(parent.code)


def test_names_are_unique_under_one_parent():
    tree = packaged_categories()
    for category in [None, *tree]:
        names = [child.name for child in tree.children(category and category.code)]
        assert len(names) == len(set(names))


def test_what_we_assigned_ourselves_is_marked():
    for category in packaged_categories():
        expected = {1: {""}, 2: {"parent", "row"}, 3: {"row"}}[category.level]
        assert category.assigned in expected
        assert category.source


def test_a_path_reads_from_the_top():
    tree = packaged_categories()
    (wages,) = tree.search("拖欠农民工工资")
    assert tree.path_names(wages.code) == ["劳动和社会保障", "劳动关系", "拖欠农民工工资"]
    assert tree.level1(wages.code).name == "劳动和社会保障"


def test_search_lists_higher_levels_first_and_stops_at_the_limit():
    hits = packaged_categories().search("教育", limit=3)
    assert len(hits) == 3
    assert [category.level for category in hits] == sorted(category.level for category in hits)
    assert hits[0].name == "教育文体"


@pytest.mark.parametrize("code", ["", None, "123456", "03", "0300000"])
def test_an_unknown_code_has_no_answer(code):
    tree = packaged_categories()
    assert tree.get(code) is None
    assert tree.level1(code) is None


@pytest.mark.parametrize(
    "rows",
    [
        "010000,农村农业,,x\n010000,再来一次,,x\n",
        "010101,没有上级,row,x\n",
        "00000,短,,x\n",
        "000000,零,,x\n",
        "010000,少一列\n",
        "010000,,,x\n",
    ],
)
def test_a_bad_table_is_refused(rows):
    with pytest.raises(CategoriesInvalid):
        read_categories(HEADER + rows)


def test_other_column_names_are_refused():
    with pytest.raises(CategoriesInvalid):
        read_categories("code,name\n010000,农村农业\n")
