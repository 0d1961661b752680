"""Whoever alters sealed rows is found out: 1,000 seeded mutations, none may pass."""

from __future__ import annotations

from collections import Counter

from shared.db.audit_chain import Anchor
from shared.vocabulary.checks import AuditFlaw
from tests.audit.log import MUTATIONS, altered, make

LOG = make(240)
TRIALS = 1000


def test_an_untouched_log_is_sound() -> None:
    verdict = LOG.check()
    assert verdict.finding is None
    assert verdict.sealed == len(LOG.rows) > 200
    assert len(LOG.anchors) > 10


def test_every_mutation_is_found() -> None:
    found: Counter[str] = Counter()
    missed = []
    for seed in range(TRIALS):
        mutation = MUTATIONS[seed % len(MUTATIONS)]
        verdict = altered(LOG, mutation, seed).check()
        if verdict.finding is None:
            missed.append((mutation.__name__, seed))
        else:
            found[verdict.finding.flaw] += 1
    assert missed == []
    assert found.keys() >= {AuditFlaw.CHANGED, AuditFlaw.ROW_MISSING, AuditFlaw.GAP, AuditFlaw.CUT,
                            AuditFlaw.UNSEALED, AuditFlaw.ANCHOR_DIFFERS}  # fmt: skip


def test_the_first_bad_row_is_named() -> None:
    log = make(60)
    changed = log.seals[9].position
    for seal in (log.seals[9], log.seals[20]):
        log.write(seal.position, actor="somebody else")
    finding = log.check().finding
    assert finding
    assert (finding.flaw, finding.ordinal, finding.position) == (AuditFlaw.CHANGED, 10, changed)


def test_the_anchor_that_is_missed_is_named() -> None:
    log = make(60)
    for seal in log.seals[-5:]:
        del log.rows[seal.position]
    del log.seals[-5:]
    finding = log.check().finding
    assert finding
    missed = next(each.line for each in log.anchors if each.ordinal > len(log.seals))
    assert (finding.flaw, finding.anchor) == (AuditFlaw.CUT, missed)


def test_without_anchors_a_chain_is_not_trusted() -> None:
    log = make(60)
    log.anchors = []
    finding = log.check().finding
    assert finding
    assert finding.flaw is AuditFlaw.NO_ANCHOR


def test_the_chain_of_another_service_does_not_fit() -> None:
    log = make(60)
    log.anchors = [Anchor(1, 0, b"0" * 32)]
    finding = log.check().finding
    assert finding
    assert finding.flaw is AuditFlaw.ANCHOR_DIFFERS


def test_rows_not_sealed_yet_are_no_flaw() -> None:
    log = make(60)
    log.write(max(log.rows) + 1, actor="just now")
    assert log.check().finding is None
