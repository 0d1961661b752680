"""Suggests a content category for a petition without one; a person may always choose another.

A linear model over character n-grams knows seven of the first-level categories, those with
labelled training texts. Words in data/category_words.csv stand for the other ten and refine the
answer to the second or third level. How it was made and how well it does: docs/classifier.md.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

from services.intake.categories.domain.category_words import (
    CategoryWords,
    first_level,
    packaged_category_words,
    refine,
)
from services.intake.categories.domain.grams import counted
from shared.reference.calendar import packaged_text


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`category_code` is None where the confidence is below the threshold: a person decides.

    `confidence` (0 to 1) is that of the first level of `best`, the most likely category;
    `runner_up` is the next first-level category, None when nothing else came near. `edition` is
    the classifier's, to be stored with the suggestion.
    """

    category_code: str | None
    confidence: float
    runner_up: str | None
    best: str | None
    edition: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The section [classifier] of editions.toml.

    `threshold`: least confidence. `support`: by how much of itself one point of words raises the
    odds of a category the model knows. `even_points`: points by which a category the model does
    not know must be ahead of those it knows to be as likely as all of them together; the odds
    grow with the square. `lead`: points by which a category below must be ahead of the next to be
    named instead of the one above. `notable`: least probability of a runner-up.
    """

    edition: str
    threshold: float
    support: float
    even_points: float
    lead: int
    notable: float


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights over n-grams. `grams` (ascending codes) x `classes`; `calibration` is a slope and
    one offset per class that turn scores into probabilities."""

    classes: list[str]
    grams: NDArray[np.int64]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    calibration: NDArray[np.float32]

    def probabilities(self, subject: str, text: str) -> NDArray[np.float64] | None:
        """One probability per class, together 1; None when no gram of the text is known."""
        codes, counts = counted(subject, text)
        at = np.minimum(np.searchsorted(self.grams, codes), len(self.grams) - 1)
        known = self.grams[at] == codes
        if not known.any():
            return None
        at = at[known]
        values = (1 + np.log(counts[known])) * self.idf[at]
        values /= np.sqrt((values**2).sum())
        scores = values @ self.weights.take(at, axis=0) + self.bias
        logits = (self.calibration[0] * scores + self.calibration[1:]).astype(np.float64)
        odds = np.exp(logits - logits.max())
        return np.asarray(odds / odds.sum())


class Classifier:
    """The model and the words together."""

    def __init__(self, model: LinearModel, words: CategoryWords, settings: Settings) -> None:
        self._model = model
        self._words = words
        self._settings = settings

    @staticmethod
    def load_packaged() -> Classifier:
        """The classifier that comes with the program, read once per process (about 50 ms)."""
        return _packaged()

    @property
    def edition(self) -> str:
        """Id of the edition in use."""
        return self._settings.edition

    def suggest(self, subject: str, text: str) -> Suggestion:
        """The most likely category of a petition; depends on nothing but the two texts."""
        points = self._words.points(subject, text)
        likely = self._first_level(subject, text, first_level(points))
        ranked = sorted(likely.items(), key=lambda item: (-item[1], item[0]))
        if not ranked:
            return Suggestion(None, 0.0, None, None, self.edition)
        code, confidence = ranked[0]
        best = refine(points, code, lead=self._settings.lead)
        sure = confidence >= self._settings.threshold
        notable = [code for code, share in ranked[1:2] if share >= self._settings.notable]
        return Suggestion(
            category_code=best if sure else None,
            confidence=round(confidence, 4),
            runner_up=notable[0] if notable else None,
            best=best,
            edition=self.edition,
        )

    def _first_level(self, subject: str, text: str, words: dict[str, int]) -> dict[str, float]:
        """First-level category -> probability. The model's answer, set against the words for
        categories it does not know."""
        known = self._model.probabilities(subject, text)
        classes = self._model.classes
        weight: dict[str, float] = {}
        if known is not None:
            support = np.array([1 + self._settings.support * words.get(c, 0) for c in classes])
            weight.update(zip(classes, (known * support / (known @ support)).tolist(), strict=True))
        ahead_of = self._settings.even_points + max((words.get(c, 0) for c in classes), default=0)
        for code, points in words.items():
            if code not in classes:
                weight[code] = (points / ahead_of) ** 2
        total = sum(weight.values())
        return {code: value / total for code, value in weight.items()} if total else {}


@lru_cache(maxsize=1)
def _packaged() -> Classifier:
    head = tomllib.loads(packaged_text("editions.toml"))["classifier"]
    settings = Settings(
        edition=head["id"],
        threshold=head["threshold"],
        support=head["support"],
        even_points=head["even_points"],
        lead=head["lead"],
        notable=head["notable"],
    )
    with (
        as_file(files("shared.reference") / "data" / head["file"]) as path,
        np.load(path, allow_pickle=False) as stored,
    ):
        model = LinearModel(
            classes=stored["classes"].tolist(),
            grams=stored["grams"],
            idf=stored["idf"].astype(np.float32),
            weights=stored["weights"].astype(np.float32),
            bias=stored["bias"],
            calibration=stored["calibration"],
        )
    return Classifier(model, packaged_category_words(), settings)
