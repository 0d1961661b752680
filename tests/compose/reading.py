"""docker-compose.yml as docker compose would read it: merges, anchors, interpolation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?:(:?[-?])([^}]*))?\}|\$(\w+)")


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    """`${NAME}`, `${NAME:-default}`, `${NAME:?why}` and `$$` as compose understands them."""

    def value(found: re.Match[str]) -> str:
        if found.group() == "$$":
            return "$"
        name, kind, rest = found.group(1) or found.group(4), found.group(2), found.group(3)
        given = variables.get(name, "")
        if given:
            return given
        if kind and "?" in kind:
            raise KeyError(f"{name}: {rest}")
        return rest or ""

    return VARIABLE.sub(value, text)


def compose(variables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The whole file with these variables (default: none set)."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(interpolated(text, variables or {}))
    return document


def environment(container: Mapping[str, Any]) -> dict[str, str]:
    """A container's variables as texts."""
    return {name: str(value) for name, value in container.get("environment", {}).items()}


def secrets_of(container: Mapping[str, Any]) -> set[str]:
    """Names of the secrets a container gets."""
    listed = container.get("secrets", [])
    return {each["source"] if isinstance(each, dict) else each for each in listed}
