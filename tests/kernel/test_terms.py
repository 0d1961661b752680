"""Codes with labels; one of a later release is shown as it came."""

from __future__ import annotations

from shared.vocabulary.guides import GuideState
from shared.vocabulary.term import known, label_of


def test_code_has_its_label() -> None:
    state = GuideState.DRAFT
    assert known(GuideState, state.value) is state
    assert label_of(GuideState, state.value) == state.label


def test_code_of_a_later_release_is_shown_as_it_is() -> None:
    assert known(GuideState, None) is None
    assert known(GuideState, "of_later") is None
    assert label_of(GuideState, "of_later") == "of_later"
