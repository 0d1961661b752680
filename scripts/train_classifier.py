"""Trains the category classifier and measures it; writes shared/reference/data/classifier.npz.

    python scripts/train_classifier.py TOKENS.csv.gz MESSAGES.csv.gz [--out FILE]

TOKENS has the columns tokens, category (words with stop words removed); MESSAGES has subject,
text, category (whole texts). scikit-learn is needed here and nowhere else. The result is the same
byte for byte for the same input and versions. How and how well: docs/classifier.md.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.sparse.csgraph import connected_components
from scipy.special import log_softmax, softmax
from sklearn.metrics import f1_score, precision_recall_fscore_support
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from services.intake.categories.domain.grams import characters, counted, gram_codes
from shared.reference.categories import packaged_categories

OUT = Path(__file__).resolve().parent.parent / "shared/reference/data/classifier.npz"
RARE = 5
"""A gram that occurs in fewer training texts is left out."""
PENALTY = 1.0
SMOOTHING = 0.1
SEEDS = (0, 1, 2)
FOLDS = 5
ALIKE, CONTAINED, TELLING = 0.5, 0.6, 15
"""Near copies share this part of their 3-grams, or of the shorter text's if it has more than the
last number of them."""
SHORTEST = 4
"""A text with fewer Chinese characters is not learned from."""


@dataclass(frozen=True)
class Texts:
    """Labelled texts. `group` is equal for near copies."""

    texts: list[tuple[str, str]]
    labels: np.ndarray
    group: np.ndarray
    whole: np.ndarray
    """True where the text is whole, False where it is words without stop words."""

    def take(self, index: np.ndarray) -> Texts:
        """The texts at these positions."""
        chosen = [self.texts[i] for i in index]
        return Texts(chosen, self.labels[index], self.group[index], self.whole[index])


@dataclass(frozen=True)
class Model:
    """Linear model over n-grams: `weights` is grams x classes."""

    grams: np.ndarray
    idf: np.ndarray
    weights: np.ndarray
    bias: np.ndarray


def read(tokens: Path, messages: Path) -> Texts:
    """Both files as one, near copies marked; labels become six-digit category codes."""
    csv.field_size_limit(sys.maxsize)
    codes = {category.name: category.code for category in packaged_categories().children(None)}
    with gzip.open(tokens, "rt", encoding="utf-8") as file:
        words = [("", row["tokens"], row["category"]) for row in csv.DictReader(file)]
    with gzip.open(messages, "rt", encoding="utf-8") as file:
        whole = [(row["subject"], row["text"], row["category"]) for row in csv.DictReader(file)]
    rows = [row for row in words + whole if len(characters(row[0] + row[1])) >= SHORTEST]
    texts = [(subject, text) for subject, text, _ in rows]
    labels = np.array([codes[label] for _, _, label in rows])
    kept_words = sum(len(characters(text)) >= SHORTEST for _, text, _ in words)
    return Texts(texts, labels, near_copies(texts), np.arange(len(rows)) >= kept_words)


def near_copies(texts: list[tuple[str, str]]) -> np.ndarray:
    """A group number per text: texts are joined when half of their 3-grams are the same, or most
    of the shorter one's are in the other."""
    grams = [np.unique(gram_codes(characters(s + t))) for s, t in texts]
    grams = [codes[codes >> 32 > 0] for codes in grams]
    _, columns = np.unique(np.concatenate(grams), return_inverse=True)
    sizes = np.array([len(codes) for codes in grams])
    rows = np.repeat(np.arange(len(grams)), sizes)
    seen = csr_matrix((np.ones(len(rows), np.float32), (rows, columns)))
    left: list[np.ndarray] = []
    right: list[np.ndarray] = []
    for start in range(0, len(texts), 500):
        common = (seen[start : start + 500] @ seen.T).tocoo()
        i, j, n = common.row + start, common.col, common.data
        shorter = np.minimum(sizes[i], sizes[j])
        alike = n / (sizes[i] + sizes[j] - n) > ALIKE
        alike |= (n / shorter > CONTAINED) & (shorter > TELLING)
        left.append(i[alike])
        right.append(j[alike])
    a, b = np.concatenate(left), np.concatenate(right)
    links = coo_matrix((np.ones(len(a)), (a, b)), shape=(len(texts), len(texts)))
    return np.asarray(connected_components(links, directed=False)[1])


def one_of_each(texts: Texts) -> Texts:
    """Without near copies: the first of each group."""
    _, first = np.unique(texts.group, return_index=True)
    return texts.take(np.sort(first))


def vocabulary(texts: Texts) -> tuple[np.ndarray, np.ndarray]:
    """Grams that are not rare, ascending, and the number of texts with each."""
    every = np.concatenate([counted(*text)[0] for text in texts.texts])
    grams, found_in = np.unique(every, return_counts=True)
    kept = found_in >= RARE
    return grams[kept], found_in[kept]


def matrix(texts: Texts, grams: np.ndarray, idf: np.ndarray) -> csr_matrix:
    """TF-IDF rows of length one, term frequency damped by a logarithm."""
    rows, columns, values = [], [], []
    for number, text in enumerate(texts.texts):
        codes, counts = counted(*text)
        at = np.minimum(np.searchsorted(grams, codes), len(grams) - 1)
        known = grams[at] == codes
        value = (1 + np.log(counts[known])) * idf[at[known]]
        rows.append(np.full(known.sum(), number))
        columns.append(at[known])
        values.append(value / max(np.sqrt((value**2).sum()), 1e-9))
    parts = (np.concatenate(rows), np.concatenate(columns))
    return csr_matrix((np.concatenate(values), parts), shape=(len(texts.texts), len(grams)))


