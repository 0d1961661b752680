"""Fifty identities of ten people, numbers that stand in texts only, and how to look for them."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator

DICE = random.Random(20261122)
FIELDS = ("name", "id_number", "phone", "email", "address")
_RARE = "岚翀璟翊骁琬珩玥彧晟昶烨焱珺琰瑄璇甯翾彣"


def citizen_number() -> str:
    """An 18-digit citizen number with a true check digit (GB 11643)."""
    body = f"43010219{DICE.randrange(50, 99)}0{DICE.randrange(1, 9)}1{DICE.randrange(10)}"
    body += f"{DICE.randrange(1000):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def mobile() -> str:
    return f"1{DICE.choice('3578')}{DICE.randrange(10**8, 10**9)}"


def card() -> str:
    """A bank card number that passes Luhn."""
    body = f"622202{DICE.randrange(10**11, 10**12)}"
    total = 0
    for index, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if index % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def person(number: int) -> dict[str, str]:
    """One petitioner, every structured field filled with something unique."""
    return {
        "name": f"{'王李张刘陈杨赵黄周吴'[number]}{_RARE[number]}{_RARE[19 - number]}",
        "id_number": citizen_number(),
        "phone": mobile(),
        "email": f"planted{number}.{DICE.randrange(10**6)}@example.org",
        "address": f"望月{_RARE[number]}苑{number + 3}栋{DICE.randrange(100, 999)}{number}室",
    }


PEOPLE = [person(number) for number in range(10)]
FIELD_VALUES = [one[field] for one in PEOPLE for field in FIELDS]
PATTERNS = {
    "mobile": mobile(),
    "citizen": citizen_number(),
    "card": card(),
    "plate": "湘A7K9Q3",
    "email": "loose.planted@example.net",
    "landline": "0731-82749163",
}
"""Values that stand in no field, only in a text."""


def prose() -> str:
    """All of it inside a text: plain, spaced, in full width."""
    one, two, *rest = PEOPLE
    wide = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}
    lines = [
        f"我叫{one['name']}，身份证{one['id_number']}，住{one['address']}，邮箱{one['email']}。",
        f"电话{one['phone'][:3]} {one['phone'][3:7]} {one['phone'][7:]}。",
        f"同来的{two['name'][0]} {two['name'][1:]}电话{two['phone'].translate(wide)}。",
        f"{two['id_number']} {two['email'].upper()} {two['address']}。",
        *("、".join(each.values()) + "。" for each in rest),
        f"另一部手机{PATTERNS['mobile']}，身份证{PATTERNS['citizen']}，卡号{PATTERNS['card']}，",
        f"车牌{PATTERNS['plate']}，邮箱{PATTERNS['email']}，座机{PATTERNS['landline']}。",
    ]
    return "".join(lines)


def found_in(text: str, values: list[str] | None = None) -> Iterator[str]:
    """Planted values that occur, however spaced, in whatever width or case."""
    squeezed = _squeezed(text)
    for value in values or [*FIELD_VALUES, *PATTERNS.values()]:
        if _squeezed(value) in squeezed:
            yield value


def _squeezed(text: str) -> str:
    kept = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in kept if c.isalnum() or c in "@.")
