"""The rights matrix as data, the requests its rows stand for, and what an answer amounts to."""

from __future__ import annotations

import csv
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from shared.vocabulary.posts import Role
from tests.rights.help_objects import GUIDE_ASKS, RELIEF_ASKS
from tests.rights.objects import (
    CASE_ORGANS,
    COUNTY,
    HOLDER,
    PETITION_ORGANS,
    SEALED_ORGANS,
    Objects,
    a_filing,
)
from tests.support.acts import ACT_BODIES, IN_BULK

RELATIONS = ("own", "sibling", "parent", "child", "former", "unknown")
STALE = 999_999
"""A version nobody has seen: the step is refused after the rights were looked at."""
SERVICES = ("intake", "routing", "supervision", "analytics")


@dataclass(frozen=True)
class Ask:
    """How a route is asked; `shows` names the value by which a list shows its object."""

    params: dict[str, str] = field(default_factory=dict)
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    organs: dict[str, str] = field(default_factory=lambda: PETITION_ORGANS)
    shows: str = ""
    grant: tuple[str, str] | None = None
    """Path and purpose of the grant to show, asked for by the same role at the own organ."""


HOURS = {"since": "2026-03-01T00:00:00Z", "until": "2026-03-03T00:00:00Z"}
FEED = {"hour": "2026-03-02T01:00:00Z", "types": "intake.petition.registered.v1"}
YEAR = {"from": "2026-01-01", "to": "2026-12-31", "division": COUNTY}
SEEN = {"version": STALE}
CASE = Ask(organs=CASE_ORGANS)
BY_CODE = Ask(headers={"X-Query-Code": "{query_code}"})
ASKS: dict[str, Ask] = {
    "POST /intake/v1/petitions": Ask(body=a_filing()),
    "GET /intake/v1/petitions/{number}/progress": BY_CODE,
    "POST /intake/v1/petitions/{number}/withdrawal": BY_CODE,
    "DELETE /intake/v1/petitions/{number}/withdrawal": BY_CODE,
    "GET /intake/v1/petitions/{number}/reveals": BY_CODE,
    "POST /intake/v1/petitions/{number}/reveal": Ask(
        body={"purpose": "contact"}, organs=CASE_ORGANS, grant=("cases/{case_id}", "contact")
    ),
    "GET /intake/v1/petitions/{number}/papers/{ordinal}": Ask(
        headers={"X-Query-Code": "{query_code}"}
    ),
    "GET /intake/v1/papers": Ask(organs=CASE_ORGANS, shows="paper_id"),
    "POST /intake/v1/papers/{paper_id}/made": Ask(
        organs=CASE_ORGANS, grant=("cases/{case_id}", "deliver")
    ),
    "POST /intake/v1/papers/{paper_id}/delivery": Ask(
        organs=CASE_ORGANS, body={"method": "post", "on": "2020-01-01"}
    ),
    "GET /intake/v1/reveals": Ask(organs=CASE_ORGANS, shows="number"),
    "GET /intake/v1/petitions": Ask(shows="petition_id"),
    "GET /intake/v1/sealed": Ask(organs=SEALED_ORGANS, shows="sealed_id"),
    "GET /intake/v1/sealed/{sealed_id}": Ask(
        organs=SEALED_ORGANS, grant=("sealed/{sealed_id}", "open_sealed")
    ),
    "POST /routing/v1/sealed/{sealed_id}/grants": Ask(
        organs=SEALED_ORGANS, body={"purpose": "open_sealed", "reason": "研究办理"}
    ),
    "POST /routing/v1/cases/{case_id}/grants": Ask(
        organs=CASE_ORGANS, body={"purpose": "contact", "reason": "联系信访人"}
    ),
    "POST /intake/v1/sealed/{sealed_id}/release": Ask(
        organs=SEALED_ORGANS, body={"purpose": "uncertain", "reason": "尚未确定"}
    ),
    "POST /intake/v1/partners": Ask(
        body={"name": "yuelu", "title": "已有", "division_code": "430104"}
    ),
    "PUT /intake/v1/partners/{name}/active": Ask(body={"active": True}),
    "GET /intake/v1/counts": Ask(params=HOURS),
    "POST /intake/v1/webhooks/{partner}": Ask(body={}),
    "POST /intake/v1/imports/{mapping}": Ask(body={"rows": [{"message_id": "1"}]}),
    "GET /{service}/v1/parked": Ask(shows="event_id"),
    "POST /{service}/v1/parked/replay": Ask(body={"ids": []}),
    "GET /{service}/v1/events": Ask(params=FEED),
    "GET /routing/v1/cases": Ask(params={"view": "held"}, organs=CASE_ORGANS, shows="case_id"),
    "POST /routing/v1/search": Ask(body={}, organs=CASE_ORGANS, shows="case_id"),
    "GET /routing/v1/division-cases": Ask(organs=CASE_ORGANS, shows="case_id"),
    "GET /routing/v1/needs-person": Ask(shows="waiting"),
    "GET /routing/v1/cases/by-number/{number}": CASE,
    "GET /routing/v1/cases/{case_id}": CASE,
    "GET /routing/v1/cases/{case_id}/explanation": CASE,
    "GET /routing/v1/cases/{case_id}/sheet": CASE,
    "GET /routing/v1/cases/{case_id}/undertakings": CASE,
    "POST /routing/v1/cases/{case_id}/undertakings/{ordinal}/code": Ask(
        organs=CASE_ORGANS, body=SEEN
    ),
    "GET /routing/v1/undertakings/{undertaking_id}": Ask(
        headers={"X-Party-Code": "{party_code}"}, organs=CASE_ORGANS
    ),
    **{
        f"POST /routing/v1/cases/{{case_id}}/{path}": Ask(organs=CASE_ORGANS, body=SEEN | body)
        for path, body in ACT_BODIES.items()
    },
    **{
        f"POST /routing/v1/bulk/{path}": Ask(
            body={"cases": [{"case_id": str(uuid.uuid4())}], "act": ACT_BODIES[path]}
        )
        for path in IN_BULK
    },
    "POST /routing/v1/cases/{case_id}/approval": Ask(
        organs=CASE_ORGANS, body=SEEN | {"approved": True}
    ),
    "GET /routing/v1/cases/{case_id}/proposals": CASE,
    "GET /routing/v1/cases/{case_id}/file": CASE,
    "GET /routing/v1/cases/{case_id}/notices/{ordinal}/paper": CASE,
    "POST /routing/v1/cases/{case_id}/notices/{ordinal}/delivery": Ask(
        organs=CASE_ORGANS, body=SEEN | {"method": "post"}
    ),
    "POST /routing/v1/posts": Ask(body={"person": "zhou", "organ_code": HOLDER, "role": "citizen"}),
    "GET /routing/v1/posts": Ask(organs=CASE_ORGANS, shows="post_id"),
    **dict.fromkeys(
        ("GET /routing/v1/posts/{post_id}", "POST /routing/v1/posts/{post_id}/confirmation"), CASE
    ),
    "POST /routing/v1/posts/{post_id}/end": Ask(body={}),
    **dict.fromkeys(
        ("POST /routing/v1/editions", "POST /routing/v1/editions/trial"),
        Ask(body={"kind": "limits", "edition_id": "x", "effective_on": "2026-01-01", "files": {}}),
    ),
    "GET /routing/v1/organs": Ask(params={"division": COUNTY}),
    "GET /routing/v1/organs/{code}": Ask(),
    "GET /routing/v1/competent-organ": Ask(params={"division": COUNTY, "category": "030800"}),
    "GET /supervision/v1/duties": Ask(organs=CASE_ORGANS, shows="duty_id"),
    "GET /supervision/v1/duty-counts": Ask(organs=CASE_ORGANS, shows="#open"),
    "GET /supervision/v1/duties/{duty_id}": CASE,
    "GET /supervision/v1/duties/{duty_id}/explanation": CASE,
    "GET /supervision/v1/alarms": Ask(organs=CASE_ORGANS, shows="alarm_id"),
    "GET /analytics/v1/summary": Ask(params=YEAR, organs=CASE_ORGANS, shows="#items"),
}
ASKS |= {
    route: Ask(organs=CASE_ORGANS, params=params, body=body, shows=shows)
    for route, (params, body, shows) in (RELIEF_ASKS | GUIDE_ASKS).items()
}
"""A route that is not here is asked with its path alone."""


