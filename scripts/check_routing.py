"""Print where messages would go by the product's own rules, and how that meets labels.

    python scripts/check_routing.py [--data FOLDER] [--labels FILE] [--json]
    python scripts/check_routing.py --draw 100 --seed 20261124 [--but FILE]

`--data` needs messages.csv.gz, replied.csv.gz and divisions-sample.csv (else `XINFANG_REAL_DATA`,
../shared/data, and where these are not, the project's samples). Nothing is started or stored.
`--draw` prints ids to label by hand, without deciding anything, `--but` those of another file.
Printed are figures and ids, never words of a message. What they mean: docs/routing-quality.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from shared.reference.categories import Categories
from tests.truth import routing
from tests.truth.comparing import REAL
from tests.truth.routing import Agreement, Mail, Outcome, Routed


def figures(routed: list[Routed], categories: Categories) -> dict[str, Any]:
    """Counts by outcome, by reason, by kind of decision and by first-level category."""
    why = Counter((each.outcome.value, each.why) for each in routed if each.why)
    by_category: dict[str, Counter[str]] = {}
    for each in routed:
        code = (each.category or "")[:2].ljust(6, "0")
        category = categories.get(code)
        name = category.name if category else "（无分类）"
        by_category.setdefault(name, Counter())[each.outcome.value] += 1
    return {
        "messages": len(routed),
        "outcomes": {each.value: _count(routed, each) for each in Outcome},
        "why": {f"{outcome}: {reason}": n for (outcome, reason), n in why.most_common()},
        "decisions": dict(Counter(each.decision or "none" for each in routed).most_common()),
        "categories": {name: dict(counts) for name, counts in sorted(by_category.items())},
    }


def _count(routed: Iterable[Routed], outcome: Outcome) -> int:
    return sum(1 for each in routed if each.outcome is outcome)


def compared(found: Agreement) -> dict[str, Any]:
    """An agreement as plain values."""
    return {
        "labelled": found.messages,
        "label_clear": found.told,
        "confident": found.confident.total(),
        "agreeing": found.agreeing.total(),
        "agreement": round(found.share, 4),
        "interval_95": [round(bound, 4) for bound in found.interval],
        "coverage": round(found.coverage, 4),
        "by_confidence": {
            outcome.value: [found.agreeing[outcome], found.confident[outcome]]
            for outcome in routing.CONFIDENT
        },
        "confusion": [
            {"chosen": chosen, "label": label, "number": number}
            for (chosen, label), number in found.confusion.most_common()
        ],
    }


def show(title: str, counts: Mapping[str, int], whole: int) -> None:
    """One table."""
    print(f"\n{title}")
    for name, number in counts.items():
        print(f"  {number:6,}  {number / whole:6.1%}  {name}")


def show_all(name: str, found: dict[str, Any]) -> None:
    """Everything for a person to read."""
    whole = found["messages"]
    print(f"{name}: {whole:,} messages")
    show("outcome", found["outcomes"], whole)
    show("why no organ was chosen", found["why"], whole)
    show("kind of decision", found["decisions"], whole)
    print("\nfirst-level category: " + ", ".join(Outcome))
    for category, counts in found["categories"].items():
        print(f"  {category}: " + ", ".join(f"{counts.get(each, 0):,}" for each in Outcome))
    if labels := found.get("labels"):
        low, high = labels["interval_95"]
        print(f"\nlabels: {labels['labelled']}, of these clear {labels['label_clear']}")
        print(f"  agreement {labels['agreeing']} of {labels['confident']} confident decisions: "
              f"{labels['agreement']:.1%} (95 %: {low:.0%} to {high:.0%})")  # fmt: skip
        print(f"  coverage {labels['coverage']:.1%} of the clear ones")
        for outcome, (agreeing, confident) in labels["by_confidence"].items():
            print(f"  {outcome}: {agreeing} of {confident}")
        for each in labels["confusion"]:
            print(f"  chosen {each['chosen']}, answered {each['label']}: {each['number']}")


def main() -> int:
    """Decide, count, print. 1 where the named data or a labelled message is not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--draw", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--but", type=Path)
    options = parser.parse_args()
    mail: Mail | None = routing.real_mail(options.data or REAL)
    if mail is None and options.data:
        print(f"{options.data}: no messages or no division tree", file=sys.stderr)
        return 1
    mail = mail or routing.sample_mail()
    if options.draw:
        but = routing.labels_of(options.but) if options.but else {}
        print(*routing.draw(mail.rows, seed=options.seed, number=options.draw, but=but), sep="\n")
        return 0
    labels = routing.labels_of(options.labels) if options.labels else {}
    if missing := labels.keys() - {row["message_id"] for row in mail.rows}:
        print(f"{len(missing)} labelled messages are not in the data", file=sys.stderr)
        return 1
    routed = [routing.route(row, mail.reference) for row in mail.rows]
    found = figures(routed, mail.reference.categories)
    if labels:
        found["labels"] = compared(routing.agreement(routed, labels, mail.reference))
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        show_all(mail.name, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
