"""Names that a text itself introduces: after 我叫, after a label (姓名：, 户主, 投诉人：), before
"，男，". What follows 我是 stays: in half of the real cases it is the place.

After a label with a colon anything that reads like a name is one, whatever its surname and script;
after other cues it must begin with a surname, or as names of peoples without surnames do. Every
expression here has a bounded reach, so the work grows with the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from services.intake.masking.domain.name_cues import cues
from services.intake.masking.domain.name_words import IDEOGRAPH, name_words

DOTS = "·•・.‧．ᐧ∙⋅･●◦⸱"
_HYPHENS = "\\-‐‑‒–—−﹘﹣"
_WEAK_DOTS = frozenset(".-‐‑‒–—−﹘﹣")
"""Also written where a sentence goes on: they join a name only where no Chinese name ends there."""
_LETTER = f"(?:(?![{IDEOGRAPH}])[^\\W\\d_]|[\u0900-\u109f])"
_DOTTED = re.compile(
    rf"(?P<first>[{IDEOGRAPH}]{{1,10}})"
    rf"(?:[^\S\n]?(?P<dot>[{DOTS}{_HYPHENS}])[^\S\n]?(?P<last>[{IDEOGRAPH}]{{1,10}})){{1,5}}"
)
_FOREIGN = re.compile(
    rf"{_LETTER}{{1,30}}(?:[ .'’་{DOTS}{_HYPHENS}]{{1,2}}{_LETTER}{{1,30}}){{0,5}}"
)
_NO_NAMES = frozenset(
    ["tel", "qq", "vx", "wx", "phone", "mobile", "email", "mail", "wechat", "app", "vip", "id"]
)
_NEXT = re.compile(rf"[^\S\n]{{0,2}}(?:[、/&和与及]|[^\S\n])[^\S\n]{{0,2}}(?=[{IDEOGRAPH}])")
_SEX = re.compile(r"男(?=[,.。;、)\s\d])|女(?=[,.。;、)\s\d])|身份证|性别")
_BEFORE_SEX = re.compile(r"[,(\s]")
_LOOKED_BACK = 8
_IDEOGRAPH = re.compile(f"[{IDEOGRAPH}]")
_NAME_ENDS = frozenset(
    "是系住在的男女年有因也和与来及电联身家现今向于反投举要想就我他她你您特对从户代已为等跟将被"
)
"""A third or fourth character that is one of these belongs to the sentence, not to the name."""
_AFTER_FOREIGN = re.compile(rf"[^{IDEOGRAPH}\w]|$|[是系住在今现来和与及从因为电]")
_SURE_ENDS = frozenset("是系住在男女我你他的")
SHORTEST, LONGEST = 2, 4


class Cue(Enum):
    """How a name is introduced: said in a sentence, after a label, or right behind the label."""

    SAID = "said"
    LABEL = "label"
    BARE = "bare"


@dataclass(frozen=True, slots=True)
class Name:
    """A name at [start, end). `is_sure`: sure enough to be hidden wherever else it stands."""

    start: int
    end: int
    is_sure: bool = True


def introduced(text: str) -> Iterator[Name]:
    """Names that a folded text introduces."""
    for said in cues().said.finditer(text):
        kind = Cue.BARE if said.lastgroup else Cue.SAID
        if not text.endswith(cues().others, 0, said.start()):
            yield from _names(text, said.end(), kind, needs_surname=True)
    for labelled in cues().labelled.finditer(text):
        kind, end = Cue(labelled.lastgroup), labelled.start() + 1
        label = cues().labels if kind is Cue.LABEL else cues().roles
        if text.endswith(label, 0, end) and not _is_somebody_elses(text, end):
            needs_surname = kind is not Cue.LABEL or text.endswith(name_words().groups, 0, end)
            yield from _names(text, labelled.end(), kind, needs_surname=needs_surname)
    for sex in _SEX.finditer(text):
        if (name := _before_sex(text, sex.start())) is not None:
            yield name


def _is_somebody_elses(text: str, end: int) -> bool:
    """被举报人：, 对方姓名： name whom the case is about; they may have to be found."""
    label = next(word for word in cues().labels if text.endswith(word, 0, end))
    return text.endswith(cues().others, 0, end) or text.endswith(cues().others, 0, end - len(label))


def _names(text: str, at: int, kind: Cue, *, needs_surname: bool) -> Iterator[Name]:
    name = _name(text, at, kind, needs_surname=needs_surname)
    while name is not None:
        yield name
        following = _NEXT.match(text, name.end) if kind is not Cue.BARE else None
        name = _one_more(text, following.end()) if following else None


def _name(text: str, at: int, kind: Cue, *, needs_surname: bool) -> Name | None:
    dotted = _DOTTED.match(text, at)
    if dotted and (name := _dotted(text, dotted)):
        return name
    run = cues().run.match(text, at)
    if run is None:
        return _foreign(text, at, kind)
    written, following = run.group(), text[run.end() : run.end() + 1]
    plain = "".join(written.split())
    skipped = _role_before(plain)
    plain = plain[skipped:]
    if following == "*" or name_words().is_ordinary(plain):
        return None  # masked already, or no name
    is_whole = len(plain) <= LONGEST and not _IDEOGRAPH.match(text, run.end())
    length = _length(plain, kind, is_whole=is_whole)
    if not length and not needs_surname and is_whole and following != ":":
        length = 0 if following.isalnum() or plain.endswith(name_words().bodies) else len(plain)
    if length < SHORTEST or _runs_into_a_body(plain, length):
        return None
    start = run.start() + (_reach(written, skipped) if skipped else 0)
    end = run.start() + _reach(written, skipped + length)
    return Name(start, end, bool(name_words().surname_of(plain)) or length > SHORTEST)


def _role_before(plain: str) -> int:
    """How many characters of 业主张三 are a role."""
    if not plain.startswith(name_words().roles_in_a_field):
        return 0
    role = next(role for role in name_words().roles_in_a_field if plain.startswith(role))
    return len(role) if is_name(plain.removeprefix(role)[:3]) else 0


def _runs_into_a_body(plain: str, length: int) -> bool:
    """邝胡社区, 万科物业公司 and 陈先生 are no names."""
    surname = name_words().surname_of(plain)
    if plain.startswith(name_words().forms, len(surname) or 1):
        return True
    if any(plain.startswith(name_words().places, at) for at in range(1, length + 1)):
        return True
    return plain.endswith(name_words().bodies) and _NAME_ENDS.isdisjoint(
        plain[SHORTEST : length + 1]
    )


def _length(plain: str, kind: Cue, *, is_whole: bool) -> int:
    """How many of the ideographs after a cue are the name; 0 where none is for sure."""
    surname = name_words().surname_of(plain)
    if _begins_without_surname(plain):
        return _without_surname(plain)
    if not surname or (kind is Cue.BARE and surname in name_words().ambiguous):
        return 0
    limit = len(surname) + 2
    if len(plain) <= limit and is_whole:
        return len(plain) - (len(plain) > SHORTEST and plain[-1] in _SURE_ENDS)
    ends = next((n for n, c in enumerate(plain) if n >= SHORTEST and c in _NAME_ENDS), len(plain))
    if kind is Cue.BARE:
        return ends if ends <= limit and ends < len(plain) else 0
    if kind is Cue.LABEL and is_whole and ends == len(plain):
        return len(plain)
    return min(limit, ends)


def _begins_without_surname(plain: str) -> bool:
    return not name_words().beginnings.isdisjoint((plain[:2], plain[:3]))


def _without_surname(plain: str) -> int:
    """扎西多吉: as far as its parts go, at least the first and what may be the second."""
    at = 0
    while part := next((n for n in (3, 2) if plain[at : at + n] in name_words().beginnings), 0):
        at += part
    rest = next((n for n, c in enumerate(plain[at:]) if c in _NAME_ENDS), len(plain) - at)
    return at if at > SHORTEST + 1 else at + min(rest, SHORTEST)


def _reach(written: str, length: int) -> int:
    """How far into a run with blanks so many ideographs reach."""
    seen = 0
    for index, character in enumerate(written):
        seen += not character.isspace()
        if seen == length:
            return index + 1
    return len(written)


def _dotted(text: str, found: re.Match[str]) -> Name | None:
    """古丽米热·艾比布力. A full stop or hyphen behind a Chinese name (张三.路灯) joins nothing."""
    first = found["first"]
    if text[found.end() : found.end() + 1] == "*" or name_words().is_ordinary(first):
        return None
    if found["dot"] in _WEAK_DOTS and (is_name(first) or len(first) < SHORTEST):
        return None
    start, end = found.span("last")
    ends = (at for at in range(start + SHORTEST, end) if text[at] in _NAME_ENDS)
    return Name(found.start(), next(ends, end))


def _foreign(text: str, at: int, kind: Cue) -> Name | None:
    """Names in other scripts: Иван Петров, བཀྲ་ཤིས, Tashi."""
    found = _FOREIGN.match(text, at)
    if found is None or len(found.group()) < SHORTEST or found.group().lower() in _NO_NAMES:
        return None
    following = text[found.end() : found.end() + 1]
    if following.isdigit() or following in {"@", "_"}:
        return None
    if kind is not Cue.LABEL and not _AFTER_FOREIGN.match(text, found.end()):
        return None
    if kind is Cue.BARE or (found.group().isupper() and kind is Cue.SAID):
        return None
    return Name(found.start(), found.end())


def _one_more(text: str, at: int) -> Name | None:
    """A further name of a list: a whole run that can only be one."""
    run = cues().run.match(text, at)
    if run is None or _IDEOGRAPH.match(text, run.end()):
        return None
    listed = "".join(run.group().split()).removesuffix("等")
    if not is_name(listed) or name_words().is_ordinary(listed):
        return None
    return Name(run.start(), run.start() + _reach(run.group(), len(listed)))


def _before_sex(text: str, end: int) -> Name | None:
    """The name right before ", 男,": all between it and what is no ideograph, or after 我是."""
    gap = sum(1 for at in (end - 1, end - 2) if at > 0 and _BEFORE_SEX.match(text, at))
    if not gap:
        return None
    start = end = end - gap
    while end - start < _LOOKED_BACK and start and _IDEOGRAPH.match(text, start - 1):
        start -= 1
    plain = text[start:end]
    role = next((role for role in cues().openings if plain.startswith(role)), "")
    plain = plain.removeprefix(role)
    named = is_name(plain) or (len(plain) <= LONGEST and _begins_without_surname(plain))
    if not named or name_words().is_ordinary(plain):
        return None
    return Name(end - len(plain), end)


def is_name(plain: str) -> bool:
    """Whether it reads as a Chinese name: a surname and one or two ideographs."""
    surname = name_words().surname_of(plain)
    return bool(surname) and SHORTEST <= len(plain) <= len(surname) + 2 and plain != surname
