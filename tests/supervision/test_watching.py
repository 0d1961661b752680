"""Warnings, overdue, raising: fired once, at the right moment, by any number of watchers."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from services.supervision.duties.jobs.watcher import watch
from services.supervision.duties.use_cases import firing
from services.supervision.main import SPEC
from services.supervision.tables import DutyRow, table_of
from services.supervision.verification.jobs import compare, duties_disagree
from shared.contracts.supervision import (
    DutyEndedV1,
    DutyOverdueV1,
    DutyStartedV1,
    DutyWarnedV1,
)
from tests.conftest import MakeService
from tests.supervision.conftest import ROOT_OFFICE, MakeSupervision, Supervision
from tests.supervision.events import HOUSING, OFFICE, TODAY, Story

CITY_OFFICE, CITY_HOUSING = "430100000000-PETITION", "430100000000-HOUSING"


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


# D1 of 2026-03-02: last day 2026-03-17, due at 2026-03-18 00:00 local.


async def test_warnings_come_five_days_and_one_day_before_and_overdue_at_the_due_instant(
    supervision: Supervision,
) -> None:
    sut, story = supervision.sut, Story(supervision.sut)
    await sut.deliver(story.registered())
    moments = [
        ("2026-03-12T23:59:59", 0),
        ("2026-03-13T00:00:00", 1),
        ("2026-03-16T23:59:59", 0),
        ("2026-03-17T00:00:00", 1),
        ("2026-03-17T23:59:59.999999", 0),
        ("2026-03-18T00:00:00", 1),
    ]
    for instant, fired in moments:
        assert await supervision.watch_until(instant) == fired, instant
    warned = await sut.recorded(DutyWarnedV1)
    assert [each.data["days_left"] for each in warned] == [5, 1]
    (overdue,) = await sut.recorded(DutyOverdueV1)
    assert overdue.data["duty"]["overdue_at"] == "2026-03-17T16:00:00Z"
    assert overdue.data["raised_to"] == CITY_OFFICE
    assert [each.sequence for each in (*warned, overdue)] == [2, 3, 4]


async def test_a_day_ends_where_the_deployment_is(make_service: MakeService) -> None:
    """One setting for all: the due instant, the raised duty's day and the second checker."""
    supervision = Supervision(await make_service(SPEC, zone="Asia/Urumqi"))
    sut = supervision.sut
    await sut.deliver(Story(sut).registered())
    moments = [("2026-03-17T17:59:59.999999+00:00", 0), ("2026-03-17T18:00:00+00:00", 1)]
    for instant, overdue in moments:
        await supervision.watch_until(datetime.fromisoformat(instant))
        assert len(await sut.recorded(DutyOverdueV1)) == overdue
    (raised,) = await supervision.rows("raised")
    assert (raised.zone, raised.started_on) == ("Asia/Urumqi", date(2026, 3, 18))
    assert await compare(sut.service) == 0
    assert await duties_disagree(sut.service) is None


async def test_missed_warnings_are_merged_and_none_comes_after_overdue(
    supervision: Supervision,
) -> None:
    sut = supervision.sut
    await sut.deliver(Story(sut).registered())
    await supervision.watch_until("2026-03-17T08:00")
    assert [each.data["days_left"] for each in await sut.recorded(DutyWarnedV1)] == [1]
    await sut.deliver(Story(sut).registered())
    await supervision.watch_until("2026-05-01T08:00")
    kinds = Counter(each.data["duty"]["kind"] for each in await sut.recorded(DutyWarnedV1))
    assert kinds["D1"] == 1
    overdue = await sut.recorded(DutyOverdueV1)
    assert [each.data["duty"]["overdue_at"] for each in overdue][:2] == ["2026-03-17T16:00:00Z"] * 2
    assert overdue[0].data["noticed_at"] == "2026-05-01T00:00:00Z"


