"""Where a text introduces a name: expressions made of the words of data/names.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from services.intake.masking.domain.name_words import IDEOGRAPH, NameWords, name_words

BLANKS = r"[^\S\n]{1,2}"
_COLON = (
    r"[^\S\n]{0,3}(?:\([^()\n]{0,6}\)[^\S\n]{0,2})?"
    r"(?:[:=|∶︰﹕\]】〕>＞]|[—–-]{1,2}(?=\s?[^\s\d—–-]))\s{0,4}"
)
"""A colon, with a remark in brackets before it, or what stands for one."""
_OF_ONESELF = (
    r"我的名字[叫做是为:]{0,3}|我的?真实姓名[叫做是为:]{0,3}|我(?:名|姓名|就|是)?叫做?"
    r"|本人的?(?:姓名|名字|名)[叫做是为:]{1,3}|本人叫做?|名叫(?<![字店]名叫)"
)


@dataclass(frozen=True, slots=True)
class Cues:
    """`said`: 我叫 and words of labels.bare, with a named group where the name follows at once.
    `labelled`: the last character of a label and what follows it. `run`: ideographs that may be a
    name. `labels`, `roles`: labels, and those that end in 人. `others`: before somebody else's
    name. `openings`: what may stand before a name that "，男，" follows."""

    said: re.Pattern[str]
    labelled: re.Pattern[str]
    run: re.Pattern[str]
    labels: tuple[str, ...]
    roles: tuple[str, ...]
    others: tuple[str, ...]
    openings: tuple[str, ...]


@cache
def cues() -> Cues:
    """The cues of the words that come with the program."""
    words = name_words()
    roles = tuple(f"{role}人" for role in words.roles)
    labels = _spread((*words.labels, *roles))
    return Cues(
        said=_said(words),
        labelled=_labelled("".join(sorted({label[-1] for label in labels}))),
        run=_run(words.compound_surnames),
        labels=labels,
        roles=roles,
        others=(*words.others, *(f"被{role}" for role in roles)),
        openings=("我是", "我叫", "本人", *words.roles_in_a_field),
    )


# In the expressions each alternative begins with a plain character or one of a class: the engine
# passes over all other places at once.


def _said(words: NameWords) -> re.Pattern[str]:
    bare = (
        rf"|{word}(?:[叫是为]|(?P<bare{at}>)(?=[^\S\n]{{0,3}}[{IDEOGRAPH}]))"
        for at, word in enumerate(_spread(words.bare))
    )
    return re.compile(rf"(?:{_OF_ONESELF}{''.join(bare)})[^\S\n]{{0,3}}")


def _labelled(endings: str) -> re.Pattern[str]:
    return re.compile(
        rf"[{endings}](?:(?P<label>{_COLON})|(?P<said>(?<=人)[叫是为][^\S\n]{{0,2}})"
        rf"|(?P<bare>(?<=人)[^\S\n]{{0,8}})(?=[{IDEOGRAPH}]))"
    )


def _run(compound_surnames: Iterable[str]) -> re.Pattern[str]:
    """Ideographs side by side, or with blanks between where already the surname is so apart."""
    return re.compile(
        rf"[{IDEOGRAPH}]{BLANKS}[{IDEOGRAPH}](?:(?:{BLANKS})?[{IDEOGRAPH}]){{0,10}}"
        rf"|(?:{'|'.join(sorted(compound_surnames))}){BLANKS}[{IDEOGRAPH}]{{1,2}}(?![{IDEOGRAPH}])"
        rf"|[{IDEOGRAPH}]{{1,12}}"
    )


def _spread(words: Iterable[str]) -> tuple[str, ...]:
    """Words of two characters also with blanks inside (姓 名)."""
    pairs = [word for word in words if len(word) == len("姓名")]
    return (*words, *(blank.join(word) for word in pairs for blank in (" ", "  ")))
