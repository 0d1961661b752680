"""What was filed under a faulty edition of the limits gets its duties when a right one comes."""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.supervision.checking.jobs import check
from services.supervision.duties.use_cases.reckoning import reckon_again
from shared.contracts.routing import EditionPublishedV1
from shared.contracts.supervision import DutyStartedV1
from shared.reference.calendar import packaged_text
from shared.reference.editions import Edition
from tests.supervision.conftest import MakeSupervision, Supervision
from tests.supervision.events import ALL_DUTY_EVENTS, TODAY, Story
from tests.supervision.test_witness import told

LIMITS = packaged_text("limits.csv")
OWN_ROW = (
    "L-D5,D5,4301,claim,,2022-05-01,,30,calendar,legal,no,60,,5;1,《某市信访条例》第二十条,办结"
)
PART = "\n".join([LIMITS.splitlines()[0], OWN_ROW])


def without(*prefixes: str) -> str:
    """The packaged table without the rows whose id begins so."""
    return "\n".join(line for line in LIMITS.splitlines() if not line.startswith(prefixes))


async def load(supervision: Supervision, text: str, name: str, on: date = TODAY) -> None:
    """An edition of the limits comes by its event, as one from before anything was checked."""
    edition = Edition("limits", name, on, {"limits.csv": text})
    data = EditionPublishedV1(
        kind="limits",
        edition_id=name,
        effective_on=on,
        sha256=edition.sha256,
        content_xz_base64=base64.b64encode(edition.pack()).decode(),
    )
    await supervision.sut.deliver(supervision.sut.envelope(data, subject_id=name))
    await supervision.sut.service.prepare()


async def settle(supervision: Supervision) -> int:
    """Let the checker look until there is nothing more to do; steps it took."""
    steps = 0
    while await check(supervision.sut.service):
        steps += 1
    return steps


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def dates(rows: list[Any]) -> dict[str, tuple[str, str]]:
    return {row.kind: (str(row.due_on), row.state) for row in rows}


@pytest.mark.parametrize("later", [0, 3, 40], ids="{} days later".format)
async def test_what_had_no_limit_gets_its_duties_from_the_day_it_began(
    supervision: Supervision, later: int
) -> None:
    """A table of one row only was in force: a petition and a case came, nobody owed anything."""
    await load(supervision, PART, "limits-part")
    sut, alone, story = supervision.sut, Story(supervision.sut), Story(supervision.sut)
    await sut.deliver(alone.registered(), story.registered(), story.referred())
    assert await supervision.rows() == []
    await settle(supervision)
    assert {"limit_missing", "edition_faulty"} <= (await supervision.alarms()).keys()
    sut.clock.advance(timedelta(days=later))
    await load(supervision, LIMITS, "limits-whole", day(later))
    assert await settle(supervision) > 0
    expected = {"D1": ("2026-03-17", "met"), "D3": ("2026-03-17", "running"),
                "D4": ("2026-03-09", "running")}  # fmt: skip
    found = await supervision.rows()
    assert dates([row for row in found if row.case_id]) == expected
    assert dates([row for row in found if not row.case_id]) == {"D1": ("2026-03-17", "running")}
    assert not {"limit_missing", "edition_faulty"} & (await supervision.alarms()).keys()
    await supervision.watch_until()
    states = {row.kind: row.state for row in await supervision.rows() if row.case_id}
    assert (states["D3"], states["D4"]) == (
        ("overdue", "lapsed") if later == 40 else ("running", "running")
    )
    assert await told(supervision) is None  # the second checker agrees


