"""`python -m bench register [--rounds N] [--seconds S] [--out FILE]`; prints one JSON object."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
from pathlib import Path

from bench.embedded import bench_embedded
from bench.register import bench_register
from bench.worklist import bench_worklist
from shared.kernel.clock import SystemClock

BENCHES = {
    "register": bench_register,
    "worklist": bench_worklist,
    "embedded": bench_embedded,
}


def main() -> None:
    """Run the named benches one after another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=sorted(BENCHES), default=sorted(BENCHES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    results: dict[str, object] = {
        "at": SystemClock().now().isoformat(timespec="seconds"),
        "python": platform.python_version(),
    }
    for name in options.names:
        results[name] = asyncio.run(BENCHES[name](rounds=options.rounds, seconds=options.seconds))
    text = json.dumps(results, ensure_ascii=False, indent=2)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
