"""Words that name who is in charge."""

import pytest

from services.routing.jurisdiction.domain.organ_words import (
    OrganWordsInvalid,
    packaged_organ_words,
    read_organ_words,
)
from shared.reference.calendar import packaged_text
from shared.reference.organ_files import read_kinds


@pytest.mark.parametrize(
    ("subject", "kinds"),
    [
        ("某小区业委会换届", {"HOUSING"}),
        ("请教育局管管小学门口的红绿灯", {"EDUCATION", "POLICE"}),
        ("路边的树倒了", set()),
    ],
)
def test_a_subject_names_none_one_or_several(subject: str, kinds: set[str]) -> None:
    assert packaged_organ_words().named(subject) == kinds


def test_every_word_leads_to_a_kind_there_is() -> None:
    known = {kind.code for kind in read_kinds(packaged_text("organ_kinds.csv").splitlines())}
    assert packaged_organ_words().kinds <= known


@pytest.mark.parametrize(
    "text",
    ["word,kind\n", "kind,word\nPOLICE,\n", "kind,word\nPOLICE,警\n",
     "kind,word\n,交警\n", "kind,word\nPOLICE\n", "kind,word\nPOLICE,交警\nTRANSPORT,交警\n"],
)  # fmt: skip
def test_a_bad_table_is_refused(text: str) -> None:
    with pytest.raises(OrganWordsInvalid):
        read_organ_words(text, "x")
