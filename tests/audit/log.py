"""A sealed log in memory, and the ways somebody with all rights on the database may alter it."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from shared.db.audit_chain import Anchor, AuditRow, Seal, Verdict, check, genesis, link

SERVICE = "intake"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass
class Log:
    """Rows, seals and anchors; the anchors are out of the mutator's reach."""

    rows: dict[int, AuditRow] = field(default_factory=dict)
    seals: list[Seal] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)

    def write(self, position: int, actor: str) -> None:
        self.rows[position] = AuditRow(
            position=position, at=START + timedelta(seconds=position), actor=actor,
            action="case.accepted", subject=f"case/{position % 7}", detail="{}",
            correlation_id=f"c{position}",
        )  # fmt: skip

    def seal(self, *, anchor: bool = True) -> None:
        """Seal what has no seal, as the sealer does."""
        sealed = {seal.position for seal in self.seals}
        head = self.seals[-1].hash if self.seals else genesis(SERVICE)
        for position in sorted(self.rows.keys() - sealed):
            ordinal, at = len(self.seals) + 1, START + timedelta(hours=1)
            head = link(head, ordinal=ordinal, sealed_at=at, row=self.rows[position])
            self.seals.append(Seal(ordinal, position, at, head))
        if anchor:
            line = len(self.anchors) + 1
            self.anchors.append(Anchor(line, len(self.seals), head))

    def reseal(self) -> None:
        """Make the whole chain anew over what is there now, as only a mutator does."""
        self.seals = []
        self.seal(anchor=False)

    def check(self) -> Verdict:
        return check(SERVICE, rows=self.rows, seals=self.seals, anchors=self.anchors)


def make(count: int) -> Log:
    """A log of some hundred rows, sealed in passes, with gaps and rows that committed late."""
    made, late = Log(), []
    for position in range(1, count + 1):
        if position % 11 == 0:
            continue  # a transaction that failed
        if position % 17 == 0:
            late.append(position)
            continue
        made.write(position, actor=f"officer{position % 5}")
        if position % 20 == 0:
            made.seal()
            for each in late:
                made.write(each, actor="late")
            late = []
    made.seal()
    return made


def change(log: Log, dice: random.Random) -> None:
    position = dice.choice(list(log.rows))
    row = log.rows[position]
    log.rows[position] = dice.choice(
        [
            replace(row, actor=row.actor + "x"),
            replace(row, at=row.at + timedelta(microseconds=1)),
            replace(row, action="case.answered"),
            replace(row, subject="case/none"),
            replace(row, detail='{"x": 1}'),
            replace(row, correlation_id=""),
            # the same bytes in other columns
            replace(row, actor=row.actor + row.action, action=""),
        ]
    )


def change_and_reseal(log: Log, dice: random.Random) -> None:
    change(log, dice)
    log.reseal()


def delete_middle(log: Log, dice: random.Random) -> None:
    del log.rows[dice.choice(list(log.rows)[:-1])]


def delete_middle_with_its_seal(log: Log, dice: random.Random) -> None:
    seal = log.seals.pop(dice.randrange(len(log.seals) - 1))
    del log.rows[seal.position]


def delete_and_reseal(log: Log, dice: random.Random) -> None:
    delete_middle(log, dice)
    log.reseal()


def delete_tail(log: Log, dice: random.Random) -> None:
    for seal in log.seals[-dice.randint(1, 60) :]:
        del log.rows[seal.position]
        log.seals.remove(seal)


def delete_tail_and_append_again(log: Log, dice: random.Random) -> None:
    before = len(log.seals)
    delete_tail(log, dice)
    first = max(log.rows) + 1
    for position in range(first, first + before - len(log.seals) + dice.randint(0, 9)):
        log.write(position, actor="innocent")
    log.seal(anchor=False)


def swap(log: Log, dice: random.Random) -> None:
    one, other = dice.sample(list(log.rows), 2)
    log.rows[one], log.rows[other] = (
        replace(log.rows[other], position=one), replace(log.rows[one], position=other),
    )  # fmt: skip


def swap_seals(log: Log, dice: random.Random) -> None:
    one, other = dice.sample(range(len(log.seals)), 2)
    first, second = log.seals[one], log.seals[other]
    log.seals[one] = replace(second, ordinal=first.ordinal)
    log.seals[other] = replace(first, ordinal=second.ordinal)


def insert(log: Log, dice: random.Random) -> None:
    highest = max(log.rows)
    gaps = sorted(set(range(1, highest)) - log.rows.keys())
    log.write(dice.choice(gaps), actor="slipped in")
    if dice.random() < 0.5:
        log.reseal()


def restore_older_copy(log: Log, dice: random.Random) -> None:
    kept = dice.randrange(0, len(log.seals))
    for seal in log.seals[kept:]:
        del log.rows[seal.position]
    log.seals = log.seals[:kept]
    if dice.random() < 0.5:  # and life goes on
        for position in range(1000, 1000 + dice.randint(1, 400)):
            log.write(position, actor="later")
        log.seal(anchor=False)


MUTATIONS: list[Callable[[Log, random.Random], None]] = [
    change, change_and_reseal, delete_middle, delete_middle_with_its_seal, delete_and_reseal,
    delete_tail, delete_tail_and_append_again, swap, swap_seals, insert, restore_older_copy,
]  # fmt: skip


def altered(log: Log, mutation: Callable[[Log, random.Random], None], seed: int) -> Log:
    """A copy of the log with one mutation."""
    other = copy.copy(log)
    other.rows, other.seals = dict(log.rows), list(log.seals)
    mutation(other, random.Random(seed))
    return other
