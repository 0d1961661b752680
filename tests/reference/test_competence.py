"""Competence: which department, at which level, and what is guided elsewhere."""

import pytest

from shared.reference.calendar import packaged_text
from shared.reference.categories import OTHER, packaged_categories
from shared.reference.competence import (
    CompetenceInvalid,
    Guide,
    packaged_competence,
    read_competence,
)
from shared.reference.organ_files import read_kinds
from shared.vocabulary.places import Level

HEADER = "category,level,kind,lowest_level,guide,note,source\n"
HANDLING = [Level.PROVINCE, Level.PREFECTURE, Level.COUNTY, Level.TOWNSHIP]


def code_of(*path: str) -> str:
    tree = packaged_categories()
    (found,) = (c.code for c in tree if tree.path_names(c.code) == list(path))
    return found


@pytest.mark.parametrize(
    ("path", "level", "kind", "handled_at"),
    [
        (["城乡建设"], Level.COUNTY, "HOUSING", Level.COUNTY),
        (["城乡建设", "住房保障与房地产", "物业服务"], Level.COUNTY, "HOUSING", Level.COUNTY),
        (
            ["城乡建设", "住房保障与房地产", "住房公积金"],
            Level.COUNTY,
            "HOUSING_FUND",
            Level.PREFECTURE,
        ),
        (["城乡建设", "城乡规划", "违章建筑"], Level.COUNTY, "URBAN_MANAGEMENT", Level.COUNTY),
        (["城乡建设", "城乡规划", "违章建筑"], Level.TOWNSHIP, "TOWNSHIP", Level.TOWNSHIP),
        (["劳动和社会保障", "劳动关系"], Level.PREFECTURE, "LABOUR", Level.PREFECTURE),
        (["教育文体", "考试招生"], Level.TOWNSHIP, "EDUCATION", Level.COUNTY),
        (["卫生计生", "食品药品监管", "食品安全"], Level.VILLAGE, "MARKET", Level.COUNTY),
        (["民政", "优抚"], Level.PROVINCE, "VETERANS", Level.PROVINCE),
        (["民政", "社会救助", "农村低保"], Level.VILLAGE, "TOWNSHIP", Level.TOWNSHIP),
        (["交通运输", "邮政管理"], Level.COUNTY, "POSTAL", Level.PREFECTURE),
    ],
)
def test_the_competent_department(path, level, kind, handled_at):
    department = packaged_competence().department(code_of(*path), level)
    assert department is not None
    assert (department.kind, department.handled_at) == (kind, handled_at)
    assert department.guide is None


@pytest.mark.parametrize(
    ("path", "kind", "guide", "article"),
    [
        (["政法", "诉讼", "民事诉讼"], "COURT", Guide.LITIGATION, "第三十一条第一项"),
        (
            ["政法", "仲裁与调解", "劳动人事仲裁"],
            "ARBITRATION",
            Guide.ARBITRATION,
            "第三十一条第二项",
        ),
        (["政法", "行政复议"], "JUSTICE", Guide.RECONSIDERATION, "第三十一条第四项"),
        (["纪检监察", "贪污贿赂"], "DISCIPLINE", Guide.DISCIPLINE, "第三十条"),
    ],
)
def test_a_statutory_route_is_guided_with_its_article(path, kind, guide, article):
    department = packaged_competence().department(code_of(*path), Level.COUNTY)
    assert department is not None
    assert (department.kind, department.guide) == (kind, guide)
    assert article in department.source


def test_mediation_stays_although_its_parent_group_has_arbitration():
    mediation = packaged_competence().department(
        code_of("政法", "仲裁与调解", "人民调解"), Level.COUNTY
    )
    assert mediation is not None
    assert mediation.guide is None


@pytest.mark.parametrize("code", [OTHER, "999900", None, "", "12"])
def test_no_row_means_a_person_decides(code):
    assert packaged_competence().department(code, Level.COUNTY) is None


def test_no_department_sits_below_the_place():
    competence = packaged_competence()
    for category in packaged_categories():
        for level in HANDLING:
            department = competence.department(category.code, level)
            if department is not None:
                assert department.handled_at <= level


def test_rows_name_known_categories_and_department_kinds():
    tree = packaged_categories()
    kinds = {kind.code for kind in read_kinds(packaged_text("organ_kinds.csv").splitlines())}
    for row in packaged_competence().rows:
        assert tree.get(row.category), row
        assert row.kind in kinds, row


def test_every_first_level_category_but_party_affairs_and_other_has_a_default():
    competence = packaged_competence()
    without = {
        category.name
        for category in packaged_categories().children(None)
        if competence.department(category.code, Level.COUNTY) is None
    }
    assert without == {"党务政务", "其他"}


@pytest.mark.parametrize(
    "rows",
    [
        "030000,,HOUSING,county,,,x\n030000,,MARKET,county,,,x\n",
        "030000,,HOUSING,moon,,,x\n",
        "030000,sea,HOUSING,county,,,x\n",
        "030000,,HOUSING,county,elsewhere,,x\n",
        "030000,,HOUSING,county,,,\n",
        "03,,HOUSING,county,,,x\n",
        "030000,,HOUSING\n",
    ],
)
def test_a_bad_table_is_refused(rows):
    with pytest.raises(CompetenceInvalid):
        read_competence(HEADER + rows)
