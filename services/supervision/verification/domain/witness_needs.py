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
REVIEWS = ("review", "re_review")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing owed. `done` is when it was fulfilled, `gone` when it fell away, if ever; the
    earlier of both counts. `granted`: days added and the day they were; `pauses`:
    hearings and suspensions, from a day to a day, not counted where the limit stops for them."""

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
    granted: tuple[int, date] | None = None
    pauses: tuple[tuple[str, date, date], ...] = ()


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
            ordered = bool(number) and _orders_redo(referrals[number - 1])
            yield from _hold(case, referral, following, ordered=ordered)
        yield from _between(case)
        yield from _beside(case)


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
        ended = _day(case["closed_on"])
        done, gone = (ended, None) if _turned_away(case) else (None, ended)
        if _kept_at_once(case) and not office:
            first = min(case["referrals"], key=lambda each: int(each["ordinal"]))
            over, taken = _day(first.get("ended_on")), first["accepted_on"] or first["answered_on"]
            done, gone = _day(taken) or (None if over else done), over or gone
        else:
            done = _day(case["decided_on"]) or done
    kinds = ("D1",) if office else ("D2", ACCEPT) if petition["notice_owed"] else (ACCEPT,)
    return Line(
        about=("petition", petition["petition_id"]), kinds=kinds, ordinal=1, organ=organ,
        division=_division(organ), purpose=petition["purpose"],
        since=_must(petition["received_on"]), done=done, gone=None if done else gone,
    )  # fmt: skip


def _hold(case: Raw, referral: Raw, following: Raw | None, *, ordered: bool) -> Iterator[Line]:
    """Whoever holds the case (`ordered`: a review sent it back), and whoever handed it over."""
    objected, verdict = _day(referral["objected_on"]), _day(referral["verdict_on"])
    upheld = verdict if referral["verdict"] == "upheld" else None
    gone_on = _day(following["referred_on"]) if following else None
    finished = None if upheld else _day(referral.get("ended_on"))
    # Given back; else, without a day of its own end, cut short by the next hold or the case's end.
    cut = upheld or (None if finished else gone_on or _day(case["closed_on"]))
    line = _liner(case, referral)
    if referral["kind"] == "guide":
        over, sent = finished or _day(case["closed_on"]), _must(referral["referred_on"])
        yield line("guided_internal", since=sent, done=over, gone=None if over else cut)
        return
    if referral["kind"] in REVIEWS:
        yield _review(case, referral, finished=finished, cut=cut)
    else:
        if not ordered:
            yield from _arrival(case, referral, finished=finished, cut=cut)
        yield from _work(case, referral, finished=finished, cut=cut)
    yield from _outcome(case, referral, finished=finished, cut=cut, gone_on=gone_on)
    if referral["kind"] == "assignment":
        yield from _report(case, referral, gone=upheld or gone_on, before=finished or cut)
    if objected is not None:
        sender, done = referral["from_organ"], verdict or finished
        yield line("verdict_internal", by=sender, since=objected, done=done, gone=cut)
    if upheld is not None:
        yield _redirect(case, referral, following, back=upheld)


def _review(case: Raw, referral: Raw, *, finished: date | None, cut: date | None) -> Line:
    """Asked for by claims only, whatever the case is called by now."""
    again = referral["kind"] == "re_review"
    answered = _day(referral["answered_on"]) or finished
    return _liner(case, referral)(
        "D9" if again else "D7", since=_must(referral["referred_on"]), done=answered, gone=cut,
        purpose="claim", pauses=_pauses(referral),
    )  # fmt: skip


def _arrival(
    case: Raw, referral: Raw, *, finished: date | None, cut: date | None
) -> Iterator[Line]:
    """To be taken or objected to; what its receiver kept is owed by the petition's own line."""
    line, sent = _liner(case, referral), _must(referral["referred_on"])
    taken = _day(referral["accepted_on"]) or _day(referral["answered_on"]) or finished
    if referral["kind"] != "own":
        law = ("D3",) if case["notice_owed"] else ()
        yield line(*law, ACCEPT, since=sent, done=taken, gone=cut)
        yield line("D4", since=sent, done=_day(referral["objected_on"]), gone=taken or cut)
        return
    first = int(referral["ordinal"]) == 1 and _kept_at_once(case)
    if case["received_by_petition_office"] or not first:
        yield line(ACCEPT, since=sent, done=taken, gone=cut)


def _work(case: Raw, referral: Raw, *, finished: date | None, cut: date | None) -> Iterator[Line]:
    accepted = _day(referral["accepted_on"])
    if accepted is None:
        return
    approved = _day(referral.get("extension_approved_on"))
    kinds = ("D5", "handling_internal")
    yield _liner(case, referral)(
        *(("simple", *kinds) if referral.get("simple") else kinds), since=accepted, gone=cut,
        done=_day(referral["answered_on"]) or finished,
        granted=(int(referral["extension_days"]), approved) if approved else None,
        pauses=_pauses(referral),
    )  # fmt: skip


def _outcome(
    case: Raw, referral: Raw, *, finished: date | None, cut: date | None, gone_on: date | None
) -> Iterator[Line]:
    """What follows the opinion or the agreement; a review that was refused has neither."""
    line, agreed = _liner(case, referral), _day(referral.get("agreed_on"))
    answered, delivered = _day(referral["answered_on"]), _day(referral["delivered_on"])
    told = referral["kind"] not in REVIEWS or bool(referral["opinion"])
    if agreed is not None:
        yield line("fulfilment_internal", since=agreed, done=delivered or finished, gone=cut)
    elif answered is not None and told:
        yield line("delivery_internal", since=answered, done=delivered or finished, gone=cut)
    if referral.get("carry_out") and delivered is not None:
        carried = _day(referral.get("carried_out_on"))
        yield line("carrying_internal", since=delivered, done=carried, gone=gone_on)


