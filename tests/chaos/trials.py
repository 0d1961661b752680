"""Trials: hurt, heal, check from outside, and add up per fault."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.vocabulary.posts import Role
from tests.chaos.checking import KINDS, Checker, Eyes, Verdict
from tests.chaos.faults import Fault
from tests.chaos.ledger import Filing, Ledger
from tests.chaos.load import BUREAU, Load
from tests.chaos.ring import Ring

ROOT_OFFICE = "430000000000-PETITION"


@dataclass
class Tally:
    """One line of the report."""

    fault: str
    verdicts: list[Verdict] = field(default_factory=list)
    indeterminate: int = 0

    @property
    def breaches(self) -> list[str]:
        """Everything that must not be."""
        return [each for verdict in self.verdicts for each in verdict.breaches]

    def line(self) -> str:
        """Trials, what went wrong, seconds from healing to agreement (median, max), bound 3/N."""
        sums = [sum(len(getattr(v, kind)) for v in self.verdicts)
                for kind in KINDS]  # fmt: skip
        took = [v.seconds for v in self.verdicts] or [0.0]
        parked = self.verdicts[-1].parked if self.verdicts else 0
        trials = len(self.verdicts)
        bound = f"{min(1.0, 3 / trials):.0%}" if trials and not any(sums) else "-"
        cells = [trials, *sums, parked, self.indeterminate]
        return (
            f"{self.fault:<32}"
            + "".join(f"{c:>8}" for c in cells)
            + f"{statistics.median(took):>8.1f}{max(took):>8.1f}{bound:>8}"
        )


HEAD = f"{'fault':<32}" + "".join(
    f"{name:>8}" for name in ("trials", "lost", "doubled", "unexp.", "stuck", "parked", "indet.")
) + f"{'median':>8}{'max s':>8}{'3/N':>8}"  # fmt: skip


class Trials:
    """Runs trials on one ring with one ledger."""

    def __init__(self, running: Ring, ledger: Ledger, *, rate: float, seed: int) -> None:
        self._running = running
        self._ledger = ledger
        self._rate = rate
        self._rng = random.Random(seed)
        self._parked = 0
        self.tallies: dict[str, Tally] = {}

    async def prepare(self) -> None:
        """Make the people who act and look."""
        running = self._running
        officer = await running.login(Role.OFFICER, BUREAU)
        supervisor = await running.login(Role.SUPERVISOR, ROOT_OFFICE)
        analyst = await running.login(Role.ANALYST, ROOT_OFFICE)
        found = await running.client.get("/routing/v1/categories", params={"q": "城乡建设"})
        category = next(item["code"] for item in found.json() if item["name"] == "城乡建设")
        self._load = Load(running, self._ledger, officer=officer, category=category)
        self._checker = Checker(running, self._ledger, Eyes(officer, supervisor, analyst))

    async def run(self, fault: Fault) -> Tally:
        """One trial of a fault."""
        tally = self.tallies.setdefault(fault.name, Tally(fault.name))
        running, before = self._running, set(self._ledger.filings)
        running.refusals.clear()
        running.complaints.clear()
        async with self._load.flowing(self._rate):
            await asyncio.sleep(1)
            await self._hurt(fault)
            await asyncio.sleep(1)
        healed = time.monotonic()
        await self._ready()
        tally.indeterminate += len(self._ledger.indeterminate)
        await self._ask_again(fault.settle)
        verdict = await self._checker.judge(
            self._touched(before), parked=self._parked, seconds=fault.settle
        )
        verdict.seconds = time.monotonic() - healed - verdict.looked_seconds
        verdict.stuck += [f"no answer for key {each.key}" for each in self._unsettled()]
        verdict.doubled += await self._checker.fired_twice()
        verdict.unexpected += running.complaints
        tally.verdicts.append(verdict)
        return tally

    async def _hurt(self, fault: Fault) -> None:
        """Trouble that does not go as it is meant to is noted, and the next trial still made."""
        try:
            self._parked += await fault.hurt(self._running, self._rng)
        except Exception as error:  # noqa: BLE001
            self._running.complaints.append(f"broke off: {error!r}")
            self._running.revive()

    async def _ready(self) -> None:
        try:
            await self._running.ready()
        except (AssertionError, TimeoutError) as error:
            self._running.complaints.append(f"not ready again: {str(error)[-300:]}")
            self._running.revive()

    async def _ask_again(self, seconds: float) -> None:
        """Ask until all is answered, or until nothing has been for so long."""
        left, since = len(self._unsettled()), time.monotonic()
        while left and time.monotonic() - since < seconds:
            await self._load.settle_indeterminate()
            if len(self._unsettled()) < left:
                left, since = len(self._unsettled()), time.monotonic()

    def _unsettled(self) -> Sequence[Filing]:
        return [*self._ledger.indeterminate, *(f for f in self._ledger.acknowledged if f.unsure)]

    def _touched(self, before: set[str]) -> list[Filing]:
        """Filings of this trial, and the newest of those before, which acts may have changed."""
        old = [f for f in self._ledger.acknowledged if f.key in before][-60:]
        return old + [f for key, f in self._ledger.filings.items() if key not in before]
