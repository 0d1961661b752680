"""Where real messages would go: the product's own functions from words to decision, no server.

A message takes the way of one filed today with the root petition office: sealed or not, category
suggested, masked (intake), then place and competent organ (routing). No code here decides.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from math import sqrt
from pathlib import Path

from services.intake.desk.use_cases import Desk, make_desk
from services.intake.history.use_cases.mappings import mapping_named
from services.intake.masking.use_cases import masked_words
from services.intake.petitions.domain import filing as intake
from services.intake.petitions.domain.petition import Filing
from services.intake.registration.use_cases.placing import category_of
from services.routing.jurisdiction.domain.decision import Decision
from services.routing.jurisdiction.domain.jurisdiction import OFFICE_DETERMINES
from services.routing.opening.use_cases.opening import decided
from shared.contracts.intake import PetitionContentV1
from shared.reference.editions import Reference, in_force, packaged_editions
from shared.vocabulary.cases import Confidence
from tests.routing.making import facts
from tests.truth.comparing import MAPPING, REAL, REFERENCE
from tests.truth.counter import rows_of

LABELS = Path(__file__).with_name("routing_labels.csv")
SAMPLES = REFERENCE / "samples"
SAMPLE_ROOT = "43"
DAY = date(2026, 11, 23)
"""The day of all decisions, so that a measurement can be repeated."""
UNCLEAR = "unclear"
"""The label where the reply does not tell what kind of organ answered."""
NAMES_AN_ORGAN = re.compile(
    "局|厅|委员会|管委会|街道办|办事处|政府|支队|大队|中心|"
    "(?:发改|住建|教|卫健|卫计|经信|国资|交|建)委"
)
"""A reply that may tell who handled the matter: the sample to label is drawn from these."""


class Outcome(StrEnum):
    """What became of a message. `certain`, `likely`: handed to the one organ the table of
    competence names; `office`: the place is known and its petition office must say who handles
    it; `person`: nobody has it until a person of the receiving office decides; `sealed`: a person
    must look before anybody else may."""

    CERTAIN = "certain"
    LIKELY = "likely"
    OFFICE = "office"
    PERSON = "person"
    SEALED = "sealed"


CONFIDENT = (Outcome.CERTAIN, Outcome.LIKELY)


@dataclass(frozen=True, slots=True)
class Routed:
    """One message and where it went. `why` is the reason a person must decide, or for `office`
    why the table gave no organ; `organ_kind` is empty unless the outcome is confident."""

    message_id: str
    outcome: Outcome
    why: str = ""
    decision: str = ""
    category: str | None = None
    organ_kind: str = ""

    @property
    def confident(self) -> bool:
        """Whether one organ has it without a person."""
        return self.outcome in CONFIDENT


@dataclass(frozen=True)
class Mail:
    """Messages and the reference data they are decided by."""

    name: str
    rows: list[dict[str, str]]
    reference: Reference


def reference_for(tree: Path | None, root: str) -> Reference:
    """The packaged editions, over a division tree of one's own if given."""
    return Reference(in_force(packaged_editions(tree), DAY), root_division=root)


def real_mail(data: Path = REAL) -> Mail | None:
    """The messages and the replied ones of a data folder; None where they are not."""
    files = [data / "messages.csv.gz", data / "replied.csv.gz"]
    tree = data / "divisions-sample.csv"
    if not all(file.is_file() for file in (*files, tree)):
        return None
    rows = [row for file in files for row in rows_of(file)]
    return Mail("real messages", rows, reference_for(tree, ""))


def sample_mail() -> Mail:
    """The project's own samples, in the national tree."""
    files = [SAMPLES / "petitions.csv", SAMPLES / "history.csv"]
    rows = [row for file in files for row in rows_of(file)]
    return Mail("samples", rows, reference_for(None, SAMPLE_ROOT))


@lru_cache(maxsize=1)
def _desk() -> Desk:
    with tempfile.TemporaryDirectory() as folder:
        return make_desk(vault_keys=None, query_code_key=None, keys_folder=Path(folder))


