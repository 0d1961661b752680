"""A grant that routing does not issue is noted for the auditor, and told as before."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from services.routing.opening.use_cases.sealed import hold
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.rights.objects import FORMER, HOLDER, OFFICE, SIBLING
from tests.rights.platform import make_platform
from tests.rights.scene import REASON, Scene, a_scene

CASES, SEALED = "/routing/v1/cases", "/routing/v1/sealed"


async def refused(
    scene: Scene, headers: dict[str, str], path: str, purpose: str = "identity", **body: Any
) -> tuple[int, Any, list[str]]:
    """All by which the person could tell one refusal from another."""
    wanted = {"purpose": purpose, "reason": REASON} | body
    answer = await scene.platform.call("POST", f"{path}/grants", json=wanted, headers=headers)
    assert answer.status_code >= 400
    return answer.status_code, answer.json(), sorted(answer.headers)


async def test_the_auditor_learns_the_rule_and_the_person_nothing_new(
    make_service: MakeService,
) -> None:
    platform = await make_platform(make_service)
    scene = await a_scene(platform)
    own, sealed = f"{CASES}/{scene.case['case_id']}", uuid4()
    async with platform.services["routing"].service.units.begin() as uow:
        await hold(uow, sealed, opener=None, sealed_class="declared")
    outsider = await platform.login(Role.OFFICER, HOLDER)
    supervisor = await platform.login(Role.SUPERVISOR, f"{SIBLING}-PETITION")
    told = await refused(scene, outsider, own)
    assert told == await refused(scene, outsider, f"{CASES}/{uuid4()}")
    assert (told[0], told[1]["detail"]) == (404, "没有这个办件")
    await refused(scene, await platform.login(Role.OFFICER, OFFICE), own)
    await refused(scene, scene.officer, own, number="430000-260302-7777-7777-7")
    told = await refused(scene, supervisor, f"{SEALED}/{sealed}", "unseal")
    assert told == await refused(scene, supervisor, f"{SEALED}/{uuid4()}", "unseal")
    await scene.close()
    await refused(scene, scene.officer, own)
    lines = await scene.audit("grant.refused", by="routing")
    case, office = f"case/{scene.case['case_id']}", f"supervisor@{SIBLING}-PETITION"
    assert [
        (line["actor"], line["subject"], *(line["detail"][key] for key in ("why", "code")))
        for line in lines
    ] == [
        (f"officer@{HOLDER}", case, "not_involved", "not_found"),
        (f"officer@{HOLDER}", "case/unknown", "unknown", "not_found"),
        (f"officer@{OFFICE}", case, "other_holder", "forbidden"),
        (f"officer@{FORMER}", case, "other_petition", "not_found"),
        (office, f"sealed/{sealed}", "not_involved", "not_found"),
        (office, "sealed/unknown", "unknown", "not_found"),
        (f"officer@{FORMER}", case, "closed", "conflict"),
    ]
    assert {line["detail"]["purpose"] for line in lines} == {"identity", "unseal"}
    assert not await scene.audit("grant.issued", by="routing")
