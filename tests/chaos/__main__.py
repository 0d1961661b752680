"""`python -m tests.chaos [--smoke] [--embedded] [--trials N] [--minutes M] [--only WORDS]`."""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from tests.chaos.disk_faults import full_disks
from tests.chaos.faults import Fault, faults
from tests.chaos.ledger import Ledger
from tests.chaos.queue_faults import queue_faults
from tests.chaos.ring import Ring, ring
from tests.chaos.server_faults import broker_faults, database_faults
from tests.chaos.servers import Servers, own_servers
from tests.chaos.tools import ToolMissing
from tests.chaos.trials import HEAD, Tally, Trials


async def run(options: argparse.Namespace, folder: Path) -> list[Tally]:
    """Rounds of every chosen fault in random order, until all trials are done or the time is up;
    one line per trial as it ends. Where something needed is missing, its faults are left out."""
    rng, separated = random.Random(options.seed), not options.embedded
    ends = time.monotonic() + options.minutes * 60
    async with AsyncExitStack() as stack:
        servers = await _servers(stack) if separated else None
        where = {"postgres": servers.postgres.url, "broker": servers.rabbit.url} if servers else {}
        running = await stack.enter_async_context(ring(folder, separated=separated, **where))
        wanted = _wanted(options, running, servers)
        ledger = Ledger(folder / "ledger.jsonl")
        stack.callback(ledger.close)
        arena = Trials(running, ledger, rate=options.rate, seed=options.seed)
        await arena.prepare()
        for round_ in range(1 if options.smoke else options.trials):
            for fault in rng.sample(wanted, len(wanted)):
                if time.monotonic() > ends:
                    break
                began = time.monotonic()
                verdict = (await arena.run(fault)).verdicts[-1]
                took, found = time.monotonic() - began, verdict.breaches[:5] or "ok"
                print(f"{round_ + 1} {fault.name}: {took:.0f} s, "
                      f"agreed after {verdict.seconds:.1f} s, {found}", flush=True)  # fmt: skip
        filed = len(ledger.acknowledged)
    print(f"{filed} petitions, {sum(len(f.acts) for f in ledger.filings.values())} acts")
    return [arena.tallies[fault.name] for fault in wanted if fault.name in arena.tallies]


async def _servers(stack: AsyncExitStack) -> Servers | None:
    try:
        return await stack.enter_async_context(own_servers())
    except ToolMissing as missing:
        print(f"no {missing} here: faults of broker and database are not tried")
        return None


def _wanted(options: argparse.Namespace, running: Ring, servers: Servers | None) -> list[Fault]:
    every = faults(separated=running.separated)
    if running.separated:
        every += queue_faults()
    if servers:
        every += [*broker_faults(servers.rabbit), *database_faults(servers.postgres)]
    every += full_disks(running, servers.postgres if servers else None)
    words = options.only.split(",")
    return [
        fault for fault in every
        if any(word in fault.name for word in words) and (fault.smoke or not options.smoke)
    ]  # fmt: skip


def options_of(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="one trial of a few faults")
    parser.add_argument("--embedded", action="store_true", help="one process, no broker")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin none later")
    parser.add_argument("--rate", type=float, default=20.0, help="requests per second")
    parser.add_argument("--only", default="", help="faults whose name contains one of these words")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run and report; 1 when anything was lost, doubled, unexpected or stuck."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that servers are taken down
    with tempfile.TemporaryDirectory(prefix="xf-chaos-") as folder:
        tallies = asyncio.run(run(options_of(arguments), Path(folder)))
    print(HEAD)
    for tally in tallies:
        print(tally.line())
    return 1 if any(tally.breaches for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
