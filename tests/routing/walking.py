"""A desk that notes which rows of the table of procedure were lived through, for several files."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.procedure import TABLE, Row
from services.routing.cases.store import cases
from services.routing.casework.acts import ACTS, CASES
from shared.reference.calendar import packaged_text
from shared.vocabulary.acts import Act
from shared.vocabulary.posts import Role
from shared.workflow.pipeline import row_of
from tests.rights.platform import ROOT_OFFICE
from tests.routing.making import CHANGSHA
from tests.routing.test_casework_api import Desk
from tests.support.acts import ACT_BODIES
from tests.support.tiers import LONG

LIVED: set[Row] = set()
JOINT = frozenset((Act.SHARE, Act.ANSWER_PART, Act.JUDGE_PART, Act.EXCUSE_PART))
"""Acts that `test_joint.py` lives through; all others are those of `test_procedure.py`, which a
parallel run may give to another worker."""


class Walk(Desk):
    """A desk that notes which rows of the table were lived through."""

    def __init__(self, service: Any) -> None:
        super().__init__(service)

    async def do(self, path: str, organ: str, *, expect: int = 200, **body: Any) -> dict[str, Any]:
        spec = ACTS[path]
        body = ACT_BODIES[path] | body
        case = await self.stored()
        act = spec.choose(case, spec.body.model_validate(body))
        row = _row(case, act)
        answer = await self.act(path, organ, **body)
        assert answer.status_code == expect, answer.text
        if answer.status_code == 200 and row is not None:
            LIVED.add(row)
        result: dict[str, Any] = answer.json()
        return result

    async def approve(self, organ: str, *, approved: bool = True, expect: int = 200) -> Any:
        headers = await self.service.login(Role.HEAD, organ, person=f"head of {organ}")
        url = f"/routing/v1/cases/{self.case_id}/approval"
        before = await self.stored()
        answer = await self.service.client.post(
            url, json={"approved": approved, "reasons": ""}, headers=headers
        )
        assert answer.status_code == expect, answer.text
        if approved and answer.status_code == 200 and before.awaits:
            LIVED.update(filter(None, (_row(before, Act(before.awaits)),)))
        return answer.json()

    async def load_limit(self, row: str) -> None:
        """Publish the limit table with one more row, in force at once."""
        operator = await self.service.login(Role.OPERATOR, ROOT_OFFICE)
        body = {
            "kind": "limits", "edition_id": "limits-local.9", "effective_on": "2026-03-01",
            "files": {"limits.csv": f"{packaged_text('limits.csv').rstrip()}\n{row}\n"},
        }  # fmt: skip
        answer = await self.service.client.post("/routing/v1/editions", json=body, headers=operator)
        assert answer.status_code == 200, answer.text
        await self.service.service.prepare()  # what its loop does within two seconds

    async def stored(self) -> Case:
        async with self.service.service.database.reading() as session:
            case = await cases.load(session, uuid.UUID(self.case_id))
        assert case is not None
        return case

    async def detail(self, organ: str = CHANGSHA) -> dict[str, Any]:
        shown: dict[str, Any] = (await self.get(f"/cases/{self.case_id}", organ)).json()
        return shown

    def pass_days(self, days: int) -> None:
        self.service.clock.advance(timedelta(days=days))


def _row(case: Case, act: Act) -> Row | None:
    """The row an act means now, by what the case itself can tell."""
    return row_of(CASES, case, act) if act in case.allowed else None  # type: ignore[return-value]


def rows_of(*, joint: bool) -> Iterator[Row]:
    """Rows of the acts one file lives through."""
    return (row for row in TABLE.rows if (row.act in JOINT) is joint)


def ran_whole(request: pytest.FixtureRequest) -> bool:
    """Whether the whole file ran, and nothing failed."""
    config = request.config
    whole = not (LONG or config.option.keyword or "::" in "".join(config.args))
    return whole and not request.session.testsfailed
