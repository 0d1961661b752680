"""Petition numbers and query codes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.petitions.domain.numbers import (
    NUMBER_ALPHABET,
    NumberUnreadable,
    hash_query_code,
    new_number,
    read_number,
)
from shared.kernel.codes import new_code
from shared.kernel.ids import new_id

DAY = date(2026, 3, 22)
PLACES = [i for i, c in enumerate("430102-260322-7K3Q-9FMX-C") if c != "-"]


def test_a_number_says_where_and_when_and_nothing_else() -> None:
    numbers = {new_number("430102000000", DAY) for _ in range(500)}
    assert len(numbers) == 500
    assert all(number.startswith("430102-260322-") for number in numbers)
    assert new_number("90", DAY).startswith("900000-")


@pytest.mark.parametrize(
    "spell",
    [str.lower, lambda n: n.replace("-", ""), lambda n: n.replace("-", " "),
     lambda n: f"\u3000{n} ", lambda n: n.replace("0", "O"), lambda n: n.replace("1", "l"),
     lambda n: "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in n)],
)  # fmt: skip
def test_it_is_read_back_as_people_type_it(spell: object) -> None:
    number = new_number("430102000000", DAY)
    assert read_number(spell(number)) == number  # type: ignore[operator]


@given(st.sampled_from(PLACES), st.sampled_from(NUMBER_ALPHABET))
def test_every_single_mistake_is_seen(place: int, letter: str) -> None:
    number = new_number("430102000000", DAY)
    wrong = number[:place] + letter + number[place + 1 :]
    if wrong != number:
        with pytest.raises(NumberUnreadable):
            read_number(wrong)


@given(st.sampled_from(PLACES), st.sampled_from(PLACES))
def test_every_swap_of_two_characters_is_seen(one: int, other: int) -> None:
    number = new_number("430102000000", DAY)
    letters = list(number)
    letters[one], letters[other] = letters[other], letters[one]
    if (wrong := "".join(letters)) != number:
        with pytest.raises(NumberUnreadable):
            read_number(wrong)


@pytest.mark.parametrize("typed", ["", "123", "x" * 1000, "\x00", "号码"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(NumberUnreadable):
        read_number(typed)


def test_a_query_code_has_at_least_80_random_bits() -> None:
    codes = [new_code() for _ in range(2000)]
    letters = "".join(codes).replace("-", "")
    assert len(set(codes)) == 2000
    assert len(letters) / 2000 * 5 >= 80
    assert len(set(letters)) == 32


def test_the_hash_is_keyed_and_bound_to_the_number() -> None:
    def hashed(key: bytes, number: str, code: str) -> str:
        return hash_query_code(key, number=number, code=code)

    code = new_code()
    one = hashed(b"k" * 32, "n1", code)
    assert one == hashed(b"k" * 32, "n1", code.lower().replace("-", " "))
    assert one != hashed(b"j" * 32, "n1", code)
    assert one != hashed(b"k" * 32, "n2", code)
    assert one == hashed(b"k" * 32, "n1", code)
    assert code not in one


def test_ids_are_version_7_and_never_repeat() -> None:
    ids = [new_id() for _ in range(20_000)]
    assert len(set(ids)) == len(ids)
    assert {one.version for one in ids} == {7}
    assert ids[0].int >> 80 <= ids[-1].int >> 80
