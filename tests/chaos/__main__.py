"""`python -m tests.chaos [--smoke] [--embedded] [--trials N] [--only WORD]`."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.faults import Fault, faults
from tests.chaos.ledger import Ledger
from tests.chaos.ring import ring
from tests.chaos.trials import HEAD, Tally, Trials


async def run(
    chosen: list[Fault], folder: Path, *, separated: bool, trials: int, rate: float, seed: int
) -> list[Tally]:
    """Every fault `trials` times, in random order; prints each trial that found something."""
    ledger = Ledger(folder / "ledger.jsonl")
    order = chosen * trials
    random.Random(seed).shuffle(order)
    async with ring(folder, separated=separated) as running:
        arena = Trials(running, ledger, rate=rate, seed=seed)
        await arena.prepare()
        for number, fault in enumerate(order, 1):
            began = time.monotonic()
            tally = await arena.run(fault)
            breaches = tally.verdicts[-1].breaches
            print(f"{number}/{len(order)} {fault.name}: {time.monotonic() - began:.0f} s, "
                  f"{'ok' if not breaches else breaches[:5]}", flush=True)  # fmt: skip
    ledger.close()
    return [arena.tallies[fault.name] for fault in chosen]


def main(arguments: list[str] | None = None) -> int:
    """Run and report; 1 when anything was lost, doubled, unexpected or stuck."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="one trial of a few faults")
    parser.add_argument("--embedded", action="store_true", help="one process, no broker")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--rate", type=float, default=20.0, help="requests per second")
    parser.add_argument("--only", default="", help="faults whose name contains this")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    chosen = [f for f in faults(separated=not options.embedded) if options.only in f.name]
    if options.smoke:
        chosen = [f for f in chosen if f.smoke]
    with tempfile.TemporaryDirectory(prefix="xf-chaos-") as folder:
        tallies = asyncio.run(
            run(chosen, Path(folder), separated=not options.embedded,
                trials=1 if options.smoke else options.trials, rate=options.rate,
                seed=options.seed)
        )  # fmt: skip
    print(HEAD)
    for tally in tallies:
        print(tally.line())
    return 1 if any(tally.breaches for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
