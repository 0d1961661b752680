"""The small country of the simulation: a few organs with their superiors, and the real limits."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

from shared.reference.calendar import packaged_calendar
from shared.reference.limits import packaged_limits

ROOT = "430000000000"
COUNTY = "430121000000"
OFFICE = f"{COUNTY}-PETITION"
BUREAUS = (f"{COUNTY}-HOUSING", f"{COUNTY}-EDUCATION")
TIERS = (COUNTY, "430100000000", ROOT)


class FewOrgans:
    """What the use cases ask of shared.reference.organs.Organs."""

    def get(self, code: str) -> Any:
        """The organ of a code."""
        division, _, kind = code.partition("-")
        return SimpleNamespace(
            code=code, division_code=division, petition_office=kind == "PETITION"
        )

    def superior(self, code: str, *, root: str | None = None) -> Any:
        """The organ of the same kind one tier up, None at the root."""
        division, _, kind = code.partition("-")
        above = TIERS[TIERS.index(division) + 1 :]
        return self.get(f"{above[0]}-{kind}") if above else None


@cache
def reference() -> Any:
    """Stands for shared.reference.editions.Reference; limits and calendar are the real ones."""
    return SimpleNamespace(
        limits=packaged_limits(),
        calendar=packaged_calendar(),
        ids={},
        organs=FewOrgans(),
        root_division=ROOT,
        root_petition_office=f"{ROOT}-PETITION",
        divisions=SimpleNamespace(subtree_range=lambda _: (ROOT, "439999999999")),
    )
