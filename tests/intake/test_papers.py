"""To whom a paper is addressed, and on which day it may have been delivered."""

from __future__ import annotations

from datetime import date

import pytest

from services.intake.papers.domain import PetitionerIncomplete, addressee, delivery_day
from shared.kernel.errors import Invalid

BOTH = frozenset(("petitioner_name", "petitioner_address"))
OWED, TODAY = date(2026, 3, 2), date(2026, 3, 9)


def one(name: str, address: str = "") -> dict[str, str]:
    return {"name": name, "phone": "13812345678", "address": address}


@pytest.mark.parametrize(
    ("people", "name", "address"),
    [
        ([one("李小满", "一栋")], "李小满", "一栋"),
        ([one("李小满"), one("王大有", "二栋")], "李小满、王大有", "二栋"),
        ([one(f"欧阳小满{n:02}", "一栋") for n in range(50)], "欧阳小满00等50人", "一栋"),
    ],
)
def test_all_names_and_the_first_address(
    people: list[dict[str, str]], name: str, address: str
) -> None:
    assert addressee(people, slots=BOTH) == {"petitioner_name": name, "petitioner_address": address}
    assert addressee(people, slots=BOTH - {"petitioner_address"}) == {"petitioner_name": name}


@pytest.mark.parametrize(
    ("people", "missing", "said"),
    [
        ([], ["petitioner_name", "petitioner_address"], "信访人姓名、信访人地址"),
        ([one("李小满")], ["petitioner_address"], "信访人地址"),
        ([one("", "一栋")], ["petitioner_name"], "信访人姓名"),
    ],
)
def test_what_is_missing_is_named(
    people: list[dict[str, str]], missing: list[str], said: str
) -> None:
    with pytest.raises(PetitionerIncomplete) as raised:
        addressee(people, slots=BOTH)
    assert raised.value.extra == {"missing": missing}
    assert said in raised.value.detail


@pytest.mark.parametrize("day", [OWED, date(2026, 3, 5), TODAY])
def test_a_delivery_is_between_the_act_and_today(day: date) -> None:
    assert delivery_day(day, owed_on=OWED, today=TODAY) == day
    assert delivery_day(None, owed_on=OWED, today=TODAY) == TODAY


@pytest.mark.parametrize("day", [date(2026, 3, 1), date(2026, 3, 10)])
def test_no_other_day(day: date) -> None:
    with pytest.raises(Invalid):
        delivery_day(day, owed_on=OWED, today=TODAY)
