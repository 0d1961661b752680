"""Shapes of numbers that lead to a person, as they are written in petitions.

Read on folded text (half-width, no invisible characters). Digits may be split by blanks, dots or
hyphens. A number counts when its check digit is right or its shape leaves no doubt: hiding a file
number too many is a smaller harm than showing an identity card.
Standards: GB 11643 (citizen number), GB/T 15694 / ISO 7812 (bank cards, Luhn), GA 36 (plates).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

Accept = Callable[[str], bool]

CITIZEN_LENGTH = 18
_SPLIT = r"[ .·\-—–_]{0,2}"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_HAN_DIGITS = str.maketrans(
    "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "00123456789" + "1" + "123456789"
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_BANK_CARD_STARTS = ("62", "60", "4", "51", "52", "53", "54", "55", "35", "36", "37", "9")


def has_check_digit(number: str) -> bool:
    """Whether an 18-character citizen or residence number has the right check character."""
    plain = _digits(number)
    if len(plain) != CITIZEN_LENGTH or not plain[:17].isdigit():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(plain, _WEIGHTS, strict=False))
    return _CHECK_CHARACTERS[total % 11] == plain[17].upper()


def has_citizen_shape(number: str) -> bool:
    """Whether it reads as region, birth date and serial (18 or 15 characters)."""
    plain = _digits(number)
    date = plain[6:14] if len(plain) == CITIZEN_LENGTH else "19" + plain[6:12]
    return (
        plain[0] in "12345689"
        and date[:2] in {"18", "19", "20"}
        and int(date[4:6]) in range(1, 13)
        and int(date[6:8]) in range(1, 32)
    )


def passes_luhn(number: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others."""
    digits = [int(digit) for digit in reversed(_digits(number))]
    doubled = (sum(divmod(digit * 2, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_citizen_number(number: str) -> bool:
    return has_citizen_shape(number) or has_check_digit(number)


def _is_bank_card(number: str) -> bool:
    return passes_luhn(number) or _digits(number).startswith(_BANK_CARD_STARTS)


def _is_han_mobile(number: str) -> bool:
    plain = number.translate(_HAN_DIGITS)
    return re.fullmatch(r"1[3-9]\d{9}", plain) is not None


def _always(_number: str) -> bool:
    return True


def _digits(number: str) -> str:
    return re.sub(r"[^0-9Xx]", "", number)


def _split_digits(count: str) -> str:
    return rf"\d(?:{_SPLIT}\d){count}"


def _value(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![0-9A-Za-z])(?P<value>{pattern})(?![0-9A-Za-z])")


def _word(*words: str) -> str:
    """One of these words in any case, written so that the engine, which passes over characters no
    match can begin with, sees which they are."""
    begin = "".join(word[0] + word[0].upper() for word in words)
    return rf"[{begin}](?i:{'|'.join(f'(?<={word[0]}){word[1:]}' for word in words)})"


Shape = tuple[re.Pattern[str], Accept]

WRITTEN: tuple[Shape, ...] = (
    # 18-character numbers of citizens, of HK/Macao/Taiwan residents (81-83…), of foreigners (9…)
    (_value(rf"{_split_digits('{16}')}{_SPLIT}[0-9Xx]"), _is_citizen_number),
    (_value(_split_digits("{14}")), has_citizen_shape),
    (_value(_split_digits("{15,18}")), _is_bank_card),
    # mobile, with or without country code
    (_value(rf"(?:(?:\+|00)?86{_SPLIT})?1{_SPLIT}[3-9](?:{_SPLIT}\d){{9}}"), _always),
    # landline with area code
    (_value(rf"[(]?0\d{{2,3}}[)]?{_SPLIT}\d{{3,4}}{_SPLIT}\d{{4}}(?:[-转]\d{{1,6}})?"), _always),
    # Home Return Permit and mainland travel permits, Hong Kong and Taiwan cards, passports,
    # foreigner's permanent residence card of the old kind
    (_value(r"[HMhm]\d{8}(?:\d{2})?"), _always),
    (re.compile(r"(?<![0-9A-Za-z])(?P<value>[A-Za-z]{1,2}\d{6}[(][0-9Aa][)])"), _always),
    (re.compile(r"(?<![0-9A-Za-z])(?P<value>[157]\d{6}[(]\d[)])"), _always),
    (_value(r"[A-Za-z][1289]\d{8}"), _always),
    (_value(r"[A-Z]{3}\d{12}"), _always),
    (_value(r"[EGDSPKegdspk][A-Za-z]?\d{7,8}"), _always),
    # e-mail
    (
        re.compile(
            r"(?P<value>[A-Za-z0-9][A-Za-z0-9._%+\-]*\s?@\s?[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,})"
        ),
        _always,
    ),
)
"""Numbers of which, with what is looked at before and behind, all stands in one `_STRETCH`."""

INTRODUCED: tuple[Shape, ...] = (
    # seven and eight digits after a word that says so
    (
        re.compile(
            _word("电话", "座机", "号码", "联系方式", "手机", "tel")
            + r"[:是为]{0,2}\s*(?P<value>[2-9]\d{2,3}[ -]?\d{4})(?!\d)"
        ),
        _always,
    ),
    (re.compile(r"台胞证[号码:是为\s]{0,4}(?P<value>\d{8}(?:\d{2})?)(?!\d)"), _always),
    # plates, accounts of messengers
    (
        re.compile(
            rf"(?P<value>[{_PROVINCES}][ ]?[A-Za-z][ .·\-]?[A-HJ-NP-Za-hj-np-z0-9]{{4,5}}"
            r"[A-HJ-NP-Za-hj-np-z0-9挂学警港澳])(?![0-9A-Za-z])"
        ),
        _always,
    ),
    (
        re.compile(
            _word("微信号", "微信", "qq", "wechat", "vx")
            + r"[号码:是为\s]{0,4}(?P<value>[A-Za-z0-9][A-Za-z0-9_\-]{4,19})"
        ),
        _always,
    ),
)
"""Numbers with a word before them; the number alone is, or begins, a `_STRETCH`."""

SPELT: tuple[Shape, ...] = (
    # mobile in Chinese digits
    (
        re.compile(
            r"(?<![零〇一二三四五六七八九幺])(?P<value>[一幺1壹][零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖\d]{10})(?![零〇一二三四五六七八九幺\d])"
        ),
        _is_han_mobile,
    ),
)
"""Numbers of which all stands in one `_SPELT_STRETCH`."""

_STRETCH = re.compile(r"[0-9A-Za-z+(][0-9A-Za-z\s.·\-—–_()+转@%]{4,}")
_SPELT_STRETCH = re.compile(r"[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖\d]{11,}")


def numbers_in(text: str) -> Iterator[tuple[int, int]]:
    """Where numbers stand in a folded text; places may overlap and come twice.

    Most texts have no stretch of characters such numbers are written with, and need not be
    searched for each of them."""
    stretches = [each.span() for each in _STRETCH.finditer(text)]
    for span in stretches:
        yield from _found(WRITTEN, text, *span)
    if stretches:
        yield from _found(INTRODUCED, text, 0, len(text))
    for each in _SPELT_STRETCH.finditer(text):
        yield from _found(SPELT, text, *each.span())


def _found(shapes: Iterable[Shape], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for pattern, accept in shapes:
        for match in pattern.finditer(text, start, end):
            if accept(match["value"]):
                yield match.span("value")
