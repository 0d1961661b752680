"""A relief fund and its ledger: whom it serves, and what each entry does to its sums.

Amounts are whole 分.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from services.routing.cases.domain.accused import is_hidden_from
from services.routing.cases.domain.case import Case
from services.routing.relief.domain.rules import packaged_relief_words
from shared.kernel.errors import Conflict, Invalid
from shared.reference.editions import Reference
from shared.reference.organs import Organ
from shared.vocabulary.relief import EntryKind

MOST_FEN = 10**12
"""Most of one entry, 100 亿元 in 分: sums of millions of entries still fit 64 bits."""


EFFECTS: Mapping[EntryKind, tuple[int, int, int]] = {
    EntryKind.DEPOSIT: (1, 0, 0),
    EntryKind.WITHDRAWAL: (-1, 0, 0),
    EntryKind.RESERVE: (0, 1, 0),
    EntryKind.RELEASE: (0, -1, 0),
    EntryKind.PAY: (0, -1, 1),
}
"""What one 分 of an entry does to `deposited`, `reserved` and `paid`."""


class FundShort(Conflict):
    """The fund has less than is asked of it: it never goes below zero."""

    code: ClassVar[str] = "fund_short"


class FundExists(Conflict):
    """The organ has a fund of that year and source already; credit that one."""

    code: ClassVar[str] = "fund_exists"


class KeyReused(Conflict):
    """The client's key stands for another entry or payment already."""

    code: ClassVar[str] = "key_reused"


class ConditionalRelief(Invalid):
    """A text about relief that makes it depend on giving up a right."""

    code: ClassVar[str] = "conditional_relief"


def check_unconditional(*texts: str | None) -> None:
    """Help depends on nothing (Art. 37(2)). Raises ConditionalRelief for a text that says so."""
    word = packaged_relief_words().condition_in(*texts)
    if word is not None:
        raise ConditionalRelief(f"救助不得附加放弃权利的条件，请删去“{word}”")


@dataclass(frozen=True, slots=True)
class Entry:
    """What happens to a fund: a kind and an amount above zero."""

    kind: EntryKind
    amount: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What was put into a fund, is promised and was paid, in 分; what is left is free."""

    deposited: int = 0
    reserved: int = 0
    paid: int = 0

    @property
    def balance(self) -> int:
        """Free to promise."""
        return self.deposited - self.reserved - self.paid

    def change(self, entry: Entry) -> Sums:
        """How much each sum moves by an entry."""
        deposited, reserved, paid = (sign * entry.amount for sign in EFFECTS[entry.kind])
        return Sums(deposited, reserved, paid)

    def after(self, entry: Entry) -> Sums:
        """The sums with one more entry. Raises FundShort when one would fall below zero."""
        moved = self.change(entry)
        new = Sums(
            self.deposited + moved.deposited, self.reserved + moved.reserved, self.paid + moved.paid
        )
        if min(new.balance, new.reserved) < 0:
            raise FundShort("资金余额不足")
        return new


@dataclass(frozen=True, slots=True)
class Booking:
    """Money put in or taken out by the fund's organ. `key` is the client's: the same one counts
    once."""

    entry: Entry
    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fund:
    """One source of one organ in one year; `version` counts its entries, from 1."""

    fund_id: UUID
    organ_code: str
    division_code: str
    year: int
    source: str
    sums: Sums = field(default_factory=Sums)
    version: int = 1

    @classmethod
    def open(cls, fund_id: UUID, organ: Organ | None, *, year: int, source: str) -> Fund:
        """An empty fund of an organ. Raises Invalid for an unknown organ or source."""
        if organ is None:
            raise Invalid("没有这个机关单位", field="organ_code")
        if source not in packaged_relief_words().sources:
            raise Invalid("没有这种资金来源", field="source")
        return cls(fund_id, organ.code, organ.division_code, year, source)

    def serves(self, case: Case, involved: Collection[str], reference: Reference) -> bool:
        """Whether help in a case may come from it: its organ is involved in the case, or its
        division is that of the case or one above. Never where its organ must not know of the case,
        since it would have to approve."""
        if is_hidden_from(reference.organs, case, self.organ_code):
            return False
        place = case.division_code
        within = place is not None and reference.divisions.contains(self.division_code, place)
        return within or self.organ_code in involved

    def is_booked(self, booking: Booking, made: Booking | None) -> bool:
        """Whether a booking is `made`, the one with the same key, already.

        Raises ConditionalRelief, KeyReused where another one has the key."""
        check_unconditional(booking.reason)
        if made is not None and made != booking:
            raise KeyReused("该编号已用于另一笔记录")
        return made is not None
