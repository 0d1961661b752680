"""The honest body of every act of casework, by its path: the sample its declaration carries."""

from __future__ import annotations

from typing import Any

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.procedure import Row
from services.routing.casework.acts import ACTS, CASES
from shared.vocabulary.acts import Act
from shared.workflow.guards import Law, Level, Step
from shared.workflow.pipeline import apply, row_of
from shared.workflow.table import IllegalStep

ACT_BODIES: dict[str, dict[str, Any]] = {path: dict(spec.sample) for path, spec in ACTS.items()}
IN_BULK = tuple(path for path, spec in ACTS.items() if spec.bulk)
PATHS = {act: path for path, spec in ACTS.items() for act in spec.acts}
"""Where an act of the table is posted to."""


async def take(
    case: Case, act: Act, body: dict[str, Any], *, law: Law, organ: str, person: str, uow: Any,
    found: Any = None, store: bool = True,
) -> Row:  # fmt: skip
    """Do an act of the table by its own conditions and function, with nothing kept of it.

    `found` stands for what the act would look up; without `store` the database is asked nothing."""
    spec = ACTS[PATHS[act]]
    given = spec.body.model_validate(body)
    step = Step(law, organ, person, found=found)
    row = row_of(CASES, case, act, law)
    if spec.finds is not None and found is None:
        step.found = await spec.finds(uow, case, step, given)
    asked = [n for n in row.guards if store or CASES.guards[n].level is not Level.STORE]
    guard = None if found else await CASES.guards.ask(case, asked, step, given, uow)
    if guard is not None:
        raise IllegalStep(case.state, case.allowed, guard.words)
    result = apply(case, row, spec, step, given)
    if spec.after is not None and store:
        await spec.after(uow, case, step, result)
    return row  # type: ignore[return-value]
