"""Numbers of persons with letters or signs in them: passports, permits, foreign cards, plates.

Standards: GB/T 28039 and the forms of the National Immigration Administration; GA 36 (plates).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.kernel.digit_chains import DIGIT, HAN, HAN_DIGITS, SOFT

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_DOCUMENT = re.compile(
    rf"(?P<value>[A-Za-z](?<![0-9A-Za-z/].)[A-Za-z]{{0,2}}[{SOFT}]{{0,2}}[{DIGIT}]{{2,15}}"
    rf"(?:[{SOFT}][{DIGIT}]{{3,5}}){{0,3}}(?:[(][0-9Aa][)])?)(?![0-9A-Za-z])"
)
_SHAPES = re.compile(
    # Home Return Permit and permits of the mainland
    r"[HM]\d{8}(?:\d{2})?"
    # cards of Hong Kong and Taiwan, permanent residence of the old kind
    r"|[A-Z]{1,2}\d{6}[0-9A]|[A-Z][1289]\d{8}|[A-Z]{3}\d{12}"
    # passports
    r"|[EGDSPK]\d{7,8}|E[A-Z]\d{7}|[DGPS]E\d{7}"
)
_HONG_KONG = re.compile(r"[A-Z]{1,2}\d{6}[0-9A]")
_MACAO = re.compile(rf"[157](?<![0-9A-Za-z].)[{DIGIT}]{{6}}[(][{DIGIT}][)]")
_SAID_PERMIT = re.compile(r"(?:台胞|回乡|通行)证[号码:是为\s]{0,4}(?P<value>\d{8}(?:\d{2})?)(?!\d)")
_ON_PLATES = "A-HJ-NP-Za-hj-np-z0-9"
_PLATE = re.compile(
    rf"[{_PROVINCES}][{SOFT}]{{0,2}}[A-Za-z][{SOFT}]{{0,2}}(?:[{_ON_PLATES}]{{4,5}}[{_ON_PLATES}挂学警港澳]"
    rf"|[{_ON_PLATES}](?:[{SOFT}][{_ON_PLATES}]){{4,5}}|[{HAN}]{{5}})(?![0-9A-Za-z])"
)
_SHORTEST_GROUP = 3


def documents_in(text: str) -> Iterator[tuple[int, int]]:
    """Where numbers of passports, permits and cards stand in a folded text."""
    for found in _DOCUMENT.finditer(text):
        if _is_document(found["value"]):
            yield found.span("value")
    yield from (found.span() for found in _MACAO.finditer(text))
    yield from (found.span("value") for found in _SAID_PERMIT.finditer(text))


def plates_in(text: str) -> Iterator[tuple[int, int]]:
    """Where plates of vehicles stand."""
    return (found.span() for found in _PLATE.finditer(text))


def _is_document(value: str) -> bool:
    groups = re.findall(r"[^\W_]+", value.translate(HAN_DIGITS).upper())
    plain = "".join(groups)
    if not _SHAPES.fullmatch(plain):
        return False
    bracketed = value.endswith(")")
    if bracketed or _HONG_KONG.fullmatch(plain):
        # Without brackets around the check digit it is as good as any other number.
        return bracketed and len(groups[-1]) == 1 and _HONG_KONG.fullmatch(plain) is not None
    return all(len(group) >= _SHORTEST_GROUP for group in groups[1:]) or groups[0].isalpha()
