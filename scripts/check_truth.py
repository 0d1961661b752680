"""Import a whole history, compare the summary with an independent count, print what differs.

    python scripts/check_truth.py [--separated] [--kills 10] [--rows 1000]

Takes the real messages where they are (`XINFANG_REAL_DATA`, else ../shared/data), else the samples.
`--separated` needs PostgreSQL and RabbitMQ (`scripts/services.sh`); what it makes there it drops.
`--kills` instead kills an embedded `xinfang import` that often and compares afterwards.
Exit code 1 when anything is not equal.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.truth.comparing import (
    Material,
    Verdict,
    compare,
    deployed,
    lines_of,
    material,
)
from tests.truth.counter import by_year
from tests.truth.killing import import_with_kills


async def compared(whole: Material, folder: Path, *, separated: bool) -> Verdict:
    """The verdict over everything."""
    async with deployed(whole, folder, separated=separated) as reached:
        return await compare(reached, whole, folder)


def main() -> int:
    """Compare and print; 0 when all is equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--separated", action="store_true")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--rows", type=int, default=0, help="of --kills; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    whole = material()
    print(f"{whole.name}: {len(whole.rows)} rows, {len(whole.told)} name their county")
    for year, counts in sorted(by_year(whole.rows).items()):
        print(f"  {year}: {counts.items} received, {counts.answered} answered, "
              f"{counts.in_time} within 60 days")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        if options.kills:
            verdict = import_with_kills(
                whole, Path(folder), kills=options.kills, rows=options.rows, seed=options.seed
            )
        else:
            verdict = asyncio.run(compared(whole, Path(folder), separated=options.separated))
    for line in lines_of(verdict):
        print(line)
    return 1 if verdict.different else 0


if __name__ == "__main__":
    sys.exit(main())
