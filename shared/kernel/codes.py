"""Codes that open one thing without an account: printed once, never stored, not to be guessed.

The alphabet has no I, L, O and U, which are read back as 1, 1, 0 and V.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from shared.kernel.plain_text import fold

CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # 32: five bits each
CODE_LENGTH = 20
"""Twenty characters of five bits: 100 random bits (decision 0014 asks for 80)."""
NO_HASH = "0" * 64
"""Stands for the hash of what does not exist, so that looking takes as long."""


def new_code() -> str:
    """A code in five groups of four."""
    return grouped(random_text(CODE_ALPHABET, CODE_LENGTH), (4,) * (CODE_LENGTH // 4))


def hash_code(key: bytes, use: str, of: str, code: str) -> str:
    """Keyed hash (HMAC-SHA256, hex) of a typed code, bound to its use and to what it opens.

    With 100 random bits in a code a salt in place of a secret key is enough: nobody tries 2^100.
    """
    message = f"{use}\n{of}\n{plain(code)}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def same_hash(one: str, other: str) -> bool:
    """Compare two hashes in constant time."""
    return hmac.compare_digest(one, other)


def plain(typed: str) -> str:
    """Letters and digits of what somebody typed, whatever the blanks, hyphens, case and width."""
    text = "".join(c for c in fold(typed[:100]).text.upper() if c.isalnum())
    return text.replace("O", "0").replace("I", "1").replace("L", "1").replace("U", "V")


def random_text(alphabet: str, length: int) -> str:
    """Characters of an alphabet, each as likely as the others."""
    size = len(alphabet)
    fair = 256 - 256 % size
    letters: list[str] = []
    while len(letters) < length:
        letters += [alphabet[byte % size] for byte in os.urandom(length) if byte < fair]
    return "".join(letters[:length])


def grouped(text: str, shape: tuple[int, ...]) -> str:
    """A text in groups of these lengths, with hyphens between them."""
    groups, start = [], 0
    for length in shape:
        groups.append(text[start : start + length])
        start += length
    return "-".join(groups)
