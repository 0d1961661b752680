"""How much of a suite a run takes: few cases of what is drawn by default, all of them in CI.

`make test` answers while somebody waits: Hypothesis draws a tenth or so, loops over seeds try the
first few. `make test-long` holds every such test again with all its cases, beside the tests marked
`long`; the separated run takes all cases too. docs/decisions/0055 says which run holds what.
"""

from __future__ import annotations

import os

from hypothesis import settings

LONG = os.environ.get("XINFANG_TEST_LONG") == "1"
SEPARATED = os.environ.get("XINFANG_TEST_BACKENDS", "embedded") == "separated"
ALL_CASES = LONG or SEPARATED

FEW = 20
"""Examples of a property in `make test`; it had Hypothesis' 100 to draw in all."""
SHARE = 20
"""The part of a larger number of examples that `make test` draws: one in so many."""

# How long an example takes says something about the machine only.
settings.register_profile("few", deadline=None, max_examples=FEW)
settings.register_profile("all", deadline=None, max_examples=100)


def examples(number: int) -> settings:
    """Settings of a property that deserves its own number of examples, all of them in CI."""
    return settings(max_examples=number if ALL_CASES else max(min(number, FEW), number // SHARE))


def cases(number: int, *, few: int) -> int:
    """How many seeds a loop tries; its test is marked `cases`."""
    return number if ALL_CASES else few
