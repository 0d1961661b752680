"""What came of a replay, asked of the services themselves over HTTP."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from services.cli.platform import Platform
from services.cli.replay import Replayed
from shared.vocabulary.posts import Role

ROUTED = frozenset({"transfer", "assignment", "own", "guide"})


@dataclass(slots=True)
class DemoFigures:
    """Counts of the cases a replay led to; needs-a-person reasons and routed ones by confidence."""

    received: int
    refused: Counter[str]
    parked: int
    elapsed_s: float
    routed: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    organs: Counter[str] = field(default_factory=Counter)
    duties_open: int = 0
    duties_overdue: int = 0

    @property
    def as_json(self) -> dict[str, Any]:
        """The keys of the command's JSON line."""
        return {
            "received": self.received,
            "routed": self.routed.total(),
            "needs_person": self.waiting.total(),
            "parked": self.parked,
            "duties_open": self.duties_open,
            "duties_overdue": self.duties_overdue,
            "elapsed_s": round(self.elapsed_s, 1),
            "refused": self.refused.total(),
        }


async def collect(
    reached: Platform, replayed: Replayed, *, parked: int, elapsed_s: float
) -> DemoFigures:
    """Read the cases received by the root petition office, what waits there, and the duties."""
    figures = DemoFigures(replayed.received, replayed.refused, parked, elapsed_s)
    registrar = await reached.staff_token(Role.REGISTRAR)
    async for case in reached.pages("/routing/v1/cases", token=registrar, view="received"):
        if case["decision_kind"] in ROUTED:
            figures.routed[case["decision_confidence"]] += 1
            figures.organs[case["organ_name"] or "—"] += 1
    officer = await reached.staff_token(Role.OFFICER)
    async for item in reached.pages("/routing/v1/needs-person", token=officer):
        figures.waiting[item["reason_text"]] += 1
    supervisor = await reached.staff_token(Role.SUPERVISOR)
    counts = await reached.call("GET", "/supervision/v1/duty-counts", token=supervisor)
    figures.duties_open, figures.duties_overdue = counts["open"], counts["overdue"]
    return figures
