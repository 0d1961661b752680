"""Duties start and end by the events of intake and routing, in whatever order they come."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations

import pytest

from shared.contracts.supervision import DutyEndedV1, DutyJudgedV1, DutyStartedV1
from shared.vocabulary.petitions import Purpose
from tests.supervision.conftest import Supervision
from tests.supervision.events import ALL_DUTY_EVENTS, HOUSING, OFFICE, TODAY, Story


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


async def test_a_whole_life_starts_and_ends_each_duty_by_its_event(
    supervision: Supervision,
) -> None:
    sut, story = supervision.sut, Story(supervision.sut)
    await sut.deliver(story.registered())
    assert await supervision.states() == {"D1": "running"}
    await sut.deliver(story.referred(day(1)))
    assert await supervision.states() == {"D1": "met", "D3": "running", "D4": "running"}
    await sut.deliver(story.accepted(day(3)))
    assert await supervision.states() == {
        "D1": "met", "D3": "met", "D4": "cancelled", "D5": "running"
    }  # fmt: skip
    await sut.deliver(story.answered(day(30)))
    await sut.deliver(story.delivered(day(33)))
    assert await supervision.states() == {
        "D1": "met", "D3": "met", "D4": "cancelled", "D5": "met", "delivery_internal": "met"
    }  # fmt: skip
    handling = await supervision.row("D5")
    assert (handling.started_on, handling.due_on, handling.ended_on) == (day(3), day(63), day(30))
    assert (handling.organ_code, handling.nature, handling.limit_id) == (
        HOUSING, "legal", "D5-2022"
    )  # fmt: skip
    assert handling.limits_edition
    assert await sut.inbox_states() == {"done": 5}


async def test_published_facts_carry_the_version_as_sequence(supervision: Supervision) -> None:
    sut, story = supervision.sut, Story(supervision.sut)
    await sut.deliver(story.registered())
    await sut.deliver(story.referred())
    started, ended = await sut.recorded(DutyStartedV1), await sut.recorded(DutyEndedV1)
    assert [(each.data["duty"]["kind"], each.sequence) for each in ended] == [("D1", 2)]
    assert {each.data["duty"]["kind"]: each.sequence for each in started} == {
        "D1": 1, "D3": 1, "D4": 1
    }  # fmt: skip
    assert ended[0].subject == f"duty/{ended[0].data['duty']['duty_id']}"
    assert ended[0].correlationid == "test-correlation"


async def test_a_transfer_delivered_twice_starts_one_duty(supervision: Supervision) -> None:
    sut, story = supervision.sut, Story(supervision.sut)
    transfer = story.referred()
    await sut.deliver(transfer, transfer)
    await sut.deliver(transfer)
    again = transfer.model_copy(update={"id": story.petition.petition_id})  # a new id, same facts
    await sut.deliver(again)
    assert len(await supervision.rows("D3")) == 1
    assert len(await sut.recorded(DutyStartedV1)) == 2  # D3 and D4, once each


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_the_order_of_facts_does_not_matter(
    supervision: Supervision, order: tuple[int, ...]
) -> None:
    sut, story = supervision.sut, Story(supervision.sut)
    told = [
        story.registered(),
        story.referred(day(1)),
        story.accepted(day(2)),
        story.answered(day(9)),
    ]
    for index in order:
        await sut.deliver(told[index])
    assert await supervision.states() == {
        "D1": "met",
        "D3": "met",
        "D4": "cancelled",
        "D5": "met",
        "delivery_internal": "running",
    }
    assert {row.version for row in await supervision.rows()} <= {1, 2, 3}


async def test_one_batch_and_many_give_the_same_duties(supervision: Supervision) -> None:
    sut = supervision.sut
    stories = [Story(sut) for _ in range(30)]
    told = [
        event
        for story in stories
        for event in (story.registered(), story.referred(), story.accepted(day(2)))
    ]
    await sut.deliver(*told)
    rows = await supervision.rows()
    assert len(rows) == 4 * 30
    assert {row.case_id for row in rows} == {story.case.case_id for story in stories}


async def test_an_upheld_objection_gives_the_sender_its_duties(supervision: Supervision) -> None:
    sut, story = supervision.sut, Story(supervision.sut)
    await sut.deliver(story.registered(), story.referred(), story.objected(day(3)))
    verdict = await supervision.row("verdict_internal")
    assert (verdict.organ_code, verdict.state, verdict.nature) == (OFFICE, "running", "internal")
    await sut.deliver(story.upheld(day(4)))
    states = await supervision.states()
    assert states["D3"] == "cancelled"
    assert states["D4"] == "met"
    assert states["redirect_internal"] == "running"


@pytest.mark.parametrize(
    ("purpose", "kind"),
    [
        (Purpose.CLAIM, "D5"),
        (Purpose.SUGGESTION, "handling_internal"),
        (Purpose.UNCERTAIN, "handling_internal"),
    ],
)
async def test_only_claims_get_the_legal_sixty_days(
    supervision: Supervision, purpose: Purpose, kind: str
) -> None:
    sut, story = supervision.sut, Story(supervision.sut, purpose=purpose)
    await sut.deliver(story.referred(), story.accepted(day(1)))
    assert kind in await supervision.states()


async def test_an_organ_that_received_it_itself_owes_d2(supervision: Supervision) -> None:
    sut, story = supervision.sut, Story(supervision.sut, received_by=HOUSING)
    await sut.deliver(story.registered())
    duty = await supervision.row("D2")
    assert (duty.organ_code, duty.due_on) == (HOUSING, day(15))
    await sut.deliver(story.opened())
    assert await supervision.states() == {"D2": "running"}


async def test_imported_history_is_judged_silently(supervision: Supervision) -> None:
    sut = supervision.sut
    received = date(2018, 5, 1)
    stories = [Story(sut, received_on=received) for _ in range(4)]
    answers = [date(2018, 6, 30), date(2018, 7, 1), None, None]
    await sut.deliver(*(s.imported(a) for s, a in zip(stories, answers, strict=True)))
    rows = await supervision.rows("reply")
    assert len(rows) == len(await supervision.rows()) == 4
    assert sorted((row.state, row.overdue_at is not None) for row in rows) == [
        ("met", False), ("met_late", True), ("overdue", True), ("overdue", True)
    ]  # fmt: skip
    assert all(row.silent and row.nature == "internal" for row in rows)
    assert {row.article for row in rows} == {"惯例，非法定"}
    assert await supervision.watch_until("2027-01-01T00:00") == 0
    events = await sut.recorded(*ALL_DUTY_EVENTS)
    assert {each.type for each in events} == {DutyJudgedV1.TYPE}
    assert await supervision.alarms() == {"history_unanswered": 2}
    await sut.deliver(stories[0].imported(answers[0]))
    assert await supervision.alarms() == {"history_unanswered": 2}


async def test_recent_history_becomes_overdue_silently(supervision: Supervision) -> None:
    sut, story = supervision.sut, Story(supervision.sut, received_on=day(-10))
    await sut.deliver(story.imported(None))
    assert await supervision.states() == {"reply": "running"}
    await supervision.watch_until("2026-04-22T00:00")
    assert await supervision.states() == {"reply": "overdue"}
    events = await sut.recorded(*ALL_DUTY_EVENTS)
    assert [each.type for each in events] == [DutyJudgedV1.TYPE] * 2
    assert await supervision.alarms() == {"history_unanswered": 1}


async def test_a_duty_without_a_limit_is_an_alarm_not_a_stop(supervision: Supervision) -> None:
    sut = supervision.sut
    old, new = Story(sut, received_on=date(1999, 1, 1)), Story(sut)
    await sut.deliver(old.registered(), new.registered())
    assert await supervision.states() == {"D1": "running"}
    assert await supervision.alarms() == {"limit_missing": 1}
    assert await sut.inbox_states() == {"done": 2}
