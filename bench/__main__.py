"""`python -m bench register [--rounds N] [--seconds S] [--out FILE]`; prints one JSON object."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
from pathlib import Path

from bench.importing import bench_import
from bench.register import bench_register
from bench.summary import bench_summary
from bench.worklist import bench_worklist
from shared.kernel.clock import SystemClock

BENCHES = {
    "import": bench_import,
    "register": bench_register,
    "summary": bench_summary,
    "worklist": bench_worklist,
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
