"""Masking in free text is a net, not a proof; these floors say how close it is."""

from __future__ import annotations

from tests.intake.masking_sample import measure, passages


def test_recall_and_precision_on_the_labelled_sample() -> None:
    result = measure()
    assert result.passages >= 400
    assert result.identities >= 500
    assert result.recall >= 0.975, result.missed
    assert result.precision >= 0.99, result.in_vain


def test_the_sample_is_always_the_same() -> None:
    assert list(passages()) == list(passages())
