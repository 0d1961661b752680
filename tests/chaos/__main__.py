"""`python -m tests.chaos [--smoke] [--embedded] [--trials N] [--only WORD]`."""

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

from tests.chaos.faults import faults
from tests.chaos.ledger import Ledger
from tests.chaos.ring import ring
from tests.chaos.server_faults import server_faults
from tests.chaos.servers import ToolMissing, own_servers
from tests.chaos.trials import HEAD, Tally, Trials


async def run(options: argparse.Namespace, folder: Path) -> list[Tally]:
    """Every chosen fault `trials` times, in random order; one line per trial as it ends.

    The smoke and the embedded run need no servers of their own; where those can't be had, their
    faults are left out and the run says so."""
    separated, every = not options.embedded, faults(separated=not options.embedded)
    async with AsyncExitStack() as stack:
        where: dict[str, str] = {}
        if separated and not options.smoke:
            try:
                servers = await stack.enter_async_context(own_servers())
            except ToolMissing as missing:
                print(f"no {missing} here: faults of broker and database are not tried")
            else:
                every += server_faults(servers)
                where = {"postgres": servers.postgres.url, "broker": servers.rabbit.url}
        words = options.only.split(",")
        wanted = [f for f in every if any(word in f.name for word in words)]
        wanted = [f for f in wanted if f.smoke or not options.smoke]
        order = wanted * (1 if options.smoke else options.trials)
        random.Random(options.seed).shuffle(order)
        running = await stack.enter_async_context(ring(folder, separated=separated, **where))
        ledger = Ledger(folder / "ledger.jsonl")
        stack.callback(ledger.close)
        arena = Trials(running, ledger, rate=options.rate, seed=options.seed)
        await arena.prepare()
        for number, fault in enumerate(order, 1):
            began = time.monotonic()
            tally = await arena.run(fault)
            breaches = tally.verdicts[-1].breaches
            print(f"{number}/{len(order)} {fault.name}: {time.monotonic() - began:.0f} s, "
                  f"{'ok' if not breaches else breaches[:5]}", flush=True)  # fmt: skip
        filed = len(ledger.acknowledged)
    print(f"{filed} petitions, {sum(len(f.acts) for f in ledger.filings.values())} acts")
    return [arena.tallies[fault.name] for fault in wanted]


def options_of(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="one trial of a few faults")
    parser.add_argument("--embedded", action="store_true", help="one process, no broker")
    parser.add_argument("--trials", type=int, default=20)
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
