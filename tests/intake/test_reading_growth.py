"""Reading a text takes time in proportion to its length, whatever is in it.

Counted, not timed: steps of our own code (a trace counts the lines run), and for what runs inside
of the engines the reach of every expression, which must be bounded. The automaton that searches
for values reads each character once and ends few values on it. Seconds: `python -m bench reading`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import FrameType, ModuleType
from typing import Any

import pytest

from bench.reading import UNITS
from services.intake.categories.domain import grams
from services.intake.categories.domain.classifier import Classifier
from services.intake.masking.domain import finding, form_fields, masking, name_cues, names
from services.intake.masking.domain.form_fields import names_in, numbers_of
from shared.kernel import accounts, digit_chains, identity_numbers, lettered_numbers
from shared.kernel.plain_text import fold

READERS: list[ModuleType] = [
    accounts, digit_chains, finding, grams, identity_numbers, lettered_numbers, masking, names,
]  # fmt: skip
SHORT, LONG = 1_500, 6_000
AT_MOST = 5.0
"""Four times the length may take so many times the steps; a square would take sixteen."""
REACH = 1_000
"""Characters an expression may look at from one place."""


def steps(work: Callable[[], object]) -> int:
    """Lines of the project run by `work`."""
    count = 0

    def line(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if event == "call" and "/site-packages/" in frame.f_code.co_filename:
            return None
        count += event == "line"
        return line

    before = sys.gettrace()
    sys.settrace(line)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def long_text(unit: str, characters: int) -> str:
    return (unit * (characters // len(unit) + 1))[:characters]


VALUES = ["张三", "aaa", "aaaa", "我叫王", "13812345678", "1.1", "138", "王我", "姓名张三"]


@pytest.mark.parametrize("unit", UNITS)
def test_steps_of_masking_grow_with_the_length(unit: str) -> None:
    masking.mask(long_text(unit, 100), identities=VALUES)
    few, many = (
        steps(lambda n=n: masking.mask(long_text(unit, n), identities=VALUES))  # type: ignore[misc]
        for n in (SHORT, LONG)
    )
    assert many <= AT_MOST * few + 200


def test_no_place_of_a_text_ends_many_values() -> None:
    """Fifty people's values, made of one letter or two: what covers the others is searched."""
    for unit in ("a", "ab", "abcdefgh"):
        values = [unit * (100 // len(unit) + each % 100) for each in range(250)]
        finder = finding.Finder(map(form_fields.value_identity, values))
        text = long_text(unit, 5_000)
        spans = list(finder.spans(fold(text)))
        assert len(spans) <= 2 * len(text)
        assert masking.mask(text, identities=values) == "***"


@pytest.mark.parametrize("unit", UNITS)
def test_steps_of_form_fields_grow_with_the_length(unit: str) -> None:
    for read in (names_in, numbers_of):
        few, many = (
            steps(lambda n=n, read=read: list(read(long_text(unit, n))))  # type: ignore[misc]
            for n in (100, 400)
        )
        assert many <= AT_MOST * few + 200


def test_of_a_long_text_the_category_reads_the_beginning() -> None:
    classifier = Classifier.load_packaged()
    few, many = (
        steps(lambda n=n: classifier.suggest("", long_text("我叫王性能路灯", n)))  # type: ignore[misc]
        for n in (grams.READ_AT_MOST, 3 * grams.READ_AT_MOST)
    )
    assert many <= few + 200


def test_every_expression_has_a_bounded_reach() -> None:
    found = dict(expressions())
    assert len(found) > 25
    far = [name for name, pattern in found.items() if _is_unbounded(parser.parse(pattern.pattern))]
    assert far == []
    assert _is_unbounded(parser.parse(r"a*b"))
    assert _is_unbounded(parser.parse(r"(?:ab{2,})+c"))
    assert not _is_unbounded(parser.parse(r"[0-9]+"))
    assert not _is_unbounded(parser.parse(r"a(?:b{0,3}c){2,}+(?:d{0,2}e)?"))


def expressions() -> Iterator[tuple[str, re.Pattern[str]]]:
    cues = name_cues.cues()
    yield from (("said", cues.said), ("labelled", cues.labelled), ("run", cues.run))
    for module in READERS:
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                yield f"{module.__name__}.{name}", value


def _is_unbounded(parsed: Any) -> bool:
    """Whether a match can fail after it went further than REACH: then a text can be made that is
    read again from each of its places. A class repeated at the end of the expression never fails
    late, nor does what never gives back (possessive) with nothing asked behind it."""
    items = list(parsed)
    for at, (op, value) in enumerate(items):
        is_last = at == len(items) - 1
        if op in {constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT}:
            _, most, inner = value
            if most > REACH and not _never_fails_late(op, inner, items[at + 1 :], is_last=is_last):
                return True
            if _is_unbounded(inner):
                return True
        elif op in {constants.SUBPATTERN, constants.BRANCH}:
            inside = value[1] if op is constants.BRANCH else [value[3]]
            if any(map(_is_unbounded, inside)):
                return True
    return False


def _never_fails_late(op: Any, inner: Any, behind: list[Any], *, is_last: bool) -> bool:
    single = {constants.IN, constants.LITERAL, constants.NOT_LITERAL}
    one_character = len(inner) == 1 and inner[0][0] in single
    optional = all(
        each[0] is constants.MAX_REPEAT and each[1][0] == 0 and each[1][1] <= REACH
        for each in behind
    )
    return (one_character and (is_last or optional)) or (
        op is constants.POSSESSIVE_REPEAT and optional
    )
