"""Which organs an organ is under, so that what is filed against one is kept from those under it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference.cadres import impartial_body
from shared.reference.editions import Reference, in_force, packaged_editions
from shared.reference.organ_files import read_kinds
from shared.vocabulary.places import Level

TODAY = date(2026, 3, 2)
REFERENCE = Reference(in_force(packaged_editions(), TODAY), root_division="43")
ORGANS, DIVISIONS = REFERENCE.organs, REFERENCE.divisions
PROVINCE, CITY, COUNTY, TOWNSHIP = "430000000000", "430100000000", "430104000000", "430104001000"
OTHER = "430103000000"

UNDER = [
    # who reads, who is accused, whether it is kept from the reader
    (f"{COUNTY}-HOUSING", f"{COUNTY}-HOUSING", True),
    (f"{COUNTY}-HOUSING", f"{CITY}-HOUSING", True),
    (f"{CITY}-HOUSING", f"{COUNTY}-HOUSING", False),
    (f"{COUNTY}-HOUSING", f"{COUNTY}-GOVERNMENT", True),
    (f"{COUNTY}-PETITION", f"{COUNTY}-GOVERNMENT", True),
    (f"{TOWNSHIP}-TOWNSHIP", f"{COUNTY}-GOVERNMENT", True),
    (f"{COUNTY}-GOVERNMENT", f"{CITY}-GOVERNMENT", True),
    (f"{COUNTY}-HOUSING", f"{CITY}-GOVERNMENT", True),
    (f"{TOWNSHIP}-TOWNSHIP", f"{PROVINCE}-GOVERNMENT", True),
    (f"{CITY}-PETITION", f"{COUNTY}-GOVERNMENT", False),
    (f"{OTHER}-HOUSING", f"{COUNTY}-GOVERNMENT", False),
    (f"{COUNTY}-HOUSING", f"{COUNTY}-PETITION", False),
    (f"{COUNTY}-GOVERNMENT", f"{COUNTY}-PETITION", False),
    (f"{COUNTY}-GOVERNMENT", f"{COUNTY}-HOUSING", False),
    (f"{COUNTY}-PETITION", f"{CITY}-PETITION", True),
    (f"{COUNTY}-HOUSING", f"{CITY}-PETITION", False),
    (f"{COUNTY}-HOUSING", f"{TOWNSHIP}-TOWNSHIP", False),
    (f"{CITY}-HOUSING_FUND", f"{CITY}-GOVERNMENT", True),
    (f"{CITY}-HOUSING_FUND", f"{PROVINCE}-HOUSING", True),
    (f"{COUNTY}-TAX", f"{COUNTY}-GOVERNMENT", False),
    (f"{COUNTY}-TAX", f"{CITY}-TAX", True),
    (f"{COUNTY}-DISCIPLINE", f"{COUNTY}-GOVERNMENT", False),
    (f"{COUNTY}-DISCIPLINE", f"{CITY}-DISCIPLINE", True),
    (f"{COUNTY}-COURT", f"{COUNTY}-GOVERNMENT", False),
    (f"{COUNTY}-ORGANISATION", f"{CITY}-GOVERNMENT", False),
    (f"{COUNTY}-NATURAL_RESOURCES", f"{COUNTY}-LAND", True),  # took the abolished bureau over
    (f"{COUNTY}-LAND", f"{COUNTY}-NATURAL_RESOURCES", True),
    (f"{COUNTY}-NATURAL_RESOURCES", f"{CITY}-LAND", True),
    (f"{COUNTY}-NATURAL_RESOURCES", f"{CITY}-HOUSING", False),  # who led what it took over
    ("430182000000-HOUSING", "430124000000-GOVERNMENT", True),  # 宁乡县 became 宁乡市
    ("430124000000-HOUSING", "430182000000-HOUSING", True),
    ("430104000000-AGRICULTURE", "430104000000-POVERTY", True),  # over two steps
    ("nothing", "nothing", True),
    ("nothing", f"{COUNTY}-GOVERNMENT", False),
]  # fmt: skip


@pytest.mark.parametrize(("reader", "accused", "kept"), UNDER)
def test_from_whom_an_accusation_is_kept(reader: str, accused: str, *, kept: bool) -> None:
    assert (accused in ORGANS.under(reader)) is kept


PLACES = sorted(
    each.code
    for each in DIVISIONS
    if each.code.startswith("43") and each.level <= Level.TOWNSHIP and each.valid_on(TODAY)
)
EXISTING = [organ.code for place in PLACES for organ in ORGANS.organs_of(place, on=TODAY)]
LIVE = st.sampled_from(EXISTING)
ALIVE = frozenset(EXISTING)


@given(LIVE)
def test_it_is_under_itself_and_whoever_is_above_those_it_is_under(code: str) -> None:
    above = ORGANS.under(code)
    assert code in above
    for each in above:
        assert ORGANS.under(each) <= above or each not in ALIVE
    assert ORGANS.at_or_above(code) <= above


@given(LIVE)
def test_no_two_are_under_each_other(code: str) -> None:
    for each in ORGANS.under(code) & ALIVE - {code}:
        assert code not in ORGANS.under(each)


@given(LIVE)
def test_nobody_is_under_somebody_of_another_place(code: str) -> None:
    for each in ORGANS.under(code) & ALIVE:
        assert DIVISIONS.contains(each.partition("-")[0], code.partition("-")[0])


@given(st.sampled_from(PLACES))
def test_a_government_has_all_its_departments_under_it_and_none_has_the_government(
    place: str,
) -> None:
    government = ORGANS.organ(place, "GOVERNMENT")
    for organ in ORGANS.organs_of(place, on=TODAY):
        led = ORGANS.kinds[organ.kind].led_by == "GOVERNMENT"
        if government is not None and organ.code != government.code:
            assert (government.code in ORGANS.under(organ.code)) is led
            assert organ.code not in ORGANS.under(government.code)


@pytest.mark.parametrize(
    ("accused", "body"),
    [
        ({f"{PROVINCE}-PETITION"}, f"{PROVINCE}-DISCIPLINE"),
        ({f"{CITY}-PETITION"}, f"{CITY}-DISCIPLINE"),
        ({f"{CITY}-GOVERNMENT"}, f"{PROVINCE}-DISCIPLINE"),
        ({f"{CITY}-PETITION", f"{CITY}-GOVERNMENT"}, f"{PROVINCE}-DISCIPLINE"),
        ({f"{PROVINCE}-GOVERNMENT"}, None),
        ({f"{PROVINCE}-PETITION", f"{PROVINCE}-DISCIPLINE"}, None),
        ({f"{CITY}-DISCIPLINE"}, f"{PROVINCE}-DISCIPLINE"),
        (set(), None),
    ],
)
def test_who_decides_in_place_of_an_accused_office(accused: set[str], body: str | None) -> None:
    found = impartial_body(ORGANS, REFERENCE.casework.cadres, accused, within=PROVINCE, on=TODAY)
    assert (found and found.code) == body


def test_an_edition_of_before_the_column_keeps_no_less() -> None:
    head = (
        "kind,province,prefecture,county,district,township,street,superior,falls_to,vertical,"
        "route,petition_office,valid_from,valid_to,successor,source"
    )
    rows = [
        f"{kind},,,{{name}}局,,,,same,,{vertical},{route},no,,,,"
        for kind, vertical, route in (
            ("GOVERNMENT", "no", "handle"), ("HOUSING", "no", "handle"),
            ("TAX", "yes", "handle"), ("COURT", "no", "guide"),
        )
    ]  # fmt: skip
    found = {kind.code: kind.led_by for kind in read_kinds([head, *rows])}
    assert found == {"GOVERNMENT": "", "HOUSING": "GOVERNMENT", "TAX": "", "COURT": ""}
