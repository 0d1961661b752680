"""Every way to read something, taken from the OpenAPI documents, and what a reader is answered.

A route without a line here fails `test_every_reading_route_has_a_line`: who adds one says how it is
asked, and so has it compared with and without an accusation of the reader's own unit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from shared.vocabulary.posts import Role
from tests.rights.matrix import SERVICES
from tests.rights.platform import Platform

DOCUMENTS = Path(__file__).parents[2] / "contracts" / "openapi"
YEAR = {"from": "2026-01-01", "to": "2026-12-31"}
HOURS = {"since": "2026-01-01T00:00:00Z", "until": "2026-12-31T00:00:00Z"}
COUNTY = "430104"

Query = Mapping[str, str]
PLAIN: tuple[Query, ...] = ({},)

LINES: dict[str, tuple[Query, ...]] = {
    **dict.fromkeys(
        (
            "GET /intake/v1/petitions/{petition_id}",
            "GET /intake/v1/sealed",
            "GET /intake/v1/sealed/{sealed_id}",
            "GET /intake/v1/papers",
            "GET /intake/v1/partners",
            "GET /routing/v1/needs-person",
            "GET /routing/v1/cases/by-number/{number}",
            "GET /routing/v1/cases/{case_id}",
            "GET /routing/v1/cases/{case_id}/explanation",
            "GET /routing/v1/cases/{case_id}/proposals",
            "GET /routing/v1/cases/{case_id}/notices/{ordinal}/paper",
            "GET /routing/v1/cases/{case_id}/file",
            "GET /routing/v1/cases/{case_id}/guides",
            "GET /routing/v1/cases/{case_id}/sheet",
            "GET /routing/v1/cases/{case_id}/undertakings",
            "GET /routing/v1/approvals",
            "GET /routing/v1/work-list.xlsx",
            "GET /routing/v1/posts/{post_id}",
            "GET /routing/v1/editions",
            "GET /routing/v1/editions/{kind}/{edition_id}",
            "GET /routing/v1/relief/cases/{case_id}",
            "GET /routing/v1/relief/applications/{application_id}",
            "GET /routing/v1/relief/funds",
            "GET /routing/v1/relief/funds/{fund_id}/entries",
            "GET /routing/v1/guides/{guide_id}",
            "GET /routing/v1/guides/{guide_id}/versions/{version}",
            "GET /supervision/v1/duties/{duty_id}",
            "GET /supervision/v1/duties/{duty_id}/explanation",
        ),
        PLAIN,
    ),
    "GET /intake/v1/petitions": (
        {}, {"purpose": "accusation"}, {"number": "{number}"}, {"division": COUNTY},
        {"channel": "letter"}, {"category": "030000"}, {"limit": "1"},
        {"received_from": "2026-01-01", "received_to": "2026-12-31"},
    ),
    "GET /intake/v1/counts": (HOURS,),
    "GET /intake/v1/reveals": ({}, {"number": "{number}"}, {"since": HOURS["since"]}),
    "GET /routing/v1/cases": (
        {}, *({"view": view} for view in ("held", "received", "copied", "assisting")),
        {"state": "needs_person"}, {"limit": "1"},
    ),
    "GET /routing/v1/division-cases": ({}, {"division": COUNTY}, {"state": "needs_person"}),
    "GET /routing/v1/posts": ({"organ": "430104000000-HOUSING"},),
    "GET /routing/v1/relief/applications": ({}, {"case_id": "{case_id}"}),
    "GET /routing/v1/relief/figures": ({}, {"division": COUNTY}, {"year": "2026"}),
    "GET /routing/v1/guides": ({}, {"view": "own"}, {"q": "房屋"}),
    "POST /routing/v1/search": ({},),
    "GET /supervision/v1/duties": (
        {}, {"case_id": "{case_id}"}, {"petition_id": "{petition_id}"}, {"division": COUNTY},
        {"organ": "430104000000-DISCIPLINE"}, {"state": "running"},
    ),
    "GET /supervision/v1/duty-counts": ({}, {"division": COUNTY}),
    "GET /supervision/v1/alarms": ({}, {"open_only": "false"}),
    "GET /analytics/v1/summary": (
        YEAR, YEAR | {"division": COUNTY}, YEAR | {"channel": "online"},
        YEAR | {"organ": "430104000000-DISCIPLINE"}, YEAR | {"category": "030000"},
    ),
    **{
        f"GET /{service}/v1/{path}": PLAIN
        for service in SERVICES
        for path in ("parked", "parked/{event_id}", "unsettled")
    },
}  # fmt: skip

BODIES: dict[str, tuple[dict[str, Any], ...]] = {
    "POST /routing/v1/search": (
        {}, {"number": "{number}"}, {"purpose": "accusation"}, {"text": "低保"},
        {"organ_code": "430104000000-DISCIPLINE"}, {"division_code": COUNTY}, {"limit": 1},
    ),
}  # fmt: skip
"""Searches are asked with each of these bodies."""

ELSEWHERE = {
    "GET /live": "says that a process answers",
    "GET /ready": "says what is wrong with a process, never what it works on",
    "GET /intake/v1/petitions/{number}/progress": "the petitioner's own, by query code",
    "GET /intake/v1/petitions/{number}/reveals": "the petitioner's own, by query code",
    "GET /intake/v1/petitions/{number}/papers/{ordinal}": "the petitioner's own, by query code",
    "GET /routing/v1/undertakings/{undertaking_id}": "an opposite party's own, by its code",
    "GET /routing/v1/procedure": "the law",
    "GET /routing/v1/divisions": "reference data",
    "GET /routing/v1/divisions/{code}": "reference data",
    "GET /routing/v1/organs": "reference data",
    "GET /routing/v1/organs/{code}": "reference data",
    "GET /routing/v1/competent-organ": "reference data",
    "GET /routing/v1/categories": "reference data",
    **{f"GET /{service}/v1/events": "between services, no person's" for service in SERVICES},
}
"""Routes that read nothing a reader in an accused unit could learn from, and why."""

VOLATILE = re.compile(rb'"(trace|correlation_id|instance)": ?"[^"]*",?|"(unsent|new)": ?[0-9]+,?')
"""Members of answers that name the request, or how many events are on their way at the moment."""


@dataclass(frozen=True)
class Reader:
    """Somebody with one post, or several."""

    name: str
    roles: frozenset[Role]
    headers: Mapping[str, str]


def readings() -> dict[str, frozenset[Role]]:
    """`METHOD /path` of every route that reads -> roles it is open to (none: everybody)."""
    found = {}
    for service in SERVICES:
        document = json.loads((DOCUMENTS / f"{service}.json").read_text("utf-8"))
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if method == "get" or path.endswith("/search"):
                    roles = frozenset(Role(each) for each in operation.get("x-roles", ()))
                    found[f"{method.upper()} {path}"] = roles
    return found


def writings() -> dict[str, frozenset[Role]]:
    """Every route that changes one thing named in its path -> roles it is open to."""
    found = {}
    for service in SERVICES:
        document = json.loads((DOCUMENTS / f"{service}.json").read_text("utf-8"))
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if method != "get" and "{" in path and operation.get("x-roles"):
                    roles = frozenset(Role(each) for each in operation["x-roles"])
                    found[f"{method.upper()} {path}"] = roles
    return found


async def read(
    platform: Platform, reader: Reader, values: Mapping[str, str], *, only: Iterable[str] = ()
) -> dict[str, Any]:
    """All that somebody is answered: by route, reader and query, status, headers and body."""
    answers = {}
    known = readings()
    for route in sorted(only or LINES):
        if not known[route] & reader.roles:
            continue
        method, path = route.split(" ", 1)
        for query in LINES[route]:
            for body in BODIES.get(route, (None,)):
                answer = await platform.call(
                    method, _filled(path, values), headers=dict(reader.headers),
                    params={name: _filled(text, values) for name, text in query.items()},
                    json=body and json.loads(_filled(json.dumps(body), values)),
                )  # fmt: skip
                answers[f"{reader.name}: {route} {dict(query)} {body}"] = told(answer)
    return answers


def told(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body but for what names the request."""
    named = ("x-correlation-id", "content-length")
    headers = [(name, value) for name, value in answer.headers.items() if name not in named]
    return answer.status_code, sorted(headers), VOLATILE.sub(b"", answer.content)


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
