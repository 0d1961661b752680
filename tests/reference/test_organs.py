"""Organs: names, levels, superiors, successors, all from the table."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference import organ_files
from shared.reference.competence import packaged_competence
from shared.reference.division_files import packaged, parse
from shared.reference.divisions import Divisions
from shared.reference.organs import Organs

TODAY = date(2026, 3, 2)
SAMPLE = [
    "code,name,parent_code,level",
    *("90,西地省,,1", "9001,A市,90,2", "900103,A3区,9001,3", "900107,A7县,9001,3"),
]


@pytest.fixture(scope="module")
def national() -> Organs:
    return organ_files.packaged(packaged())


@pytest.fixture(scope="module")
def sample() -> Organs:
    return organ_files.packaged(Divisions(parse(SAMPLE)))


@pytest.mark.parametrize(
    ("division", "kind", "name"),
    [
        ("900103", "HOUSING", "A市A3区住房和城乡建设局"),
        ("900107", "HOUSING", "A7县住房和城乡建设局"),
        ("90", "HOUSING", "西地省住房和城乡建设厅"),
        ("900103", "POLICE", "A市公安局A3区分局"),
        ("900107", "ECOLOGY", "A市生态环境局A7县分局"),
        ("900107", "TAX", "国家税务总局A7县税务局"),
        ("9001", "COURT", "A市中级人民法院"),
    ],
)
def test_a_name_is_division_and_pattern(
    sample: Organs, division: str, kind: str, name: str
) -> None:
    organ = sample.organ(division, kind)
    assert organ is not None
    assert organ.name == name
    assert organ.code == f"{division.ljust(12, '0')}-{kind}"


@pytest.mark.parametrize(
    ("division", "name"),
    [
        ("110000", "北京市住房和城乡建设委员会"),
        ("441900101", None),
        ("810000", None),
        ("419001", "济源市住房和城乡建设局"),
    ],
)
def test_exceptions_and_absences(national: Organs, division: str, name: str | None) -> None:
    organ = national.organ(division, "HOUSING")
    assert (organ and organ.name) == name


@pytest.mark.parametrize(
    ("code", "superior"),
    [
        ("900103000000-PETITION", "900100000000-PETITION"),
        ("900100000000-HOUSING", "900000000000-HOUSING"),
        ("900000000000-HOUSING", None),
        ("900100000000-URBAN_MANAGEMENT", "900000000000-HOUSING"),
        ("900103000000-NO_SUCH", None),
    ],
)
def test_the_superior_is_one_tier_up(sample: Organs, code: str, superior: str | None) -> None:
    found = sample.superior(code)
    assert (found and found.code) == superior


def test_nobody_stands_above_the_root_of_a_deployment(sample: Organs) -> None:
    assert sample.superior("900100000000-PETITION", root="9001") is None
    below = sample.superior("900103000000-PETITION", root="9001")
    assert below is not None


def test_a_township_answers_to_the_county_petition_office(national: Organs) -> None:
    office = national.petition_office("430121002")
    assert office is not None
    assert office.kind == "TOWNSHIP"
    superior = national.superior(office.code)
    assert superior is not None
    assert superior.code == "430121000000-PETITION"


@pytest.mark.parametrize(
    ("division", "kind", "expected"),
    [
        ("430121", "POVERTY", "430121000000-AGRICULTURE"),  # two successors in a row
        ("430121", "LAND", "430121000000-NATURAL_RESOURCES"),
        ("430121", "HOUSING_FUND", "430100000000-HOUSING_FUND"),  # one tier up
        ("430121", "SPORTS", "430121000000-CULTURE_TOURISM"),  # falls to
        ("371200", "HOUSING", "370116000000-HOUSING"),  # merged city
        ("430121", "NO_SUCH", None),
    ],
)
def test_work_goes_to_who_does_it_now(
    national: Organs, division: str, kind: str, expected: str | None
) -> None:
    organ = national.resolve(division, kind, on=TODAY)
    assert (organ and organ.code) == expected


def test_an_abolished_kind_is_found_while_it_existed(national: Organs) -> None:
    organ = national.resolve("430121", "LAND", on=date(2017, 5, 1))
    assert organ is not None
    assert organ.name == "长沙县国土资源局"


def test_an_unknown_village_has_the_office_of_its_township(national: Organs) -> None:
    office = national.petition_office("430121002999")
    assert office is not None
    assert office.division_code == "430121002000"


def test_every_kind_of_the_competence_table_exists(national: Organs) -> None:
    assert {row.kind for row in packaged_competence().rows} <= national.kinds.keys()


@given(st.data())
def test_climbing_the_superiors_always_ends(data: st.DataObject) -> None:
    national = organ_files.packaged(packaged())
    codes = [d.code for d in packaged() if d.level <= 3]
    code = data.draw(st.sampled_from(codes))
    kind = data.draw(st.sampled_from(sorted(national.kinds)))
    organ = national.organ(code, kind)
    climbed = 0
    while organ is not None:
        above = national.superior(organ.code)
        assert above is None or above.level < organ.level
        organ, climbed = above, climbed + 1
    assert climbed <= 4
