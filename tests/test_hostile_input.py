"""Whatever stands in a path, query, header or body of any route, the answer is never a 500."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from services.deployment import SPECS
from services.routing.casework.acts import ACTS
from shared.contracts.envelope import Envelope
from shared.runtime.service import ServiceSpec
from shared.vocabulary.posts import Role
from shared.web.endpoints import endpoints
from tests.conftest import MakeService
from tests.rights.help_objects import HELP_BODIES, make_help
from tests.support.acts import ACT_BODIES, IN_BULK
from tests.support.hostile import SOME_ID, STRINGS, spoilt
from tests.support.papers import put_paper
from tests.support.service import ServiceUnderTest

SAMPLES = Path(__file__).resolve().parent / "contracts" / "samples"
ROOT, COUNTY = "430000000000-PETITION", "430104000000-PETITION"
HOUSING = "430104000000-HOUSING"
A_ROW = {
    "message_id": "7", "user": "U1", "subject": "路灯不亮", "text": "路灯坏了，很黑。",
    "submitted_at": "2019-12-31T23:30:00+08:00", "reply": "已修好。",
    "replied_at": "2020-01-05T09:00:00+08:00", "category": "城乡建设", "division_code": "430104",
}  # fmt: skip
A_FILING = {
    "channel": "visit", "purpose": "claim", "subject": "电梯停运", "text": "岳麓区某小区电梯停运。",
    "place": "岳麓区", "division_code": "430104", "category_code": "030601",
    "complained_organ": HOUSING, "complained": "某物业公司",
    "petitioners": [{"name": "李某", "phone": "13812345678", "address": "某小区3栋"}],
    "anonymous": False, "head_count": 3, "representatives": 1, "repeat": False,
    "received_on": "2026-02-25", "origin": "own", "received_by": COUNTY,
    "retaliation_for": "430102-260322-7K3Q-9FMX-C",
}  # fmt: skip
NOON = "2026-03-02T12:00:00Z"
BY_A_CITIZEN = A_FILING | {
    "channel": "online", "received_on": None, "received_by": None, "head_count": 1,
    "representatives": 0, "retaliation_for": None,
}  # fmt: skip
RAW = {"intake_receive_push"}
"""Operations that check a signature over bytes; their bodies have tests of their own."""
PARAMS = {
    "from": "2026-03-01", "to": "2026-03-31", "since": "2026-03-01T00:00:00Z", "hour": NOON,
    "until": "2026-03-31T00:00:00Z", "types": "a,b", "division": "430104", "category": "030601",
}  # fmt: skip
"""Query parameters that are required somewhere."""
AN_EDITION = {
    "kind": "calendar", "edition_id": "calendar-2027.1", "effective_on": "2027-01-01",
    "files": {"calendar.csv": "date,kind,name,source\n2027-01-01,holiday,元旦,通知\n"},
    "content_xz_base64": None,
}  # fmt: skip
BODIES: dict[str, Any] = {
    "intake_file_petition": A_FILING,
    "intake_reveal_identity": {"purpose": "contact"},
    "intake_record_delivery": {
        "method": "post", "proof": "回执", "refused": False, "on": "2026-03-02",
    },
    "routing_issue_case_grant": {"purpose": "contact", "reason": "联系信访人", "number": "x"},
    "routing_issue_sealed_grant": {"purpose": "open_sealed", "reason": "研究办理"},
    "intake_release_sealed": {"purpose": "claim", "reason": "内容为民生诉求"},
    "intake_create_partner": {"name": "yuelu", "title": "岳麓区系统", "division_code": "430104"},
    "intake_replace_secret": {"immediately": True},
    "intake_switch": {"active": True},
    "intake_replay_parked": {"ids": [SOME_ID]},
    "intake_import_rows": {"rows": [A_ROW]},
    "routing_replay_parked": {"ids": None},
    "supervision_replay_parked": {"ids": None},
    "analytics_replay_parked": {"ids": None},
    **{
        f"routing_{ACTS[path].name}": {"version": None} | body
        for path, body in ACT_BODIES.items()
    },
    **{
        f"routing_{ACTS[path].name}_many": {
            "cases": [{"case_id": SOME_ID, "version": 1}], "act": ACT_BODIES[path],
        }
        for path in IN_BULK
    },
    "routing_agree": ACT_BODIES["agreement"] | {
        "version": None, "undertakings": [
            {"party": "organisation", "name": "某物业公司", "duty": "维修", "due": "2026-03-20"},
        ],
    },
    "routing_give_party_code": {"version": None},
    "routing_approve_proposal": {"approved": True, "reasons": "", "version": None},
    "routing_tell_notice": {"method": "post", "proof": "回执", "version": None},
    "routing_create_post": {
        "person": "p-1", "organ_code": HOUSING, "role": "officer",
        "valid_from": "2026-03-02T00:00:00Z", "valid_to": "2027-03-02T00:00:00Z",
    },
    "routing_finish_post": {"at": "2026-04-02T00:00:00Z"},
    "routing_publish_edition": AN_EDITION,
    "routing_try_edition": AN_EDITION,
    "routing_search_cases": {
        "number": "4301", "organ_code": HOUSING, "category_code": "030800",
        "division_code": "430104", "purpose": "claim", "state": "referred",
        "closing_kind": "answered", "received_from": "2026-03-01", "received_to": "2026-03-31",
        "due_before": "2026-04-01", "text": "房屋 质量", "limit": 5, "cursor": None,
    },
    **HELP_BODIES,
}  # fmt: skip
"""Operation -> a body that means something; every route that takes one needs an entry here."""


def sample(kind: str) -> Envelope:
    return Envelope.parse((SAMPLES / f"{kind}.json").read_text(encoding="utf-8"))


@pytest.fixture(params=SPECS, ids=lambda spec: spec.name)
async def service(request: pytest.FixtureRequest, make_service: MakeService) -> ServiceUnderTest:
    """Each service in turn, having heard every sample it subscribes to."""
    spec: ServiceSpec = request.param
    made = await make_service(spec)
    await made.deliver(*(sample(kind) for kind in sorted(spec.subscriptions.types)))
    return made


async def test_the_frozen_samples_are_handled(service: ServiceUnderTest) -> None:
    assert set(await service.inbox_states()) == {"done"}


async def test_no_input_breaks_a_route(service: ServiceUnderTest) -> None:
    logins = {role: await everywhere(service, role) for role in Role}
    guards = {
        (method.lower(), each.path): each.guards or ()
        for each in endpoints(service.app)
        for method in each.methods
    }
    places = await known_places(service)
    broken, asked = [], 0
    for path, methods in service.app.openapi()["paths"].items():
        for method, operation in methods.items():
            (guard,) = guards[method, path]
            login = logins[min(guard.roles)] if guard.roles else {}
            for label, request in some(requests(operation, path, places)):
                answer = await service.client.request(
                    method, **request | {"headers": request["headers"] | login}
                )
                asked += 1
                if answer.status_code >= 500 and path != "/ready":
                    broken.append(f"{method} {path} {label}: {answer.status_code}")
    assert asked > 100
    assert broken == []


async def everywhere(service: ServiceUnderTest, role: Role) -> dict[str, str]:
    """Headers of somebody with posts at the root, in a county and in a department there."""
    for organ in (ROOT, COUNTY, HOUSING):
        headers = await service.login(role, organ, person=f"{role}-everywhere")
    return headers


async def known_places(service: ServiceUnderTest) -> dict[str, str]:
    """A value for each path parameter, of something that exists where a sample made it."""
    found = {
        "partner": "yuelu", "name": "yuelu", "mapping": "message-board", "code": "430104000000",
        "kind": "calendar", "edition_id": "calendar-2026.2", "event_id": SOME_ID,
        "sealed_id": SOME_ID, "petition_id": SOME_ID, "post_id": SOME_ID, "number": "x",
        "version": "1", "undertaking_id": SOME_ID,
    }  # fmt: skip
    if service.service.spec.name == "intake":
        receipt = await service.client.post("/intake/v1/petitions", json=BY_A_CITIZEN)
        found["number"] = receipt.json()["number"]
        found |= {
            "paper_id": await put_paper(service, found["number"], HOUSING), "ordinal": "1",
        }  # fmt: skip
    for event in await service.recorded():
        kind, _, name = event.subject.partition("/")
        found[f"{kind}_id"] = name
    if service.service.spec.name == "routing":
        found |= await make_help(service.login, service.client.request, found["case_id"], COUNTY)
    return found


def requests(
    operation: dict[str, Any], path: str, places: dict[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Requests with one hostile value each, the honest request last."""
    named = {kind: [each["name"] for each in operation.get("parameters", ()) if each["in"] == kind]
             for kind in ("path", "query", "header")}  # fmt: skip
    needed = {each["name"]: PARAMS[each["name"]] for each in operation.get("parameters", ())
              if each["in"] == "query" and each.get("required")}  # fmt: skip
    honest: dict[str, Any] = {"url": filled(path, places), "headers": {}, "params": needed}
    if "requestBody" in operation and operation["operationId"] not in RAW:
        body = BODIES[operation["operationId"]]
        if isinstance(body, dict):
            body = {
                name: places.get(name, value) if value == SOME_ID else value
                for name, value in body.items()
            }
        honest["json"] = body
        for number, bad in enumerate(spoilt(body)):
            yield f"body {number}", honest | {"json": bad}
    for value in STRINGS:
        for name in named["path"]:
            yield f"{name}={value[:40]!r}", honest | {"url": filled(path, places | {name: value})}
        for name in named["query"]:
            yield f"{name}={value[:40]!r}", honest | {"params": needed | {name: value}}
        for name in named["header"]:
            yield f"{name}={value[:40]!r}", honest | {"headers": {name: value.encode()}}
    yield "honest", honest


