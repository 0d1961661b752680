"""Writes the tables of rooms in docs/architecture.md from the code's own imports.

A row per noun: what it is (the docstring of its package) and the nouns it stands on, those left out
that another of them stands on already. Nouns are listed from the top of a service to its bottom.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- rooms: written by make rooms -->", "<!-- end of rooms -->"
SERVICES = ("intake", "routing", "supervision", "analytics")

Uses = Mapping[str, frozenset[str]]
"""Noun -> the nouns it imports."""


def nouns_of(graph: grimp.ImportGraph, service: str) -> dict[str, frozenset[str]]:
    """The nouns of a service and what they import of each other."""
    home = f"services.{service}"
    nouns = {child for child in graph.find_children(home) if graph.find_children(child)}
    uses: dict[str, set[str]] = {noun: set() for noun in nouns}
    for noun in nouns:
        for module in graph.find_descendants(noun):
            for used in graph.find_modules_directly_imported_by(module):
                other = ".".join(used.split(".")[:3])
                if other in nouns and other != noun:
                    uses[noun].add(other)
    return {_leaf(noun): frozenset(map(_leaf, used)) for noun, used in uses.items()}


def reach(uses: Uses, noun: str) -> frozenset[str]:
    """Every noun under this one."""
    found: set[str] = set()
    waiting = [noun]
    while waiting:
        for below in uses[waiting.pop()] - found:
            found.add(below)
            waiting.append(below)
    return frozenset(found)


def in_order(uses: Uses) -> list[str]:
    """From the top to the bottom: a noun stands above all it uses."""
    return sorted(uses, key=lambda noun: (-_height(uses, noun), noun))


def rows(uses: Uses, service: str) -> Iterator[str]:
    """The lines of one table."""
    yield "| noun | what it is | stands on |"
    yield "|---|---|---|"
    for noun in in_order(uses):
        under = frozenset[str]().union(*(reach(uses, below) for below in uses[noun]))
        direct = ", ".join(f"`{below}`" for below in in_order(uses) if below in uses[noun] - under)
        yield f"| `{noun}` | {_what(service, noun)} | {direct or '–'} |"


def page(graph: grimp.ImportGraph) -> str:
    """The whole part between the marks."""
    lines = []
    for service in SERVICES:
        lines += [f"### {service}", "", *rows(nouns_of(graph, service), service), ""]
    return "\n".join(lines)


def written(text: str, graph: grimp.ImportGraph) -> str:
    """The page with its tables as the code is now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{page(graph)}\n{END}{after}"


def _height(uses: Uses, noun: str) -> int:
    return max((_height(uses, below) + 1 for below in uses[noun]), default=0)


def _leaf(module: str) -> str:
    return module.rpartition(".")[2]


def _what(service: str, noun: str) -> str:
    source = (ROOT / "services" / service / noun / "__init__.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").replace("\n", " ")


def main() -> int:
    """Write the page; with `--check`, say 1 when it is not as the code is."""
    graph = grimp.build_graph("services", "shared")
    text = PAGE.read_text(encoding="utf-8")
    new = written(text, graph)
    if "--check" in sys.argv[1:]:
        return int(new != text)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
