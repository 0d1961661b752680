"""The table of procedure says which duties an act starts and ends; together the services do it."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from types import SimpleNamespace

import pytest

from services.routing.cases.domain.procedure import TABLE, Row
from services.routing.main import SPEC
from services.supervision.duties.domain.duty import Duty, DutyKey
from services.supervision.duties.handlers import case_facts, petition_facts
from services.supervision.duties.store.duty_rows import row_of
from services.supervision.facts.domain import WholeFacts
from services.supervision.verification.domain.witness import Bench, Group
from services.supervision.verification.domain.witness_days import Tables
from shared.reference.calendar import packaged_text
from shared.vocabulary.duties import DutyKind, Nature
from tests.conftest import MakeService
from tests.journeys.walking import Walk
from tests.supervision.lives import EARLY, duties

NOTICE = str(DutyKind.NOTICE)
WALKS, STEPS = 300, 26
Change = tuple[frozenset[str], frozenset[str]]


def test_every_duty_the_table_names_is_one_supervision_knows() -> None:
    known = {str(kind) for kind in DutyKind}
    for row in TABLE.rows:
        assert {*row.starts, *row.ends} <= known, row


def changes(before: dict[DutyKey, Duty], after: dict[DutyKey, Duty]) -> Change:
    """Kinds that began and kinds that ended, a window included."""
    was = {key for key, duty in before.items() if duty.state.is_open}
    now = {key for key, duty in after.items() if duty.state.is_open}
    return (
        frozenset(str(key.kind) for key in now - was),
        frozenset(str(key.kind) for key in was - now),
    )


@pytest.mark.timeout(300)
async def test_every_act_starts_and_ends_the_duties_its_row_names(
    make_service: MakeService,
) -> None:
    """Both ways: nothing the row does not name, and each kind it names at some time. The second
    checker agrees after every step, and an open case is never without a duty."""
    service = (await make_service(SPEC)).service
    seen: dict[Row, Change] = defaultdict(lambda: (frozenset(), frozenset()))
    async with service.units.begin() as uow:
        bench = Bench(
            tables=Tables.read(packaged_text("limits.csv"), [packaged_text("calendar.csv")]),
            zone="Asia/Shanghai", now=EARLY, top="",
            is_office=lambda code: code.endswith("-PETITION"),
        )  # fmt: skip
        for seed in range(WALKS):
            walk = Walk(uow, Random(seed))
            await walk.open()
            petition = petition_facts(walk.petition, uow.reference.organs)
            raw_petition = walk.petition.model_dump(mode="json")["petition"]
            told, kept = [], duties(WholeFacts(petitions=(petition,)))
            for _ in range(STEPS):
                row = await walk.step()
                if row is None:
                    continue
                before, case = kept, walk.told()
                told.append(case.model_dump(mode="json"))
                whole = WholeFacts(petitions=(petition,), case=case_facts(case))
                kept = duties(whole, kept, today=walk.today)
                began, ended = changes(before, kept)
                old = seen[row]
                seen[row] = (old[0] | began, old[1] | ended)
                rows = [SimpleNamespace(**row_of(duty)) for duty in kept.values()]
                found = bench.differences(Group(tuple(told), (raw_petition,)), rows)
                assert found == [], (seed, row, found)
                open_ones = [d for d in kept.values() if d.state.is_open]
                assert case.closed_on is not None or any(
                    d.nature is not Nature.WINDOW for d in open_ones
                ), (seed, row)
                if walk.random.random() < 0.3 and walk.hear_of_papers():
                    whole = WholeFacts(petitions=(petition,), case=case_facts(walk.told()))
                    kept = duties(whole, kept, today=walk.today)
    for row in TABLE.rows:
        began, ended = seen.get(row, (frozenset(), frozenset()))
        name = (row.act, *row.states, *row.kinds, *row.purposes)
        assert began - {NOTICE} == set(row.starts), name
        assert ended - {NOTICE} == set(row.ends), name
        assert row.notice or NOTICE not in began, name
