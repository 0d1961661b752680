"""Relief and guides in the rights matrix: their objects, and how their routes are asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from shared.vocabulary.posts import Role

UNSEEN = 999_999
"""A version nobody has seen: the step is refused after the rights were looked at."""
NO_FUND = "00000000-0000-0000-0000-000000000001"
OFFICE = "430104000000-PETITION"
FUND = {"year": 2026, "source": "fiscal"}
REASONS = {"reasons": "已由其他途径救助"}
PAYMENT = {"key": "voucher-1", "amount_fen": 100, "paid_on": "2026-03-02", "way": "bank"}
ENTRY = {"kind": "deposit", "amount_fen": 1, "reason": "下达", "key": "budget-1"}
APPLICATION = {"kind": "money", "amount_fen": 1_000, "reasons": "因病致贫"}
GUIDE = {
    "kind": "guide", "title": "房屋质量问题办理指引", "category_code": "030800",
    "text": "先查验收资料，再现场勘验。", "valid_from": "2026-01-01",
}  # fmt: skip

HELP_BODIES: dict[str, Any] = {
    "routing_open_relief_fund": FUND | {"source": "donation", "organ_code": OFFICE},
    "routing_book_relief_entry": ENTRY,
    "routing_apply_for_relief": APPLICATION | {"fund_id": NO_FUND, "description": "棉被"},
    "routing_approve_relief": {"amount_fen": 500, "version": None},
    "routing_refuse_relief": REASONS | {"version": None},
    "routing_pay_relief": PAYMENT
    | {"reference": "凭证12", "received": "救助金100元", "version": None},
    "routing_cancel_relief": REASONS | {"version": None},
    "routing_draft_guide": GUIDE
    | {"division_code": None, "legal_basis": "第四十条", "valid_to": None, "organ_code": OFFICE},
    "routing_redraft_guide": GUIDE | {"valid_to": "2027-01-01", "version": None},
    "routing_publish_guide": {"version": None},
    "routing_withdraw_guide": REASONS | {"version": None},
}
"""Operation -> an honest body."""


Asked = tuple[dict[str, str], Any, str]
"""Query, body, and the value by which an answer shows its object."""

_ONE = "/routing/v1/relief/applications/{application_id}"
RELIEF_ASKS: dict[str, Asked] = {
    "POST /routing/v1/relief/funds": ({}, FUND, ""),
    "GET /routing/v1/relief/funds": ({}, None, "fund_id"),
    "POST /routing/v1/relief/funds/{fund_id}/entries": ({}, ENTRY, ""),
    "GET /routing/v1/relief/funds/{fund_id}/entries": ({}, None, ""),
    "GET /routing/v1/relief/figures": ({"year": "2026"}, None, "#items"),
    "POST /routing/v1/relief/cases/{case_id}/applications": (
        {}, APPLICATION | {"fund_id": NO_FUND}, ""
    ),
    "GET /routing/v1/relief/cases/{case_id}": ({}, None, ""),
    "GET /routing/v1/relief/applications": ({}, None, "application_id"),
    f"GET {_ONE}": ({}, None, ""),
    f"POST {_ONE}/approval": ({}, {"version": UNSEEN}, ""),
    f"POST {_ONE}/refusal": ({}, REASONS | {"version": UNSEEN}, ""),
    f"POST {_ONE}/payments": ({}, PAYMENT | {"version": UNSEEN}, ""),
    f"POST {_ONE}/cancellation": ({}, REASONS | {"version": UNSEEN}, ""),
}  # fmt: skip
GUIDE_ASKS: dict[str, Asked] = {
    "GET /routing/v1/guides": ({}, None, "guide_id"),
    "GET /routing/v1/guides/{guide_id}": ({}, None, ""),
    "GET /routing/v1/guides/{guide_id}/versions/{version}": ({}, None, ""),
    "GET /routing/v1/cases/{case_id}/guides": ({}, None, "guide_id"),
    "POST /routing/v1/guides": ({}, GUIDE | {"category_code": "999999"}, ""),
    "PUT /routing/v1/guides/{guide_id}/draft": ({}, GUIDE | {"version": UNSEEN}, ""),
    "DELETE /routing/v1/guides/{guide_id}/draft": ({}, None, ""),
    "POST /routing/v1/guides/{guide_id}/publication": ({}, {"version": UNSEEN}, ""),
    "POST /routing/v1/guides/{guide_id}/withdrawal": ({}, REASONS | {"version": UNSEEN}, ""),
}


async def make_help(
    login: Callable[..., Awaitable[dict[str, str]]],
    call: Callable[..., Awaitable[httpx.Response]],
    case_id: str,
    holder: str,
) -> dict[str, str]:
    """A fund of the organ that has the case, credited once, an application, a published guide."""
    head = await login(Role.HEAD, holder)
    officer = await login(Role.OFFICER, holder)

    async def made(path: str, headers: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        answer = await call("POST", f"/routing/v1/{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    fund_id = (await made("relief/funds", head, FUND))["fund_id"]
    await made(
        f"relief/funds/{fund_id}/entries", head, ENTRY | {"key": "budget-0", "amount_fen": 10_000}
    )
    application = APPLICATION | {"fund_id": fund_id}
    asked = await made(f"relief/cases/{case_id}/applications", officer, application)
    guide_id = (await made("guides", officer, GUIDE))["guide_id"]
    await made(f"guides/{guide_id}/publication", head, {})
    return {
        "fund_id": fund_id, "application_id": asked["application_id"], "guide_id": guide_id,
        "version": "1",
    }  # fmt: skip
