"""What is shown instead of an identity."""

from __future__ import annotations

import re

from services.intake.masking.domain.name_words import IDEOGRAPH, name_words
from shared.kernel.hidden_numbers import NOTHING
from shared.kernel.plain_text import fold

MOBILE_LENGTH = 11
CARD_LENGTH = 15
"""Card and citizen numbers are at least so long."""
_BLANK = re.compile(r"[\s·•・.．\-—–_*,,/|、]+")
_BEGINS_WITH_IDEOGRAPH = re.compile(f"[{IDEOGRAPH}]")


def shown_name(name: str) -> str:
    """What stands for a name in a text: its surname, of other scripts nothing."""
    return mask_name(name) if _BEGINS_WITH_IDEOGRAPH.match(name) else NOTHING


def mask_name(name: str) -> str:
    """张三 -> 张**, 欧阳锋 -> 欧阳**; the number of stars tells nothing."""
    plain = "".join(fold(name).text.split())
    keep = 2 if plain[:2] in name_words().compound_surnames and plain[2:] else 1
    return f"{plain[:keep]}**" if plain else ""


def mask_value(value: str) -> str:
    """Form field of any other identity: 138****1234; short or wordy values keep nothing."""
    plain = _BLANK.sub("", fold(value).text)
    if plain.isascii() and plain.isdigit() and len(plain) == MOBILE_LENGTH:
        return f"{plain[:3]}****{plain[-4:]}"
    if "@" in plain:
        return f"{plain[0]}***@***"
    if plain.isascii() and len(plain) >= CARD_LENGTH:
        return f"{plain[0]}{'*' * (len(plain) - 2)}{plain[-1]}"
    return NOTHING
