"""What a code is: a member of a closed list, with the Chinese label people read."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Self, TypeVar


class Term(StrEnum):
    """A code with its label. The code is published in events and answers and never changes.

    `public` is the wording for petitioners, where it must not or need not say what staff read.
    """

    label: str
    public: str

    def __new__(cls, code: str, label: str = "", public: str = "") -> Self:
        """The member; a lookup by code, `Term("letter")`, gives the code alone."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        member.public = public or label
        return member


class NumberedTerm(IntEnum):
    """The same for codes that are numbers and have an order."""

    label: str

    def __new__(cls, code: int, label: str = "") -> Self:
        """The member; see `Term`."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member


TermT = TypeVar("TermT", bound=Term)


def known(terms: type[TermT], code: str | None) -> TermT | None:
    """The member with this code; None without a code or for one of a later release."""
    try:
        return terms(code or "")
    except ValueError:
        return None


def label_of(terms: type[Term], code: str) -> str:
    """The label of a code; one of a later release is shown as it is."""
    found = known(terms, code)
    return found.label if found else code
