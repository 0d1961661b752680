"""The second opinion: what must be stored by the raw events against what is stored (DL14).

Compared are which duties exist, kind, organ, due date and instant, and the state. Of superiors'
duties (提级督办) those that must or must not be there, and their dates; not which superior.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from services.supervision.verification.domain.witness_days import Row, Tables, end_of
from services.supervision.verification.domain.witness_needs import Line, Raw, lines

GRACE = timedelta(minutes=2)
"""How long after the due instant a duty may still be stored as running: the watcher's goal is
seconds, and its clocks may be held for a minute."""
OPEN = ("running", "overdue")
Key = tuple[str, str, str, int]


class Stored(Protocol):
    """A row of the duty table, as far as it is compared."""

    duty_id: Any
    subject_kind: str
    subject_id: Any
    kind: str
    ordinal: int
    organ_code: str | None
    division_code: str | None
    nature: str
    started_on: date
    due_on: date
    due_at: datetime
    state: str
    silent: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One disagreement: `subject` (duty/… where stored), and what was expected and found."""

    subject: str
    what: str


@dataclass(frozen=True, slots=True)
class Group:
    """All raw facts about one case, or one petition without a case.

    `versions` are the case as each event told it, oldest first; the last one counts."""

    versions: tuple[Raw, ...]
    petitions: tuple[Raw, ...]

    @property
    def case(self) -> Raw | None:
        """The case as it is now."""
        return self.versions[-1] if self.versions else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a comparison goes by; `top` is the organ that has nobody to tell above it."""

    tables: Tables
    zone: str
    now: datetime
    top: str
    is_office: Callable[[str], bool]

    def differences(self, group: Group, stored: Sequence[Stored]) -> list[Difference]:
        """Everything in which the stored duties of a group are not what its events call for."""
        return [*self._own(group, stored), *self._raised(stored)]

    def _own(self, group: Group, stored: Sequence[Stored]) -> Iterator[Difference]:
        rows = {_key(row): row for row in stored if row.subject_kind != "duty"}
        wanted = self._wanted(group.case, group.petitions)
        for key, (line, limit) in wanted.items():
            row = rows.pop(key, None)
            if row is None:
                yield Difference(f"{key[0]}/{key[1]}", f"missing {key[2]} #{key[3]}")
            else:
                yield from self._compared(line, limit, row)
        extra = [row for row in rows.values() if row.state != "cancelled"]
        if extra:
            once = {key for told in self._tellings(group) for key in self._wanted(*told)}
            for row in extra:
                if row.state in OPEN or _key(row) not in once:
                    yield Difference(f"duty/{row.duty_id}", f"not called for: {row.kind}")

    def _tellings(self, group: Group) -> Iterator[tuple[Raw | None, Sequence[Raw]]]:
        yield None, group.petitions
        for version in group.versions:
            yield version, group.petitions

    def _wanted(self, case: Raw | None, petitions: Sequence[Raw]) -> dict[Key, tuple[Line, Row]]:
        wanted = {}
        for line in lines(case, petitions, is_office=self.is_office):
            limit = self.tables.limit(
                line.kinds,
                division=line.division,
                purpose=line.purpose,
                source=line.source,
                on=line.since,
            )
            if limit is not None:  # without one there is an alarm of its own, or no such right
                wanted[(*line.about, limit["kind"], line.ordinal)] = (line, limit)
        return wanted

    def _compared(self, line: Line, limit: Row, row: Stored) -> Iterator[Difference]:
        subject = f"duty/{row.duty_id}"
        if row.organ_code != line.organ:
            yield Difference(subject, f"organ {row.organ_code}, expected {line.organ}")
        length = int(limit["length"]) if limit["length"] else line.days or 1
        stops = limit["stops"].split(";")
        pauses = [(first, last) for kind, first, last in line.pauses if kind in stops]
        possible = self.tables.last_days(line.since, length, limit, line.granted, pauses)
        yield from self._dates(row, possible)
        states = self._states(line, row, window=limit["nature"] == "window")
        if row.state not in states:
            yield Difference(subject, f"state {row.state}, expected {'/'.join(states)}")

    def _dates(self, row: Stored, possible: frozenset[date]) -> Iterator[Difference]:
        subject = f"duty/{row.duty_id}"
        if row.due_on not in possible:
            days = "/".join(str(day) for day in sorted(possible))
            yield Difference(subject, f"due_on {row.due_on}, expected {days}")
        elif row.due_at != end_of(row.due_on, self.zone):
            yield Difference(subject, f"due_at {row.due_at} is not the end of {row.due_on}")

    def _states(self, line: Line, row: Stored, *, window: bool) -> Sequence[str]:
        ended = min(filter(None, (line.done, line.gone)), default=None)
        if ended is None:
            return self._open_states(row, over="lapsed" if window else "overdue")
        late = max(ended, line.since) > row.due_on
        if window and late:
            return ("lapsed",)
        if ended != line.done:
            return ("cancelled",)
        return ("met_late",) if late else ("met",)

    def _open_states(self, row: Stored, *, over: str) -> Sequence[str]:
        if self.now < row.due_at:
            return ("running",)
        return (over,) if self.now >= row.due_at + GRACE else ("running", over)

    def _raised(self, stored: Sequence[Stored]) -> Iterator[Difference]:
        """Superiors' duties: open exactly while the duty they are about is overdue."""
        above: dict[str, dict[int, Stored]] = {}
        for row in stored:
            if row.subject_kind == "duty":
                above.setdefault(str(row.subject_id), {})[row.ordinal] = row
        for root in stored:
            if root.subject_kind == "duty":
                continue
            steps = above.pop(str(root.duty_id), {})
            for step in steps.values():
                yield from self._step(step, root)
            yield from self._ladder(root, steps)
        for steps in above.values():
            for row in steps.values():
                yield Difference(f"duty/{row.duty_id}", "raised from a duty that is not there")

    def _ladder(self, root: Stored, steps: Mapping[int, Stored]) -> Iterator[Difference]:
        if root.silent or root.nature == "window":
            return
        below, number = root, 1
        while below.state == "overdue" and below.organ_code not in (None, self.top):
            if number not in steps:
                yield from self._untold(below)
                return
            below, number = steps[number], number + 1

    def _untold(self, below: Stored) -> Iterator[Difference]:
        limit = self._raised_limit(below.division_code or "", on=below.due_on)
        if limit is not None:
            yield Difference(f"duty/{below.duty_id}", "overdue, but no superior was told")

    def _step(self, row: Stored, root: Stored) -> Iterator[Difference]:
        limit = self._raised_limit(row.division_code or "", on=row.started_on)
        if limit is not None:
            days = self.tables.last_days(row.started_on, int(limit["length"] or 1), limit)
            yield from self._dates(row, days)
        still = root.state == "overdue"
        states = self._open_states(row, over="overdue") if still else ("met", "met_late",
                                                                       "cancelled")  # fmt: skip
        if row.state not in states:
            yield Difference(
                f"duty/{row.duty_id}", f"state {row.state}, expected {'/'.join(states)}"
            )

    def _raised_limit(self, division: str, *, on: date) -> Row | None:
        return self.tables.limit(("raised",), division=division, purpose="", source="", on=on)


def _key(row: Stored) -> Key:
    return row.subject_kind, str(row.subject_id), row.kind, row.ordinal