def route(row: Mapping[str, str], reference: Reference) -> Routed:
    """Where one message would go."""
    desk, message = _desk(), mapping_named(MAPPING).read(row)
    filing = Filing(message.subject, message.text, purpose=message.purpose)
    seal = desk.sealing.judge(filing.subject, filing.text, declared_accusation=False)
    if seal is not None:
        return Routed(message.source_id, Outcome.SEALED, seal.sealed_class.value)
    category = category_of(reference, desk, filing)
    words = masked_words(reference, filing)
    content = PetitionContentV1(
        petition=facts(
            purpose=intake.Purpose(filing.purpose).value,
            category_code=category.code,
            category_by=category.by,
            category_confidence=category.confidence,
            received_by=reference.root_petition_office,
        ),
        title=words.subject,
        text=words.text,
        place=words.place,
    )
    _, decision = decided(reference, content, DAY)
    return _routed(message.source_id, decision, reference)


def _routed(message_id: str, decision: Decision, reference: Reference) -> Routed:
    outcome, why = _outcome(decision)
    organ = reference.organs.get(decision.organ_code or "")
    return Routed(
        message_id,
        outcome,
        why,
        decision.kind.value,
        decision.category_code,
        organ.kind if organ and outcome in CONFIDENT else "",
    )


def _outcome(decision: Decision) -> tuple[Outcome, str]:
    if not decision.hands_over:
        return Outcome.PERSON, str(decision.reason)
    last = decision.trail[-1].text
    if last.endswith(OFFICE_DETERMINES):
        return Outcome.OFFICE, last.partition("，")[0]
    sure = decision.confidence is Confidence.CERTAIN
    return Outcome.CERTAIN if sure else Outcome.LIKELY, ""


def draw(
    rows: Iterable[Mapping[str, str]], *, seed: int, number: int, but: Container[str] = ()
) -> list[str]:
    """Ids of a seeded sample of the messages whose reply names an organ, `but` some."""
    ids = [r["message_id"] for r in rows if NAMES_AN_ORGAN.search(r.get("reply") or "")]
    kept = [each for each in sorted(ids, key=int) if each not in but]
    return random.Random(seed).sample(kept, number)


def labels_of(path: Path = LABELS) -> dict[str, str]:
    """Message id -> organ kind that answered, or `unclear`."""
    return {row["message_id"]: row["organ_kind"] for row in rows_of(path)}


def present_kind(kind: str, reference: Reference) -> str:
    """The kind that does the work of `kind` today (an old land bureau is natural resources)."""
    row = reference.organs.kinds[kind]
    return present_kind(row.successor, reference) if row.successor else kind


@dataclass(frozen=True, slots=True)
class Agreement:
    """How decisions meet labels. `told`: messages whose label is clear; `confusion` counts
    (chosen kind, label) of the confident decisions that differ."""

    messages: int
    told: int
    confident: Counter[Outcome]
    agreeing: Counter[Outcome]
    confusion: Counter[tuple[str, str]]

    @property
    def share(self) -> float:
        """Agreeing of the confident decisions."""
        confident = self.confident.total()
        return self.agreeing.total() / confident if confident else 0.0

    @property
    def coverage(self) -> float:
        """Confident of the messages with a clear label."""
        return self.confident.total() / self.told if self.told else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies with 95 % confidence (Wilson)."""
        number, z = self.confident.total(), 1.96
        if not number:
            return 0.0, 1.0
        middle = self.share + z * z / (2 * number)
        spread = z * sqrt(self.share * (1 - self.share) / number + z * z / (4 * number**2))
        below = 1 + z * z / number
        return (middle - spread) / below, (middle + spread) / below


def agreement(
    routed: Iterable[Routed], labels: Mapping[str, str], reference: Reference
) -> Agreement:
    """Compare the organ kinds chosen with confidence with the labels."""
    labelled = [each for each in routed if each.message_id in labels]
    told = [each for each in labelled if labels[each.message_id] != UNCLEAR]
    confident: Counter[Outcome] = Counter()
    agreeing: Counter[Outcome] = Counter()
    confusion: Counter[tuple[str, str]] = Counter()
    for each in told:
        if not each.confident:
            continue
        label = present_kind(labels[each.message_id], reference)
        confident[each.outcome] += 1
        if each.organ_kind == label:
            agreeing[each.outcome] += 1
        else:
            confusion[each.organ_kind, label] += 1
    return Agreement(len(labelled), len(told), confident, agreeing, confusion)
