"""Which organ is competent, and why: a table of circumstances, then what must always hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.jurisdiction.domain.jurisdiction import Jurisdiction
from services.routing.jurisdiction.domain.matter import Matter
from services.routing.places.domain.place import Place
from shared.reference import organ_files
from shared.reference.categories import packaged_categories
from shared.reference.competence import packaged_competence
from shared.reference.division_files import packaged
from shared.vocabulary.cases import Confidence, DecisionKind, DecisionReason
from shared.vocabulary.petitions import Purpose
from shared.vocabulary.places import PlaceBasis
from tests.routing.making import CHANGSHA, COUNTY, COUNTY_OFFICE, HOUSING, ROOT_OFFICE, TODAY
from tests.support.law import packaged_reference


@pytest.fixture(scope="module")
def rules() -> Jurisdiction:
    return make_rules()


def make_rules() -> Jurisdiction:
    return Jurisdiction(
        divisions=packaged(),
        organs=organ_files.packaged(packaged()),
        categories=packaged_categories(),
        competence=packaged_competence(),
        cadres=packaged_reference().casework.cadres,
        root="430000000000",
        editions={"divisions": "d", "organs": "o", "categories": "c", "competence": "p"},
    )


def a_place(code: str | None = COUNTY, **values: Any) -> Place:
    plain: dict[str, Any] = {
        "confidence": 0.95,
        "basis": PlaceBasis.SUBJECT,
        "reasons": ("标题写明",),
    }
    return Place(code, **plain | values)


def a_matter(**values: Any) -> Matter:
    plain: dict[str, Any] = {
        "purpose": Purpose.CLAIM,
        "place": a_place(),
        "received_by": CHANGSHA,
        "category_code": "030800",
    }
    return Matter(**plain | values)


def test_place_level_and_category_give_the_organ(rules: Jurisdiction) -> None:
    decision = rules.decide(a_matter(), TODAY)
    assert decision.kind is DecisionKind.TRANSFER
    assert decision.organ_code == HOUSING
    assert decision.confidence is Confidence.CERTAIN
    assert decision.copied_to == COUNTY_OFFICE
    assert decision.runner_up is not None
    assert decision.editions["divisions"] == "d"
    assert [step.rule for step in decision.trail] == [
        "属地管理",
        "谁主管、谁负责",
        "分级负责",
        "分级负责",
    ]


TO_A_PERSON = [
    ({"purpose": Purpose.UNCERTAIN}, DecisionReason.PURPOSE_UNCERTAIN),
    ({"purpose": Purpose.ACCUSATION}, DecisionReason.ACCUSATION),
    ({"place": a_place(None, basis=PlaceBasis.NONE, confidence=0.0)}, DecisionReason.PLACE_UNKNOWN),
    (
        {"place": a_place(None, basis=PlaceBasis.AMBIGUOUS, confidence=0.0)},
        DecisionReason.PLACE_AMBIGUOUS,
    ),
    ({"place": a_place("430000000000", confidence=0.5)}, DecisionReason.PLACE_UNSURE),
    ({"place": a_place("110105000000")}, DecisionReason.OUTSIDE_ROOT),
    ({"complained_organ": HOUSING}, DecisionReason.COMPLAINED_OF),
    ({"category_code": None, "received_by": COUNTY_OFFICE}, DecisionReason.CATEGORY_UNSURE),
    ({"category_code": None, "complained_organ": COUNTY_OFFICE}, DecisionReason.COMPLAINED_OF),
    ({"category_code": "080401", "category_confidence": 0.99}, DecisionReason.STATUTORY_ROUTE),
]


@pytest.mark.parametrize(("values", "reason"), TO_A_PERSON, ids=[r for _, r in TO_A_PERSON])
def test_doubt_goes_to_a_person_with_its_reason(
    rules: Jurisdiction, values: dict[str, Any], reason: DecisionReason
) -> None:
    decision = rules.decide(a_matter(**values), TODAY)
    assert decision.kind is DecisionKind.NEEDS_PERSON
    assert decision.reason is reason
    assert decision.organ_code is None


def test_an_unsure_place_is_not_kept_as_decided(rules: Jurisdiction) -> None:
    unsure = rules.decide(a_matter(place=a_place("430000000000", confidence=0.5)), TODAY)
    assert unsure.division_code is None
    known = rules.decide(a_matter(purpose=Purpose.UNCERTAIN), TODAY)
    assert known.division_code == COUNTY


@pytest.mark.parametrize(
    ("category", "confidence"), [(None, None), ("030800", 0.3), ("999999", None)]
)
def test_without_a_sure_category_the_petition_office_of_the_place_gets_it(
    rules: Jurisdiction, category: str | None, confidence: float | None
) -> None:
    matter = a_matter(category_code=category, category_confidence=confidence)
    decision = rules.decide(matter, TODAY)
    assert (decision.kind, decision.organ_code) == (DecisionKind.TRANSFER, COUNTY_OFFICE)


def test_the_competent_organ_itself_keeps_it(rules: Jurisdiction) -> None:
    decision = rules.decide(a_matter(received_by=HOUSING), TODAY)
    assert (decision.kind, decision.organ_code) == (DecisionKind.OWN, HOUSING)


def test_a_declared_statutory_route_is_told_by_who_received_it(rules: Jurisdiction) -> None:
    decision = rules.decide(a_matter(category_code="080401"), TODAY)
    assert decision.kind is DecisionKind.GUIDE
    assert decision.organ_code == CHANGSHA
    assert decision.guided_to == f"{COUNTY}-COURT"


@pytest.mark.parametrize(
    ("code", "category", "organ"),
    [
        ("430121002000", "030800", HOUSING),  # a street has no bureau of its own
        ("430121102000", "010100", "430121102000-TOWNSHIP"),
        ("430100000000", "030800", "430100000000-HOUSING"),
        ("430121000000", "030609", "430100000000-HOUSING_FUND"),
    ],
)
def test_the_level_follows_competence(
    rules: Jurisdiction, code: str, category: str, organ: str
) -> None:
    decision = rules.decide(a_matter(place=a_place(code), category_code=category), TODAY)
    assert decision.organ_code == organ


@pytest.mark.parametrize(
    ("place", "category", "expected"),
    [
        (0.95, None, Confidence.CERTAIN),
        (0.75, None, Confidence.LIKELY),
        (0.95, 0.7, Confidence.LIKELY),
    ],
)
def test_a_decision_is_as_sure_as_its_weaker_half(
    rules: Jurisdiction, place: float, category: float | None, expected: Confidence
) -> None:
    matter = a_matter(
        place=a_place(confidence=place),
        category_confidence=category,
        named_kinds=frozenset({"HOUSING"}),
    )
    assert rules.decide(matter, TODAY).confidence is expected


@pytest.mark.parametrize(
    ("named", "received_by", "organ"),
    [
        ({"HOUSING"}, CHANGSHA, HOUSING),
        ({"HOUSING"}, COUNTY_OFFICE, HOUSING),
        (set(), CHANGSHA, COUNTY_OFFICE),
        ({"POLICE"}, CHANGSHA, COUNTY_OFFICE),
        ({"HOUSING", "POLICE"}, CHANGSHA, COUNTY_OFFICE),
        (set(), HOUSING, HOUSING),  # filed with the organ itself
    ],
)
def test_a_suggested_category_leads_to_an_organ_the_subject_names_too(
    rules: Jurisdiction, named: set[str], received_by: str, organ: str
) -> None:
    matter = a_matter(
        category_confidence=0.99, named_kinds=frozenset(named), received_by=received_by
    )
    decision = rules.decide(matter, TODAY)
    assert decision.organ_code == organ
    if organ == COUNTY_OFFICE:
        assert decision.runner_up is not None
        assert decision.runner_up.organ_code == HOUSING


def test_without_it_the_receiving_office_of_the_place_decides_itself(rules: Jurisdiction) -> None:
    decision = rules.decide(a_matter(category_confidence=0.99, received_by=COUNTY_OFFICE), TODAY)
    assert decision.reason is DecisionReason.CATEGORY_UNSURE
    assert decision.runner_up is not None
    assert decision.runner_up.organ_code == HOUSING


ORGANS = (CHANGSHA, COUNTY_OFFICE, HOUSING, ROOT_OFFICE)
matters = st.builds(
    Matter,
    purpose=st.sampled_from(Purpose),
    place=st.builds(
        Place,
        st.sampled_from([None, COUNTY, "430100000000", "430000000000", "110105000000"]),
        st.floats(0, 1),
        st.sampled_from([PlaceBasis.SUBJECT, PlaceBasis.TEXT, PlaceBasis.NONE]),
        st.sampled_from([(), ("430122000000",)]),
    ),
    received_by=st.sampled_from(ORGANS),
    category_code=st.sampled_from([None, "030800", "080401", "010100", "160301", "990000"]),
    category_confidence=st.none() | st.floats(0, 1),
    complained_organ=st.sampled_from([None, *ORGANS]),
)


@given(matters)
def test_nothing_is_handed_to_the_organ_complained_of_or_on_a_doubt(matter: Matter) -> None:
    rules = make_rules()
    decision = rules.decide(matter, TODAY)
    assert decision.trail
    assert all(step.text for step in decision.trail)
    if decision.hands_over:
        assert matter.purpose not in (Purpose.UNCERTAIN, Purpose.ACCUSATION)
        assert matter.place.code is not None
        assert matter.place.confidence >= 0.6
        assert decision.reason is None
        if decision.kind is not DecisionKind.GUIDE:
            assert decision.organ_code != matter.complained_organ
        assert decision.kind is not DecisionKind.ASSIGNMENT
    else:
        assert decision.reason is not None
        assert decision.organ_code is None