async def test_a_repeat_changes_nothing_and_tells_nothing(supervision: Supervision) -> None:
    await load(supervision, PART, "limits-part")
    story = Story(supervision.sut)
    await supervision.sut.deliver(story.registered(), story.referred())
    await load(supervision, LIMITS, "limits-whole")
    await settle(supervision)
    before, events = await supervision.rows(), await supervision.sut.recorded(*ALL_DUTY_EVENTS)
    assert await settle(supervision) == 0
    await load(supervision, LIMITS + "\n", "limits-whole-again")
    await settle(supervision)
    await supervision.sut.deliver(story.registered())  # nor does the fact, told once more
    after = await supervision.rows()
    assert [(r.duty_id, r.version, r.due_on) for r in after] == [
        (r.duty_id, r.version, r.due_on) for r in before
    ]
    assert await supervision.sut.recorded(*ALL_DUTY_EVENTS) == events


class EndsHere(Exception):
    """Nothing of the transaction stays."""


async def test_it_goes_on_where_it_stopped(
    supervision: Supervision, another: MakeSupervision
) -> None:
    """Each step is kept with its effect; one that fails on the way is as if it had never begun."""
    await load(supervision, PART, "limits-part")
    stories = [Story(supervision.sut) for _ in range(5)]
    await supervision.sut.deliver(*(story.registered() for story in stories))
    await load(supervision, LIMITS, "limits-whole")
    units = supervision.sut.service.units
    for _ in range(2):
        async with units.begin() as uow:
            assert await reckon_again(uow, step=1) == 1
    with pytest.raises(EndsHere):
        async with units.begin() as uow:
            raise EndsHere(await reckon_again(uow, step=1))
    assert len(await supervision.rows("D1")) == 2
    second = await another(supervision)
    while await check(second.sut.service):
        pass
    assert [row.version for row in await supervision.rows("D1")] == [1] * 5
    assert len(await supervision.sut.recorded(DutyStartedV1)) == 5


async def test_a_wrong_number_is_put_right_as_far_back_as_the_edition_takes_effect(
    supervision: Supervision,
) -> None:
    """15 days mistyped as 5: overdue and raised in error, then counted right; what began before
    the day the right edition takes effect keeps its row."""
    sut = supervision.sut
    mistyped = LIMITS.replace("D1-2022,D1,,,,2022-05-01,,15,", "D1-2022,D1,,,,2022-05-01,,5,")
    mistyped = mistyped.replace(",legal,no,0,,5;1,《信访工作条例》第二十二条,信访部门",
                                ",legal,no,0,,1,《信访工作条例》第二十二条,信访部门")  # fmt: skip
    await load(supervision, mistyped, "limits-5", day(-30))
    old, new = Story(sut, received_on=day(-1)), Story(sut)
    await sut.deliver(old.registered(), new.registered())
    await supervision.watch_until("2026-03-08T09:00")
    assert {row.state for row in await supervision.rows("D1")} == {"overdue"}
    assert len(await supervision.rows("raised")) == 2
    await load(supervision, LIMITS, "limits-right")
    await settle(supervision)
    first, second = sorted(await supervision.rows("D1"), key=lambda row: row.started_on)
    assert (str(first.due_on), first.state) == ("2026-03-06", "overdue")
    assert (str(second.due_on), second.state) == ("2026-03-17", "running")
    assert second.overdue_at is None
    raised = {row.subject_id: row.state for row in await supervision.rows("raised")}
    assert raised == {first.duty_id: "running", second.duty_id: "cancelled"}
    assert await told(supervision) is None


async def test_back_dated_it_reaches_what_began_since(supervision: Supervision) -> None:
    sut = supervision.sut
    await load(supervision, LIMITS.replace(",15,calendar", ",35,calendar"), "limits-a", day(-30))
    stories = [Story(sut, received_on=day(-n)) for n in (20, 10, 0)]
    await sut.deliver(*(story.registered() for story in stories))
    await load(supervision, LIMITS, "limits-b", day(-10))
    await settle(supervision)
    rows = sorted(await supervision.rows("D1"), key=lambda row: row.started_on)
    assert [(row.due_on - row.started_on).days for row in rows] == [35, 15, 15]
    assert await told(supervision) is None


