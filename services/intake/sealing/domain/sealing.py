"""Whether a filing is sealed before its first event (decisions 4; 条例 Art. 30(3), 46(5)).

Accusation material must not reach the person or unit accused. So a declared accusation, a text
that reads like one, and a text that may accuse the very organ it would be sent to stay in the
petition office until a person has decided. Complaints about firms, landlords, noise, roads or
benefits are ordinary, even when an aside grumbles at "the departments concerned".

The words are data (`shared/reference/data/sealing.toml`); here is only how a text is read:
sentence by sentence, looking for who is said to have done what, in time that grows with the length.
Words that were taken apart are put together first, traditional characters read as simplified ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, takewhile

from services.intake.sealing.domain.any_word import AnyWord
from services.intake.sealing.domain.seals import Seal, seal_of
from services.intake.sealing.domain.taken_apart import TakenApart
from shared.kernel.plain_text import squeeze
from shared.reference.traditional import simplified

_SENTENCE = re.compile(r"[。！？!?；;\n…]+")
_CLAUSE = re.compile(r"[，,：:]")
_READ_ORDER = (
    "crime", "abuse", "bribery", "failure", "corruption", "evasion", "accuse", "complain",
    "private", "official", "organ", "generic", "place", "prosecute", "appeal", "disclaim", "wrong",
)  # fmt: skip
_MARKS = ("toward", "locative", "passive")
_PUBLIC = frozenset({"organ", "official", "generic"})
_NAMED = frozenset({"organ", "official"})
_ACTORS = _PUBLIC | {"private"}
_DEEDS = frozenset({"crime", "abuse", "bribery", "corruption", "failure", "evasion"})
_TURNS = frozenset({"appeal", "prosecute", "complain", "accuse"})

CLAUSE_REACH = 30
"""Characters between a doer and the deed inside one clause."""
SENTENCE_REACH = 45
"""The same when the doer stands in an earlier clause of the sentence."""
ADJACENT = 2
"""Between "the police" and "don't act" stands at most 的."""
DENIAL_REACH = 10
"""Characters between "there is no" and the deed denied."""
OPENING = 1
"""A deed this near the start of a sentence is done by whoever the last sentence spoke of."""
PARTNER_REACH = 12
"""Characters between a word of bribery and the partner."""
OBJECT_REACH = 22
"""Characters between "I accuse" and the one accused."""
TITLE_REACH = 14
"""Characters between an organ in the title and what the title says it did."""
EVASIONS_NEEDED = 3
"""So many evasions laid at a named organ's door make it the object of the complaint."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the rules in a sentence; `asked`: of the words before it in the clause that say
    what the writer wants of somebody, the last one appeals to them rather than accuses."""

    kind: str
    start: int
    end: int
    clause: int
    asked: bool


class SealingRules:
    """The rule words of one edition, ready to read texts with."""

    def __init__(self, data: Mapping[str, object]) -> None:
        """Compile the `[lexicon]` of an edition. Raises ValueError when a list is missing."""
        lexicon = data.get("lexicon")
        if lexicon is None or not isinstance(lexicon, Mapping):
            raise ValueError("sealing words: no [lexicon]")
        self.edition = str(data.get("edition", ""))
        either = {kind: _either(lexicon, kind) for kind in (*_READ_ORDER, *_MARKS)}
        for kind in ("organ", "official"):
            either[kind] = f"(?:{either[kind]})(?!{either['locative']})"
        self._words = re.compile("|".join(f"(?P<{kind}>{either[kind]})" for kind in _READ_ORDER))
        deeds = [str(word) for kind in (*_DEEDS, "accuse") for word in lexicon[kind]]
        self._telling = AnyWord(deeds)
        self._apart = _taken_apart(data, deeds)
        self._toward = re.compile(f"(?:{either['toward']})[^,:]*$")
        self._passive = re.compile(either["passive"])

    def judge(
        self, subject: str, text: str, *, declared_accusation: bool, organ_named: bool = False,
        reports_retaliation: bool = False,
    ) -> Seal | None:  # fmt: skip
        """Decide on a filing; None means it is an ordinary petition.

        `subject` and `text` are the words as filed, unmasked; any length, any typography.
        `organ_named` says that the form itself names a public body complained of: then any failing
        that is not laid at a private door is taken to be that body's. `reports_retaliation` says
        that it is filed as a report of retaliation for an earlier petition (打击报复).
        """
        if reports_retaliation:
            return seal_of({"retaliation"})
        if declared_accusation:
            return seal_of({"declared"})
        found: set[str] = set()
        evasions = 0
        title = self._reading(subject).replace("\n", "，")
        for sentence in _sentences(title):
            found |= set(self._title(sentence))
        before = ""
        for sentence in (*_sentences(title), *_sentences(self._reading(text))):
            # Most sentences name no deed and need not be read word by word.
            rules = self._read(sentence, before) if self._telling.is_in(sentence) else ()
            for rule in rules:
                if rule == "evasion":
                    evasions += 1
                elif rule == "unnamed":
                    found |= {"complained"} if organ_named else set()
                else:
                    found.add(rule)
            before = sentence
        if evasions >= EVASIONS_NEEDED:
            found.add("evasion")
        return seal_of(found) if found else None

    def _reading(self, text: str) -> str:
        return self._apart.together(simplified(squeeze(text)))

    def _scan(self, sentence: str) -> list[_Word]:
        cuts = [match.start() for match in _CLAUSE.finditer(sentence)]
        words: list[_Word] = []
        clause, asked = 0, False
        for match in self._words.finditer(sentence):
            kind, start = str(match.lastgroup), match.start()
            while clause < len(cuts) and cuts[clause] < start:
                clause, asked = clause + 1, False
            words.append(_Word(kind, start, match.end(), clause, asked))
            if kind in _TURNS:
                asked = kind == "appeal"
        return words

    def _read(self, sentence: str, before: str) -> Iterator[str]:
        words = self._scan(sentence)
        for index, word in enumerate(words):
            if word.kind == "accuse":
                if _target(sentence, words, index) in _NAMED:
                    yield "accused"
                continue
            if word.kind not in _DEEDS or _disclaimed(words, index):
                continue
            doer = self._doer(sentence, words, index)
            if index == 0 and word.start <= OPENING:
                doer = _last_actor(self._scan(before))
            yield from _rules(word.kind, doer, beside=_beside(words, index))

    def _title(self, title: str) -> Iterator[str]:
        words = self._scan(title)
        for index, word in enumerate(words):
            if word.kind == "complain" and _target(title, words, index) in _NAMED:
                yield "complained"
            wrong = word.kind in {"wrong", "evasion", "failure"}
            if wrong and self._named_in_title(title, words, index):
                yield "title"

    def _named_in_title(self, title: str, words: list[_Word], index: int) -> bool:
        deed = words[index]
        for actor in _back_from(words, index):
            if deed.start - actor.end > TITLE_REACH or actor.clause != deed.clause:
                return False
            if actor.kind == "private":
                return False
            if actor.kind == "place" and deed.start - actor.end < ADJACENT:
                return True
            if actor.kind in _NAMED:
                between = title[actor.end : deed.start]
                return not actor.asked and not self._passive.search(between)
        return False

    def _doer(self, sentence: str, words: list[_Word], index: int) -> str | None:
        """Kind of the nearest actor before a deed who is neither its object nor just asked."""
        deed = words[index]
        for actor in _back_from(words, index):
            reach = CLAUSE_REACH if actor.clause == deed.clause else SENTENCE_REACH
            if deed.start - actor.end > reach:
                return None
            if actor.kind == "place" and deed.start - actor.end <= ADJACENT:
                return "organ"
            if actor.kind not in _ACTORS:
                continue
            same_clause = actor.clause == deed.clause
            if actor.kind == "generic" and not same_clause:
                return None
            adjacent = deed.start - actor.end <= ADJACENT
            if (
                same_clause
                and not adjacent
                and self._toward.search(sentence[max(0, actor.start - 6) : actor.start])
            ):
                continue
            if actor.asked:
                continue
            return actor.kind
        return None


def _either(lexicon: Mapping[str, object], kind: str) -> str:
    words = lexicon.get(kind)
    if not isinstance(words, Sequence) or isinstance(words, str) or not words:
        raise ValueError(f"sealing words: list {kind} is missing or empty")
    return "(?:" + "|".join(str(word) for word in words) + ")"


def _taken_apart(data: Mapping[str, object], deeds: Sequence[str]) -> TakenApart:
    apart = data.get("apart")
    if apart is None or not isinstance(apart, Mapping):
        raise ValueError("sealing words: no [apart]")
    return TakenApart(deeds, begins=str(apart.get("begins", "")).split())


def _sentences(text: str) -> Iterator[str]:
    return (sentence for sentence in _SENTENCE.split(text) if sentence)


def _rules(deed: str, doer: str | None, *, beside: bool) -> Iterator[str]:
    """What a deed of this kind by this doer means."""
    if deed == "crime" or (deed == "abuse" and doer != "private"):
        yield "crime"
    if deed in {"corruption", "bribery"} and (doer in _PUBLIC or (deed == "bribery" and beside)):
        yield "corruption"
    if deed in {"failure", "evasion"} and doer in _NAMED:
        yield deed
    if doer != "private":
        yield "unnamed"


def _back_from(words: Sequence[_Word], index: int) -> Iterator[_Word]:
    """The words before one, the nearest first."""
    return (words[position] for position in range(index - 1, -1, -1))


def _on_from(words: Sequence[_Word], index: int) -> Iterator[_Word]:
    """The words behind one, the nearest first."""
    return (words[position] for position in range(index + 1, len(words)))


def _last_actor(words: list[_Word]) -> str | None:
    for actor in _back_from(words, len(words)):
        if actor.kind in _ACTORS:
            return None if actor.asked else actor.kind
    return None


def _disclaimed(words: list[_Word], index: int) -> bool:
    """Whether the word is denied, warned against or part of a slogan ("打黑除恶…")."""
    word = words[index]
    return any(
        other.kind == "disclaim"
        and other.clause == word.clause
        and word.start - other.end <= DENIAL_REACH
        for other in words[max(0, index - 3) : index]
    )


def _beside(words: list[_Word], index: int) -> bool:
    """Whether a public body or official stands near a word that takes two, before or behind."""
    word = words[index]
    before = takewhile(
        lambda other: word.start - other.end <= PARTNER_REACH, _back_from(words, index)
    )
    behind = takewhile(
        lambda other: other.start - word.end <= PARTNER_REACH, _on_from(words, index)
    )
    return any(
        other.kind in _PUBLIC and other.clause == word.clause for other in chain(before, behind)
    )


def _target(sentence: str, words: list[_Word], index: int) -> str | None:
    """Kind of the first actor named behind "I accuse"; with a colon he is addressed instead."""
    word = words[index]
    for other in _on_from(words, index):
        if other.clause != word.clause or other.start - word.end > OBJECT_REACH:
            return None
        if other.kind in _ACTORS:
            return None if sentence[other.end : other.end + 1] in {"：", ":"} else other.kind
    return None
