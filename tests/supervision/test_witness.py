"""The second checker (DL14): quiet while all is well, and it sees each kind of wrong duty."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert, select, update

from services.supervision.checking import jobs as checker
from services.supervision.duties.jobs.watcher import watch
from services.supervision.tables import DutyRow, WatcherRow, table_of
from services.supervision.verification import jobs as witness
from services.supervision.verification import use_cases as witnessing
from services.supervision.verification.jobs import compare, duties_disagree
from services.supervision.verification.store import save_state
from shared.contracts.routing import Days, NoticeFacts, PartFacts, WaitFacts
from shared.kernel.clock import SystemClock
from shared.vocabulary.cases import PartRole, ReferralKind
from shared.vocabulary.duties import DutyKind
from shared.vocabulary.petitions import Purpose
from tests.supervision.conftest import MakeSupervision, Supervision
from tests.supervision.events import COUNTY, HOUSING, TODAY, Story

DUTY = table_of(DutyRow)
JUSTICE = f"{COUNTY}-JUSTICE"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


async def told(supervision: Supervision) -> str | None:
    """One round that also looks at a stretch of the whole; what readiness says then."""
    service = supervision.sut.service
    standing = await witnessing.standing_of(service.database)
    if standing.rolled_at is not None:
        standing.rolled_at = LONG_AGO
        async with service.units.begin() as uow:
            await save_state(uow.session, standing.written())
    assert await compare(service) == 0
    return await duties_disagree(service)


async def write(supervision: Supervision, statement: object) -> None:
    async with supervision.sut.service.database.writing() as session:
        await session.execute(statement)  # type: ignore[call-overload]


async def lives(supervision: Supervision) -> None:
    """Cases of every kind, in every stage, in good order."""
    sut = supervision.sut
    for purpose in Purpose:
        for received_by in (HOUSING, "430121000000-PETITION"):
            one = Story(sut, purpose=purpose, received_by=received_by)
            await sut.deliver(one.registered())
            await sut.deliver(one.opened(), one.referred())
            await sut.deliver(one.accepted(day(20)), one.answered(day(30)))
            two = Story(sut, purpose=purpose, received_by=received_by, notice_owed=False)
            await sut.deliver(two.registered(), two.referred(), two.objected(day(3)))
            await sut.deliver(two.upheld(day(4)))
            three = Story(sut, purpose=purpose)
            await sut.deliver(three.referred(), three.registered(), three.accepted(day(1)))
            four = Story(sut, purpose=purpose, received_on=date(2018, 5, 1))
            await sut.deliver(four.imported(date(2018, 7, 1)))
            five = Story(sut, purpose=purpose, received_on=date(2018, 5, 1))
            await sut.deliver(five.imported(None))
            six = Story(sut, purpose=purpose, received_by=received_by)
            await sut.deliver(six.registered())
            await sut.deliver(one.delivered(day(31)))


async def casework(supervision: Supervision) -> None:
    """Reviews, reports, waits and papers, as routing tells them now."""
    sut = supervision.sut
    assigned = {"kind": ReferralKind.ASSIGNMENT, "assigned_due_on": day(20), "accepted_on": TODAY}
    done = assigned | {
        "answered_on": day(2), "opinion": "supported", "delivered_on": day(3), "ended_on": day(3),
        "carry_out": True, "extension_days": 30, "extension_approved_on": day(1),
    }  # fmt: skip
    review = {
        "kind": ReferralKind.RE_REVIEW, "referred_on": day(5), "accepted_on": day(5),
        "hearings": [Days(first=day(6), last=day(9))],
    }  # fmt: skip
    paper = NoticeFacts(
        ordinal=1, kind="acceptance", organ_code=HOUSING, owed_on=TODAY, told_on=None
    )
    part = PartFacts(
        part_id=uuid4(), ordinal=1, referral=1, organ_code=JUSTICE, organ_division=COUNTY,
        from_organ=HOUSING, role=PartRole.EXAMINE, assigned_on=TODAY, due_on=day(10),
        answered_on=None, verdict=None, verdict_on=None, excused_on=None,
    )  # fmt: skip
    put_up = WaitFacts(kind="put_up", since=day(1), until=None)
    for holds, changes in (
        ((done,), {"closed_on": day(3), "closing_kind": "answered", "notices": [paper]}),
        ((done | {"reported_on": day(4)},), {"closed_on": day(3)}),
        ((done, review), {"notices": [paper]}),
        ((done,), {"waits": [WaitFacts(kind="redirect", since=day(6), until=None)]}),
        ((assigned | {"answered_on": day(2), "agreed_on": day(2)},), {}),
        (({"accepted_on": TODAY, "simple": True},), {}),
        ((), {"waits": [put_up]}),
        (({"accepted_on": TODAY},), {"parts": [part]}),
    ):  # fmt: skip
        story = Story(sut)
        await sut.deliver(story.registered(), story.opened())
        await sut.deliver(story.progressed("x", *holds, decided_on=TODAY, **changes))


async def test_it_is_quiet_on_every_stage_of_every_life(supervision: Supervision) -> None:
    await lives(supervision)
    await casework(supervision)
    assert await told(supervision) is None
    for later in (4, 16, 17, 28, 40, 60, 95):
        await supervision.watch_until(f"{day(later)}T00:00:30")
        await supervision.watch_until(f"{day(later)}T00:05:00")
        assert await told(supervision) is None, later
    assert "duties_disagree" not in await supervision.alarms()
    kinds = {row.kind for row in await supervision.rows()}
    assert kinds == {str(kind) for kind in DutyKind} - {"D7", "guided_internal"}


async def test_a_wrong_due_date_a_missing_and_an_extra_duty_are_each_found_and_cleared(
    supervision: Supervision,
) -> None:
    story, other = Story(supervision.sut), Story(supervision.sut)
    await supervision.sut.deliver(story.registered(), story.referred(), other.registered())
    assert await told(supervision) is None
    window = await supervision.row("D4")

    await write(supervision, update(DUTY).where(DUTY.c.kind == "D4").values(due_on=day(8)))
    assert await told(supervision) == "duties_disagree"
    assert await supervision.alarms() == {"duties_disagree": 1}
    assert await told(supervision) == "duties_disagree"
    assert await supervision.alarms() == {"duties_disagree": 1}  # stands, and is not repeated
    assert "duties_disagree" in (await supervision.sut.client.get("/ready")).text
    await write(supervision, update(DUTY).where(DUTY.c.kind == "D4").values(due_on=window.due_on))
    assert await told(supervision) is None
    assert await supervision.alarms() == {}

    async with supervision.sut.service.database.reading() as session:
        held = (await session.execute(select(DUTY).where(DUTY.c.kind == "D3"))).mappings().one()
    await write(supervision, delete(DUTY).where(DUTY.c.kind == "D3"))
    assert await told(supervision) == "duties_disagree"
    await write(supervision, insert(DUTY).values(**held))
    assert await told(supervision) is None

    nobodys = {"duty_id": uuid4(), "subject_id": uuid4(), "case_id": None}
    await write(supervision, insert(DUTY).values(**(dict(held) | nobodys)))
    assert await told(supervision) == "duties_disagree"
    await write(supervision, delete(DUTY).where(DUTY.c.duty_id == nobodys["duty_id"]))
    assert await told(supervision) is None

    second = {"duty_id": uuid4(), "ordinal": 2}
    await write(supervision, insert(DUTY).values(**(dict(held) | second)))
    assert await told(supervision) == "duties_disagree"


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("D3", {"organ_code": "430121000000-EDUCATION"}),
        ("D3", {"kind": "acceptance_internal"}),
        ("D3", {"due_at": datetime(2026, 3, 17, 15, tzinfo=UTC)}),
        ("D3", {"state": "overdue"}),
        ("D3", {"state": "met"}),
        ("D1", {"state": "running", "next_at": None}),
        ("D1", {"state": "cancelled"}),
        ("D4", {"state": "lapsed"}),
    ],
)
async def test_wrong_kind_organ_instant_and_state_are_found(
    supervision: Supervision, kind: str, values: dict[str, object]
) -> None:
    story = Story(supervision.sut)
    await supervision.sut.deliver(story.registered(), story.referred())
    assert await told(supervision) is None
    await write(supervision, update(DUTY).where(DUTY.c.kind == kind).values(**values))
    assert await told(supervision) == "duties_disagree"


async def test_a_duty_that_no_watcher_fires_is_found_after_a_grace(
    supervision: Supervision,
) -> None:
    await supervision.sut.deliver(Story(supervision.sut).registered())
    clock = supervision.sut.clock
    for seconds, said in ((-1, None), (0, None), (119, None), (120, "duties_disagree")):
        due = datetime.fromisoformat("2026-03-18T00:00:00+08:00")
        clock.set(due + timedelta(seconds=seconds))
        assert await told(supervision) == said, seconds


async def test_an_overdue_without_its_superior_and_a_superior_without_its_overdue(
    supervision: Supervision,
) -> None:
    await supervision.sut.deliver(Story(supervision.sut).registered())
    await supervision.watch_until("2026-03-18T00:00:01")
    assert await told(supervision) is None
    raised = DUTY.c.kind == "raised"
    async with supervision.sut.service.database.reading() as session:
        above = (await session.execute(select(DUTY).where(raised))).mappings().one()
    await write(supervision, update(DUTY).where(raised).values(state="met"))
    assert await told(supervision) == "duties_disagree"
    await write(supervision, delete(DUTY).where(raised))
    assert await told(supervision) == "duties_disagree"
    await write(supervision, insert(DUTY).values(**above))
    assert await told(supervision) is None


async def test_an_event_without_its_effect_is_found_wherever_it_lies(
    supervision: Supervision, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Segments of the whole come round, so that an old wrong duty is found as well."""
    monkeypatch.setattr(witnessing, "STRETCH", 7)
    monkeypatch.setattr(witnessing, "TOUCHED", 5)
    stories = [Story(supervision.sut) for _ in range(30)]
    await supervision.sut.deliver(*(story.registered() for story in stories))
    assert await told(supervision) is None
    chosen = stories[17].petition.petition_id
    await write(supervision, delete(DUTY).where(DUTY.c.subject_id == chosen))
    rounds = [await told(supervision) for _ in range(6)]
    assert "duties_disagree" in rounds
    assert rounds[-1] == "duties_disagree"  # and stays known until it is right again


