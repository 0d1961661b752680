"""Hiding who wrote from what was written (decisions 16; PIPL Art. 6, 28, 51).

Masked text goes to routing and the topic worker. Hidden are the values of the structured
petitioner fields wherever they occur, the name after "我叫", "姓名" and their like (then wherever
else it stands), and numbers that lead to a person. What follows "我是" stays: in half of the real
cases it is the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from services.intake.domain.surnames import COMPOUND_SURNAMES, SURNAMES
from shared.kernel.hidden_numbers import NOTHING, Span, number_spans, replaced
from shared.kernel.plain_text import Folded, fold

_LABELS = "姓名 名字 署名 落款 名叫"
_ROLES = "举报 反映 投诉 信访 上访 来访 来信 申请 报告 控告 申诉 检举 建议 求助 当事 联系 代理 委托"
# Each alternative begins with a plain character: the engine passes over all other places at once.
_NAME_CUES = (
    r"我的名字[叫做是为]{0,2}\s*:?|本人(?:的)?姓名[叫做是为]{0,2}\s*:?|我的?真实姓名[叫做是为]{0,2}\s*:?"
    r"|我(?:名|姓名)?叫做?|本人(?:名|姓名)?叫做?"
    + "".join(
        rf"|{word}(?:\s*:|[叫是为])"
        for label in _LABELS.split()
        for word in (f"真实{label}", label)
    )
    + r"|名叫(?<![字店]名叫)"
    + "".join(
        rf"|{role}人(?<!被{role}人)(?:姓名)?(?:\s*:|[叫是为]|\s+(?=[一-龥]))"
        for role in _ROLES.split()
    )
)
_NAME = re.compile(
    rf"(?:{_NAME_CUES})"
    r"\s*(?P<name>(?:[一-龥]\s?){1,10}(?:[·•・.][一-龥]{1,10})+"
    r"|[一-龥]\s?[一-龥](?:\s?[一-龥]){0,2})"
)
_NAME_ENDS = frozenset(
    "是系住在的男女年有因也和与来及电联身家现今向于反投举要想就我他她你您特对从户代已为"
)
"""A third or fourth character that is one of these belongs to the sentence, not to the name."""
_DOTTED = re.compile(r"[·•・.]")
_KEPT, _NOT_KEPT = re.compile(r"[^\W_]|[@#]"), re.compile(r"[^\w@#]|_")
_BLANK = re.compile(r"[\s·•・.．\-—–_*,,/|、]+")

MOBILE_LENGTH = 11
CARD_LENGTH = 15
"""Card and citizen numbers are at least so long."""
SHORTEST_IDENTITY = 2
_LOWER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def mask(text: str, *, identities: Sequence[str]) -> str:
    """The text with every identity replaced by its display form.

    `identities` are the values of the structured petitioner fields (names, numbers, addresses);
    they are found in any case, width and spacing. Values of fewer than two characters are ignored,
    they would hide ordinary words. Masking a masked text changes nothing.
    """
    if not text:
        return text
    folded = fold(text)
    named = list(_name_spans(folded))
    said = [folded.text[start:end] for start, end, _ in named]
    spans = [*named, *_field_spans(folded, [*identities, *said]), *number_spans(folded)]
    return replaced(text, folded, spans)


def mask_name(name: str) -> str:
    """张三 -> 张**, 欧阳锋 -> 欧阳**; the number of stars tells nothing."""
    plain = "".join(fold(name).text.split())
    keep = 2 if plain[:2] in COMPOUND_SURNAMES and plain[2:] else 1
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


def _display(value: str) -> str:
    plain = _BLANK.sub("", fold(value).text)
    if len(plain) in range(2, 5) and all("一" <= c <= "龥" for c in plain):
        return mask_name(plain)
    return NOTHING


def _field_spans(folded: Folded, identities: Sequence[str]) -> Iterator[Span]:
    if not identities:
        return
    skeleton = _skeleton(folded.text)
    for value in identities:
        wanted = _skeleton(fold(value).text)
        if len(wanted) < SHORTEST_IDENTITY or wanted not in skeleton:
            continue
        positions = [each.start() for each in _KEPT.finditer(folded.text)]
        start = skeleton.find(wanted)
        while start >= 0:
            yield positions[start], positions[start + len(wanted) - 1] + 1, _display(value)
            start = skeleton.find(wanted, start + 1)


def _name_spans(folded: Folded) -> Iterator[Span]:
    for match in _NAME.finditer(folded.text):
        name, start, end = match.group("name"), match.start("name"), match.end("name")
        if folded.text[end : end + 1] == "*":
            continue  # masked already
        if not _DOTTED.search(name):
            if name[0] not in SURNAMES and name[:2] not in COMPOUND_SURNAMES:
                continue
            end = start + _name_length(name)
        yield start, end, mask_name(folded.text[start:end])


def _name_length(name: str) -> int:
    """How much of up to four characters after a cue is the name."""
    seen = 0
    limit = 4 if "".join(name.split())[:2] in COMPOUND_SURNAMES else 3
    for index, character in enumerate(name):
        if character.isspace():
            continue
        seen += 1
        if seen > limit or (seen > SHORTEST_IDENTITY and character in _NAME_ENDS):
            return index
    return len(name)


def _skeleton(text: str) -> str:
    """Letters, digits and ideographs only, in lower case; one for one, so places can be told."""
    return _NOT_KEPT.sub("", text).translate(_LOWER)
