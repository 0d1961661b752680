"""What of a petitioner's form fields must not show in a text.

People write several names into one field, titles and remarks behind them, 没有 for no phone, and
the place of the matter for where they live. So each name and number of a field is an identity of
its own; words that name nobody and the names of divisions are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from services.intake.masking.domain.division_names import DivisionNames
from services.intake.masking.domain.finding import Identity, skeleton
from services.intake.masking.domain.name_words import IDEOGRAPH, name_words
from services.intake.masking.domain.names import DOTS, is_name
from services.intake.masking.domain.shown import shown_name
from services.intake.petitions.domain.petition import Petitioner
from shared.kernel.hidden_numbers import NOTHING
from shared.kernel.identity_numbers import numbers_in
from shared.kernel.plain_text import fold

_BRACKETED = re.compile(r"[(\[【〔{<《](?P<inner>[^)\]】〕}>》]*)[)\]】〕}>》]?")
_BETWEEN_NAMES = re.compile(rf"[^\w\s{DOTS}.'’-]+|[\d_]+")
_AND = re.compile(
    rf"(?P<one>[{IDEOGRAPH}]{{2,4}}?)(?:以及|[和与及跟])(?P<other>[{IDEOGRAPH}]{{2,4}})"
)
_HAS_IDEOGRAPH = re.compile(f"[{IDEOGRAPH}]")
_DOT = re.compile(f"[{DOTS}]")
_BETWEEN_VALUES = re.compile(r"[、,;|/\n]|\s{2,}|\s(?=\S{6})|或|和")
_SPELT = re.compile(r"[0-9a-z@]+(?:[._+-][0-9a-z@]+)*")
_SHORTEST_NUMBER = 6
"""Fewer digits or letters (12345) lead to nobody."""
_LOCAL_NUMBER = re.compile(r"0(?:10|2\d|[3-9]\d\d)(?P<local>[2-9]\d{6,7})")
_COUNTRY_CODE = re.compile(r"(?:00)?86(?P<number>1\d{10})")
_ADDRESS_LABEL = re.compile(rf"[{IDEOGRAPH}]{{2,6}}:")
_BETWEEN_ADDRESSES = re.compile(r"[;\n]")
_PUNCTUATION = re.compile(r"[\W_]+")
_FINE = re.compile(r"\d(?!路|街|中|小)|[A-Za-z](?=[栋幢座区])|单元|门牌")
_STREET = re.compile(r".{1,12}?(?:大道|路|街|巷|胡同|道)(?:\d{1,5}号(?:院|附\d+号)?)?")
_ROOM = re.compile(r"\d+(?:栋|幢|座|单元|号楼|楼).*")
_SHORTEST_ADDRESS = 4
_SHORTEST_PART, _PART_OF_A_NAME = 5, 3


def identities_of(people: Iterable[Petitioner], divisions: DivisionNames) -> Iterator[Identity]:
    """Every identity in these petitioners' fields."""
    for person in people:
        yield from names_in(person.name)
        for field in (person.phone, person.id_number, person.email):
            yield from numbers_of(field)
        yield from parts_of_address(person.address, divisions)


def value_identity(value: str) -> Identity:
    """A value as it stands."""
    wanted = skeleton(fold(value).text)
    return Identity(wanted, shown_name(value) if is_name(wanted) else NOTHING)


def names_in(field: str) -> Iterator[Identity]:
    """张三、李四 / 张三女士 / 张三（代） / 张 三 / 业主张三: each name; 业主, 匿名: none."""
    folded = fold(field).text
    for found in _BRACKETED.finditer(folded):
        yield from (_name(each) for each in _tokens(found["inner"]) if is_name(each))
    for each in _tokens(_BRACKETED.sub("、", folded)):
        yield _name(each)
        if _DOT.search(each):
            parts = (part for part in _DOT.split(each) if len(part) >= _PART_OF_A_NAME)
            yield from map(_name, parts)


