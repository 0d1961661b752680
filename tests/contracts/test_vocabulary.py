"""Every closed list of the interfaces and events is in the vocabulary, with Chinese labels."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

import shared.vocabulary
from services.deployment import SPECS
from services.routing.cases.domain.procedure import TABLE
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.freeze import schema_of
from shared.vocabulary.acts import Act, PublicStep
from shared.vocabulary.lists import LISTS
from shared.vocabulary.term import NumberedTerm, Term, known, label_of
from shared.web.problems import KNOWN, register_problems

ROOT = Path(__file__).resolve().parents[2]
HAN = re.compile("[一-鿿]")
MARKS = {"—"}
"""Labels that are a mark in a table and no word."""


def in_snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def enums(schema: Any, name: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Name and values of every enum in a schema; the name is that of its definition, else empty."""
    if isinstance(schema, dict):
        if isinstance(values := schema.get("enum"), list):
            yield name, values
        for key, inner in schema.items():
            for part, each in inner.items() if key in DEFINITIONS else [("", inner)]:
                yield from enums(each, part)
    elif isinstance(schema, list):
        for inner in schema:
            yield from enums(inner)


DEFINITIONS = {"$defs", "schemas"}


def strangers(schema: Any) -> list[str]:
    """Enums that are no list of the vocabulary: a defined one is a whole list under its own name,
    an unnamed one a part of some list, or of the error codes."""
    for spec in SPECS:
        register_problems(spec.problems)
    found = []
    for name, values in enums(schema):
        codes = {str(each) for each in values}
        same = LISTS.get(in_snake_case(name))
        if same is not None and same.codes == codes:
            continue
        parts = [set(KNOWN), *(each.codes for each in LISTS.values())]
        if not any(codes <= part for part in parts) or (name and same is not None):
            found.append(f"{name}: {sorted(codes)}")
    return found


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_enum_of_an_interface_is_in_the_vocabulary(spec: Any) -> None:
    path = ROOT / "contracts/openapi" / f"{spec.name}.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    assert strangers(document) == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda each: each.TYPE)
def test_every_closed_list_of_an_event_is_in_the_vocabulary(contract: Any) -> None:
    assert strangers(schema_of(contract)) == []


def test_a_list_that_is_not_there_would_be_seen() -> None:
    named = {"components": {"schemas": {"Weather": {"enum": ["rain", "snow"]}}}}
    assert strangers(named) == ["Weather: ['rain', 'snow']"]
    assert strangers({"enum": ["letter", "pigeon"]}) == [": ['letter', 'pigeon']"]
    assert strangers({"$defs": {"Channel": {"enum": ["letter"]}}}) == ["Channel: ['letter']"]
    assert strangers({"enum": ["letter", "visit"]}) == []


def all_terms() -> Iterator[type[Enum]]:
    for module in pkgutil.iter_modules(shared.vocabulary.__path__):
        found = vars(importlib.import_module(f"shared.vocabulary.{module.name}")).values()
        for each in found:
            is_list = isinstance(each, type) and issubclass(each, Term | NumberedTerm)
            if is_list and each not in (Term, NumberedTerm):
                yield each


def test_every_list_has_its_name() -> None:
    assert {in_snake_case(each.__name__): each for each in all_terms()} == {
        name: each.terms for name, each in LISTS.items()
    }


@pytest.mark.parametrize("name", LISTS)
def test_every_code_has_a_chinese_label(name: str) -> None:
    closed = LISTS[name]
    assert HAN.search(closed.title)
    for each in closed.terms:
        assert re.fullmatch("[A-Za-z0-9_]+", str(each.value))
        assert HAN.search(each.label) or each.label in MARKS
    assert len({each.label for each in closed.terms}) == len(closed.terms)


def test_titles_are_told_apart() -> None:
    assert len({each.title for each in LISTS.values()}) == len(LISTS)


def test_the_table_of_procedure_names_acts_as_the_vocabulary_does() -> None:
    """An act with several rows may have more precise names there; the first is the label."""
    names: dict[Act, list[str]] = {}
    for row in TABLE.rows:
        names.setdefault(row.act, []).append(row.name)
    assert {act: found[0] for act, found in names.items()} == {act: act.label for act in Act}


def test_public_steps_are_acts_or_events_of_a_case() -> None:
    prefix = "routing.case."
    events = {
        each.TYPE.removeprefix(prefix).split(".", maxsplit=1)[0]
        for each in CONTRACTS
        if each.TYPE.startswith(prefix)
    }
    assert {str(each) for each in PublicStep} <= events | {str(each) for each in Act}


def test_a_code_of_a_later_release_is_shown_as_it_is() -> None:
    assert label_of(Act, "sign") == "签收"
    assert label_of(Act, "teleport") == "teleport"
    assert known(Act, "teleport") is None
    assert known(Act, None) is None
