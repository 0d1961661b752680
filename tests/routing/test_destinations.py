"""Whose a matter is when places, organs or the accused make it hard (条例 Art. 24, 30)."""

from __future__ import annotations

from typing import Any

import pytest

from services.routing.cases.domain.rules import jurisdiction
from services.routing.casework.domain.crossing import crossings
from services.routing.jurisdiction.domain import jurisdiction as jurisdiction_words
from services.routing.main import SPEC
from shared.reference.cadres import discipline_body, organisation_department
from shared.vocabulary.cases import CrossingKind, DecisionReason
from shared.vocabulary.petitions import Purpose
from tests.routing.making import (
    CHANGSHA,
    COUNTY,
    COUNTY_OFFICE,
    HOUSING,
    ROOT_OFFICE,
    TODAY,
    a_part,
    a_referred_case,
)
from tests.routing.test_jurisdiction import a_matter, a_place
from tests.routing.walking import Walk
from tests.support.law import packaged_reference

CITY, ROOT = "430100000000", "430000000000"
OTHER_COUNTY, OTHER_CITY_COUNTY = "430181000000", "430202000000"
WATER = f"{COUNTY}-WATER"


@pytest.fixture
async def walk(make_service: Any) -> Walk:
    return Walk(await make_service(SPEC))


@pytest.mark.parametrize(
    ("accused", "body"),
    [
        (HOUSING, f"{COUNTY}-DISCIPLINE"),  # a department: its own division's
        (f"{COUNTY}-GOVERNMENT", f"{CITY}-DISCIPLINE"),  # its principal organs: one up
        (f"{COUNTY}-DISCIPLINE", f"{CITY}-DISCIPLINE"),  # never itself
        (f"{COUNTY}-TAX", f"{CITY}-DISCIPLINE"),  # led from above
        (f"{CITY}-HOUSING", f"{CITY}-DISCIPLINE"),
        (f"{ROOT}-GOVERNMENT", None),  # above the tree: a person finds it
        ("430121000000-NOTHING", None),
    ],
)
def test_the_discipline_body_follows_who_manages_the_leaders(
    accused: str, body: str | None
) -> None:
    law = packaged_reference()
    found = discipline_body(law.organs, law.casework.cadres, accused, TODAY)
    assert (found and found.code) == body
    department = organisation_department(law.organs, law.casework.cadres, accused, TODAY)
    assert (department and department.division_code) == (found and found.division_code)


@pytest.mark.parametrize(
    ("codes", "superior"),
    [
        ([COUNTY_OFFICE, HOUSING, WATER], CHANGSHA),
        ([COUNTY_OFFICE, f"{OTHER_COUNTY}-HOUSING"], CHANGSHA),
        ([COUNTY_OFFICE, f"{OTHER_CITY_COUNTY}-HOUSING"], ROOT_OFFICE),
        ([CHANGSHA, HOUSING], ROOT_OFFICE),  # always above who decided so far
        ([ROOT_OFFICE, HOUSING], None),
        ([], None),
    ],
)
def test_the_common_superior_is_the_nearest_above_all(
    codes: list[str], superior: str | None
) -> None:
    found = packaged_reference().organs.common_superior(codes, root=ROOT)
    assert (found and found.code) == superior


@pytest.mark.parametrize("accused", [HOUSING, f"{CITY}-HOUSING"])
def test_an_organ_that_would_judge_itself_is_passed_over_for_one_above(accused: str) -> None:
    rules = jurisdiction(packaged_reference())
    decision = rules.decide(a_matter(complained_organ=accused), TODAY)
    assert decision.reason is DecisionReason.COMPLAINED_OF
    assert decision.runner_up is not None
    above = {HOUSING: f"{CITY}-HOUSING", f"{CITY}-HOUSING": f"{ROOT}-HOUSING"}[accused]
    assert decision.runner_up.organ_code == above


