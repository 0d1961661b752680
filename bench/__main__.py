"""`python -m bench register [--rounds N] [--seconds S] [--out FILE]`; prints one JSON object."""

from __future__ import annotations

import argparse
import gc
import json
import platform
from pathlib import Path

import uvloop

from bench.databases import autovacuum
from bench.drain import bench_drain
from bench.due import bench_due
from bench.embedded import bench_embedded
from bench.importing import bench_import
from bench.life import bench_life
from bench.reading import bench_reading
from bench.register import bench_register
from bench.soak import bench_soak
from bench.summary import bench_summary
from bench.worklist import bench_worklist
from shared.kernel.clock import SystemClock
from shared.runtime.app import COLLECT_AFTER

BENCHES = {
    "drain": bench_drain,
    "due": bench_due,
    "embedded": bench_embedded,
    "import": bench_import,
    "life": bench_life,
    "reading": bench_reading,
    "register": bench_register,
    "soak": bench_soak,
    "summary": bench_summary,
    "worklist": bench_worklist,
}


def main() -> None:
    """Run the named benches one after another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=sorted(BENCHES), default=sorted(BENCHES.keys() - {"soak"})
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--minutes", type=float, help="of soak, which only runs when named")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    gc.set_threshold(COLLECT_AFTER)  # as every service does; some of them run in here
    results: dict[str, object] = {
        "at": SystemClock().now().isoformat(timespec="seconds"),
        "python": platform.python_version(),
    }
    if options.minutes:
        options.seconds = 60 * options.minutes
    for name in options.names:
        results[name] = uvloop.run(_run(name, options))
    text = json.dumps(results, ensure_ascii=False, indent=2)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    print(text)


async def _run(name: str, options: argparse.Namespace) -> object:
    async with autovacuum():
        return await BENCHES[name](rounds=options.rounds, seconds=options.seconds)


if __name__ == "__main__":
    main()
