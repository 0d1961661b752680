"""A petition that already lived elsewhere, as an import reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from shared.vocabulary.petitions import Channel, Origin, Purpose


@dataclass(frozen=True, slots=True)
class HistoricalPetition:
    """One row of a history. Its identity is source and source id, never its text (decisions 17).

    Days are local to the mapping's time zone; `category` is a code or a first-level name;
    `located_by_subject_alone`: its place is the one county the subject names, or undetermined.
    """

    source: str
    source_id: str
    subject: str
    text: str
    channel: Channel
    origin: Origin
    purpose: Purpose
    received_on: date
    answered_on: date | None
    answer: str | None
    category: str | None
    division_code: str | None
    located_by_subject_alone: bool = False


@dataclass(frozen=True, slots=True)
class KeptRow:
    """What is kept of a row: its masked words, its days, and since 0047 the digest of its
    content."""

    subject: str | None
    text: str | None
    answer: str | None
    received_on: date
    answered_on: date | None
    digest: str | None


_MASKED = re.compile(r"\*{2,}")


def other_parts(petition: HistoricalPetition, kept: KeptRow) -> list[str]:
    """Which parts of a row can be seen to differ from what is kept of it, in Chinese."""
    answer = "答复" if kept.answer or not petition.answer else "答复（原来没有）"
    parts = [
        ("标题", _fits(kept.subject, petition.subject)),
        ("正文", _fits(kept.text, petition.text)),
        (answer, _fits(kept.answer or "", petition.answer or "")),
        ("收到日期", kept.received_on == petition.received_on),
        ("答复日期", kept.answered_on == petition.answered_on),
    ]
    return [name for name, same in parts if not same]


def _fits(masked: str | None, original: str) -> bool:
    """Whether a text may be what was masked: it has all that masking left, in this order. True
    where nothing is kept."""
    if masked is None:
        return True
    first, *others = _MASKED.split(masked)
    if not others:
        return masked == original
    at, last = len(first), others.pop()
    for part in others:
        at = original.find(part, at) + len(part)
        if at < len(part):
            return False
    return (
        original.startswith(first) and original.endswith(last) and at + len(last) <= len(original)
    )
