"""Numbers of casework that are no limits of time (data/casework.toml)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CadreRules:
    """干部管理权限: kinds of organs whose leaders are managed one level up, and the kinds of the
    discipline body and of the organisation department."""

    managed_above: frozenset[str]
    discipline: str
    organisation: str


@dataclass(frozen=True, slots=True)
class CaseworkRules:
    """One edition: after how many upheld objections the common superior decides, which kinds of
    referral and purposes the simple procedure is for, for how many years a case is kept, and who
    manages which leaders."""

    upheld_before_superior: int
    simple_kinds: frozenset[str]
    simple_purposes: frozenset[str]
    retention_years: int
    cadres: CadreRules


def read_casework_rules(text: str) -> CaseworkRules:
    """Rules from the text of their file. Raises KeyError, ValueError (also for what is no TOML)."""
    data = tomllib.loads(text)
    upheld, years = data["objection"]["upheld_before_superior"], data["archive"]["retention_years"]
    if not all(isinstance(n, int) and n >= 1 for n in (upheld, years)):
        raise ValueError("numbers of casework are whole and at least 1")
    return CaseworkRules(
        upheld_before_superior=upheld,
        simple_kinds=frozenset(data["simple"]["kinds"]),
        simple_purposes=frozenset(data["simple"]["purposes"]),
        retention_years=years,
        cadres=CadreRules(
            managed_above=frozenset(data["cadres"]["managed_above"]),
            discipline=data["cadres"]["discipline"],
            organisation=data["cadres"]["organisation"],
        ),
    )
