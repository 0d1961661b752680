"""`python -m tests.sim --seeds 10000 --start 0`: many seeds; a failing one says how to replay."""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import sys
import time
from collections.abc import Iterable

from tests.sim.runner import STEPS, Outcome, simulate


def main(arguments: list[str] | None = None) -> int:
    """Run the seeds; 1 when any promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    seeds = range(options.start, options.start + options.seeds)
    began = time.monotonic()
    if options.processes > 1 and len(seeds) > 1:
        with multiprocessing.Pool(options.processes) as pool:
            failed = report(pool.imap(simulate, seeds, chunksize=20))
    else:
        failed = report(map(simulate, seeds))
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if failed else 0


def report(outcomes: Iterable[Outcome]) -> int:
    """Print breaches as they come and the sum at the end; how many seeds failed."""
    seeds = petitions = events = fired = failed = 0
    whole = hashlib.sha256()
    for outcome in outcomes:
        seeds += 1
        petitions += outcome.petitions
        events += outcome.events
        fired += outcome.fired
        whole.update(outcome.trace.encode())
        if outcome.breaches:
            failed += 1
            print(f"seed {outcome.seed} broke {len(outcome.breaches)} promises:")
            for breach in outcome.breaches[:10]:
                print(f"  {breach}")
            print(f"  replay: python -m tests.sim --seeds 1 --start {outcome.seed}", flush=True)
    print(f"{seeds} seeds of {STEPS} steps: {petitions} petitions, {events} events, "
          f"{fired} duties made overdue; {failed} seeds failed")  # fmt: skip
    if not failed:
        print(f"no violation: 95 % upper bound 3/N = {3 / max(1, seeds):.3%} per seed")
    print(f"trace of all: {whole.hexdigest()[:16]}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
