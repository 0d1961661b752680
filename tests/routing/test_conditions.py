"""Every condition of the table of procedure is asked: without it in its row, the act is taken.

Cases are walked at random; each act that just one condition stands against is kept, and tried
against the table and against the table without that condition.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.procedure import TABLE, Row
from services.routing.casework.acts import ACTS, CASES
from services.routing.main import SPEC
from shared.kernel.errors import DomainError
from shared.reference.calendar import packaged_text
from shared.reference.editions import Reference
from shared.reference.limits import read_limits
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import CaseState, ClosingKind, DecisionReason
from shared.workflow.guards import Guards, Law, Level, Step
from shared.workflow.pipeline import permitted
from shared.workflow.table import Table, TableInvalid
from tests.conftest import MakeService
from tests.journeys.walking import Walk
from tests.routing.making import HOUSING
from tests.support.acts import PATHS

PAIRS = sorted({(row.act, guard) for row in TABLE.rows for guard in row.guards})
SPOILT: dict[Act, dict[str, Any]] = {
    Act.ACCEPT: {"simple": True},
    Act.EXTEND: {"days": 366, "reasons": "x"},
    Act.ANSWER: {"opinion": "redo", "text": "x"},
    Act.REVIEW: {"opinion": "supported", "text": "x"},
    Act.DECIDE: {"kind": "transfer", "note": "x", "organ_code": "110000000000-PETITION"},
    Act.PASS_ON: {"note": "x", "organ_code": "430100000000-HOUSING"},
    Act.REOPEN: {"ground": "supervision", "reasons": "x"},
    Act.SHARE: {"parts": [
        {"organ_code": HOUSING, "role": "examine", "task": "x", "due_on": "2030-01-01"},
    ]},
}  # fmt: skip
"""Bodies that a condition refuses in some cases."""
OTHER = {
    Act.REFUSE_ACCEPTANCE: SimpleNamespace(
        state=CaseState.CLOSED, holder=None, last=None, notices=()
    ),
    Act.NO_FURTHER_ACCEPTANCE: SimpleNamespace(
        closing_kind=ClosingKind.ANSWERED, last=None, notices=()
    ),
}
"""Another case that a refusal must not rest on."""
_FOUND: dict[tuple[Act, str], tuple[Any, ...]] = {}


async def alone(row: Row, case: Any, step: Step, body: Any, uow: Any) -> str | None:
    """The one condition of a row that does not hold; None where none or several do not."""
    broken = []
    for name in row.guards:
        try:
            if CASES.guards.broken(case, [name], step.law) or await CASES.guards.ask(
                case, [name], step, body, uow
            ):
                broken.append(name)
        except DomainError:
            broken.append(name)
    return broken[0] if len(broken) == 1 else None


async def look(walk: Walk) -> None:
    """Keep what one condition alone stands against in a case as it is now."""
    for case in _variants(walk.case):
        for row in CASES.table.fitting(case):
            if all((row.act, name) in _FOUND for name in row.guards):
                continue
            organs = sorted(CASES.entities.organs(case, row.by)) or [case.decider]
            for on in (walk.today, walk.today + timedelta(days=200)):
                for given in _bodies(walk, row.act, on):
                    law = Law(walk.uow.reference, on)
                    await _try(row, case, organs[0], law, given, walk.uow)


def _variants(case: Case) -> list[Case]:
    """The case, and as it is when too many objections were upheld below the top."""
    if case.state is not CaseState.NEEDS_PERSON:
        return [case]
    return [case, replace(case, needs_person_reason=DecisionReason.NO_COMMON_SUPERIOR)]


def _bodies(walk: Walk, act: Act, on: date) -> list[dict[str, Any]]:
    honest = walk._body(act) if _can(walk, act) else {}
    late = {"requested_on": on.isoformat()} if act is Act.REQUEST_REVIEW else None
    return [each for each in (honest, SPOILT.get(act), late) if each is not None]


def local_rules(reference: Reference) -> Reference:
    """A region's rules: handling may be suspended, and the simple procedure extended."""
    local = copy.copy(reference)
    text = packaged_text("limits.csv").replace(
        ",30,,5;1,《信访工作条例》第三十四条", ",30,suspension,5;1,《信访工作条例》第三十四条"
    )
    limits = read_limits(
        text.replace(
            "working,internal,no,0,,1,内部时限；《信访事项简易",
            "working,internal,no,30,,1,内部时限；《信访事项简易",
        )
    )
    local.__dict__["limits"] = limits  # what the cached property would hold
    return local


