"""Petition numbers people can read over the phone, and query codes nobody can guess.

A running number would betray that a sealed item came in between, so the number has a random block
(decisions 2). Both use an alphabet without I, L, O and U, which are read back as 1, 1, 0 and V.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from datetime import date

from services.intake.domain.plain_text import fold
from shared.kernel.errors import Invalid

NUMBER_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"  # 31, a prime, for the check character
CODE_ALPHABET = NUMBER_ALPHABET + "Z"  # 32: five bits each
RANDOM_LENGTH = 8
CODE_LENGTH = 20
"""Twenty characters of five bits: 100 random bits (security table S6 asks for 80)."""
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
    chance = _random_text(NUMBER_ALPHABET, RANDOM_LENGTH)
    body = f"{division}{received_on:%y%m%d}{chance}"
    return _grouped(body + _check_character(body), _NUMBER_SHAPE)


def read_number(typed: str) -> str:
    """The number in its one spelling from what somebody typed.

    Blanks, hyphens, case, full-width characters and the letters O, I, L, U are forgiven. Raises
    NumberUnreadable.
    """
    plain = _plain(typed)
    if len(plain) != sum(_NUMBER_SHAPE) or any(c not in NUMBER_ALPHABET for c in plain):
        raise NumberUnreadable("信访件编号不正确，请核对")
    if _check_character(plain[:-1]) != plain[-1]:
        raise NumberUnreadable("信访件编号不正确，请核对")
    return _grouped(plain, _NUMBER_SHAPE)


def new_query_code() -> str:
    """A query code in five groups of four."""
    return _grouped(_random_text(CODE_ALPHABET, CODE_LENGTH), (4,) * (CODE_LENGTH // 4))


def hash_query_code(key: bytes, *, number: str, code: str) -> str:
    """Keyed hash (HMAC-SHA256, hex) of a typed code, bound to its number."""
    message = f"query-code\n{number}\n{_plain(code)}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def same_hash(one: str, other: str) -> bool:
    """Compare two hashes in constant time."""
    return hmac.compare_digest(one, other)


def _plain(typed: str) -> str:
    text = "".join(c for c in fold(typed[:100]).text.upper() if c.isalnum())
    return text.replace("O", "0").replace("I", "1").replace("L", "1").replace("U", "V")


def _check_character(body: str) -> str:
    """Makes the weighted sum with the check character (weight 1) zero modulo 31: weights are
    different powers of 3, so every single mistake and every swap of two characters shows."""
    total = 0
    for character in body:
        total = (total * _GENERATOR + NUMBER_ALPHABET.index(character)) % _BASE
    return NUMBER_ALPHABET[-total * _GENERATOR % _BASE]


def _random_text(alphabet: str, length: int) -> str:
    size = len(alphabet)
    fair = 256 - 256 % size
    letters: list[str] = []
    while len(letters) < length:
        letters += [alphabet[byte % size] for byte in os.urandom(length) if byte < fair]
    return "".join(letters[:length])


def _grouped(text: str, shape: tuple[int, ...]) -> str:
    groups, start = [], 0
    for length in shape:
        groups.append(text[start : start + length])
        start += length
    return "-".join(groups)