async def test_overdue_is_kept_after_closing_and_ends_the_superiors_duty(
    supervision: Supervision,
) -> None:
    sut, story = supervision.sut, Story(supervision.sut)
    await sut.deliver(story.registered())
    await supervision.watch_until("2026-03-18T00:00")
    raised = await supervision.row("raised")
    assert (raised.organ_code, raised.state, raised.due_on) == (
        CITY_OFFICE, "running", date(2026, 3, 28)
    )  # fmt: skip
    await sut.deliver(story.referred(date(2026, 3, 20)))
    receipt, raised = await supervision.row("D1"), await supervision.row("raised")
    assert (receipt.state, receipt.overdue_at) == (
        "met_late", datetime(2026, 3, 17, 16, tzinfo=UTC)
    )  # fmt: skip
    assert (raised.state, raised.ended_on) == ("met", date(2026, 3, 20))
    ended = await sut.recorded(DutyEndedV1)
    assert {each.data["duty"]["kind"] for each in ended} == {"D1", "raised"}


async def test_raising_goes_up_to_the_root_and_then_nobody_is_left_to_tell(
    supervision: Supervision,
) -> None:
    sut, story = supervision.sut, Story(supervision.sut)
    await sut.deliver(story.registered())
    await supervision.watch_until("2026-03-18T00:00")
    await supervision.watch_until("2026-03-29T00:00")
    raised = await supervision.rows("raised")
    assert [(row.ordinal, row.organ_code, row.state) for row in raised] == [
        (1, CITY_OFFICE, "overdue"),
        (2, ROOT_OFFICE, "running"),
    ]
    assert (await supervision.row("D1")).organ_code == OFFICE  # the case stays where it is
    assert await supervision.alarms() == {}
    await supervision.watch_until("2026-04-09T00:00")
    assert await supervision.alarms() == {"nobody_to_tell": 1}
    assert len(await supervision.rows("raised")) == 2
    await sut.deliver(story.referred(date(2026, 4, 10)))
    assert {row.state for row in await supervision.rows("raised")} == {"met_late"}


async def test_a_department_is_supervised_by_its_own_line(supervision: Supervision) -> None:
    sut, story = supervision.sut, Story(supervision.sut)
    await sut.deliver(story.referred())
    await supervision.watch_until("2026-03-18T00:00")
    raised = await supervision.row("raised")
    assert raised.organ_code == CITY_HOUSING
    assert raised.case_id == story.case.case_id


async def test_a_window_lapses_and_is_never_overdue(supervision: Supervision) -> None:
    sut, story = supervision.sut, Story(supervision.sut)
    await sut.deliver(story.referred())
    window = await supervision.row("D4")
    assert (window.due_on, window.nature) == (date(2026, 3, 9), "window")
    await supervision.watch_until("2026-03-10T00:00")
    window = await supervision.row("D4")
    assert (window.state, window.overdue_at, window.next_at) == ("lapsed", None, None)
    assert [each.data["duty"]["kind"] for each in await sut.recorded(DutyEndedV1)] == ["D4"]
    assert await sut.recorded(DutyOverdueV1) == []
    assert await supervision.rows("raised") == []


async def test_news_that_it_was_done_in_time_takes_overdue_and_raising_back(
    supervision: Supervision,
) -> None:
    sut, story = supervision.sut, Story(supervision.sut)
    await sut.deliver(story.registered())
    await supervision.watch_until("2026-03-18T00:00")
    await sut.deliver(story.referred(date(2026, 3, 17)))  # the event was late, not the office
    receipt, raised = await supervision.row("D1"), await supervision.row("raised")
    assert (receipt.state, receipt.overdue_at) == ("met", None)
    assert raised.state == "cancelled"


async def overdue_stories(supervision: Supervision, count: int) -> None:
    await supervision.sut.deliver(*(Story(supervision.sut).registered() for _ in range(count)))
    supervision.sut.clock.set(datetime.fromisoformat("2026-03-18T00:00+08:00"))


def only_once(events: list[object]) -> bool:
    return max(Counter(each.subject for each in events).values()) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("watchers", [2, 4])
