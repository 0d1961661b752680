"""Petition numbers people can read over the phone, and the codes that go with them.

A running number would betray that a sealed item came in between, so the number has a random block
(decisions 2). Both use an alphabet without I, L, O and U (`shared/kernel/codes.py`).
"""

from __future__ import annotations

from datetime import date

from shared.kernel.codes import grouped, hash_code, plain, random_text
from shared.kernel.errors import Invalid

NUMBER_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"  # 31, a prime, for the check character
RANDOM_LENGTH = 8
_BASE = len(NUMBER_ALPHABET)
_GENERATOR = 3  # a primitive root of 31: every position has a weight of its own
_NUMBER_SHAPE = (6, 6, 4, 4, 1)


class NumberUnreadable(Invalid):
    """The text is no petition number: wrong length, character or check character."""

    code = "number_unreadable"


def new_number(division_code: str, received_on: date) -> str:
    """A number such as `430102-260322-7K3Q-9FMX-C`: division, local date, chance, check.

    `division_code` is the 12-digit (or shorter) code of the receiving division; its first six
    digits are used, padded with zeros. About 40 random bits: a clash inside one division and day
    is left to the unique index and tried again.
    """
    division = f"{division_code[:6]:0<6}"
    chance = random_text(NUMBER_ALPHABET, RANDOM_LENGTH)
    body = f"{division}{received_on:%y%m%d}{chance}"
    return grouped(body + _check_character(body), _NUMBER_SHAPE)


def read_number(typed: str) -> str:
    """The number in its one spelling from what somebody typed.

    Blanks, hyphens, case, full-width characters and the letters O, I, L, U are forgiven. Raises
    NumberUnreadable.
    """
    text = plain(typed)
    if len(text) != sum(_NUMBER_SHAPE) or any(c not in NUMBER_ALPHABET for c in text):
        raise NumberUnreadable("信访件编号不正确，请核对")
    if _check_character(text[:-1]) != text[-1]:
        raise NumberUnreadable("信访件编号不正确，请核对")
    return grouped(text, _NUMBER_SHAPE)


def hash_query_code(key: bytes, *, number: str, code: str) -> str:
    """Keyed hash (HMAC-SHA256, hex) of a typed code, bound to its number."""
    return hash_code(key, "query-code", number, code)


def _check_character(body: str) -> str:
    """Makes the weighted sum with the check character (weight 1) zero modulo 31: weights are
    different powers of 3, so every single mistake and every swap of two characters shows."""
    total = 0
    for character in body:
        total = (total * _GENERATOR + NUMBER_ALPHABET.index(character)) % _BASE
    return NUMBER_ALPHABET[-total * _GENERATOR % _BASE]
