"""Folding: repeats, order, batches and rebuilds make no difference to the figures."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from services.analytics.domain.facts import merge
from services.analytics.domain.rollup import counted
from services.analytics.handlers.projection import part_of
from services.analytics.handlers.subscriptions import SUBSCRIPTIONS
from services.analytics.store import counts, gate
from services.analytics.use_cases.rebuilding import rebuild
from shared.contracts.envelope import Envelope
from shared.kernel.errors import Unavailable
from shared.reference.counting import packaged_counting_rules
from shared.vocabulary.cases import ReferralState
from shared.vocabulary.duties import DutyState as State
from shared.vocabulary.duties import Nature
from shared.vocabulary.petitions import Channel
from tests.analytics.making import (
    CITY,
    COUNTY,
    DAY,
    HOME,
    OTHER_COUNTY,
    Figures,
    a_case,
    a_duty,
    a_petition,
    a_referral,
    a_visit,
    history,
    name_of,
)

PETITIONS = 7


def a_life(chance: random.Random, figures: Figures) -> list[Envelope]:
    """Every version of some petitions, cases and duties, in the order they happened."""
    told: list[Any] = []
    for number in range(PETITIONS):
        received = DAY + timedelta(days=chance.randrange(4))
        petition = a_visit if chance.random() < 0.5 else a_petition
        kwargs: dict[str, Any] = {
            "received_on": received,
            "division_code": chance.choice([None, COUNTY, OTHER_COUNTY]),
            "repeat": chance.random() < 0.3,
        }
        if petition is a_visit:
            told.append(a_visit(number, chance.randint(1, 9), **kwargs))
        else:
            told.append(a_petition(number, channel=chance.choice(list(Channel)[:1]), **kwargs))
        told.append(a_petition(number, **kwargs, category_code="060100"))
        together = {number, chance.randrange(PETITIONS)} if chance.random() < 0.3 else {number}
        ids = [name_of("petition", each) for each in sorted(together)]
        told.append(a_case(number, petition_ids=ids, referrals=[], decided_on=None))
        told.append(a_case(number, division_code=chance.choice([CITY, COUNTY])))
        told.append(a_duty(number, due_on=received + timedelta(days=15), kind="D3"))
        told.append(a_duty(number + 100, petition=number))
        if chance.random() < 0.6:
            on = received + timedelta(days=chance.randrange(90))
            told.append(a_case(number, answered_on=on, closed_on=on))
            told.append(a_duty(number + 100, petition=number, state=State.MET, ended_on=on))
        elif chance.random() < 0.5:
            told.append(a_duty(number + 100, petition=number, state=State.OVERDUE))
    return figures.told(*told)


def from_scratch(envelopes: list[Envelope]) -> dict[str, int]:
    """Items per division counted by hand from the newest version of everything."""
    newest: dict[Any, Any] = {}
    for envelope in sorted(envelopes, key=lambda each: each.rank):
        part = part_of(SUBSCRIPTIONS.read(envelope))
        newest[part.key] = part
    facts = []
    for number in range(PETITIONS):
        about = [
            part.facts
            for part in newest.values()
            if name_of("petition", number) in part.petition_ids
        ]
        fact = merge(about, packaged_counting_rules(), home=HOME)
        assert fact is not None
        facts.append(fact)
    return {
        str((cell, tuple(sorted(figures.items())))): 1 for cell, figures in counted(facts).touched()
    }


async def stored_cells(figures: Figures) -> dict[str, int]:
    async with figures.sut.service.database.reading() as session:
        rows = (await session.execute(counts.COUNT.select())).mappings().all()
    found = {}
    for row in rows:
        cell = counts.Cell(**{name: row[name] for name in counts.CELL})
        values = tuple(sorted((name, row[name]) for name in counts.FIGURES))
        found[str((cell, values))] = 1
    return found


@pytest.mark.parametrize("seed", range(12))
async def test_roll_ups_equal_a_count_from_scratch_in_any_order(figures: Figures, seed: int):
    chance = random.Random(seed)
    envelopes = a_life(chance, figures)
    expected = from_scratch(envelopes)
    shuffled = envelopes * 2
    chance.shuffle(shuffled)
    while shuffled:
        size = chance.randint(1, 30)
        await figures.sut.deliver(*shuffled[:size])
        shuffled = shuffled[size:]
    assert await stored_cells(figures) == expected

    before = await figures.tables()
    done = await rebuild(figures.sut.service, actor="test")
    assert done.petitions == PETITIONS
    assert await figures.tables() == before


async def test_a_repeated_event_changes_nothing(figures: Figures):
    told = figures.told(a_petition(1), a_case(1), a_duty(1))
    await figures.sut.deliver(*told)
    once = await figures.tables()
    again = [each.model_copy(update={"id": name_of("again", i)}) for i, each in enumerate(told)]
    await figures.sut.deliver(*told, *again)
    assert await figures.tables() == once


async def test_an_older_version_never_overwrites_a_newer_one(figures: Figures):
    older, newer = figures.told(a_petition(1, category_code="010000"), a_petition(1))
    await figures.sut.deliver(newer)
    once = await figures.tables()
    await figures.sut.deliver(older)
    assert await figures.tables() == once


async def test_a_higher_epoch_wins_over_a_higher_sequence(figures: Figures):
    await figures.tell(a_petition(1), a_petition(1))
    (restored,) = figures.told(a_petition(1, category_code="010000"))
    await figures.sut.deliver(restored.model_copy(update={"epoch": 2, "sequence": 1}))
    (fact,) = (await figures.tables())["petition_fact"]
    assert "010000" in fact


async def test_nothing_is_counted_before_the_registration_is_known(figures: Figures):
    petition, case, duty = figures.told(a_petition(1), a_case(1), a_duty(1))
    await figures.sut.deliver(duty, case)
    assert await figures.tables() == {
        "petition_fact": [], "count_by_cell": [], "answer_days": [], "kept_sums": []
    }  # fmt: skip
    await figures.sut.deliver(petition)
    assert len((await figures.tables())["petition_fact"]) == 1


async def test_a_cell_left_by_its_last_petition_leaves_no_row(figures: Figures):
    await figures.tell(a_petition(1), a_case(1, answered_on=DAY + timedelta(days=3)))
    await figures.tell(a_case(1, division_code=CITY, answered_on=DAY + timedelta(days=4)))
    tables = await figures.tables()
    assert len(tables["count_by_cell"]) == len(tables["answer_days"]) == 1


async def test_a_petition_taken_out_of_a_case_no_longer_counts_as_answered(figures: Figures):
    both = [name_of("petition", 1), name_of("petition", 2)]
    await figures.tell(a_petition(1), a_petition(2))
    await figures.tell(a_case(1, petition_ids=both, answered_on=DAY, closed_on=DAY))
    await figures.tell(a_case(1, petition_ids=both[:1], answered_on=DAY, closed_on=DAY))
    async with figures.sut.service.database.reading() as session:
        facts = await counts.facts_of(session, both)
    assert facts[both[0]].answered_on == DAY
    assert facts[both[1]].answered_on is None


async def test_events_wait_while_a_rebuild_holds_the_gate(figures: Figures):
    service = figures.sut.service
    if service.database.is_file:
        pytest.skip("one writer: whoever comes second waits anyway")
    (told,) = figures.told(a_petition(1))
    async with service.units.begin() as other:
        assert await gate.enter(other.session)
        await service.inbox.store([told.to_json().encode()])
        await service.inbox.work()
        assert await figures.sut.inbox_states() == {"held": 1}
        with pytest.raises(Unavailable):
            await rebuild(service, actor="test")
    inbox = service.tables.inbox
    async with service.database.writing() as session:
        await session.execute(update(inbox).values(next_attempt_at=None))
    await service.inbox.work()
    assert len((await figures.tables())["petition_fact"]) == 1


async def test_a_returned_referral_does_not_hold_the_case(figures: Figures):
    returned = a_referral(1, state=ReferralState.RETURNED)
    await figures.tell(a_petition(1), a_case(1, referrals=[returned]))
    async with figures.sut.service.database.reading() as session:
        facts = await counts.facts_of(session, [name_of("petition", 1)])
    assert facts[name_of("petition", 1)].cell.organ_code == f"{COUNTY}-PETITION"


async def test_imported_history_counts_by_its_own_dates(figures: Figures):
    answered = DAY + timedelta(days=20)
    reply = {"kind": "reply", "nature": Nature.INTERNAL, "state": State.MET}
    await figures.tell(a_petition(1, history=history(answered)), a_duty(1, **reply))
    async with figures.sut.service.database.reading() as session:
        facts = await counts.facts_of(session, [name_of("petition", 1)])
    fact = facts[name_of("petition", 1)]
    assert (fact.days, fact.on_time, fact.legal) == (20, True, False)
