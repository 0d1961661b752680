"""The audit log as a chain of hashes, and the rule by which anybody can check it (decisions 18).

Link n = SHA-256(link n-1, n, time of sealing, the row's bytes); link 0 names the service. A chain
inside the database shows a changed, removed or moved row, but not a chain cut short or made anew;
for that its head is anchored in a file outside. Pure: neither database nor clock.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.vocabulary.checks import AuditFlaw

LONGEST_TRANSACTION = timedelta(minutes=10)
"""No transaction lives that long: the server ends an idle one after 60 s and a statement after
30 s, and audit rows are written by the last statement before the commit."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the audit table, as it is sealed."""

    position: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str
    correlation_id: str

    def canonical(self) -> bytes:
        """The same bytes on both engines: JSON without spaces, instants in UTC microseconds."""
        return json.dumps(
            [
                self.position, _instant(self.at), self.actor, self.action, self.subject,
                self.detail, self.correlation_id,
            ],
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode("utf-8", "surrogatepass")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seal:
    """One link: which row it seals, when, and the head of the chain after it."""

    ordinal: int
    position: int
    sealed_at: datetime
    hash: bytes


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head of the chain kept outside the database; `line` is its line in the file, from 1."""

    line: int
    ordinal: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """The first place where log and seals differ; `anchor` is a line of the anchor file."""

    flaw: AuditFlaw
    ordinal: int | None = None
    position: int | None = None
    anchor: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of a check. `late` rows were sealed long after their neighbours: a transaction in
    flight when the service stopped, or a row slipped in afterwards; a person must look."""

    sealed: int
    head: bytes
    finding: Finding | None
    late: list[int] = field(default_factory=list)


def genesis(service: str) -> bytes:
    """Link 0, different for each service: chains can't be exchanged."""
    return hashlib.sha256(f"xinfang audit 1 {service}".encode()).digest()


def link(previous: bytes, *, ordinal: int, sealed_at: datetime, row: AuditRow) -> bytes:
    """The next head of the chain."""
    digest = hashlib.sha256(previous)
    digest.update(f"|{ordinal}|{_instant(sealed_at)}|".encode())
    digest.update(row.canonical())
    return digest.digest()


class Checker:
    """Walks a chain from its beginning; `take` links in order, then ask for the `verdict`."""

    def __init__(self, service: str, anchors: Iterable[Anchor]) -> None:
        self._head = genesis(service)
        self._anchors: dict[int, list[Anchor]] = {}
        for anchor in anchors:
            self._anchors.setdefault(anchor.ordinal, []).append(anchor)
        self._ordinal = 0
        self._highest = 0
        self._highest_at: datetime | None = None
        self._late: list[int] = []
        self._finding = self._compare_anchors()

    def take(self, seal: Seal, row: AuditRow | None) -> bool:
        """Check one link with the row it seals; False from the first flaw on."""
        if self._finding is None:
            self._finding = self._flaw(seal, row)
        return self._finding is None

    def verdict(self, unsealed: Iterable[int]) -> Verdict:
        """The result; `unsealed` are positions of rows without a seal, lowest first."""
        finding = self._finding or self._missing_anchor() or self._among_sealed(unsealed)
        return Verdict(sealed=self._ordinal, head=self._head, finding=finding, late=self._late)

    def _flaw(self, seal: Seal, row: AuditRow | None) -> Finding | None:
        expected = self._ordinal + 1
        if seal.ordinal != expected:
            return Finding(AuditFlaw.GAP, ordinal=expected, position=seal.position)
        if row is None:
            return Finding(AuditFlaw.ROW_MISSING, ordinal=expected, position=seal.position)
        head = link(self._head, ordinal=expected, sealed_at=seal.sealed_at, row=row)
        if head != seal.hash or row.position != seal.position:
            return Finding(AuditFlaw.CHANGED, ordinal=expected, position=seal.position)
        self._ordinal, self._head = expected, head
        self._watch_order(seal)
        return self._compare_anchors()

    def _watch_order(self, seal: Seal) -> None:
        if seal.position > self._highest:
            self._highest, self._highest_at = seal.position, seal.sealed_at
        elif self._highest_at and seal.sealed_at - self._highest_at > LONGEST_TRANSACTION:
            self._late.append(seal.position)

    def _compare_anchors(self) -> Finding | None:
        for anchor in self._anchors.pop(self._ordinal, ()):
            if anchor.hash != self._head:
                return Finding(AuditFlaw.ANCHOR_DIFFERS, ordinal=self._ordinal, anchor=anchor.line)
            self._anchored = True
        return None

    _anchored = False

    def _missing_anchor(self) -> Finding | None:
        if self._anchors:
            first = self._anchors[min(self._anchors)][0]
            return Finding(AuditFlaw.CUT, ordinal=self._ordinal + 1, anchor=first.line)
        if self._ordinal and not self._anchored:
            return Finding(AuditFlaw.NO_ANCHOR, ordinal=self._ordinal)
        return None

    def _among_sealed(self, unsealed: Iterable[int]) -> Finding | None:
        for position in unsealed:
            return (
                Finding(AuditFlaw.UNSEALED, position=position) if position < self._highest else None
            )
        return None


def check(
    service: str,
    *,
    rows: Mapping[int, AuditRow],
    seals: Iterable[Seal],
    anchors: Iterable[Anchor],
) -> Verdict:
    """Check a log that fits into memory; `rows` by position, `seals` in order of ordinal."""
    checker = Checker(service, anchors)
    kept = list(seals)
    for seal in kept:
        if not checker.take(seal, rows.get(seal.position)):
            break
    return checker.verdict(sorted(rows.keys() - {seal.position for seal in kept}))


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
