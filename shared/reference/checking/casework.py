"""Numbers of casework: every section and entry, and what each may be."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from shared.reference.checking.faults import Faults
from shared.reference.checking.specs import HANDOVERS, PURPOSES

FILE = "casework.toml"
_NUMBERS = {"objection.upheld_before_superior": 20, "archive.retention_years": 200}
_LISTS = {"simple.kinds": HANDOVERS, "simple.purposes": PURPOSES}
_KINDS = ("cadres.managed_above", "cadres.discipline", "cadres.organisation")


def check_casework(text: str, faults: Faults, *, kinds: Collection[str]) -> None:
    """Note entries that are missing, unknown or make no sense; `kinds` are those of organs."""
    try:
        given = entries(text)
    except tomllib.TOMLDecodeError as error:
        faults.add(FILE, 0, f"不是 TOML：{error}")
        return
    known = (*_NUMBERS, *_LISTS, *_KINDS)
    lines = _lines(text)
    for name in known:
        if name not in given:
            faults.add(FILE, 0, f"缺少 {name}")
    for name, value in given.items():
        if name not in known:
            faults.add(FILE, lines.get(name, 0), f"没有 {name} 这一项")
        elif reason := _reason(name, value, kinds):
            faults.add(FILE, lines.get(name, 0), f"{name} {reason}")


def entries(text: str) -> Mapping[str, Any]:
    """`section.name` -> value. Raises tomllib.TOMLDecodeError."""
    found: dict[str, Any] = {}
    for section, content in tomllib.loads(text).items():
        if isinstance(content, dict):
            found |= {f"{section}.{name}": value for name, value in content.items()}
        else:
            found[section] = content
    return found


def _reason(name: str, value: Any, kinds: Collection[str]) -> str:
    if name in _NUMBERS:
        most = _NUMBERS[name]
        fine = type(value) is int and 1 <= value <= most
        return "" if fine else f"应为 1 至 {most} 的整数"
    one = name in ("cadres.discipline", "cadres.organisation")
    allowed = _LISTS.get(name, kinds)
    values = [value] if one else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        return "应为文字" if one else "应为列表"
    wrong = [each for each in values if each not in allowed]
    return f"没有 {'、'.join(wrong)}" if wrong else ""


def _lines(text: str) -> dict[str, int]:
    """Where an entry stands."""
    return {name: line for line, name in _names(text)}


def _names(text: str) -> Iterator[tuple[int, str]]:
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            section = stripped.strip("[] ")
        elif "=" in stripped and not stripped.startswith("#"):
            yield number, f"{section}.{stripped.partition('=')[0].strip()}"
