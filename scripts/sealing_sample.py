"""Print which share of a message file is sealed and a seeded sample for a person to read.

    python scripts/sealing_sample.py messages.csv.gz [--seed 1] [--each 25]

The file needs the columns message_id, subject and text; .csv or .csv.gz, UTF-8.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import tomllib
from collections import Counter
from pathlib import Path

from services.intake.sealing.domain.sealing import SealingRules

WORDS = Path(__file__).parents[1] / "shared" / "reference" / "data" / "sealing.toml"


def main() -> None:
    """Judge every row, then show figures and the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=25)
    options = parser.parse_args()
    rules = SealingRules(tomllib.loads(WORDS.read_text(encoding="utf-8")))
    opener = gzip.open if options.file.suffix == ".gz" else open
    with opener(options.file, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    judged = [
        (row, rules.judge(row["subject"], row["text"], declared_accusation=False)) for row in rows
    ]
    sealed = [(row, seal) for row, seal in judged if seal]
    ordinary = [(row, None) for row, seal in judged if not seal]
    print(f"{len(sealed)} of {len(rows)} sealed ({len(sealed) / len(rows):.1%})")
    print(Counter(seal.sealed_class.value for _, seal in sealed))
    print(Counter(rule for _, seal in sealed for rule in seal.rules))
    chance = random.Random(options.seed)
    for group in (sealed, ordinary):
        for row, seal in chance.sample(group, min(options.each, len(group))):
            print(f"\n## {row['message_id']} {row['subject']} {seal.rules if seal else '-'}")
            print(" ".join(row["text"].split())[:900])


if __name__ == "__main__":
    main()
