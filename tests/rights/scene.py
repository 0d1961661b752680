"""What tests of grants and reveals begin with: a case, who has it, and how both doors are asked."""

from __future__ import annotations

import json
from typing import Any

import httpx
from sqlalchemy import select

from services.routing.grants.use_cases.grant_keys import KeyRing
from shared.vocabulary.posts import Role
from tests.rights.objects import FORMER, file
from tests.rights.platform import Platform

REASON = "核实房屋坐落，电话联系"
ALIKE = (403, "grant_refused")
"""Status and code of every grant that does not open."""


class Scene:
    """A petition whose case the housing bureau has, and its officer."""

    def __init__(self, platform: Platform, receipt: dict[str, Any], case: dict[str, Any]) -> None:
        self.platform, self.receipt, self.case = platform, receipt, case
        self.officer: dict[str, str] = {}

    @property
    def ring(self) -> KeyRing:
        ring: KeyRing = self.platform.services["routing"].service.resources
        return ring

    async def ask(self, headers: dict[str, str], **body: Any) -> httpx.Response:
        """Ask routing for a grant."""
        path = f"/routing/v1/cases/{self.case['case_id']}/grants"
        wanted = {"purpose": "contact", "reason": REASON} | body
        return await self.platform.call("POST", path, json=wanted, headers=headers)

    async def grant(self, **body: Any) -> str:
        answer = await self.ask(self.officer, **body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["grant"])

    async def reveal(
        self,
        grant: str,
        *,
        headers: dict[str, str] | None = None,
        number: str = "",
        purpose: str = "contact",
    ) -> httpx.Response:
        """Show a grant to intake."""
        return await self.platform.call(
            "POST", f"/intake/v1/petitions/{number or self.receipt['number']}/reveal",
            json={"purpose": purpose},
            headers=(headers or self.officer) | ({"X-Grant": grant} if grant else {}),
        )  # fmt: skip

    async def close(self) -> None:
        """The officer's whole casework."""
        base = f"/routing/v1/cases/{self.case['case_id']}"
        answer = {"opinion": "supported", "text": "已责令整改。", "legal_basis": "《物业管理条例》"}
        steps = (("acceptance", {}), ("answer", answer), ("delivery", {"method": "post"}))
        for step, body in steps:
            await self.platform.call("POST", f"{base}/{step}", json=body, headers=self.officer)

    async def audit(self, action: str, *, by: str = "intake") -> list[dict[str, Any]]:
        return await audit_of(self.platform, action, by=by)


async def audit_of(platform: Platform, action: str, *, by: str = "intake") -> list[dict[str, Any]]:
    service = platform.services[by].service
    async with service.database.reading() as session:
        table = service.tables.audit
        found = await session.execute(
            select(table).where(table.c.action == action).order_by(table.c.position)
        )
        return [dict(row) | {"detail": json.loads(row["detail"])} for row in found.mappings()]


async def a_scene(platform: Platform) -> Scene:
    await platform.settle()  # routing tells its key
    receipt = await file(
        platform,
        petitioners=[
            {"name": "李小满", "phone": "13807310001", "id_number": "430102198001011233",
             "address": "银盆岭街道1栋"},
        ],
    )  # fmt: skip
    officer = await platform.login(Role.OFFICER, FORMER, strong=True)
    path = f"/routing/v1/cases/by-number/{receipt['number']}"
    case = (await platform.call("GET", path, headers=officer)).json()
    scene = Scene(platform, receipt, case)
    scene.officer = officer
    return scene
