"""Where messages go: every one has an organ or a reason, and confident decisions meet labels."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.truth.routing import (
    CONFIDENT,
    UNCLEAR,
    Mail,
    Outcome,
    Routed,
    agreement,
    labels_of,
    real_mail,
    route,
    sample_mail,
)

LEAST_AGREEMENT = 0.85
LABELLED = 100


@pytest.fixture(scope="module")
def samples() -> Mail:
    return sample_mail()


@pytest.fixture(scope="module")
def routed(samples: Mail) -> list[Routed]:
    return [route(row, samples.reference) for row in samples.rows]


def test_every_sample_goes_to_one_organ_or_to_a_person_with_a_reason(
    samples: Mail, routed: list[Routed]
) -> None:
    assert len(routed) == len(samples.rows)
    for each in routed:
        assert bool(each.organ_kind) == each.confident == (not each.why)
    counts = Counter(each.outcome for each in routed)
    assert counts.total() == len(samples.rows)
    assert set(counts) == set(Outcome)  # the samples show all of them


def test_labels_are_kinds_of_organ(samples: Mail) -> None:
    labels = labels_of()
    assert len(labels) == LABELLED
    assert set(labels.values()) - {UNCLEAR} <= set(samples.reference.organs.kinds)


def test_agreement_counts_clear_labels_and_present_kinds(samples: Mail) -> None:
    kinds = {"1": "ECOLOGY", "2": "HOUSING", "3": "HOUSING", "5": "POLICE"}
    messages = [Routed(key, Outcome.CERTAIN, organ_kind=kind) for key, kind in kinds.items()]
    messages.append(Routed("4", Outcome.OFFICE, "分类"))
    labels = {"1": "ENVIRONMENT", "2": "POLICE", "3": UNCLEAR, "4": "TAX"}
    found = agreement(messages, labels, samples.reference)
    assert (found.messages, found.told) == (4, 3)
    assert (found.confident.total(), found.agreeing.total()) == (2, 1)
    assert found.confusion == {("HOUSING", "POLICE"): 1}
    assert found.coverage == pytest.approx(2 / 3)
    assert found.interval[0] < found.share < found.interval[1]


def test_confident_decisions_agree_with_who_answered_the_labelled_messages() -> None:
    mail = real_mail()
    if mail is None:
        pytest.skip("the real messages are not beside the checkout (XINFANG_REAL_DATA)")
    labels = labels_of()
    rows = [row for row in mail.rows if row["message_id"] in labels]
    assert len(rows) == LABELLED
    found = agreement([route(row, mail.reference) for row in rows], labels, mail.reference)
    assert sum(found.confident[outcome] for outcome in CONFIDENT) > 0
    assert found.share >= LEAST_AGREEMENT