def _name(written: str) -> Identity:
    return Identity(skeleton(written), shown_name(written))


def _tokens(text: str) -> Iterator[str]:
    for piece in _BETWEEN_NAMES.split(text):
        if _HAS_IDEOGRAPH.search(piece):
            for word in _joined(piece.split()):
                both = _AND.fullmatch(word)
                names = both.groups() if both and all(map(is_name, both.groups())) else (word,)
                yield from filter(None, map(_bare, names))
        elif piece.strip() and not name_words().is_nobody(piece.strip().lower()):
            yield piece.strip()


def _joined(words: list[str]) -> list[str]:
    """张 三 is one name, 张三 李四 are two."""
    joined: list[str] = []
    for word in words:
        parted = joined and 1 in (len(joined[-1]), len(word))
        if parted and is_name(joined[-1] + word) and not name_words().is_nobody(word):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _bare(word: str) -> str:
    """The name in a word, without titles and roles; "" where it names nobody."""
    words = name_words()
    if words.is_nobody(word) or word in words.bodies:
        return ""
    for role in words.roles_in_a_field:
        if word.startswith(role):
            rest = word.removeprefix(role)
            if is_name(rest) or rest in words.bodies:  # 业主张三, 业主委员会
                return rest if is_name(rest) else ""
        if word.endswith(role):
            rest = _bare(word.removesuffix(role))
            return rest if is_name(rest) else ""
    title = next((title for title in words.titles if word.endswith(title)), "")
    rest = word.removesuffix(title)
    if not title or len(rest) < len("张三"):
        return word if rest and (not title or words.surname_of(rest)) else ""
    return _bare(rest)


def numbers_of(field: str) -> Iterator[Identity]:
    """Each number, account or address of a field; 没有 and hotlines lead to nobody."""
    folded = fold(field).text
    if not folded:
        return
    plain = folded.isascii() and folded.isalnum()
    found = [] if plain else [folded[start:end] for start, end in numbers_in(folded)]
    for value in dict.fromkeys((*found, folded, *_BETWEEN_VALUES.split(folded))):
        for wanted in _SPELT.findall(skeleton(value)):
            if len(wanted) < _SHORTEST_NUMBER:
                continue
            yield Identity(wanted, NOTHING)
            for shorter in (_LOCAL_NUMBER.fullmatch(wanted), _COUNTRY_CODE.fullmatch(wanted)):
                if shorter:
                    yield Identity(shorter[1], NOTHING)


def parts_of_address(field: str, divisions: DivisionNames) -> Iterator[Identity]:
    """What of an address is finer than its divisions, as a whole and from the estate on. Divisions
    stay readable: the case must find its place. A street or estate without any number is looked for
    behind its division only where one is named."""
    folded = fold(field).text
    outside = _BRACKETED.sub("", folded)
    inside = (found["inner"] for found in _BRACKETED.finditer(folded))
    for part in (*_BETWEEN_ADDRESSES.split(outside), *inside):
        plain = _PUNCTUATION.sub("", _ADDRESS_LABEL.sub("", part))
        last, end = divisions.leading(plain)
        rest = skeleton(plain[end:])
        if not rest or name_words().is_nobody(plain[end:]):
            continue
        prefix = skeleton(plain[last:end])
        if _FINE.search(rest) and len(rest) >= _SHORTEST_PART:
            yield Identity(rest, NOTHING)
            yield from _finer(rest)
        elif prefix or len(rest) >= _SHORTEST_ADDRESS:
            yield Identity(prefix + rest, NOTHING, kept=len(prefix))


def _finer(rest: str) -> Iterator[Identity]:
    """月塘小区3栋201 of 红星路5号月塘小区3栋201, and 3栋201."""
    street, room = _STREET.match(rest), _ROOM.search(rest)
    for tail in (rest[street.end() :] if street else "", room.group() if room else ""):
        if len(tail) >= _SHORTEST_PART and _FINE.search(tail) and not tail.isdigit():
            yield Identity(tail, NOTHING)