def _report(case: Raw, referral: Raw, *, gone: date | None, before: date | None) -> Iterator[Line]:
    """The assigned period, and what the assigner owes once it has the closing report. Where the
    event knows of no reports (`before` them), the answer was the report."""
    line = _liner(case, referral)
    sent, period = _must(referral["referred_on"]), _day(referral["assigned_due_on"])
    reported = _day(referral.get("reported_on"))
    if period is not None:
        days = max(1, (period - sent).days)
        if "reported_on" in referral:
            yield line("assigned", since=sent, done=reported, gone=gone, days=days)
        else:
            answered = _day(referral["answered_on"])
            yield line("assigned", since=sent, done=answered, gone=before, days=days)
    if reported is not None:
        judged, assigner = _day(referral.get("report_judged_on")), referral["from_organ"]
        kind = "report_verdict_internal"
        yield line(kind, by=assigner, since=reported, done=judged, gone=gone)


def _redirect(case: Raw, referral: Raw, following: Raw | None, *, back: date) -> Line:
    """After an upheld objection: another destination, or it is put up, or not taken at all."""
    decider = case.get("decider")
    if decider is None:
        organ = referral["from_organ"]
    else:
        organ = following["from_organ"] if following else decider
    day, waits = back.isoformat(), case.get("waits", ())
    later = [each for each in waits if each["since"] >= day and each["until"] != day]
    ways = [_must(each["since"]) for each in later]
    if following is not None:
        ways.append(_must(following["referred_on"]))
    closed = _day(case["closed_on"])
    if closed is not None and _turned_away(case):
        ways.append(closed)
    first = min(ways, default=None)
    gone = closed if first is None or (closed is not None and closed < first) else None
    return _liner(case, referral)(
        "redirect_internal", by=organ, since=back, done=None if gone else first, gone=gone
    )


def _between(case: Raw) -> Iterator[Line]:
    """Times when no organ held the case, counted backwards from minus one."""
    organ = case.get("decider") or case["received_by"]
    ended, turned = _day(case["closed_on"]), _turned_away(case)
    for place, wait in enumerate(case.get("waits", ())):
        until = _day(wait["until"])
        yield Line(
            about=("case", case["case_id"]), kinds=(f"{wait['kind']}_internal",),
            ordinal=-1 - place, organ=organ, division=_division(organ), purpose=case["purpose"],
            since=_must(wait["since"]), done=until or (ended if turned else None), gone=ended,
        )  # fmt: skip


def _beside(case: Raw) -> Iterator[Line]:
    """Papers until told; opinions owed to the lead until given, excused, or the case has ended."""

    def line(kind: str, each: Raw, since: date, **more: Any) -> Line:
        organ = each["organ_code"]
        return Line(
            about=("case", case["case_id"]), kinds=(kind,), ordinal=int(each["ordinal"]),
            organ=organ, division=_division(organ), purpose=case["purpose"], since=since, **more,
        )  # fmt: skip

    for paper in case.get("notices", ()):
        yield line("notice_internal", paper, _must(paper["owed_on"]), done=_day(paper["told_on"]))
    for share in case.get("parts", ()):
        since, last = _must(share["assigned_on"]), _must(share["due_on"])
        gone = _day(share["excused_on"]) or _day(case["closed_on"])
        done = _day(share["answered_on"])
        yield line("part", share, since, days=(last - since).days or 1, done=done, gone=gone)


def _liner(case: Raw, referral: Raw) -> Callable[..., Line]:
    """Makes lines about one hold, its organ's own unless told `by` whom."""

    def line(*kinds: str, by: str | None = None, **more: Any) -> Line:
        organ = referral["organ_code"] if by is None else by
        division = referral["organ_division"] if by is None else _division(by)
        values = {"purpose": case["purpose"]} | more
        about, ordinal = ("case", case["case_id"]), int(referral["ordinal"])
        return Line(
            about=about, kinds=kinds, ordinal=ordinal, organ=organ, division=division, **values
        )

    return line


def _turned_away(case: Raw) -> bool:
    return case.get("closing_kind") in ("refused", "not_again")


def _orders_redo(referral: Raw) -> bool:
    return referral["kind"] in REVIEWS and referral["opinion"] == "redo"


def _kept_at_once(case: Raw) -> bool:
    """The organ that received it kept it, without putting it up or refusing it first."""
    first = min(case["referrals"], key=lambda each: int(each["ordinal"]), default=None)
    if first is None or first["kind"] != "own":
        return False
    if case.get("decider") and first["organ_code"] != case["received_by"]:
        return False
    return not any(wait["since"] <= first["referred_on"] for wait in case.get("waits", ()))


def _pauses(referral: Raw) -> tuple[tuple[str, date, date], ...]:
    told = [(k, each) for k in ("hearing", "suspension") for each in referral.get(f"{k}s", ())]
    return tuple((kind, _must(each["first"]), _must(each["last"])) for kind, each in told)


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def _must(written: str) -> date:
    return date.fromisoformat(written)


def _division(organ: str) -> str:
    return organ.split("-", maxsplit=1)[0]
