"""Another set of figures or dimensions: counted anew by itself, in steps, and no wrong answer
meanwhile. The tables are made to look as a release with other entries has left them."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from services.analytics.checking.jobs import check, figures_are_wrong
from services.analytics.facts.store import FACT
from services.analytics.main import SPEC
from services.analytics.main import setup as start
from services.analytics.projection.domain import ProjectionState
from services.analytics.projection.jobs import recount
from services.analytics.projection.store import projection_lock
from services.analytics.projection.use_cases.recounting import recount_next
from services.analytics.registry.domain.definition import Definition, definition
from services.analytics.rollups.domain.documents import RollupDocument
from services.analytics.rollups.store.cells import COUNT
from services.analytics.rollups.store.documents import DOCUMENT
from services.analytics.sources.store import SOURCE
from shared.vocabulary.petitions import Purpose
from shared.vocabulary.posts import Role
from tests.analytics.a_year import answers, the_year
from tests.analytics.conftest import Summary
from tests.analytics.making import (
    COUNTY_HOUSING,
    PROVINCE_OFFICE,
    Figures,
    a_petition,
    a_visit,
)
from tests.conftest import MakeService

NEWEST = ("2026-12-01", "2026-12-31")
OLDEST = ("2025-11-20", "2026-03-15")


def test_a_measure_added_to_a_stored_document_is_added_by_its_name() -> None:
    stored = RollupDocument({"total": {"": {"items": 2, "overdue_open": 1}}})
    again = RollupDocument.of_text(stored.to_text())
    again.add("total", "", {"items": 1, "inserted": 7, "overdue_open": 1})
    assert again.counts == {"total": {"": {"items": 3, "inserted": 7, "overdue_open": 2}}}


def test_a_document_without_a_measure_has_none_of_it() -> None:
    (row,) = RollupDocument.of_text('{"total":{"":{"items":2}}}').rows()
    assert dict(row.sums) == {"items": 2}


def test_zeros_are_not_stored_and_nothing_is_an_empty_text() -> None:
    document = RollupDocument()
    document.add("total", "", {"items": 1, "answered": 0})
    assert json.loads(document.to_text()) == {"total": {"": {"items": 1}}}
    document.add("total", "", {"items": -1})
    assert document.to_text() == ""


@asynccontextmanager
async def stored(figures: Figures, **changes: Any) -> AsyncIterator[Any]:
    """Change stored rows, and the definition they are said to be counted by."""
    async with figures.sut.service.database.writing() as session:
        state = await projection_lock.read_state(session)
        other = replace(state.definition, **changes)
        yield session
        await projection_lock.save_state(session, ProjectionState(other))


async def without_a_measure(figures: Figures) -> None:
    """As a release left it that did not count `overdue_open`, which stands in the middle."""
    async with stored(figures, rollups="other") as session:
        await session.execute(update(COUNT).values(overdue_open=0))
        for row in (await session.execute(DOCUMENT.select())).all():
            document = json.loads(row.document)
            document.get("total", {}).get("", {}).pop("overdue_open", None)
            changed = {"document": json.dumps(document), "definition": "other"}
            key = (DOCUMENT.c.division == row.division, DOCUMENT.c.grain == row.grain)
            await session.execute(
                update(DOCUMENT).where(*key, DOCUMENT.c.first_day == row.first_day).values(changed)
            )


async def without_a_dimension(figures: Figures) -> None:
    """As a migration leaves it that has just added `tier` with zero everywhere."""
    async with stored(figures, facts="other", rollups="other") as session:
        for table in (FACT, COUNT):
            await session.execute(update(table).values(tier=0))
        await session.execute(update(DOCUMENT).values(definition="other"))


async def restarted(figures: Figures) -> None:
    await start(figures.sut.service)


async def steps_of(figures: Figures) -> int:
    steps = 0
    while await recount(figures.sut.service):
        steps += 1
    return steps


async def state_of(figures: Figures) -> ProjectionState:
    async with figures.sut.service.database.reading() as session:
        return await projection_lock.read_state(session)


async def asked(figures: Figures, period: tuple[str, str]) -> Any:
    headers = await figures.sut.login(Role.ANALYST, PROVINCE_OFFICE)
    params = {"from": period[0], "to": period[1]}
    return await figures.sut.client.get("/analytics/v1/summary", params=params, headers=headers)


async def assert_checked(figures: Figures) -> None:
    while await check(figures.sut.service):
        pass
    assert await figures_are_wrong(figures.sut.service) is None


@pytest.mark.parametrize("seed", range(2))
async def test_a_new_figure_is_right_at_once_and_counted_in_steps(
    figures: Figures, summary: Summary, seed: int
) -> None:
    told = figures.told(*the_year(random.Random(seed)))
    half = len(told) // 2
    await figures.sut.deliver(*told[:half])
    await figures.sut.deliver(*told[half:])
    expected, tables = await answers(summary), await figures.tables()
    await without_a_measure(figures)
    await restarted(figures)
    assert await answers(summary) == expected
    await assert_checked(figures)
    assert await recount(figures.sut.service)
    assert await answers(summary) == expected
    await assert_checked(figures)
    assert await steps_of(figures) == 4
    assert await figures.tables() == tables
    assert await answers(summary) == expected
    await assert_checked(figures)


async def test_a_restart_goes_on_where_counting_stopped(figures: Figures) -> None:
    await figures.tell(*the_year(random.Random(4)))
    tables = await figures.tables()
    await without_a_measure(figures)
    await restarted(figures)
    await recount(figures.sut.service)
    await recount(figures.sut.service)
    reached = (await state_of(figures)).counted_from
    await restarted(figures)
    assert (await state_of(figures)).counted_from == reached
    assert await steps_of(figures) == 3
    assert await figures.tables() == tables


async def test_a_step_that_fails_leaves_everything_as_it_was(figures: Figures) -> None:
    """The step is one transaction; here it ends with an error instead of a commit."""
    await figures.tell(*the_year(random.Random(4)))
    await without_a_measure(figures)
    await restarted(figures)
    tables, state = await figures.tables(), await state_of(figures)
    service = figures.sut.service

    async def fail_at_the_end() -> None:
        async with service.units.begin() as uow:
            assert await recount_next(uow, service.inbox)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_at_the_end()
    assert await figures.tables() == tables
    assert await state_of(figures) == state


async def test_events_between_the_steps_are_counted_once(
    figures: Figures, summary: Summary
) -> None:
    told = figures.told(*the_year(random.Random(3)))
    await figures.sut.deliver(*told[:100])
    await without_a_measure(figures)
    await restarted(figures)
    await recount(figures.sut.service)
    await recount(figures.sut.service)
    await figures.sut.deliver(*told[100:])
    await steps_of(figures)
    tables, ready = await figures.tables(), await answers(summary)
    headers = await figures.sut.login(Role.OPERATOR, PROVINCE_OFFICE)
    rebuilt = await figures.sut.client.post("/analytics/v1/rebuilds", headers=headers)
    assert rebuilt.status_code == 201
    assert await figures.tables() == tables
    assert await answers(summary) == ready


async def test_a_new_dimension_is_read_from_the_sources_and_refused_until_then(
    figures: Figures, summary: Summary
) -> None:
    told = figures.told(*the_year(random.Random(6)))
    await figures.sut.deliver(*told[:-20])
    await without_a_dimension(figures)
    await restarted(figures)
    refused = await asked(figures, OLDEST)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert await figures_are_wrong(figures.sut.service) == "figures_being_recounted"
    await figures.sut.deliver(*told[-20:])
    await recount(figures.sut.service)
    assert (await asked(figures, OLDEST)).status_code == 503
    await steps_of(figures)
    assert (await summary(*OLDEST))["by_tier"].keys() == {"3"}
    await assert_checked(figures)
    tables = await figures.tables()
    headers = await figures.sut.login(Role.OPERATOR, PROVINCE_OFFICE)
    await figures.sut.client.post("/analytics/v1/rebuilds", headers=headers)
    assert await figures.tables() == tables


async def test_periods_that_are_counted_already_are_answered(figures: Figures) -> None:
    """The newest months come first: a period and its year before, both counted, have answers while
    older months are still to come."""
    await figures.tell(a_petition(1), a_petition(2, received_on=a_petition(1).received_on.replace(
        year=2020)))  # fmt: skip
    await without_a_dimension(figures)
    await restarted(figures)
    assert (await asked(figures, ("2027-02-01", "2027-02-28"))).status_code == 503
    await recount(figures.sut.service)
    assert (await asked(figures, ("2027-02-01", "2027-02-28"))).json()["items"] == 0
    assert (await asked(figures, ("2026-01-01", "2026-01-31"))).status_code == 503
    await steps_of(figures)
    assert (await asked(figures, ("2026-01-01", "2026-01-31"))).json()["items"] == 1


async def test_an_attribute_that_was_not_stored_is_read_from_the_inbox(figures: Figures) -> None:
    accusing = {"purpose": Purpose.ACCUSATION, "complained_organ": COUNTY_HOUSING}
    await figures.tell(a_petition(1), a_visit(2, 3, **accusing), a_petition(2, **accusing))
    tables = await figures.tables()
    changed = {"sources": "other", "facts": "other", "rollups": "other"}
    async with stored(figures, **changed) as session:
        await session.execute(update(FACT).values(hidden_from=None))
        for row in (await session.execute(SOURCE.select())).all():
            facts = {name: v for name, v in row.facts.items() if name != "complained_organ"}
            same = SOURCE.c.subject_id == row.subject_id
            await session.execute(update(SOURCE).where(same).values(facts=facts))
    await restarted(figures)
    assert await steps_of(figures) > 2
    assert await figures.tables() == tables


async def test_events_wait_while_another_release_defines_the_figures(
    figures: Figures, make_service: MakeService
) -> None:
    async with stored(figures, rollups="of a newer one"):
        pass
    (told,) = figures.told(a_petition(1))
    service = figures.sut.service
    await service.inbox.store([told.to_json().encode()])
    await service.inbox.work()
    assert await figures.sut.inbox_states() == {"held": 1}
    assert (await asked(figures, NEWEST)).json()["items"] == 0
    again = Figures(await make_service(SPEC, url=figures.sut.settings.database_url))
    assert (await state_of(again)).definition == definition()


def test_another_definition_begins_counting_anew_and_the_same_one_does_not() -> None:
    old = Definition(rules="r", sources="s", facts="f", rollups="u")
    done = ProjectionState(old)
    assert done.adopted(old) is done
    figure = done.adopted(replace(old, rollups="v"))
    assert (figure.is_complete, figure.facts_hold, figure.replayed_to) == (False, True, None)
    fact = figure.adopted(replace(old, facts="g", rollups="w"))
    assert (fact.facts_hold, fact.replayed_to) == (False, None)
    source = done.adopted(Definition("r", "t", "g", "w"))
    assert (source.facts_hold, source.replayed_to) == (False, 0)
    assert fact.adopted(replace(old, facts="g", rollups="x")).facts_hold is False
    assert ProjectionState.of_text(source.to_text()) == source
