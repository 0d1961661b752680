"""The ledger of a relief fund: what each kind of entry does to its sums. Amounts are whole 分."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from shared.kernel.errors import Conflict
from shared.vocabulary.help import EntryKind

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