def _can(walk: Walk, act: Act) -> bool:
    """Whether there is what an honest body of an act would name."""
    try:
        walk._body(act)
    except StopIteration:
        return False
    return True


async def _try(row: Row, case: Any, organ: str, law: Law, given: Any, uow: Any) -> None:
    spec = ACTS[PATHS[row.act]]
    try:
        body = spec.body.model_validate(spec.sample | given)
        step = Step(law, organ, "a", found=OTHER.get(row.act))
        if spec.finds is not None and step.found is None:
            step.found = await spec.finds(uow, case, step, body)
    except (ValueError, DomainError):
        return
    name = await alone(row, case, step, body, uow)
    if name is not None and (row.act, name) not in _FOUND:
        _FOUND[row.act, name] = (row, copy.deepcopy(case), organ, law, body, step.found)


@pytest.fixture
async def found(make_service: MakeService) -> Any:
    """A unit of work, and what was found; walked once in a process."""
    service = (await make_service(SPEC)).service
    async with service.units.begin() as uow:
        national, local = uow.reference, local_rules(uow.reference)
        for seed in range(400):
            if _FOUND.keys() >= set(PAIRS):
                break
            uow.reference = local if seed % 2 else national
            walk = Walk(uow, Random(seed))
            await walk.open()
            for _ in range(25):
                await look(walk)
                await walk.step()
        yield uow


@pytest.mark.parametrize("guard", sorted(TABLE.guards))
async def test_a_condition_taken_out_of_its_rows_changes_what_is_allowed(
    found: Any, guard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for act, name in PAIRS:
        if name == guard:
            await _stands_alone(found, act, guard, monkeypatch)
            monkeypatch.undo()


async def _stands_alone(uow: Any, act: Act, guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row, case, organ, law, body, other = _FOUND[act, guard]
    spec = _fixed(ACTS[PATHS[act]], other)
    step = Step(law, organ, "a")
    monkeypatch.setattr(CASES, "table", Table([row]))
    with pytest.raises(DomainError):
        await permitted(CASES, uow, case, act, spec, step, body)
    offered = {each.act: each.blocked_by for each in CASES.actions(case, step.law)}
    assert (offered[act] is None) is (CASES.guards[guard].level > Level.RULES), act
    monkeypatch.setattr(CASES, "table", Table([row]).without(guard))
    assert (await permitted(CASES, uow, case, act, spec, step, body)).act is act
    offered = {each.act: each.blocked_by for each in CASES.actions(case, step.law)}
    assert offered[act] is None, act


def _fixed(spec: Any, other: Any) -> Any:
    """The act with what it found, where that is another case."""

    async def finds(*_: Any) -> Any:
        return other

    return replace(spec, finds=finds) if spec.path in ("refusal", "no-further-acceptance") else spec


def a_registry() -> Guards[Any]:
    guards: Guards[Any] = Guards()
    guards.entity("known", "x")(lambda entity: True)
    return guards


@pytest.mark.parametrize(("named", "told"), [(["known", "unheard"], "unheard"), ([], "known")])
def test_a_name_without_a_function_and_a_function_without_a_row_stop_the_start(
    named: list[str], told: str
) -> None:
    with pytest.raises(TableInvalid, match=told):
        a_registry().check_names(named)
    a_registry().check_names(["known"])


def test_the_program_does_not_start_with_a_condition_nobody_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CASES, "table", TABLE.without("window_open"))
    with pytest.raises(TableInvalid, match="window_open"):
        CASES.check()
