"""A database of the release before (0005), with rows as that release wrote them and answers as it
gave them: the same answers after the upgrade, nothing counted anew, and the way back."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Date, MetaData, Table, Uuid, column, insert, select, table

from services.analytics.checking.jobs import check, figures_are_wrong
from services.analytics.main import SPEC
from services.analytics.projection.jobs import recount
from services.analytics.projection.store import projection_lock
from services.analytics.rollups.store.documents import DOCUMENT, KEPT_SUMS
from shared.db.engine import Database
from shared.runtime.migrate import migrate_service
from shared.vocabulary.posts import Role
from tests.analytics.making import Figures
from tests.conftest import MakeService
from tests.db.test_migrations import EMPTY, leave_empty, step
from tests.support.backends import Backend, test_settings

BEFORE: dict[str, list[dict[str, Any]]] = json.loads(
    Path(__file__).with_name("release_0005.json").read_text(encoding="utf-8")
)
ANSWERS = BEFORE.pop("answers")


def values_of(known: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the file as its table takes it."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        kind = known.c[name].type
        if isinstance(kind, Date) and value:
            found[name] = date.fromisoformat(value)
        elif isinstance(kind, Uuid):
            found[name] = UUID(value)
        else:
            found[name] = value
    return found


async def fill(database: Database, before: Mapping[str, list[dict[str, Any]]]) -> None:
    """Write rows as the release before had them."""
    metadata: MetaData = SPEC.metadata
    async with database.engine.begin() as connection:
        for name, rows in before.items():
            known = metadata.tables[name]
            # Only the columns of that release: later ones stand with a default in their migration.
            columns = (column(each, known.c[each].type) for each in rows[0])
            values = [values_of(known, row) for row in rows]
            await connection.execute(insert(table(name, *columns)), values)


def changed(**meta: str) -> dict[str, list[dict[str, Any]]]:
    """The file with other marks."""
    marks = {row["key"]: row["value"] for row in BEFORE["meta"]} | meta
    return BEFORE | {"meta": [{"key": key, "value": value} for key, value in marks.items()]}


Upgraded = Callable[..., Awaitable[Figures]]


@pytest.fixture
async def upgraded(backend: Backend, make_service: MakeService, tmp_path: Path) -> Upgraded:
    """`await upgraded(rows)`: the service on a database that held these rows at 0005 and was then
    migrated as an operator does."""

    async def make(before: Mapping[str, list[dict[str, Any]]] = BEFORE) -> Figures:
        url = await backend.database_url(EMPTY, leave_empty)
        database = Database(url)
        await step(database, SPEC, "0005")
        await fill(database, before)
        await database.close()
        await migrate_service(SPEC, test_settings(tmp_path, database_url=url))
        return Figures(await make_service(SPEC, url=url))

    return make


async def assert_same_answers(figures: Figures, *, counted: bool = True) -> None:
    """The answers of the release before, or, where not all is counted yet, a word that says so: a
    later release may have another dimension."""
    for each in ANSWERS:
        headers = await figures.sut.login(Role.ANALYST, each["organ"])
        answer = await figures.sut.client.get(
            "/analytics/v1/summary", params=each["asked"], headers=headers
        )
        if answer.status_code == 503 and not counted:
            continue
        expected = each["answer"]
        found = answer.json()
        found["previous"] = {name: found["previous"][name] for name in expected["previous"]}
        assert {name: found[name] for name in expected} == expected


async def steps_of(figures: Figures) -> int:
    """Steps of counting anew until all is counted."""
    steps = 0
    while await recount(figures.sut.service):
        steps += 1
    return steps


async def assert_checked(figures: Figures) -> None:
    while await check(figures.sut.service):
        pass
    assert await figures_are_wrong(figures.sut.service) is None


async def test_the_answers_are_those_of_the_release_before(upgraded: Upgraded) -> None:
    figures = await upgraded()
    await assert_same_answers(figures, counted=False)
    await steps_of(figures)
    await assert_same_answers(figures)
    await assert_checked(figures)


async def test_documents_are_carried_over_and_every_row_stays(upgraded: Upgraded) -> None:
    figures = await upgraded()
    async with figures.sut.service.database.reading() as session:
        for name, rows in BEFORE.items():
            if name == "meta":
                continue
            known = SPEC.metadata.tables[name]
            columns = [known.c[each] for each in rows[0]]
            stored = [dict(row._mapping) for row in await session.execute(select(*columns))]
            assert sorted(stored, key=repr) == sorted(
                (values_of(known, row) for row in rows), key=repr
            )
        carried = await documents(session)
    assert len(carried) == len(BEFORE["kept_sums"])
    await rewind(figures)
    await steps_of(figures)
    async with figures.sut.service.database.reading() as session:
        counted = await documents(session)
    assert {key: only(counted[key], like=document) for key, document in carried.items()} == carried


@pytest.mark.parametrize("mark", ["", "2026-01-01"])
async def test_sums_that_were_not_filled_yet_are_filled_after_the_upgrade(
    upgraded: Upgraded, mark: str
) -> None:
    figures = await upgraded(changed(kept_sums=mark))
    await assert_same_answers(figures, counted=False)
    assert await steps_of(figures) > 0
    await assert_same_answers(figures)
    await assert_checked(figures)


async def test_figures_of_other_rules_are_counted_anew(upgraded: Upgraded) -> None:
    figures = await upgraded(changed(counting_rules="counting-2020.1"))
    assert await figures_are_wrong(figures.sut.service) == "figures_being_recounted"
    assert await steps_of(figures) > 0
    await assert_same_answers(figures)
    await assert_checked(figures)


async def test_the_release_before_leaves_events_to_this_one_until_it_is_started_again(
    upgraded: Upgraded,
) -> None:
    """Its lock is the row `counting_rules`; it makes the row when it starts."""
    figures = await upgraded()
    service = figures.sut.service
    meta = service.tables.meta
    async with service.database.reading() as session:
        marks = dict(iter_rows(await session.execute(select(meta.c.key, meta.c.value))))
    assert "counting_rules" not in marks
    assert marks["kept_sums"] == ""
    async with service.database.writing() as session:
        await session.execute(insert(meta).values(key="counting_rules", value="counting-2026.2"))
    await steps_of(figures)
    async with service.database.reading() as session:
        assert not await projection_lock.was_made_before(session)
    await assert_same_answers(figures)
    await assert_checked(figures)


async def test_the_way_back_gives_that_release_its_lock(backend: Backend, tmp_path: Path) -> None:
    url = await backend.database_url(EMPTY, leave_empty)
    database = Database(url)
    await step(database, SPEC, "0005")
    await fill(database, BEFORE)
    await step(database, SPEC, "0007")
    await step(database, SPEC, "0005", down=True)
    meta = SPEC.tables.meta
    async with database.engine.connect() as connection:
        rows = await connection.execute(select(meta.c.key, meta.c.value))
        assert dict(iter_rows(rows)) == {"counting_rules": "counting-2026.2", "kept_sums": ""}
        kept = (await connection.execute(select(KEPT_SUMS))).all()
        assert len(kept) == len(BEFORE["kept_sums"])
    await database.close()


def iter_rows(rows: Any) -> list[tuple[str, str]]:
    return [(row.key, row.value) for row in rows]


async def documents(session: Any) -> dict[Any, Any]:
    return {
        (row.division, row.grain, row.first_day): json.loads(row.document)
        for row in await session.execute(select(DOCUMENT))
    }


def only(document: Any, *, like: Any) -> Any:
    """Of a document the names another one has; a later release may count more."""
    return {
        split: {
            key: {name: document[split][key][name] for name in sums} for key, sums in keys.items()
        }
        for split, keys in like.items()
    }


async def rewind(figures: Figures) -> None:
    """Make the service count all sums anew from the facts."""
    async with figures.sut.service.database.writing() as session:
        state = await projection_lock.read_state(session)
        other = replace(state, definition=replace(state.definition, rollups="other"))
        await projection_lock.save_state(session, other)
