"""A short run of `make fuzz`, and that each kind of finding can be found.

CI runs 2,000 cases beside it, where their counts are printed (`.ci/run`)."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fuzz.fuzzing import Fuzzer
from tests.fuzz.world import World, made_world
from tests.support.backends import Backend

CASES, SEED = 150, 1
pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
async def world(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with made_world(backend, tmp_path_factory.mktemp("fuzz")) as made:
        yield made


async def test_every_answer_is_one_the_document_names(world: World) -> None:
    tally = await Fuzzer(world).run_beside(CASES, SEED)
    assert not tally.findings, tally.report()
    assert tally.cases >= CASES
    answered = {caller: tally.answered(caller=caller) for caller in world.callers}
    strangers = answered.pop("anonymous")  # few routes are open to them: met by the longer run
    assert all(answered.values()), answered
    assert strangers + sum(answered.values()) > CASES / 3  # past validation, rights and look-up


async def test_each_kind_of_finding_is_found(world: World) -> None:
    """The routes are as they were; the document says otherwise."""
    document = copy.deepcopy(world.platform.services["routing"].app.openapi())
    spoilt: dict[str, Any] = {
        path: document["paths"][f"/routing/v1/{path}"]
        for path in ("divisions/{code}", "cases", "unsettled", "categories")
    }
    del spoilt["divisions/{code}"]["get"]["responses"]["422"]
    spoilt["cases"]["get"]["x-roles"] = ["analyst"]
    spoilt["unsettled"]["get"]["responses"]["200"]["content"] = {"text/csv": {}}
    spoilt["categories"]["get"]["parameters"] = [
        each | {"schema": {"type": "string", "pattern": "^[a-z]{3}$"}}
        for each in spoilt["categories"]["get"]["parameters"] if each["name"] == "q"
    ]  # fmt: skip
    document["components"]["schemas"]["OrganOut"]["properties"]["code"] = {"type": "integer"}
    kept = {path: each for path, each in document["paths"].items()
            if path.removeprefix("/routing/v1/") in {*spoilt, "organs"}}  # fmt: skip
    tally = await Fuzzer(world, {"routing": document | {"paths": kept}}).run_beside(400, SEED)
    found = {
        (operation.removeprefix("GET /routing/v1/"), what) for operation, what in tally.findings
    }
    assert {
        ("divisions/{code}", "Undocumented status code [422]"),
        ("cases", "open to officer"),
        ("unsettled", "Undocumented Content-Type [200]"),
        ("categories", "Schema-violating request accepted [200]"),
        ("organs", "Response violates schema [200]"),
    } <= found
