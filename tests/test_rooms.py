"""The tables of rooms in docs/architecture.md are the code's, and every noun says what it is."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import grimp
import pytest

from tests.test_house import ROOT


@pytest.fixture(scope="module")
def rooms() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rooms", ROOT / "scripts" / "rooms.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("services", "shared")


def test_the_page_is_as_the_code_is(rooms: ModuleType, graph: grimp.ImportGraph) -> None:
    text = rooms.PAGE.read_text(encoding="utf-8")
    assert rooms.written(text, graph) == text, "run `make rooms`"


def test_every_noun_says_what_it_is(rooms: ModuleType, graph: grimp.ImportGraph) -> None:
    silent = [
        f"{service}.{noun}"
        for service in rooms.SERVICES
        for noun in rooms.nouns_of(graph, service)
        if not rooms._what(service, noun)
    ]
    assert silent == []


def test_only_direct_neighbours_are_shown_from_the_top_down(rooms: ModuleType) -> None:
    uses = {"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset[str]()}
    assert rooms.in_order(uses) == ["a", "b", "c"]
    assert rooms.reach(uses, "a") == {"b", "c"}
    rooms._what = lambda service, noun: noun.upper()
    assert list(rooms.rows(uses, "x"))[2:] == [
        "| `a` | A | `b` |", "| `b` | B | `c` |", "| `c` | C | – |",
    ]  # fmt: skip
