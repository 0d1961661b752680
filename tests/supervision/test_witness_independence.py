"""The second checker is another program, and says the same."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

import services.supervision.domain.witness as witness_module
from services.supervision.domain.duty import Duty, DutyKey
from services.supervision.domain.facts import CaseFacts, PetitionFacts, WholeFacts
from services.supervision.domain.witness import Bench, Group
from services.supervision.domain.witness_days import Days, Tables
from services.supervision.store.duty_rows import row_of
from shared.kernel.workdays import Limit, Unit
from shared.reference.calendar import packaged_calendar, packaged_text
from tests.supervision.lives import EARLY, duties, lives


def test_it_shares_no_code_with_what_it_checks() -> None:
    folder = Path(witness_module.__file__).parent
    for path in folder.glob("witness*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                name = node.module or ""
                ours = name.startswith(("services.", "shared."))
                assert not ours or ".domain.witness" in name, f"{path.name} imports {name}"


CALENDAR = packaged_calendar()
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
    tables = Tables.read(packaged_text("limits.csv"), [packaged_text("calendar.csv")])
    kinds = ("D5", "handling_internal")
    for purpose, on, chosen in (
        ("claim", date(2022, 5, 1), "D5-2022"),
        ("claim", date(2022, 4, 30), "D5-2005"),
        ("suggestion", date(2022, 5, 1), "N-handling"),
        ("accusation", date(2022, 5, 1), "N-handling-accusation"),
    ):
        row = tables.limit(kinds, division="430121000000", purpose=purpose, source="", on=on)
        assert row is not None
        assert row["limit_id"] == chosen
    assert tables.limit(("D4",), division="43", purpose="", source="", on=date(2022, 4, 30)) is None


def raw_case(case: CaseFacts) -> dict[str, Any]:
    """A case as its event's JSON has it."""
    raw: dict[str, Any] = TypeAdapter(CaseFacts).dump_python(case, mode="json")
    raw["received_by_petition_office"] = raw.pop("by_petition_office")
    for referral in raw["referrals"]:
        referral["verdict"] = "upheld" if referral.pop("upheld") else None
    return raw


@settings(max_examples=200, deadline=None)
@given(lives())
def test_both_programs_say_the_same_of_any_lawful_life(
    life: tuple[PetitionFacts, list[CaseFacts]],
) -> None:
    """Extensions left out: no event tells them yet."""
    petition, versions = life
    told: list[dict[str, Any]] = []
    kept: dict[DutyKey, Duty] = {}
    raw_petition = TypeAdapter(PetitionFacts).dump_python(petition, mode="json")
    bench = Bench(
        tables=Tables.read(packaged_text("limits.csv"), [packaged_text("calendar.csv")]),
        zone="Asia/Shanghai",
        now=EARLY,
        top="",
        is_office=lambda _: petition.by_petition_office,
    )
    for version in versions:
        plain = tuple(replace(each, extension=None) for each in version.referrals)
        case = replace(version, referrals=plain)
        told.append(raw_case(case))
        kept = duties(WholeFacts(petitions=(petition,), case=case), kept)
        rows = [SimpleNamespace(**row_of(duty)) for duty in kept.values()]
        assert bench.differences(Group(tuple(told), (raw_petition,)), rows) == []
