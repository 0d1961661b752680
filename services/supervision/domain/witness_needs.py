"""What raw facts call for, told a second time as a plain list of lines (DL14).

Reads the events' JSON, not the contracts, and knows nothing of duty.py, needs.py and
obligations.py: what it says is compared with what they made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Raw = Mapping[str, Any]
ACCEPT = "acceptance_internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing owed. `done` is when it was fulfilled, `gone` when it fell away, if ever."""

    about: tuple[str, str]
    kinds: tuple[str, ...]
    ordinal: int
    organ: str
    division: str
    since: date
    purpose: str
    done: date | None = None
    gone: date | None = None
    days: int | None = None
    source: str = ""
    may_lack_limit: bool = False


def lines(
    case: Raw | None, petitions: Sequence[Raw], *, is_office: Callable[[str], bool]
) -> Iterator[Line]:
    """Everything owed for a case and the petitions known of it (`case` None: not opened yet)."""
    if case is not None and case["history"]:
        yield from _history(case)
        return
    for petition in petitions:
        yield _receipt(petition, case, is_office=is_office)
    if case is not None:
        referrals = sorted(case["referrals"], key=lambda each: int(each["ordinal"]))
        for number, referral in enumerate(referrals):
            following = referrals[number + 1] if number + 1 < len(referrals) else None
            yield from _hold(case, referral, following)


def _history(case: Raw) -> Iterator[Line]:
    holder = max(case["referrals"], key=lambda each: int(each["ordinal"]), default=None)
    organ = holder["organ_code"] if holder else case["received_by"]
    division = holder["organ_division"] if holder else _division(case["received_by"])
    for petition in case["petition_ids"]:
        yield Line(
            about=("petition", petition), kinds=("reply",), ordinal=1,
            organ=organ, division=division, purpose=case["purpose"],
            since=_must(case["received_on"]), done=_day(case["history"]["answered_on"]),
            source=case["history"]["source"],
        )  # fmt: skip


def _receipt(petition: Raw, case: Raw | None, *, is_office: Callable[[str], bool]) -> Line:
    organ = petition["received_by"]
    office = is_office(organ)
    if case is not None and case["received_by"] == organ:
        office = bool(case["received_by_petition_office"])
    done = gone = None
    if case is not None:
        gone = _day(case["closed_on"])
        first = min(case["referrals"], key=lambda each: int(each["ordinal"]), default=None)
        if first is not None and first["kind"] == "own" and not office:
            done = _day(first["accepted_on"]) or _day(first["answered_on"])
        else:
            done = _day(case["decided_on"])
    kinds = ("D1",) if office else ("D2", ACCEPT) if petition["notice_owed"] else (ACCEPT,)
    return Line(
        about=("petition", petition["petition_id"]), kinds=kinds, ordinal=1, organ=organ,
        division=_division(organ), purpose=petition["purpose"],
        since=_must(petition["received_on"]), done=done, gone=gone,
    )  # fmt: skip


def _hold(case: Raw, referral: Raw, following: Raw | None) -> Iterator[Line]:
    """Whoever holds the case, and whoever handed it over when that was objected to."""
    ordinal, kind = int(referral["ordinal"]), referral["kind"]
    sent, closed = _must(referral["referred_on"]), _day(case["closed_on"])
    accepted, answered = _day(referral["accepted_on"]), _day(referral["answered_on"])
    objected, verdict = _day(referral["objected_on"]), _day(referral["verdict_on"])
    upheld = verdict if referral["verdict"] == "upheld" else None
    taken = accepted or answered

    def line(*kinds: str, since: date, by_sender: bool = False, **more: Any) -> Line:
        organ = referral["from_organ" if by_sender else "organ_code"]
        division = _division(organ) if by_sender else referral["organ_division"]
        about = ("case", case["case_id"])
        return Line(
            about=about, kinds=kinds, ordinal=ordinal, organ=organ, division=division,
            purpose=case["purpose"], since=since, **more,
        )  # fmt: skip

    if kind == "guide":
        yield line("guided_internal", since=sent, done=closed)
        return
    if kind in ("transfer", "assignment"):
        law = ("D3",) if case["notice_owed"] else ()
        yield line(*law, ACCEPT, since=sent, done=taken, gone=upheld or closed)
        yield line("D4", since=sent, done=objected, gone=taken or closed, may_lack_limit=True)
    elif ordinal > 1 or case["received_by_petition_office"]:
        yield line(ACCEPT, since=sent, done=taken, gone=upheld or closed)
    period = _day(referral["assigned_due_on"])
    if kind == "assignment" and period is not None:
        days = max(1, (period - sent).days)
        yield line("assigned", since=sent, done=answered, gone=upheld or closed, days=days)
    if accepted is not None:
        handle = ("D5", "handling_internal")
        yield line(*handle, since=accepted, done=answered, gone=upheld or closed)
    if answered is not None:
        delivered = _day(referral["delivered_on"])
        yield line("delivery_internal", since=answered, done=delivered, gone=closed)
    if objected is not None:
        yield line("verdict_internal", since=objected, by_sender=True, done=verdict, gone=closed)
    if upheld is not None:
        again = _day(following["referred_on"]) if following else None
        yield line("redirect_internal", since=upheld, by_sender=True, done=again, gone=closed)


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def _must(written: str) -> date:
    return date.fromisoformat(written)


def _division(organ: str) -> str:
    return organ.split("-", maxsplit=1)[0]