async def test_events_not_handled_yet_are_waited_for(supervision: Supervision) -> None:
    sut, story = supervision.sut, Story(supervision.sut)
    await sut.service.inbox.store([story.registered().to_json().encode()])
    assert await told(supervision) is None
    assert (await witnessing.standing_of(sut.service.database)).tail == 0
    await sut.drain()
    assert await told(supervision) is None
    assert (await witnessing.standing_of(sut.service.database)).tail == 1


async def test_quiet_on_five_hundred_imported_rows(supervision: Supervision) -> None:
    sut = supervision.sut
    imported = []
    for number in range(500):
        received = date(2011, 1, 1) + timedelta(days=7 * number)
        answered = received + timedelta(days=number % 130) if number % 9 else None
        imported.append(Story(sut, received_on=received).imported(answered))
    await sut.deliver(*imported)
    assert await told(supervision) is None
    assert len(await supervision.rows("reply")) == 500


async def test_readiness_needs_the_second_checkers_sign_of_life(
    supervision: Supervision, another: MakeSupervision
) -> None:
    service = supervision.sut.service
    assert await duties_disagree(service) == "witness_heartbeat"
    await compare(service)
    assert await duties_disagree(service) is None
    other = await another(supervision)  # a second process goes by what the first one noted
    assert await duties_disagree(other.sut.service) is None
    standing = await witnessing.standing_of(service.database)
    standing.beaten_at = SystemClock().now() - witness.SILENT_AFTER - timedelta(seconds=1)
    async with service.units.begin() as uow:
        await save_state(uow.session, standing.written())
    assert await duties_disagree(service) == "witness_heartbeat"


async def test_a_missing_heartbeat_is_an_alarm_and_clears_itself(supervision: Supervision) -> None:
    service = supervision.sut.service
    await checker.check(service)
    assert await supervision.alarms() == {}  # just started: nobody can have beaten yet
    service.resources.begun_at -= 3600
    await checker.check(service)
    assert await supervision.alarms() == {"watcher_silent": 1, "witness_silent": 1}
    await watch(service)
    await compare(service)
    await checker.check(service)
    assert await supervision.alarms() == {}
    await write(supervision, update(table_of(WatcherRow)).values(beat_at=LONG_AGO))
    await checker.check(service)
    assert await supervision.alarms() == {"watcher_silent": 2}