async def test_a_closed_case_gets_the_record_of_what_was_owed(supervision: Supervision) -> None:
    """Without D3 our own target stood in for it and was met; by the law D3 was owed, and met."""
    await load(supervision, without("D3-"), "limits-no-d3")
    sut, story = supervision.sut, Story(supervision.sut)
    await sut.deliver(
        story.registered(), story.referred(), story.accepted(day(2)), story.answered(day(3)),
        story.delivered(day(4)),
    )  # fmt: skip
    assert (await supervision.states())["acceptance_internal"] == "met"
    await load(supervision, LIMITS, "limits-whole")
    await settle(supervision)
    states = await supervision.states()
    assert (states["D3"], states["acceptance_internal"]) == ("met", "cancelled")
    assert await told(supervision) is None


async def test_a_superior_is_told_when_there_is_a_limit_for_it(supervision: Supervision) -> None:
    await load(supervision, without("N-raised"), "limits-not-raised")
    await supervision.sut.deliver(Story(supervision.sut).registered())
    await supervision.watch_until("2026-03-18T09:00")
    assert (await supervision.row("D1")).state == "overdue"
    assert await supervision.rows("raised") == []
    await load(supervision, LIMITS, "limits-whole", date(2026, 3, 18))
    await settle(supervision)
    (above,) = await supervision.rows("raised")
    assert (above.state, str(above.due_on)) == ("running", "2026-03-28")
    assert "limit_missing" not in await supervision.alarms()
    await settle(supervision)
    assert len(await supervision.rows("raised")) == 1
    assert await told(supervision) is None


async def test_silent_history_is_not_woken(supervision: Supervision) -> None:
    """Imported while the table had no row for it: its duty is noted, nobody is warned or told."""
    await load(supervision, without("C-reply"), "limits-none")
    sut, done, never = supervision.sut, Story(supervision.sut), Story(supervision.sut)
    other = Story(supervision.sut, received_on=day(-10))
    await sut.deliver(done.imported(day(1)), never.imported(None))
    assert await supervision.rows() == []
    fifty = LIMITS.replace("C-reply,reply,,,,2000-01-01,,60,", "C-reply,reply,,,,2000-01-01,,50,")
    await load(supervision, fifty, "limits-of-50")
    await settle(supervision)
    assert sorted(row.state for row in await supervision.rows("reply")) == ["met", "running"]
    await sut.deliver(other.imported(None))
    versions = sorted((row.duty_id, row.version, row.due_on) for row in await supervision.rows())
    await load(supervision, LIMITS, "limits-of-60")
    await settle(supervision)
    assert versions == sorted(
        (row.duty_id, row.version, row.due_on) for row in await supervision.rows()
    )
    assert await sut.recorded(DutyStartedV1) == []


async def test_what_came_between_two_looks_is_met_in_the_second(
    supervision: Supervision, another: MakeSupervision
) -> None:
    """A process that still had the faulty edition judges a petition after the first round."""
    await load(supervision, PART, "limits-part")
    late = await another(supervision)  # keeps the reference data it started with
    await load(supervision, LIMITS, "limits-whole")
    await settle(supervision)
    story = Story(late.sut)
    await late.sut.deliver(story.registered())
    assert await supervision.rows() == []
    await settle(supervision)
    assert (await supervision.row("D1")).state == "running"


async def test_an_edition_from_before_the_checks_is_used_and_told(supervision: Supervision) -> None:
    wrong = LIMITS.replace("D4-2022,D4,,,,2022-05-01,,5,working,window",
                           "D4-2022,D4,,,,2022-05-01,,5,working,legal")  # fmt: skip
    supervision.sut.clock.set(datetime.fromisoformat("2026-03-02T09:00+08:00"))
    await load(supervision, wrong, "limits-legal-window")
    await settle(supervision)
    assert await supervision.alarms() == {"edition_faulty": 1}
    await settle(supervision)
    assert await supervision.alarms() == {"edition_faulty": 1}
    await load(supervision, LIMITS, "limits-right")
    await settle(supervision)
    assert await supervision.alarms() == {}
