"""Words that name who is in charge (data/organ_words.csv): an organ, or what only one of them does.

A second reading beside the category: a category suggested by a machine leads to an organ only
where the subject line's own words point to the same kind of organ (decision 16). How the words
were chosen and what the rule is worth: docs/routing-quality.md.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from functools import cache
from io import StringIO

from shared.kernel.errors import DomainError
from shared.reference.calendar import packaged_text

COLUMNS = ("kind", "word")
SHORTEST = 2


class OrganWordsInvalid(DomainError):
    """The word table is malformed; `detail` names the line and the fault."""

    code = "organ_words_invalid"


class OrganWords:
    """One edition: word -> kind of organ (a code of organ_kinds.csv)."""

    def __init__(self, kinds: Mapping[str, str], edition: str) -> None:
        self._kinds = dict(kinds)
        self.edition = edition

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind some word points to."""
        return frozenset(self._kinds.values())

    def named(self, subject: str) -> frozenset[str]:
        """The kinds a subject line points to; none, one or several."""
        return frozenset(kind for word, kind in self._kinds.items() if word in subject)


def read_organ_words(text: str, edition: str) -> OrganWords:
    """Words from the text of their CSV file (with header). Raises OrganWordsInvalid for a missing
    value, a word of one character or one that stands twice."""
    reader = csv.DictReader(StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise OrganWordsInvalid(f"列名应为 {','.join(COLUMNS)}")
    kinds: dict[str, str] = {}
    for row in reader:
        kind, word = row["kind"], row["word"]
        if not kind or not word or len(word) < SHORTEST or word in kinds:
            raise OrganWordsInvalid(f"第 {reader.line_num} 行：词缺失、过短或者重复")
        kinds[word] = kind
    return OrganWords(kinds, edition)


@cache
def packaged_organ_words() -> OrganWords:
    """The words that come with the program."""
    head = tomllib.loads(packaged_text("editions.toml"))["organ_words"]
    return read_organ_words(packaged_text(head["file"]), head["id"])
