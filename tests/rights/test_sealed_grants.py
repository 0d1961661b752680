"""Sealed items open with a case grant of the petition office only (decisions 4, 7)."""

from __future__ import annotations

import httpx

from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.rights.objects import SIBLING
from tests.rights.platform import ROOT_OFFICE, make_platform
from tests.rights.scene import ALIKE, audit_of


async def test_sealed_items_open_with_a_grant_only(make_service: MakeService) -> None:
    platform = await make_platform(make_service)
    await platform.settle()
    accusation = {
        "purpose": "accusation", "subject": "举报村支书", "text": "现实名举报村支书受贿。",
        "petitioners": [{"name": "李小满", "phone": "13807310001"}],
    }  # fmt: skip
    receipt = (await platform.call("POST", "/intake/v1/petitions", json=accusation)).json()
    await platform.settle()
    office = await platform.login(Role.SUPERVISOR, ROOT_OFFICE, strong=True)
    listed = await platform.call("GET", "/intake/v1/sealed", headers=office)
    sealed_id = listed.json()["items"][0]["sealed_id"]
    shown = f"/intake/v1/sealed/{sealed_id}"
    for headers in ({}, {"X-Grant": "a.b.c"}):
        refused = await platform.call("GET", shown, headers=office | headers)
        assert (refused.status_code, refused.json()["code"]) == ALIKE

    async def grant(purpose: str, who: dict[str, str] = office) -> httpx.Response:
        path = f"/routing/v1/sealed/{sealed_id}/grants"
        body = {"purpose": purpose, "reason": "研究办理"}
        return await platform.call("POST", path, json=body, headers=who)

    for role, organ, status in (
        (Role.SUPERVISOR, f"{SIBLING}-PETITION", 404), (Role.OFFICER, ROOT_OFFICE, 403),
    ):  # fmt: skip
        asked = await grant("open_sealed", await platform.login(role, organ))
        assert asked.status_code == status
    reading = (await grant("open_sealed")).json()["grant"]
    release = {"purpose": "claim", "reason": "并非检举"}
    wrong = await platform.call(
        "POST", f"{shown}/release", json=release, headers=office | {"X-Grant": reading}
    )
    assert (wrong.status_code, wrong.json()["code"]) == ALIKE
    identity = await platform.call(
        "POST", f"/intake/v1/petitions/{receipt['number']}/reveal", json={"purpose": "identity"},
        headers=office | {"X-Grant": reading},
    )  # fmt: skip
    assert (identity.status_code, identity.json()["code"]) == ALIKE
    for expected in (200, 403):
        read = await platform.call("GET", shown, headers=office | {"X-Grant": reading})
        assert read.status_code == expected
    code = {"X-Query-Code": receipt["query_code"]}
    path = f"/intake/v1/petitions/{receipt['number']}/reveals"
    (line,) = (await platform.call("GET", path, headers=code)).json()["items"]
    assert line["purpose"] == "阅看来件"  # nothing that tells it was sealed
    unsealing = (await grant("unseal")).json()["grant"]
    done = await platform.call(
        "POST", f"{shown}/release", json=release, headers=office | {"X-Grant": unsealing}
    )
    assert done.status_code == 200
    await platform.settle()
    assert (await grant("open_sealed")).status_code == 404
    assert len(await audit_of(platform, "vault.opened")) == 2
