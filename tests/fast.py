"""`make test-fast`: the most valuable tests of each capability, in less than a minute.

Run as a program it prints them for pytest. A file is named whole where it is quick; a capability
that needs a whole process or a long drawing is left to `make test`, and said so in LEFT_OUT.
"""

from __future__ import annotations

import sys

FAST: dict[str, tuple[str, ...]] = {
    "a petition is filed, numbered, masked, its identity kept apart": (
        "tests/intake/test_registration.py",
        "tests/intake/test_masking.py",
        "tests/intake/test_vault.py",
        "tests/intake/test_numbers.py",
        "tests/intake/test_sealed.py",
    ),
    "it goes to the organ that is competent, and a case is handled by its table": (
        "tests/routing/test_jurisdiction.py",
        "tests/routing/test_opening.py",
        "tests/routing/test_destinations.py",
        "tests/routing/test_case.py",
        "tests/routing/test_notices.py",
        "tests/routing/test_relief_rules.py",
    ),
    "each duty starts, is warned of, falls overdue": (
        "tests/supervision/test_duties_of_a_case.py",
        "tests/supervision/test_obligations.py",
        "tests/supervision/test_stages.py",
        "tests/supervision/test_watching.py",
        "tests/supervision/test_witness_independence.py",
    ),
    "it is counted": ("tests/analytics/test_facts.py", "tests/analytics/test_folding.py"),
    "all four together": ("tests/journeys/test_pains.py",),
    "nobody sees what is not theirs": (
        "tests/test_access.py",
        "tests/rights/test_matrix.py::test_a_changed_post_is_in_force_when_its_event_has_come",
        "tests/rights/test_no_tracking.py",
    ),
    "every change is in the audit, sealed": (
        "tests/audit/test_mutations.py",
        "tests/audit/test_sealing.py::test_committed_rows_are_sealed_and_anchored",
    ),
    "an event has one effect": (
        "tests/messaging/test_inbox.py",
        "tests/messaging/test_relay.py",
        "tests/messaging/test_lease.py",
        "tests/db/test_unit_of_work.py",
    ),
    "published events stay as they are": (
        "tests/contracts/test_frozen.py",
        "tests/contracts/test_compatibility.py",
        "tests/contracts/test_words.py",
    ),
    "days are counted by the law": ("tests/kernel", "tests/reference/test_limits.py"),
    "data of the law are whole": (
        "tests/reference/test_competence.py",
        "tests/reference/test_organs.py",
        "tests/reference/test_categories.py",
    ),
    "requests are strict, answers in words": (
        "tests/web/test_strictness.py",
        "tests/web/test_problems.py",
        "tests/web/test_tokens.py",
        "tests/test_error_codes.py",
    ),
    "loops never die in silence": ("tests/runtime/test_workers.py",),
    "papers and lists": ("tests/papers/test_lists.py",),
    "the rules of the house": ("tests/test_house.py",),
}

LEFT_OUT = {
    "chaos": "kills processes",
    "cli": "starts whole commands",
    "compose": "starts the containers' processes",
    "fuzz": "draws requests for minutes",
    "sim": "simulates many seeds",
    "truth": "counts and routes whole files of history",
}
"""Folders without a fast test, and why."""


def main() -> None:
    """Print what to run, one argument after another."""
    sys.stdout.write(" ".join(path for paths in FAST.values() for path in paths) + "\n")


if __name__ == "__main__":
    main()
