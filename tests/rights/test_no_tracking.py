"""The platform can't be used to follow or judge petitioners (decision 0068)."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from fastapi import FastAPI

from services.analytics.main import SPEC as ANALYTICS
from services.analytics.registry.domain.dimensions import DIMENSIONS
from services.analytics.registry.domain.measures import NAMES
from services.deployment import SPECS
from shared.db.types import UtcDateTime
from shared.runtime.app import create_app
from tests.rights.forbidden_words import ALLOWED, CHINESE, HARMLESS
from tests.rights.naming import (
    COMMON,
    answer_members,
    columns,
    event_members,
    filters,
    is_suspicious,
)
from tests.support.backends import test_settings
from tests.support.service import SilentBus

HERE = Path(__file__).parent
PURPOSES = {
    "masked", "reasons", "vault", "secret", "official", "organ", "place", "when", "count", "fact",
    "facts", "code", "object", "machine",
}  # fmt: skip
"""What a column is for. Only `vault` may hold who somebody is, and it is encrypted."""


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> list[FastAPI]:
    folder = tmp_path_factory.mktemp("apps")
    return [create_app(spec, test_settings(folder), bus=SilentBus()) for spec in SPECS]


def refused(named: list[tuple[str, str]]) -> list[str]:
    """What has a forbidden word and no reviewed reason."""
    return sorted(
        {
            label
            for label, name in named
            if is_suspicious(name) and name not in HARMLESS and label not in ALLOWED
        }
    )


def test_no_filter_by_a_person(apps: list[FastAPI]) -> None:
    found = [each for app in apps for each in filters(app)]
    assert len(found) > 40
    assert refused(found) == []


def test_no_column_points_at_a_person_or_judges_one() -> None:
    found = [(f"{table}.{column}", column) for table, column in columns()]
    found += [(table, table) for table, _ in columns()]
    assert refused(found) == []


def test_no_event_points_at_a_person_or_judges_one() -> None:
    found = list(event_members())
    assert len(found) > 100
    assert refused(found) == []


def test_no_answer_lists_people_or_judges_them(apps: list[FastAPI]) -> None:
    assert refused([each for app in apps for each in answer_members(app)]) == []


def test_no_such_word_in_titles_and_descriptions(apps: list[FastAPI]) -> None:
    said = [json.dumps(app.openapi(), ensure_ascii=False) for app in apps]
    assert [word for word in CHINESE for text in said if word in text] == []


def test_every_column_has_a_reviewed_purpose() -> None:
    with (HERE / "columns.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    reviewed = [(row["table"], column) for row in rows for column in row["columns"].split()]
    reviewed += registered()
    assert {row["purpose"] for row in rows} <= PURPOSES
    assert {each.column_purpose for each in DIMENSIONS} <= PURPOSES
    assert sorted(reviewed) == sorted(set(columns()))
    vault = {row["table"] for row in rows if row["purpose"] == "vault"}
    assert vault == {"intake.vault", "stored_answer"}
    words = {row["table"].split(".")[0] for row in rows if row["purpose"] in {"masked", "reasons"}}
    assert words == {"intake", "routing", "inbox", "outbox"}


def registered() -> list[tuple[str, str]]:
    """Columns whose purpose is reviewed with their entry in the registry of figures: a measure is a
    count, a dimension says what it is."""
    found = [("analytics.count_by_cell", name) for name in NAMES]
    for table in ("count_by_cell", "petition_fact", "answer_days"):
        names = set(ANALYTICS.metadata.tables[table].c.keys())
        columns = (each.column for each in DIMENSIONS)
        found += [(f"analytics.{table}", column) for column in columns if column in names]
    return found


def test_figures_know_days_and_divisions_only() -> None:
    own = [t for t in ANALYTICS.metadata.sorted_tables if t.name not in COMMON]
    instants = [str(c) for t in own for c in t.c if isinstance(c.type, UtcDateTime)]
    assert instants == []
    places = {c.name for t in own for c in t.c if "division" in c.name}
    assert places == {"division_code", "division"}  # the latter: its first digits, of sums


def test_no_reason_is_left_over(apps: list[FastAPI]) -> None:
    found = {label for app in apps for label, _ in (*filters(app), *answer_members(app))}
    found |= {label for label, _ in event_members()}
    found |= {f"{table}.{column}" for table, column in columns()} | {t for t, _ in columns()}
    assert sorted(ALLOWED.keys() - found) == []


@pytest.mark.parametrize(
    "name",
    [
        "petitioner_id", "id_number", "riskScore", "is_blacklisted_person", "phone_hash",
        "last-location", "key_person", "visit_frequency", "稳控级别", "X-Device", "social_graph",
    ],
)  # fmt: skip
def test_such_names_are_seen(name: str) -> None:
    assert is_suspicious(name)


@pytest.mark.parametrize("name", ["case_id", "received_on", "organ_code", "due_on", "机关代码"])
def test_ordinary_names_are_not(name: str) -> None:
    assert not is_suspicious(name)
