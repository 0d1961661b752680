"""Shapes of numbers that lead to a person, as they are written in petitions.

Read on folded text (half-width, no invisible characters). A number counts when its check digit is
right or its shape leaves no doubt: hiding a file number too many is a smaller harm than showing an
identity card. Hotlines (12345, 95598, 400-…) lead to nobody and stay.
Standards: GB 11643 (citizen number), GB/T 15694 / ISO 7812 (bank cards, Luhn), GA 36 (plates).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.kernel.accounts import accounts_in
from shared.kernel.digit_chains import DIGIT, GAP, Chain, Window, chains
from shared.kernel.lettered_numbers import documents_in, plates_in

CITIZEN_LENGTH, OLD_CITIZEN_LENGTH = 18, 15
MOBILE_LENGTH = 11
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_BANK_CARD_STARTS = ("62", "60", "4", "51", "52", "53", "54", "55", "35", "36", "37", "9")
_BANK_CARD_LENGTHS = (19, 18, 17, 16)
_CARD_GROUPS = frozenset({4, 5, 6})
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{9,11}")
_REAL_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d\d)[2-9]\d{6,7}")
_LANDLINE_LENGTHS, _AREA_LENGTHS = (10, 11, 12), (3, 4)
_ABROAD = re.compile(
    r"(?:00)?86(?:1[3-9]\d{9}|0?(?:10|2\d|[3-9]\d\d)[2-9]\d{6,7})|(?:00)?(?:85[23]\d{8}|886\d{9})"
)
"""With a country code: China, Hong Kong, Macao, Taiwan."""
_CODES = ("86", "0086", "852", "00852", "853", "00853", "886", "00886")
_LENGTHS_WITH_CODE = range(11, 18)
_SERVICE = ("400", "800")
_LOCAL = re.compile(r"[2-9]\d{6,7}")
_SAID_LOCAL = re.compile(
    r"(?i:电话|座机|号码|联系方式|手机|固话|宅电|传真|致电|拨打|tel|phone)[^\S\n]{0,2}[:是为号码\s(.]{0,4}$"
)
_SHORTEST_GROUP, _SHORTEST_WITHOUT_LABEL = 3, 10
_LABEL_REACH = 14
_PHONE_WORDS = frozenset(
    ["tel", "mob", "mobile", "phone", "ph", "cell", "call", "no", "qq", "vx", "wx", "wechat"]
)
_EXTENSION = re.compile(r"\s?(?:[-转#]|转接|分机号?:?)\s?\d{1,6}(?![0-9A-Za-z])")
_MAY_HOLD_NUMBERS = re.compile(rf"[A-Za-z{DIGIT}][A-Za-z{DIGIT}{GAP}@]{{4}}")
_PLAIN = re.compile("[0-9A-Za-z]")

Place = tuple[int, int]


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
    if not plain[:-1].isdigit() or (plain[-1] == "X" and len(plain) != CITIZEN_LENGTH):
        return False
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


def numbers_in(text: str) -> Iterator[Place]:
    """Where numbers of persons stand in a folded text; places may overlap and come twice.

    Takes time in proportion to the length, whatever is in the text."""
    if _MAY_HOLD_NUMBERS.search(text) is None:
        return
    found = list(chains(text))
    for chain in found:
        yield from _numbers_of(text, chain)
    if found:  # all of them have as many digits as a chain
        yield from documents_in(text)
    yield from plates_in(text)
    yield from accounts_in(text)


def _numbers_of(text: str, chain: Chain) -> Iterator[Place]:
    first, said = 0, _SAID_LOCAL.search(text, max(0, chain.start - _LABEL_REACH), chain.start)
    if not said and len(chain.digits) < _SHORTEST_WITHOUT_LABEL:
        return
    while first < len(chain.groups):
        found = next(_windows(chain, first), None)
        place = _whole(text, found) if found else None
        if place is None and said and (found := _local(chain, first)):
            place = found.start, _with_extension(text, found.end)
        if place and found:
            yield place
            first = found.last + 1
        else:
            first, said = first + 1, None


def _windows(chain: Chain, first: int) -> Iterator[Window]:
    """Windows from this group that are numbers of a person by their digits, the surest first."""
    if chain.is_amid_single_digits(first):
        return
    digits, at = chain.digits, chain.reached[first]
    citizen = [chain.window(first, each) for each in (CITIZEN_LENGTH, OLD_CITIZEN_LENGTH)]
    yield from (found for found in citizen if found and has_check_digit(found.digits))
    mobile = chain.window(first, MOBILE_LENGTH) if digits[at] == "1" else None
    if mobile and mobile.is_plain and _MOBILE.fullmatch(mobile.digits):
        yield mobile
    if digits[at] == "0":
        landlines = (chain.window(first, length) for length in _LANDLINE_LENGTHS)
        yield from (found for found in landlines if found and _is_landline(found))
    if digits.startswith(_CODES, at):
        abroad = (chain.window(first, length) for length in _LENGTHS_WITH_CODE)
        yield from (found for found in abroad if found and _ABROAD.fullmatch(found.digits))
    yield from (found for found in citizen if found and _is_like_citizen_number(found))
    cards = (chain.window(first, length) for length in _BANK_CARD_LENGTHS)
    yield from (found for found in cards if found and _is_bank_card(found))


def _is_like_citizen_number(window: Window) -> bool:
    """Fifteen digits have no check digit: in a list they are service numbers as well."""
    is_sure = len(window.digits) == CITIZEN_LENGTH or not window.is_listed
    return is_sure and window.is_plain and has_citizen_shape(window.digits)


def _is_bank_card(window: Window) -> bool:
    if not window.digits.isdigit() or window.digits[0] in "01":
        return False
    parted = window.last > window.first
    if parted and not window.is_spelt_out and not _CARD_GROUPS.issuperset(window.sizes[:-1]):
        return False
    return window.digits.startswith(_BANK_CARD_STARTS) or passes_luhn(window.digits)


def _is_landline(window: Window) -> bool:
    """The area code is a group, or the beginning of the only one: 0.25, 0.5 is no number; and in a
    list it must be one that exists."""
    area = window.sizes[0]
    if window.last > window.first and area not in _AREA_LENGTHS and not window.is_spelt_out:
        return False
    return (_REAL_LANDLINE if window.is_listed else _LANDLINE).fullmatch(window.digits) is not None


def _local(chain: Chain, first: int) -> Window | None:
    """Seven or eight digits that are all of a number; not part of 400-810-0000."""
    if chain.digits.startswith(_SERVICE, chain.reached[first]):
        return None
    for length in (8, 7):
        found = chain.window(first, length)
        if found is None or not _LOCAL.fullmatch(found.digits) or _reads_as_day(found):
            continue
        following = found.last + 1
        if following == len(chain.groups) or chain.lists[following] > chain.lists[found.last]:
            return found
    return None


def _reads_as_day(window: Window) -> bool:
    """2019-6-12 and other short groups."""
    return min(window.sizes) < _SHORTEST_GROUP and not window.is_spelt_out


def _whole(text: str, window: Window) -> Place | None:
    """The place with what belongs to the number around it; None in the middle of a word."""
    start, end = window.start, window.end
    if _PLAIN.match(text, end) or not _begins_a_number(text, start):
        return None
    while start and text[start - 1] in "+(":
        start -= 1
    return start, _with_extension(text, end) if window.digits[0] == "0" else end


def _begins_a_number(text: str, start: int) -> bool:
    begin = start
    while begin and start - begin <= len("wechat") and _PLAIN.match(text, begin - 1):
        begin -= 1
    return begin == start or text[begin:start].lower() in _PHONE_WORDS


def _with_extension(text: str, end: int) -> int:
    found = _EXTENSION.match(text, end)
    return found.end() if found else end


def _digits(number: str) -> str:
    return re.sub(r"[^0-9Xx]", "", number)
