"""The analytics service on a fresh database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.analytics.main import SPEC
from shared.vocabulary.posts import Role
from tests.analytics.making import PROVINCE_OFFICE, Figures
from tests.conftest import MakeService

Summary = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def figures(make_service: MakeService) -> Figures:
    """Analytics with nothing counted yet."""
    return Figures(await make_service(SPEC))


@pytest.fixture
async def summary(figures: Figures) -> Summary:
    """`await summary("2026-01-01", "2026-06-30", division=…)` as the province's analyst."""
    headers = await figures.sut.login(Role.ANALYST, PROVINCE_OFFICE)

    async def ask(first: str, last: str, **asked: Any) -> dict[str, Any]:
        answer = await figures.sut.client.get(
            "/analytics/v1/summary", params={"from": first, "to": last} | asked, headers=headers
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return ask
