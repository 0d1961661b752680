"""What a paper needs to know of its petitioners, and when it may have been delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from shared.kernel.errors import Conflict, Invalid

NAMES_LENGTH = 200
"""Longest list of names that is written out; more are counted."""
FIELDS = {"petitioner_name": "信访人姓名", "petitioner_address": "信访人地址"}
"""Slots of a paper that only the vault can fill."""


class PetitionerIncomplete(Conflict):
    """Name or address is not known, so no paper can be addressed; `missing` names the slots."""

    code = "petitioner_incomplete"


class NotMade(Conflict):
    """The paper has a template and was not made yet: what was delivered is unknown."""

    code = "paper_not_made"


def addressee(people: Sequence[Mapping[str, str]], *, slots: frozenset[str]) -> dict[str, str]:
    """Values of the petitioner's slots among `slots`: all names, the first address.

    Raises PetitionerIncomplete."""
    names = [person["name"] for person in people if person.get("name")]
    written = "、".join(names)
    if len(written) > NAMES_LENGTH:
        written = f"{names[0]}等{len(names)}人"
    address = next((person["address"] for person in people if person.get("address")), "")
    found = {"petitioner_name": written, "petitioner_address": address}
    asked = {name: value for name, value in found.items() if name in slots}
    missing = [name for name, value in asked.items() if not value]
    if missing:
        words = "、".join(FIELDS[name] for name in missing)
        raise PetitionerIncomplete(
            f"缺少{words}，不能制作送达文书；可打印空白文书由信访人领取，在办件中登记送达",
            missing=missing,
        )
    return asked


def delivery_day(on: date | None, *, owed_on: date, today: date) -> date:
    """The day of a delivery, today when none is told. Raises Invalid for one that cannot be."""
    day = on or today
    if not owed_on <= day <= today:
        raise Invalid(f"送达日期应在{owed_on}至{today}之间", field="on")
    return day
