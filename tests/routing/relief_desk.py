"""A county office with a fund, a case of its housing bureau, and people who ask, decide and pay."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
from sqlalchemy import func, select

from services.routing.cases.store.cases import CASE
from services.routing.relief.store.relief import ENTRY, FUND, PAYMENT, RELIEF
from shared.vocabulary.posts import Role
from tests.routing.making import COUNTY_OFFICE, HOUSING, content
from tests.support.service import ServiceUnderTest

BASE = "/routing/v1/relief"


class ReliefDesk:
    """The office keeps the money, the bureau asks."""

    def __init__(self, service: ServiceUnderTest) -> None:
        self.service = service
        self.case_id = self.fund_id = ""
        self._logins: dict[tuple[Role, str], dict[str, str]] = {}

    async def set_up(self, fen: int = 100_000) -> None:
        data = content()
        await self.service.deliver(
            self.service.envelope(data, subject_id=data.petition.petition_id)
        )
        self.case_id = (await self.service.recorded())[-1].data["case"]["case_id"]
        made = await self.post("/funds", Role.HEAD, COUNTY_OFFICE, year=2026, source="fiscal")
        assert made.status_code == 201, made.text
        self.fund_id = made.json()["fund_id"]
        if fen:
            assert (await self.deposit(fen)).status_code == 200

    async def post(self, path: str, role: Role, organ: str, **body: Any) -> httpx.Response:
        headers = await self._login(role, organ)
        return await self.service.client.post(f"{BASE}{path}", json=body, headers=headers)

    async def get(self, path: str, role: Role, organ: str, **params: Any) -> httpx.Response:
        headers = await self._login(role, organ)
        return await self.service.client.get(f"{BASE}{path}", params=params, headers=headers)

    async def _login(self, role: Role, organ: str) -> dict[str, str]:
        """Logged in once: several may ask at the same time."""
        if (role, organ) not in self._logins:
            self._logins[role, organ] = await self.service.login(role, organ)
        return self._logins[role, organ]

    async def deposit(self, fen: int, key: str = "", kind: str = "deposit") -> httpx.Response:
        return await self.post(
            f"/funds/{self.fund_id}/entries", Role.HEAD, COUNTY_OFFICE,
            kind=kind, amount_fen=fen, reason="年度预算下达", key=key or uuid.uuid4().hex,
        )  # fmt: skip

    async def ask(self, fen: int = 10_000, organ: str = HOUSING, **extra: Any) -> httpx.Response:
        body = {
            "fund_id": self.fund_id, "kind": "money", "amount_fen": fen, "reasons": "因病致贫",
        }  # fmt: skip
        path = f"/cases/{self.case_id}/applications"
        return await self.post(path, Role.OFFICER, organ, **body | extra)

    async def asked(self, fen: int = 10_000, **extra: Any) -> str:
        answer = await self.ask(fen, **extra)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["application_id"])

    async def approve(self, application: str, **body: Any) -> httpx.Response:
        path = f"/applications/{application}/approval"
        return await self.post(path, Role.HEAD, COUNTY_OFFICE, **body)

    async def pay(self, application: str, fen: int, key: str = "", **extra: Any) -> httpx.Response:
        body = {
            "key": key or uuid.uuid4().hex, "amount_fen": fen, "paid_on": "2026-03-02",
            "way": "bank", "reference": "凭证2026-0012",
        }  # fmt: skip
        path = f"/applications/{application}/payments"
        return await self.post(path, Role.OFFICER, COUNTY_OFFICE, **body | extra)

    async def cancel(self, application: str, organ: str = COUNTY_OFFICE) -> httpx.Response:
        path = f"/applications/{application}/cancellation"
        return await self.post(path, Role.OFFICER, organ, reasons="已由民政救助")

    async def sums(self) -> dict[str, int]:
        """The fund's sums, which its ledger and its payments bear out."""
        async with self.service.service.database.reading() as session:
            row = (
                await session.execute(select(FUND).where(FUND.c.fund_id == uuid.UUID(self.fund_id)))
            ).one()
            entries = await session.execute(
                select(ENTRY.c.kind, func.sum(ENTRY.c.amount))
                .where(ENTRY.c.fund_id == row.fund_id)
                .group_by(ENTRY.c.kind)
            )
            by_kind = {kind: int(total) for kind, total in entries}
            money = PAYMENT.join(RELIEF, RELIEF.c.application_id == PAYMENT.c.application_id)
            paid = await session.scalar(
                select(func.coalesce(func.sum(PAYMENT.c.amount), 0))
                .select_from(money)
                .where(RELIEF.c.fund_id == row.fund_id, RELIEF.c.kind == "money")
            )
            lines = await session.scalar(
                select(func.count()).select_from(ENTRY).where(ENTRY.c.fund_id == row.fund_id)
            )
        put_in = by_kind.get("deposit", 0) - by_kind.get("withdrawal", 0)
        reserved = by_kind.get("reserve", 0) - by_kind.get("release", 0) - by_kind.get("pay", 0)
        assert (row.deposited, row.reserved, row.paid) == (put_in, reserved, by_kind.get("pay", 0))
        assert row.paid == paid
        assert row.balance == row.deposited - row.reserved - row.paid
        assert min(row.balance, row.reserved, row.paid) >= 0
        assert lines == row.version - 1
        return {name: getattr(row, name) for name in ("deposited", "reserved", "paid", "balance")}

    async def case_row(self) -> Any:
        """The case as it is stored."""
        async with self.service.service.database.reading() as session:
            query = select(CASE).where(CASE.c.case_id == uuid.UUID(self.case_id))
            return (await session.execute(query)).one()