@dataclass(frozen=True)
class Row:
    """Expectation for one route and some roles."""

    route: str
    roles: frozenset[Role]
    expected: dict[str, str]


def read_matrix() -> list[Row]:
    """The rows, with the routes every service has written out for each."""
    text = Path(__file__).with_name("matrix.csv").read_text("utf-8").splitlines()
    rows = []
    for line in csv.DictReader(line for line in text if not line.startswith("#")):
        named = line["roles"].split()
        roles = frozenset(Role if named == ["*"] else (Role(each) for each in named))
        expected = {relation: line[relation] for relation in RELATIONS}
        wide = "{service}" in line["route"]
        rows += [
            Row(line["route"].replace("{service}", service), roles, expected)
            for service in (SERVICES if wide else ("",))
        ]
    return rows


def ask_of(route: str) -> Ask:
    """How to ask a route."""
    method, path = route.split(" ", 1)
    common = f"{method} /{{service}}/" + path.split("/", 2)[2] if path.count("/") > 1 else ""
    return ASKS.get(route) or ASKS.get(common) or Ask()


def filled(text: str, values: dict[str, str]) -> str:
    """Placeholders replaced by an object's values."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def outcome(answer: httpx.Response, ask: Ask, objects: Objects) -> str:
    """The word of the matrix for an answer."""
    status = answer.status_code
    if status == 200 and ask.shows:
        return "shows" if _is_shown(answer, ask.shows, objects) else "hides"
    if 200 <= status < 300:
        return "yes"
    return {403: "no", 404: "missing", 409: "act", 422: "act"}.get(status, str(status))


def _is_shown(answer: httpx.Response, shows: str, objects: Objects) -> bool:
    if shows.startswith("#"):
        return bool(answer.json()[shows[1:]])
    return (objects.waiting if shows == "waiting" else objects.path[shows]) in answer.text
