"""The smoke of `make chaos` for both kinds of deployment; and that the outside check can fail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tests.chaos.__main__ import options_of, run
from tests.chaos.checking import Checker, Eyes
from tests.chaos.ledger import Filing, Ledger

EVERYWHERE = {"crash all, at any point", "broker link cut", "duplicated, reordered",
              "poison messages", "frozen watcher"}  # fmt: skip
"""With servers of its own (root, both installed) broker and database are killed too."""


@pytest.mark.servers
@pytest.mark.timeout(480)
async def test_nothing_is_lost_doubled_unexpected_or_stuck(tmp_path: Path) -> None:
    tallies = await run(options_of(["--smoke", "--rate", "6"]), tmp_path)
    assert {tally.fault for tally in tallies} >= EVERYWHERE
    assert [each for tally in tallies for each in tally.breaches] == []


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_nor_in_the_embedded_deployment(tmp_path: Path) -> None:
    tallies = await run(options_of(["--smoke", "--embedded", "--rate", "6"]), tmp_path)
    assert {tally.fault for tally in tallies} >= {"kill -9 standalone", "crash at any point"}
    assert [each for tally in tallies for each in tally.breaches] == []


def answers() -> dict[str, Any]:
    """What the four services say of one accepted petition, by the end of the path."""
    kinds = ("D1", "D3", "D5")
    duties = [{"kind": kind, "subject_id": "s", "ordinal": 1} for kind in kinds]
    return {
        "unsettled": {"unsent": 0, "new": 0, "held": 0, "parked": 0},
        "summary": {"items": 1, "answered": 0},
        "counts": {"total": 1},
        "progress": {"state": "办理中"},
        "n1": {"case_id": "c", "state": "accepted"},
        "duties": {"items": duties},
    }


async def judged(said: dict[str, Any], tmp_path: Path) -> list[str]:
    """What the checker finds when the ledger has one accepted petition."""

    def answer(request: httpx.Request) -> httpx.Response:
        found = said[request.url.path.rsplit("/", 1)[1]]
        return httpx.Response(404) if found is None else httpx.Response(200, json=found)

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        running: Any = SimpleNamespace(client=client, operator={}, ahead=timedelta(0), broker="")
        ledger = Ledger(tmp_path / "ledger")
        receipt = {"number": "n1", "query_code": "q"}
        ledger.filings["k"] = Filing("k", {}, receipt=receipt, acts=["accepted"])
        ledger.close()
        verdict = await Checker(running, ledger, Eyes({}, {}, {})).judge(
            ledger.acknowledged, parked=0, seconds=0.01
        )
    return verdict.breaches


TROUBLE: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("lost", lambda said: said.update(progress=None)),
    ("lost", lambda said: said.update(n1=None)),
    ("lost", lambda said: said.update(n1={"case_id": "c", "state": "referred"})),
    ("lost", lambda said: said["duties"]["items"].pop()),
    ("doubled", lambda said: said["duties"]["items"].append(said["duties"]["items"][0])),
    ("unexpected", lambda said: said.update(n1={"case_id": "c", "state": "closed"})),
    ("unexpected", lambda said: said["unsettled"].update(parked=1)),
    ("stuck", lambda said: said["unsettled"].update(held=1)),
    ("stuck", lambda said: said["summary"].update(items=2)),
    ("stuck", lambda said: said["counts"].update(total=2)),
    ("stuck", lambda said: said["progress"].update(state="待受理")),
]


async def test_the_check_is_content_when_all_agree(tmp_path: Path) -> None:
    assert await judged(answers(), tmp_path) == []


@pytest.mark.parametrize(("kind", "spoil"), TROUBLE)
async def test_the_check_sees_each_kind_of_trouble(
    tmp_path: Path,
    kind: str,
    spoil: Callable[[dict[str, Any]], object],
) -> None:
    said = answers()
    spoil(said)
    assert any(each.startswith(kind) for each in await judged(said, tmp_path))
