"""What comes twice, too early, broken or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.event import listens_for, remove

from shared.contracts.envelope import Envelope
from shared.contracts.routing import PostFacts
from shared.db.unit_of_work import UnitOfWork
from shared.messaging import inbox
from shared.messaging.subscriptions import NotYet
from shared.vocabulary.posts import Role
from tests.messaging.conftest import MakeToy
from tests.messaging.toy import a_post, effects
from tests.support.service import ServiceUnderTest


def an_event(service: ServiceUnderTest, person: str, sequence: int | None = None) -> Envelope:
    return service.envelope(a_post(person), subject_id=person, sequence=sequence)


async def reason_of(service: ServiceUnderTest, event: Envelope) -> str:
    table = service.service.tables.inbox
    async with service.service.database.reading() as session:
        return await session.scalar(select(table.c.reason).where(table.c.id == event.id)) or ""


async def test_an_event_delivered_twice_has_one_effect(toy_service: MakeToy) -> None:
    _, service = await toy_service()
    event = an_event(service, "li")
    await service.deliver(event, event)
    await service.deliver(event)
    assert await effects(service.service) == [("li", 1)]


async def test_events_of_one_batch_are_handled_in_order(toy_service: MakeToy) -> None:
    _, service = await toy_service()
    await service.deliver(*[an_event(service, "li") for _ in range(50)])
    assert await effects(service.service) == [("li", n) for n in range(1, 51)]


async def test_a_poisoned_neighbour_harms_nobody_and_is_parked_with_its_reason(
    toy_service: MakeToy,
) -> None:
    toy, service = await toy_service()

    def fail(post: PostFacts) -> None:
        if post.person == "poison":
            raise RuntimeError("petitioner 张三 13812345678")

    toy.fail = fail
    poison = an_event(service, "poison")
    await service.deliver(an_event(service, "before"), poison, an_event(service, "after"))
    assert sorted(await effects(service.service)) == [("after", 1), ("before", 1)]
    assert await service.inbox_states() == {"done": 2, "parked": 1}
    reason = await reason_of(service, poison)
    assert "RuntimeError" in reason
    assert "13812345678" not in reason


async def test_a_parked_event_is_handled_after_the_cause_is_mended_and_it_is_replayed(
    toy_service: MakeToy,
) -> None:
    toy, service = await toy_service()
    toy.fail = lambda _: 1 / 0  # type: ignore[assignment,return-value]
    event = an_event(service, "li")
    await service.deliver(event)
    headers = await operator(service)
    listed = (await service.client.get("/routing/v1/parked", headers=headers)).json()
    assert [item["id"] for item in listed["items"]] == [str(event.id)]
    toy.fail = lambda _: None
    answer = await service.client.post("/routing/v1/parked/replay", headers=headers, json={})
    assert answer.json() == {"replayed": 1}
    await service.drain()
    assert await effects(service.service) == [("li", 1)]


async def test_what_is_no_envelope_is_parked_and_kept(toy_service: MakeToy) -> None:
    _, service = await toy_service()
    await service.service.inbox.store([b"not json \x00", b'{"id": 3}', b"not json \x00"])
    await service.drain()
    assert await service.inbox_states() == {"parked": 2}


async def test_an_event_that_breaks_its_contract_is_parked_at_once(toy_service: MakeToy) -> None:
    _, service = await toy_service()
    event = an_event(service, "li").model_copy(update={"data": {"post": {"person": 3}}})
    await service.deliver(event)
    assert await service.inbox_states() == {"parked": 1}


async def test_a_gap_is_held_until_the_missing_event_comes(toy_service: MakeToy) -> None:
    _, service = await toy_service(contiguous=True)
    first, second, third = (an_event(service, "li") for _ in range(3))
    await service.deliver(third, first)
    assert await effects(service.service) == [("li", 1)]
    assert await service.inbox_states() == {"done": 1, "held": 1}
    await service.deliver(second)
    assert await effects(service.service) == [("li", 1), ("li", 2), ("li", 3)]


async def test_events_of_a_stream_that_come_reversed_are_applied_in_their_order(
    toy_service: MakeToy,
) -> None:
    _, service = await toy_service(contiguous=True)
    first, second, third = (an_event(service, "li") for _ in range(3))
    await service.deliver(third, an_event(service, "wang"), second, first)
    assert await effects(service.service) == [("li", 1), ("wang", 1), ("li", 2), ("li", 3)]


async def test_who_was_frozen_while_another_took_over_does_nothing_twice(
    toy_service: MakeToy,
) -> None:
    toy, frozen = await toy_service()
    _, other = await toy_service(url=frozen.settings.database_url)
    calls: list[str] = []

    def fail_in_the_batch(post: PostFacts) -> None:
        calls.append(post.person)
        if len(calls) == 1:
            raise RuntimeError

    toy.fail = fail_in_the_batch
    await frozen.service.inbox.store([an_event(frozen, "li").to_json().encode()])
    units = frozen.service.inbox._units
    begin, begun = units.begin, 0

    @asynccontextmanager
    async def begin_late(*args: Any) -> AsyncIterator[UnitOfWork]:
        """The process sleeps before its second transaction: the batch has failed, its rows are
        about to be taken one by one."""
        nonlocal begun
        begun += 1
        if begun == 2:
            await other.drain()
        async with begin(*args) as unit:
            yield unit

    units.begin = begin_late  # type: ignore[method-assign]
    await frozen.service.inbox.work()
    assert await effects(frozen.service) == [("li", 1)]
    assert await frozen.inbox_states() == {"done": 1}


async def test_a_gap_in_one_stream_does_not_hold_another(toy_service: MakeToy) -> None:
    _, service = await toy_service(contiguous=True)
    await service.deliver(an_event(service, "late", 2), an_event(service, "li", 1))
    assert await effects(service.service) == [("li", 1)]


async def test_a_restored_producer_starts_its_streams_anew(toy_service: MakeToy) -> None:
    _, service = await toy_service(contiguous=True)
    old = an_event(service, "li", 1)
    new = service.envelope(a_post("li"), subject_id="li", sequence=1, epoch=2)
    await service.deliver(old)
    await service.deliver(new)
    assert await service.inbox_states() == {"done": 2}
    assert len(await effects(service.service)) == 2


async def test_a_handler_that_must_wait_is_held_not_parked(toy_service: MakeToy) -> None:
    toy, service = await toy_service()

    def wait(_: PostFacts) -> None:
        raise NotYet("its case")

    toy.fail = wait
    await service.deliver(an_event(service, "li"))
    assert await service.inbox_states() == {"held": 1}


@pytest.mark.parametrize("reason", ["gap", "waits"])
async def test_what_waits_does_not_keep_what_it_waits_for_from_its_turn(
    toy_service: MakeToy, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    """However many are held before it, and however often they are due again."""
    monkeypatch.setattr(inbox, "BATCH", 5)
    toy, service = await toy_service(contiguous=reason == "gap")
    here: set[str] = set()

    def wait(post: PostFacts) -> None:
        if reason == "waits" and post.person not in here:
            raise NotYet("the first one")

    toy.fail = wait
    late = [an_event(service, f"p{n}", 2) for n in range(12)]
    await service.deliver(*late)
    assert await service.inbox_states() == {"held": 12}
    if reason == "waits":
        here |= {"first"}
        release = [an_event(service, "first")]
    else:
        release = [an_event(service, f"p{n}", 1) for n in range(12)]
    await service.service.inbox.store([each.to_json().encode() for each in release])
    for _ in range(12):
        await due_again(service)
        await service.service.inbox.work()
    people = {person for person, _ in await effects(service.service)}
    assert people >= ({"first"} if reason == "waits" else {f"p{n}" for n in range(12)})


async def test_a_handler_that_never_returns_is_parked_and_its_neighbours_are_handled(
    toy_service: MakeToy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "HANDLING_SECONDS", 0.1)
    toy, service = await toy_service()
    toy.hangs_at = "never"
    never = an_event(service, "never")
    await service.deliver(an_event(service, "before"), never, an_event(service, "after"))
    assert sorted(await effects(service.service)) == [("after", 1), ("before", 1)]
    assert await service.inbox_states() == {"done": 2, "parked": 1}
    assert "TimeoutError" in await reason_of(service, never)


async def due_again(service: ServiceUnderTest) -> None:
    """Let all that is held be due, as it is when handling takes longer than the hold."""
    table = service.service.tables.inbox
    past = datetime(2020, 1, 1, tzinfo=UTC)
    async with service.service.database.writing() as session:
        await session.execute(
            update(table).where(table.c.state == "held").values(next_attempt_at=past)
        )


async def test_a_crash_in_the_handler_leaves_no_half_effect(toy_service: MakeToy) -> None:
    toy, service = await toy_service()
    seen: list[str] = []

    def crash_at_second(post: PostFacts) -> None:
        seen.append(post.person)
        if len(seen) == 2:
            raise KeyboardInterrupt

    toy.fail = crash_at_second
    await service.service.inbox.store(
        [an_event(service, person).to_json().encode() for person in ("li", "wang")]
    )
    with pytest.raises(KeyboardInterrupt):
        await service.service.inbox.work()
    assert await effects(service.service) == []
    toy.fail = lambda _: None
    await service.drain()
    assert await effects(service.service) == [("li", 1), ("wang", 1)]


async def test_everything_handled_can_be_played_again_in_order(toy_service: MakeToy) -> None:
    _, service = await toy_service()
    await service.deliver(*[an_event(service, "li") for _ in range(450)])
    played = [
        event.envelope.sequence
        async for batch in service.service.inbox.replayed(frozenset({"routing.post.changed.v1"}))
        for event in batch
    ]
    assert played == list(range(1, 451))


async def operator(service: ServiceUnderTest) -> dict[str, str]:
    return await service.login(Role.OPERATOR, "430000000000-XF")


async def test_looking_for_work_passes_over_what_is_done(toy_service: MakeToy) -> None:
    _, service = await toy_service()
    database = service.service.database
    await service.deliver(*(an_event(service, f"li-{n}") for n in range(1200)))
    async with database.writing() as session:
        await session.execute(text("ANALYZE inbox"))
    looks: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, statement: str, values: Any, *_: Any) -> None:
        if "inbox" in statement:
            looks.append((statement, values))

    listening = listens_for(Engine, "before_cursor_execute")
    listening(note)
    try:
        await service.service.inbox.work()
    finally:
        remove(Engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if database.is_file else "EXPLAIN"
    async with database.reading() as session:
        connection = await session.connection()
        for statement, values in looks:
            plan = str((await connection.exec_driver_sql(f"{explain} {statement}", values)).all())
            assert "ix_inbox" in plan
            assert "Seq Scan" not in plan
            assert "SCAN inbox'" not in plan
    assert len(looks) == 1