async def test_concurrent_watchers_fire_each_duty_once(
    supervision: Supervision,
    another: MakeSupervision,
    watchers: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(firing.fire, "__kwdefaults__", {"limit": 7, "only": None})
    await overdue_stories(supervision, 60)
    everyone = [supervision, *[await another(supervision) for _ in range(watchers - 1)]]
    fired = await asyncio.gather(*(each.watch_until() for each in everyone))
    overdue = await supervision.sut.recorded(DutyOverdueV1)
    assert sum(fired) == len(overdue) == 60
    assert only_once(overdue)  # type: ignore[arg-type]
    assert Counter(row.state for row in await supervision.rows("D1")) == {"overdue": 60}
    raised = [
        each
        for each in await supervision.sut.recorded(DutyStartedV1)
        if each.data["duty"]["kind"] == "raised"
    ]
    assert len(raised) == len(await supervision.rows("raised")) == 60


async def killed_while_firing(supervision: Supervision) -> None:
    async with supervision.sut.service.units.begin() as uow:
        assert len(await firing.fire(uow, supervision.sut.clock.now(), limit=3)) == 3
        raise RuntimeError("killed")


async def test_a_watcher_killed_in_the_middle_leaves_nothing_half_done(
    supervision: Supervision, another: MakeSupervision
) -> None:
    await overdue_stories(supervision, 5)
    with pytest.raises(RuntimeError, match="killed"):
        await killed_while_firing(supervision)
    assert await supervision.sut.recorded(DutyOverdueV1) == []
    assert await supervision.rows("raised") == []
    restarted = await another(supervision)
    assert await restarted.watch_until() == 5
    assert len(await restarted.sut.recorded(DutyOverdueV1)) == 5
    assert await supervision.watch_until() == 0


async def test_a_duty_that_cannot_be_fired_is_put_off_and_holds_up_nobody(
    supervision: Supervision,
) -> None:
    await overdue_stories(supervision, 4)
    duty = table_of(DutyRow)
    poisoned = (await supervision.rows("D1"))[0].duty_id
    async with supervision.sut.service.database.writing() as session:
        await session.execute(
            update(duty).where(duty.c.duty_id == poisoned).values(petition_ids=["no id"])
        )
    assert await supervision.watch_until() == 3
    assert await supervision.alarms() == {"duty_put_off": 1}
    states = Counter(row.state for row in await supervision.rows("D1"))
    assert states == {"overdue": 3, "running": 1}
    async with supervision.sut.service.database.writing() as session:
        await session.execute(
            update(duty).where(duty.c.duty_id == poisoned).values(petition_ids=[])
        )
    assert await supervision.watch_until("2026-03-18T00:59:59") == 0
    assert await supervision.watch_until("2026-03-18T01:00:00") == 1
    assert Counter(row.state for row in await supervision.rows("D1")) == {"overdue": 4}


async def test_what_is_not_due_is_not_touched(supervision: Supervision) -> None:
    await supervision.sut.deliver(*(Story(supervision.sut).registered() for _ in range(3)))
    before = await supervision.rows()
    assert await watch(supervision.sut.service) == 0
    assert await supervision.rows() == before


async def test_facts_and_watchers_at_the_same_time_agree_in_the_end(
    supervision: Supervision, another: MakeSupervision
) -> None:
    stories = [Story(supervision.sut) for _ in range(20)]
    await supervision.sut.deliver(*(story.registered() for story in stories))
    supervision.sut.clock.set(datetime.fromisoformat("2026-03-18T00:00+08:00"))
    watcher = await another(supervision)
    referrals = [story.referred(date(2026, 3, 18)) for story in stories]
    await asyncio.gather(watcher.watch_until(), supervision.sut.deliver(*referrals))
    await watcher.watch_until()
    receipts = await supervision.rows("D1")
    assert {row.state for row in receipts} == {"met_late"}
    assert {row.overdue_at for row in receipts} == {datetime(2026, 3, 17, 16, tzinfo=UTC)}
    assert all(row.state in ("met", "met_late") for row in await supervision.rows("raised"))
    assert HOUSING in {row.organ_code for row in await supervision.rows("D3")}
