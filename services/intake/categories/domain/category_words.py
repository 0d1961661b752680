"""Words that speak for a category (data/category_words.csv): transparent rules beside the model.

They stand for the ten first-level categories without labelled training texts, and they refine a
first-level category to the second or third level. A category's own name counts as one of its
words. Points of a word: 1 hint, 2 likely, 3 hardly anything else; in the subject they count
twice.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO

import ahocorasick

from services.intake.categories.domain.grams import neutral
from shared.kernel.errors import DomainError
from shared.reference.calendar import packaged_text
from shared.reference.categories import Categories, packaged_categories

COLUMNS = ("category", "word", "points")
NAME_POINTS = 2
SHORTEST_NAME = 3
SUBJECT_FACTOR = 2
MOST_POINTS = 3


class CategoryWordsInvalid(DomainError):
    """The word table is malformed; `detail` names the line and the fault."""

    code = "category_words_invalid"


@dataclass(frozen=True, slots=True)
class CategoryWord:
    """One row."""

    category: str
    word: str
    points: int


class CategoryWords:
    """One edition of the words over one edition of the category tree."""

    def __init__(self, rows: Iterable[CategoryWord], categories: Categories) -> None:
        self._words: dict[str, list[CategoryWord]] = {}
        named = {
            (category.name, category.code): CategoryWord(category.code, category.name, NAME_POINTS)
            for category in categories
            if len(category.name) >= SHORTEST_NAME
        }
        for row in rows:
            if categories.get(row.category) is None:
                raise CategoryWordsInvalid(f"未知分类：{row.category}")
            if not row.word or not 1 <= row.points <= MOST_POINTS:
                raise CategoryWordsInvalid(f"词或者分值不对：{row.category} {row.word}")
            named[(row.word, row.category)] = row
        for row in named.values():
            self._words.setdefault(row.word, []).append(row)
        self._finder = ahocorasick.Automaton()
        for word in self._words:
            self._finder.add_word(word, word)
        self._finder.make_automaton()

    def points(self, subject: str, text: str) -> dict[str, int]:
        """Category code -> points of the distinct words found, each counted for its category only
        (not for those above it)."""
        in_subject = self._found(subject)
        found: dict[str, int] = {}
        for word in sorted(in_subject | self._found(text)):
            factor = SUBJECT_FACTOR if word in in_subject else 1
            for row in self._words[word]:
                found[row.category] = found.get(row.category, 0) + row.points * factor
        return found

    def _found(self, text: str) -> set[str]:
        return {word for _, word in self._finder.iter(neutral(text))}


def first_level(points: Mapping[str, int]) -> dict[str, int]:
    """Points summed up by first-level category."""
    sums: dict[str, int] = {}
    for code, value in points.items():
        top = code[:2].ljust(6, "0")
        sums[top] = sums.get(top, 0) + value
    return sums


def refine(points: Mapping[str, int], code: str, *, lead: int) -> str:
    """The category below `code` that the words point to, or `code` itself.

    One level down at a time; the best must have `lead` points more than the next best.
    """
    for width in (4, 6):
        sums: dict[str, int] = {}
        for found, value in points.items():
            below = found[:width].ljust(6, "0")
            if found.startswith(code[: width - 2]) and not below.endswith("00" * (4 - width // 2)):
                sums[below] = sums.get(below, 0) + value
        ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
        if not ranked or ranked[0][1] < lead + (ranked[1][1] if len(ranked) > 1 else 0):
            break
        code = ranked[0][0]
    return code


def read_category_words(text: str, categories: Categories) -> CategoryWords:
    """Words from the text of their CSV file (with header). Raises CategoryWordsInvalid."""
    reader = csv.DictReader(StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise CategoryWordsInvalid(f"列名应为 {','.join(COLUMNS)}")
    rows = []
    for row in reader:
        try:
            rows.append(CategoryWord(row["category"], row["word"], int(row["points"])))
        except (TypeError, ValueError) as error:
            raise CategoryWordsInvalid(f"第 {reader.line_num} 行：{error}") from error
    return CategoryWords(rows, categories)


@lru_cache(maxsize=1)
def packaged_category_words() -> CategoryWords:
    """The words that come with the program."""
    return read_category_words(packaged_text("category_words.csv"), packaged_categories())
