"""The second checker is another program, and says the same."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

import services.supervision.verification.domain.witness as witness_module
from services.supervision.duties.domain.duty import Duty, DutyKey
from services.supervision.duties.store.duty_rows import row_of
from services.supervision.facts.domain import CaseFacts, Pause, PetitionFacts, WholeFacts
from services.supervision.verification.domain.witness import Bench, Group
from services.supervision.verification.domain.witness_days import Days, Tables
from shared.kernel.workdays import Limit
from shared.reference.calendar import packaged_calendar, packaged_text
from shared.reference.limits import read_limits
from shared.vocabulary.duties import DutyKind, Unit
from tests.supervision.lives import EARLY, a_case, a_referral, duties
from tests.supervision.living import lives


def test_it_shares_no_code_with_what_it_checks() -> None:
    folder = Path(witness_module.__file__).parent
    for path in folder.glob("witness*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                name = node.module or ""
                ours = name.startswith(("services.", "shared."))
                assert not ours or ".domain.witness" in name, f"{path.name} imports {name}"


CALENDAR = packaged_calendar()
TABLES = Tables.read(packaged_text("limits.csv"), [packaged_text("calendar.csv")])
A_CASE, A_PETITION = TypeAdapter(CaseFacts), TypeAdapter(PetitionFacts)
DAYS = Days.read(packaged_text("calendar.csv"))


@settings(max_examples=300, deadline=None)
@given(st.dates(date(2000, 1, 1), date(2030, 12, 31)), st.integers(1, 120), st.sampled_from(Unit),
       st.booleans())  # fmt: skip
def test_two_ways_to_count_days_agree(start: date, length: int, unit: Unit, roll: bool) -> None:
    row = {"unit": unit.value, "roll": "yes" if roll else "no"}
    assert (
        DAYS.last_day(start, length, row)
        == CALENDAR.due(start, Limit(length, unit, roll=roll)).last_day
    )


def test_the_most_particular_row_is_chosen() -> None:
    kinds = ("D5", "handling_internal")
    for purpose, on, chosen in (
        ("claim", date(2022, 5, 1), "D5-2022"),
        ("claim", date(2022, 4, 30), "D5-2005"),
        ("suggestion", date(2022, 5, 1), "N-handling"),
        ("accusation", date(2022, 5, 1), "N-handling-accusation"),
    ):
        row = TABLES.limit(kinds, division="430121000000", purpose=purpose, source="", on=on)
        assert row is not None
        assert row["limit_id"] == chosen
    assert TABLES.limit(("D4",), division="43", purpose="", source="", on=date(2022, 4, 30)) is None


NEW_OF_CASE = {"decider", "waits", "notices", "parts", "closing_kind"}
NEW_OF_REFERRAL = {
    *("ended_on", "simple", "extension_days", "extension_approved_on", "hearings", "suspensions"),
    *("agreed_on", "reported_on", "report_judged_on", "carry_out", "carried_out_on"),
}


def raw_case(case: CaseFacts) -> dict[str, Any]:
    """A case as its event's JSON has it, without the new members where the life is an old one."""
    raw: dict[str, Any] = A_CASE.dump_python(case, mode="json")
    raw["received_by_petition_office"] = raw.pop("by_petition_office")
    raw["closing_kind"] = "not_again" if raw.pop("refused") else "answered"
    for referral in raw["referrals"]:
        referral["verdict"] = "upheld" if referral.pop("upheld") else None
        extension = referral.pop("extension") or {"days": 0, "approved_on": None}
        referral["extension_days"] = extension["days"]
        referral["extension_approved_on"] = extension["approved_on"]
    if case.decider is None:
        for each in (raw, *raw["referrals"]):
            for name in NEW_OF_CASE | NEW_OF_REFERRAL:
                each.pop(name, None)
    return raw


REGIONAL = "\n".join(
    (
        packaged_text("limits.csv").rstrip(),
        *(f"L-{kind},{kind},4301,claim,,2022-05-01,,{days},calendar,legal,no,30,{stops},5;1,县办法,"
          for kind, days, stops in (("D5", 60, "suspension"), ("D7", 30, "hearing;suspension"))),
    )
)  # fmt: skip
"""A region whose rules stop for a suspension and, in a review too, for a hearing."""


@pytest.mark.parametrize("text", [packaged_text("limits.csv"), REGIONAL], ids=["national", "local"])
@settings(max_examples=150, deadline=None)
@given(life=lives())
def test_both_programs_say_the_same_of_any_lawful_life(
    text: str, life: tuple[PetitionFacts, list[CaseFacts]]
) -> None:
    petition, versions = life
    limits = read_limits(text)
    told: list[dict[str, Any]] = []
    kept: dict[DutyKey, Duty] = {}
    raw_petition = A_PETITION.dump_python(petition, mode="json")
    bench = Bench(
        tables=Tables.read(text, [packaged_text("calendar.csv")]),
        zone="Asia/Shanghai",
        now=EARLY,
        top="",
        is_office=lambda _: petition.by_petition_office,
    )
    for version in versions:
        told.append(raw_case(version))
        kept = duties(WholeFacts(petitions=(petition,), case=version), kept, limits=limits)
        rows = [SimpleNamespace(**row_of(duty)) for duty in kept.values()]
        assert bench.differences(Group(tuple(told), (raw_petition,)), rows) == []


def test_days_of_a_suspension_count_unless_the_region_says_otherwise() -> None:
    stop = Pause(first=date(2026, 12, 1), last=date(2026, 12, 10))
    held = a_referral(accepted_on=date(2026, 11, 22), suspensions=(stop,), reports=True)
    facts = WholeFacts(petitions=(), case=a_case(referrals=(held,)))
    last = {
        name: next(
            duty.due.last_day
            for key, duty in duties(facts, limits=read_limits(text)).items()
            if key.kind is DutyKind.D5
        )
        for name, text in (("national", packaged_text("limits.csv")), ("local", REGIONAL))
    }
    assert last == {"national": date(2027, 1, 21), "local": date(2027, 1, 31)}