def fit(texts: Texts, classes: list[str]) -> Model:
    """One linear support vector machine per class against the rest, its features scaled by the
    naive Bayes log ratio of the class (NB-SVM), classes weighted by their size."""
    grams, found_in = vocabulary(texts)
    idf = (np.log((1 + len(texts.texts)) / (1 + found_in)) + 1).astype(np.float32)
    rows = matrix(texts, grams, idf)
    weights = np.empty((len(grams), len(classes)), np.float32)
    bias = np.empty(len(classes), np.float32)
    for column, label in enumerate(classes):
        inside = texts.labels == label
        yes = np.asarray(rows[inside].sum(0)).ravel() + SMOOTHING
        no = np.asarray(rows[~inside].sum(0)).ravel() + SMOOTHING
        ratio = np.abs(np.log((yes / yes.sum()) / (no / no.sum())))
        machine = LinearSVC(C=PENALTY, class_weight="balanced", random_state=0)
        machine.fit(rows @ diags(ratio), inside)
        weights[:, column] = machine.coef_[0] * ratio
        bias[column] = machine.intercept_[0]
    return Model(grams, idf, weights, bias)


def scores(model: Model, texts: Texts) -> np.ndarray:
    """Texts x classes."""
    return np.asarray(matrix(texts, model.grams, model.idf) @ model.weights + model.bias)


def cross_validated(texts: Texts, classes: list[str], seed: int) -> np.ndarray:
    """Scores of every text by models that have not seen it."""
    result = np.empty((len(texts.texts), len(classes)))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for known, held_out in folds.split(texts.texts, texts.labels):
        model = fit(texts.take(known), classes)
        result[held_out] = scores(model, texts.take(held_out))
    return result


def calibrate(held_out: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Slope and one offset per class that make softmax(slope * score + offset) fit held-out
    texts best; slope first."""
    rows = np.arange(len(truth))

    def loss(values: np.ndarray) -> float:
        return float(-log_softmax(values[0] * held_out + values[1:], axis=1)[rows, truth].mean())

    start = np.concatenate([[3.0], np.zeros(held_out.shape[1])])
    return np.asarray(minimize(loss, start, method="L-BFGS-B").x, dtype=np.float32)


def table(truth: np.ndarray, guess: np.ndarray, classes: list[str]) -> dict[str, Any]:
    """Precision, recall and F per class."""
    names = {category.code: category.name for category in packaged_categories().children(None)}
    parts = precision_recall_fscore_support(truth, guess, labels=range(len(classes)))
    rows = np.stack(parts, axis=1).round(3).tolist()
    return dict(zip((names[code] for code in classes), rows, strict=True))


def coverage(probability: np.ndarray, truth: np.ndarray) -> dict[str, list[float]]:
    """Threshold -> share of texts above it, share of those that are right."""
    top = probability.max(axis=1)
    right = probability.argmax(axis=1) == truth
    return {
        str(at): [round(float((top >= at).mean()), 3), round(float(right[top >= at].mean()), 3)]
        for at in (0.0, 0.5, 0.6, 0.7, 0.8, 0.9)
    }


def train(tokens: Path, messages: Path, out: Path = OUT) -> dict[str, Any]:
    """Trains on all texts, writes the model, returns what was measured on held-out texts."""
    everything = read(tokens, messages)
    texts = one_of_each(everything)
    classes = sorted(set(texts.labels))
    number = {code: at for at, code in enumerate(classes)}
    truth = np.array([number[label] for label in texts.labels])
    runs = [cross_validated(texts, classes, seed) for seed in SEEDS]
    means = [f1_score(truth, run.argmax(axis=1), average="macro") for run in runs]
    calibration = calibrate(runs[0], truth)
    probability = softmax(calibration[0] * runs[1] + calibration[1:], axis=1)

    whole = everything.take(np.flatnonzero(everything.whole))
    unseen = texts.take(np.flatnonzero(~np.isin(texts.group, whole.group)))
    whole_truth = np.array([number[label] for label in whole.labels])
    whole_scores = scores(fit(unseen, classes), whole)

    model = fit(texts, classes)
    np.savez_compressed(
        out,
        classes=np.array(classes),
        grams=model.grams,
        idf=model.idf.astype(np.float16),
        weights=model.weights.astype(np.float16),
        bias=model.bias,
        calibration=calibration,
    )
    return {
        "texts": len(everything.texts),
        "without_near_copies": len(texts.texts),
        "grams": len(model.grams),
        "bytes": out.stat().st_size,
        "mean_f": [round(float(mean), 4) for mean in means],
        "accuracy": round(float((runs[0].argmax(axis=1) == truth).mean()), 4),
        "classes": table(truth, runs[0].argmax(axis=1), classes),
        "whole_texts": len(whole.texts),
        "whole_texts_mean_f": round(
            float(f1_score(whole_truth, whole_scores.argmax(axis=1), average="macro")), 4
        ),
        "whole_texts_classes": table(whole_truth, whole_scores.argmax(axis=1), classes),
        "calibration": [round(float(value), 3) for value in calibration],
        "coverage_and_precision": coverage(probability, truth),
    }


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("tokens", type=Path)
    arguments.add_argument("messages", type=Path)
    arguments.add_argument("--out", type=Path, default=OUT)
    chosen = arguments.parse_args()
    print(json.dumps(train(chosen.tokens, chosen.messages, chosen.out), ensure_ascii=False))
