"""What officers type about people is kept, told, printed and published without their numbers."""

from __future__ import annotations

import uuid
from io import BytesIO
from typing import Any

import pypdf
import pytest
from sqlalchemy import select

from services.routing.cases.store.proposals import PROPOSAL
from services.routing.casework.acts import ACTS
from services.routing.main import SPEC
from shared.vocabulary.posts import Role
from shared.web.bodies import HIDES_NUMBERS
from tests.conftest import MakeService
from tests.routing.making import CHANGSHA, HOUSING
from tests.routing.walking import Walk
from tests.support.acts import ACT_BODIES

NUMBERS = ("13800138000", "１３８ ００１３-８０００", "430104199001011238", "0731-88665110")
SAID = "本人电话" + "，身份证".join(NUMBERS)
TRACES = ("38001380", "００１３", "19900101", "88665110")


@pytest.fixture
async def walk(make_service: MakeService) -> Walk:
    return Walk(await make_service(SPEC))


OTHERS = {
    "party": "organisation", "due": "2026-03-20", "due_on": "2026-03-20", "organ_code": HOUSING,
    "role": "legal_aid", "kind": "regions",
}  # fmt: skip
"""What else the models inside of a body need."""


def said_in(schema: dict[str, Any], models: dict[str, Any]) -> Any:
    """The numbers wherever a text of staff may stand in what a schema describes; else None."""
    if "$ref" in schema:
        return said_in(models[schema["$ref"].rsplit("/", 1)[-1]], models)
    if schema.get(HIDES_NUMBERS):
        return SAID[: schema["maxLength"]]
    for each in schema.get("anyOf", ()):
        if (found := said_in(each, models)) is not None:
            return found
    if "items" in schema:
        found = said_in(schema["items"], models)
        return None if found is None else [found]
    made = {name: said_in(part, models) for name, part in schema.get("properties", {}).items()}
    known = {name: value for name, value in OTHERS.items() if name in made}
    texts = {name: value for name, value in made.items() if value is not None}
    return known | texts if texts else None


@pytest.mark.parametrize("path", ACTS)
def test_no_act_keeps_a_number(path: str) -> None:
    spec = ACTS[path]
    schema = spec.body.model_json_schema()
    said = said_in(schema, schema.get("$defs", {})) or {}
    texts = {name: value for name, value in said.items() if name not in OTHERS}
    kept = spec.body.model_validate(said | ACT_BODIES[path] | texts).model_dump_json()
    assert not [trace for trace in TRACES if trace in kept]
    assert ("***" in kept) is bool(said)


async def test_nothing_of_a_number_is_left_anywhere(walk: Walk) -> None:
    """In no table, outbox, paper or file: also of drafts, grants, guides and relief."""
    await walk.receive()
    await walk.do("objection", HOUSING, reasons=SAID)
    await walk.do("verdict", CHANGSHA, upheld=False, reasons=SAID)
    await walk.do("acceptance", HOUSING)
    await walk.do("supplement-request", HOUSING, wanted=SAID, reason=SAID, hand_in=SAID)
    await walk.do("hearing", HOUSING, subject=SAID, participants=[SAID], place=SAID)
    await walk.do("hearing-record", HOUSING, record=SAID)
    await walk.do("mediation", HOUSING, mediator=SAID, parties=[SAID])
    headers = await walk.service.login(Role.HEAD, HOUSING, person="the head")
    await walk.do(
        "agreement", HOUSING, expect=202, terms=SAID, dispute=SAID, performance=SAID,
        undertakings=[{"party": "person", "duty": SAID, "due": "2026-06-30"}],
    )  # fmt: skip
    approval = {"approved": False, "reasons": SAID}
    done = await walk.service.client.post(
        f"/routing/v1/cases/{walk.case_id}/approval", json=approval, headers=headers
    )
    assert done.status_code == 200, done.text
    officer = await walk.service.login(Role.OFFICER, HOUSING, strong=True)
    for path, body in (
        (f"cases/{walk.case_id}/grants", {"purpose": "contact", "reason": f"电话{NUMBERS[1]}"}),
        ("guides", {
            "kind": "guide", "title": f"电话{NUMBERS[1]}", "category_code": "030800", "text": SAID,
            "legal_basis": SAID, "valid_from": "2026-03-02",
        }),
    ):  # fmt: skip
        made = await walk.service.client.post(f"/routing/v1/{path}", json=body, headers=officer)
        assert made.status_code == 201, made.text
    for table in SPEC.metadata.sorted_tables:
        async with walk.service.service.database.reading() as session:
            for row in await session.execute(select(table)):
                assert not [trace for trace in TRACES if trace in str(tuple(row))], table.name
    filed = await walk.get(f"/cases/{walk.case_id}/file", HOUSING)
    text = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(filed.content)).pages)
    assert "本人电话***" in "".join(text.split())
    assert not [trace for trace in TRACES if trace in text]


async def test_a_draft_of_the_release_before_is_approved_and_printed(walk: Walk) -> None:
    """Its words are taken as they were kept, but for numbers; the papers and the file manage."""
    await walk.receive()
    await walk.do("acceptance", HOUSING)
    odd = "\u200b旧\x0b稿\u2028" + "一" * 6_000 + NUMBERS[0]
    await walk.service.login(Role.HEAD, HOUSING, person=f"head of {HOUSING}")
    await walk.do("agreement", HOUSING, expect=202)
    async with walk.service.service.database.writing() as session:
        body = {
            "version": None, "kind": "settlement", "terms": odd, "fulfil_by": "2026-06-30",
            "other_party": odd[:200], "dispute": odd, "performance": odd[:2_000],
        }  # fmt: skip
        await session.execute(
            PROPOSAL.update().where(PROPOSAL.c.case_id == uuid.UUID(walk.case_id)).values(body=body)
        )
    await walk.approve(HOUSING)
    paper = await walk.get(f"/cases/{walk.case_id}/notices/2/paper", HOUSING)
    assert paper.status_code == 200, paper.text
    assert (await walk.get(f"/cases/{walk.case_id}/file", HOUSING)).status_code == 200
