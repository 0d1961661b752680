"""Whether a text may accuse the organ that it would be sent to (条例 Art. 30(3), 46(5)).

The second net beside the words of sealing, for accusations in plain words. It asks no more than
this: does the text name the organ (or its people), and is that more than speaking to it? To whom
one writes, whom one asks, where one went, a notice or a building of an organ are passed over; an
organ that does something, a person of it, gain, violence or favours told beside it are not.
False alarms are meant to be borne by a clerk who reads one sentence: docs/routing-quality.md.
The words are data (`shared/reference/data/organ_names.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from services.routing.jurisdiction.domain.organ_names import OrganNames
from services.routing.places.domain.place import Evidence
from shared.kernel.ideographs import ENDS, without_marks
from shared.kernel.plain_text import fold, squeeze
from shared.reference.organ_rows import OrganKind
from shared.reference.organs import Organ
from shared.reference.traditional import simplified
from shared.vocabulary.places import Level, PlaceField

_SENTENCE = re.compile(f"[^{ENDS}\n…]+")
_CLAUSE = re.compile("[，,]")
_OF_A_NAME = re.compile("[一-龥]+$")
_GOVERNMENT = "GOVERNMENT"
BEFORE = 26
"""Characters before a name in which it is said what the writer wants of the organ."""
BEHIND = 40
"""Characters behind a name in which its people and what they did are looked for."""
DOES = 25
"""Characters between people in office and what they are said to have done."""
WHOSE = 8
"""Characters before people in which it is said whose people they are."""
SHORTEST = 3
"""Characters of a name that is formed from the table; shorter ones are ordinary words."""
QUOTED = 12
"""Characters before and behind that are quoted to the clerk."""


class AccusedInText:
    """The reading of one edition of names over one edition of kinds of organs."""

    def __init__(self, words: OrganNames, kinds: Mapping[str, OrganKind]) -> None:
        self._words, self._kinds = words, kinds
        self._names: dict[str, re.Pattern[str]] = {}
        self._title, self._staff = re.compile(words.title), re.compile(words.staff)
        self._named = re.compile(f"(?:{words.between})(?:{words.named})")
        self._others = re.compile(words.others)
        self._asks = re.compile(words.asks)
        self._goes = re.compile(f"{words.goes}(?!.*{words.hears}){words.places}$")
        self._answers, self._passing = re.compile(words.answers), re.compile(words.passing)
        self._looked_at = re.compile(f"{words.looked_at}(?:一下|了)?{words.places}$")
        self._favour = re.compile(words.favour)
        self._for_an_act = re.compile(words.for_an_act)

    def words_about(self, organ: Organ, fields: Mapping[PlaceField, str]) -> Evidence | None:
        """The words that may accuse the organ, None where none do.

        `fields` are subject, text and place, masked or not, any typography; time grows with the
        length. A petition office is looked for by its name alone: it decides about the others."""
        for field, text in fields.items():
            read = without_marks(simplified(squeeze(text)))
            found = self._first_about(organ, read)
            if found is not None:
                start, end = _in_original(text, read, found - QUOTED, found + 2 * QUOTED)
                return Evidence(field, start, end, text[start:end], ())
        return None

    def _first_about(self, organ: Organ, read: str) -> int | None:
        office = organ.petition_office and organ.level is not Level.TOWNSHIP
        names = self._names_of(organ.kind)
        above = None if organ.vertical or organ.kind == _GOVERNMENT else self._names_of(_GOVERNMENT)
        sentences = [found.span() for found in _SENTENCE.finditer(read)]
        for (start, end), behind in pairwise([*sentences, (0, 0)]):
            sentence, following = read[start:end], read[slice(*behind)]
            found = self._body(names, sentence, following)
            if found is None and above is not None:
                found = self._gain_of(above, sentence)
            if found is None and not office:
                found = self._people_in(sentence)
            if found is not None:
                return start + found
        return None

    def _body(self, names: re.Pattern[str], sentence: str, following: str) -> int | None:
        """Where the organ is named and not only spoken to."""
        gains = [found.end() for found in self._favour.finditer(sentence)]
        gain_follows = bool(self._favour.search(following))
        for name in names.finditer(sentence):
            before, behind = _around(sentence, name)
            person = self._named.match(behind)
            if self._answers.match(behind) and not person:
                continue
            asked = self._asks.search(before)
            gain = gains and (gains[-1] > name.start() if asked else True)
            if gain or (gain_follows and not asked):
                return name.start()
            if person or self._looked_at.search(before):
                return name.start()
            if not (asked or self._goes.search(before) or self._passing.match(behind)):
                return name.start()
        return None

    def _gain_of(self, names: re.Pattern[str], sentence: str) -> int | None:
        """Where the government it is a department of, or its head, is said to have gained."""
        for name in names.finditer(sentence):
            if self._favour.search(sentence, name.end(), name.end() + DOES):
                return name.start()
        return None

    def _people_in(self, sentence: str) -> int | None:
        """Where people in office are spoken of, whoever's they are, or an act of office is sold."""
        for people in self._title.finditer(sentence):
            before, behind = _around(sentence, people)
            spoken_to = self._answers.match(behind) or self._asks.search(before)
            if not spoken_to and not self._others.search(before[-WHOSE:]):
                return people.start()
        for people in self._staff.finditer(sentence):
            told = self._favour.search(sentence, people.end(), people.end() + DOES)
            if told and not self._others.search(_around(sentence, people)[0][-WHOSE:]):
                return people.start()
        act = self._for_an_act.search(sentence)
        if act and not self._others.search(_around(sentence, act)[0][-WHOSE:]):
            return act.start()
        return None

    def _names_of(self, kind: str) -> re.Pattern[str]:
        """The names of a kind and of those it took over, as listed and as the table forms them."""
        if kind not in self._names:
            old = [row.code for row in self._kinds.values() if row.successor == kind]
            codes = [code for code in (kind, *old) if code in self._kinds]
            formed = {re.escape(name) for code in codes for name in _formed(self._kinds[code])}
            listed = [self._words.names[code] for code in codes if code in self._words.names]
            listed += [] if self._kinds[kind].petition_office else [self._words.the_same]
            longest_first = sorted(formed, key=len, reverse=True)
            self._names[kind] = re.compile("|".join([*longest_first, *listed]) or "(?!)")
        return self._names[kind]


def _formed(row: OrganKind) -> Iterator[str]:
    """What the patterns of a kind end in behind the division's name."""
    for pattern in (*row.patterns.values(), row.district, row.street):
        name = _OF_A_NAME.search(pattern)
        if name is not None and "{" in pattern and len(name[0]) >= SHORTEST:
            yield name[0].removeprefix("委")


def _in_original(text: str, read: str, start: int, end: int) -> tuple[int, int]:
    """Where characters of the text as read, which leaves some out, stand in the text."""
    folded = fold(text)
    written, at, places = simplified(folded.text), -1, []
    for character in read[:end]:
        at = at if character == "\n" else written.index(character, at + 1)
        places.append(max(at, 0))
    return folded.span(places[max(0, start)], places[-1] + 1)


def _around(sentence: str, word: re.Match[str]) -> tuple[str, str]:
    """What stands before a word in its clause, and behind it."""
    before = sentence[max(0, word.start() - BEFORE) : word.start()]
    return _CLAUSE.split(before)[-1], sentence[word.end() : word.end() + BEHIND]
