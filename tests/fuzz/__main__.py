"""`python -m tests.fuzz --cases 50000 --seed 1`: many rounds, each on a world of its own.

A round is repeated with the line it printed."""

from __future__ import annotations

import argparse
import asyncio
import logging
import math
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

import structlog

from tests.fuzz.fuzzing import Fuzzer
from tests.fuzz.tally import Tally
from tests.fuzz.world import made_world
from tests.support.backends import SEPARATED, Files, Servers

CASES_PER_ROUND = 2500


def main(arguments: list[str] | None = None) -> int:
    """Run the rounds, print what was asked and what came back; 1 when anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first round; then counted up")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    began, tally = time.monotonic(), Tally()
    size = min(CASES_PER_ROUND, math.ceil(options.cases / options.processes))
    rounds = [
        (min(size, options.cases - done), options.seed + number)
        for number, done in enumerate(range(0, options.cases, size))
    ]
    with multiprocessing.Pool(min(options.processes, len(rounds))) as pool:
        for (_, seed), found in zip(rounds, pool.imap(one_round, rounds), strict=True):
            tally.add(found)
            kinds = f"{len(found.findings)} kinds of findings"
            print(f"--cases {size} --seed {seed} --processes 1: {kinds}", flush=True)
    print(tally.report())
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if tally.findings else 0


def one_round(round_: tuple[int, int]) -> Tally:
    """A number of cases under a seed, on a fresh world."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return asyncio.run(_one_round(*round_))


async def _one_round(cases: int, seed: int) -> Tally:
    with tempfile.TemporaryDirectory(prefix="xinfang-fuzz-") as name:
        folder = Path(name)
        backend = Servers(folder) if SEPARATED else Files(folder)
        try:
            async with made_world(backend, folder) as world:
                return await Fuzzer(world).run_beside(cases, seed)
        finally:
            await backend.close()


if __name__ == "__main__":
    sys.exit(main())