TURN = count()


def some(
    every: Iterator[tuple[str, dict[str, Any]]],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each fourth of all routes' hostile values, so that each value meets many routes and each
    place many values; and every honest request. `make fuzz` tries what is left out here."""
    for label, request in every:
        if label == "honest" or next(TURN) % 4 == 0:
            yield label, request


def filled(path: str, places: dict[str, str]) -> str:
    for name, value in places.items():
        path = path.replace(f"{{{name}}}", quote(value, safe="") or "%20")
    return path


async def test_a_row_with_a_hostile_value_harms_none_of_its_neighbours(
    make_service: MakeService,
) -> None:
    """What can't be taken over is refused row by row, never the whole lot."""
    intake = await make_service(next(spec for spec in SPECS if spec.name == "intake"))
    headers = await intake.login(Role.OPERATOR, ROOT)
    bad = [A_ROW | {field: value} for field in A_ROW for value in STRINGS]
    good = [A_ROW | {"message_id": f"good-{number}"} for number in range(len(bad))]
    taken = 0
    for start in range(0, len(bad), 100):
        rows = [row for pair in zip(bad, good, strict=True) for row in pair][start * 2 :][:200]
        answer = await intake.client.post(
            "/intake/v1/imports/message-board", json={"rows": rows}, headers=headers
        )
        assert answer.status_code == 200, answer.text
        report = answer.json()
        assert {row["index"] % 2 for row in report["refused"]} <= {0}
        assert report["imported"] + report["duplicates"] + len(report["refused"]) == len(rows)
        taken += report["imported"]
    assert taken >= len(good)