def test_an_accusation_proposes_the_discipline_body_and_several_places_a_lead() -> None:
    rules = jurisdiction(packaged_reference())
    accusation = a_matter(purpose=jurisdiction_words.Purpose.ACCUSATION, complained_organ=HOUSING)
    proposed = rules.decide(accusation, TODAY).runner_up
    assert proposed is not None
    assert proposed.organ_code == f"{COUNTY}-DISCIPLINE"
    two = a_place(None, confidence=0.5, candidates=(COUNTY, OTHER_COUNTY))
    lead = rules.decide(a_matter(place=two), TODAY).runner_up
    assert lead is not None
    assert lead.organ_code == HOUSING
    assert "牵头" in lead.why
    assert "浏阳" in lead.why


async def test_an_accusation_goes_by_cadre_authority_and_may_be_told_to_the_department(
    walk: Walk,
) -> None:
    await walk.receive(purpose=Purpose.ACCUSATION, complained_organ=HOUSING)
    wrong = f"{OTHER_COUNTY}-DISCIPLINE"
    await walk.do("decision", CHANGSHA, kind="transfer", organ_code=wrong, expect=409)
    decided = await walk.do("decision", CHANGSHA, kind="transfer", inform_organisation=True)
    assert decided["organ_code"] == f"{COUNTY}-DISCIPLINE"
    department = f"{COUNTY}-ORGANISATION"
    copied = (await walk.get("/cases?view=copied", department)).json()["items"]
    assert [item["number"] for item in copied] == [walk.number]
    assert (await walk.get(f"/cases/{walk.case_id}", HOUSING)).status_code == 404


async def test_only_an_accusation_is_told_to_the_organisation_department(walk: Walk) -> None:
    await walk.receive(title="房子漏水")
    body = {"kind": "transfer", "organ_code": HOUSING, "inform_organisation": True}
    await walk.do("decision", CHANGSHA, expect=422, **body)


async def test_without_a_common_superior_the_joint_conference_is_asked_first(walk: Walk) -> None:
    await walk.receive(title="房子漏水", received_by=ROOT_OFFICE)
    for organ in (HOUSING, WATER):
        await walk.do("decision", ROOT_OFFICE, kind="transfer", organ_code=organ)
        await walk.do("objection", organ)
        await walk.do("verdict", ROOT_OFFICE)
    assert (await walk.detail(ROOT_OFFICE))["needs_person_reason"] == "no_common_superior"
    again = {"kind": "transfer", "organ_code": HOUSING}
    refused = await walk.do("decision", ROOT_OFFICE, expect=409, **again)
    assert "联席会议" in refused["detail"]
    await walk.do("putting-up", ROOT_OFFICE, before="government", expect=409)
    await walk.do("putting-up", ROOT_OFFICE, before="conference")
    await walk.do("instruction", ROOT_OFFICE, instruction="联席会议议定由县住建局办理")
    assert (await walk.detail(ROOT_OFFICE))["needs_person_reason"] == "instructed"
    assert (await walk.do("decision", ROOT_OFFICE, **again))["organ_code"] == HOUSING


async def test_where_the_petitioner_lives_elsewhere_the_home_office_is_to_assist(
    walk: Walk,
) -> None:
    await walk.receive(title="房子漏水")
    await walk.do(
        "decision", CHANGSHA, kind="transfer", organ_code=HOUSING, division_code=COUNTY,
        home_division_code=OTHER_CITY_COUNTY,
        crossings=[{"kind": "residence_apart", "why": "户籍在外地"}],
    )  # fmt: skip
    shown = await walk.detail()
    assert shown["home_office"] == f"{OTHER_CITY_COUNTY}-PETITION"
    flags = {each["kind"]: each["noted"] for each in shown["crossings"]}
    assert flags == {"matter_apart": False, "residence_apart": True}


def test_flags_are_read_off_the_organs_that_have_the_matter() -> None:
    organs = packaged_reference().organs
    case = a_referred_case()
    assert crossings(case, organs) == []
    case.parts.append(a_part(case))
    assert [each.kind for each in crossings(case, organs)] == [CrossingKind.DEPARTMENTS]
    case.parts.append(a_part(case, organ_code=f"{OTHER_COUNTY}-JUSTICE"))
    found = crossings(case, organs)
    assert [each.kind for each in found] == [CrossingKind.REGIONS, CrossingKind.DEPARTMENTS]
    assert all(each.why for each in found)
