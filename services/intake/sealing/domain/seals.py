"""What a sealing decision is: its class and the reasons a person can check (decisions 4)."""

from __future__ import annotations

from dataclasses import dataclass

from shared.vocabulary.petitions import SealedClass, SealingRule


@dataclass(frozen=True, slots=True)
class Seal:
    """The decision with what a person needs to check it."""

    sealed_class: SealedClass
    rules: tuple[str, ...]
    reasons: tuple[str, ...]


def seal_of(found: set[str]) -> Seal:
    """The decision that follows from the rules that were met."""
    rules = tuple(rule for rule in SealingRule if rule in found)
    if SealingRule.RETALIATION in found:
        sealed_class = SealedClass.RETALIATION
    elif SealingRule.DECLARED in found:
        sealed_class = SealedClass.ACCUSATION_DECLARED
    elif found & {SealingRule.CRIME, SealingRule.CORRUPTION, SealingRule.ACCUSED}:
        sealed_class = SealedClass.ACCUSATION_SUSPECTED
    else:
        sealed_class = SealedClass.MAY_ACCUSE_RECIPIENT
    return Seal(sealed_class, tuple(map(str, rules)), tuple(rule.label for rule in rules))
