"""GET /analytics/v1/summary: what it counts, how it splits, and who may ask."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, update

from services.analytics.jobs.checker import check, figures_are_wrong
from services.analytics.main import summary as summary_without_server
from services.analytics.store.counts import COUNT
from services.analytics.store.kept import KEPT
from shared.vocabulary.duties import DutyState as State
from shared.vocabulary.petitions import Channel, Origin, Purpose
from shared.vocabulary.posts import Role
from tests.analytics.conftest import Summary
from tests.analytics.making import (
    CITY,
    COUNTY,
    COUNTY_HOUSING,
    COUNTY_OFFICE,
    DAY,
    OTHER_COUNTY,
    PROVINCE,
    PROVINCE_OFFICE,
    Figures,
    a_case,
    a_duty,
    a_petition,
    a_visit,
)

HALF = ("2026-01-01", "2026-06-30")
SPLITS = ("by_category", "by_division", "by_channel", "by_purpose", "by_origin", "by_tier")


def adds_up(answer: dict[str, Any]) -> None:
    """Every split covers all items and all person-times once."""
    for unit in ("items", "person_times"):
        for split in SPLITS:
            assert sum(part[unit] for part in answer[split].values()) == answer[unit], split
        for pair in (("collective", "individual"), ("first", "repeat")):
            assert sum(answer[part][unit] for part in pair) == answer[unit], pair
    assert sum(part["batches"] for part in answer["by_channel"].values()) == answer["batches"]
    assert answer["open"] + answer["answered"] + answer["closed_without_answer"] == answer["items"]


async def test_an_empty_period_has_zeros_and_dashes(summary: Summary):
    answer = await summary(*HALF)
    assert (answer["from"], answer["to"]) == HALF
    assert answer["items"] == answer["batches"] == answer["person_times"] == 0
    assert answer["on_time_rate"] == {
        "numerator": 0, "denominator": 0, "value": "—", "unit": "%", "weight": "items"
    }  # fmt: skip
    assert answer["days_to_answer"] == {"median": "—", "p90": "—"}
    assert answer["by_category"] == {}
    assert answer["previous"]["growth"]["items"]["value"] == "—"


async def test_everything_adds_up(figures: Figures, summary: Summary):
    await figures.tell(
        a_petition(1, category_code=None, purpose=Purpose.UNCERTAIN),
        a_petition(2, channel=Channel.LETTER, person_times=7, joint=True, repeat=True),
        a_visit(3, 12, division_code=OTHER_COUNTY, category_code="060402"),
        a_visit(4, 2, division_code=CITY, receiving_tier=2, origin=Origin.LEADER),
        a_petition(5, division_code="110101000000", channel=Channel.PHONE),
    )
    answer = await summary(*HALF)
    adds_up(answer)
    assert (answer["items"], answer["batches"], answer["person_times"]) == (5, 2, 23)
    assert answer["collective"] == {"items": 1, "person_times": 12}
    assert answer["individual"] == {"items": 4, "person_times": 11}
    assert answer["visits"] == {
        "batches": 2,
        "person_times": 14,
        "collective": {"items": 1, "person_times": 12},
        "individual": {"items": 1, "person_times": 2},
    }
    assert answer["repeat"] == {"items": 1, "person_times": 7}
    assert answer["by_category"]["none"]["name"] == "未确定"
    assert answer["by_category"]["060000"] == {
        "name": "教育文体", "items": 1, "person_times": 12, "batches": 1
    }  # fmt: skip
    assert {code: part["items"] for code, part in answer["by_division"].items()} == {
        CITY: 5,
    }
    assert answer["by_tier"]["3"]["name"] == "县级"
    adds_up(answer["previous"])


async def test_bounds_are_inclusive_and_by_date_of_receipt(figures: Figures, summary: Summary):
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    await figures.tell(*(a_petition(i, received_on=day) for i, day in enumerate(days)))
    assert (await summary(*HALF))["items"] == 2
    assert (await summary("2026-01-01", "2026-01-01"))["items"] == 1


async def test_answers_rates_and_days(figures: Figures, summary: Summary):
    waits = [3, 5, 5, 60, 61]
    for number, days in enumerate(waits):
        on = DAY + timedelta(days=days)
        await figures.tell(
            a_petition(number),
            a_duty(number, due_on=DAY + timedelta(days=60)),
            a_case(number, answered_on=on, closed_on=on),
        )
    late = a_duty(10, due_on=DAY + timedelta(days=60), state=State.OVERDUE)
    internal = {"kind": "handling_internal", "nature": "internal"}
    await figures.tell(
        *(a_petition(10), late),
        *(a_petition(11), a_duty(11, **internal), a_case(11, answered_on=DAY)),
        *(a_petition(12), a_case(12, answered_on=DAY)),
        *(a_petition(13), a_case(13, closed_on=DAY)),
        *(a_petition(14), a_duty(14, kind="D1", state=State.OVERDUE)),
    )
    answer = await summary(*HALF)
    adds_up(answer)
    assert (answer["items"], answer["answered"], answer["open"]) == (10, 7, 2)
    assert answer["closed_without_answer"] == 1
    assert answer["overdue_open"] == 2
    assert answer["answered_on_time"] == 5
    rates = {name: (rate["numerator"], rate["denominator"], rate["value"]) for name, rate in
             answer.items() if name.endswith("_rate")}  # fmt: skip
    assert rates == {
        "on_time_rate": (5, 6, 83.3),
        "due_on_time_rate": (5, 7, 71.4),
        "legal_on_time_rate": (4, 5, 80.0),
    }
    assert answer["days_to_answer"] == {"median": 5, "p90": 61}


async def test_the_same_period_last_year(figures: Figures, summary: Summary):
    """Printed: individual visits 173 items / 269 person-times against 142 / 218, collective visits
    69 batches / 1,120 person-times against 78 / 2,817."""
    this_year = visits(0, 173, 269) + visits(1000, 69, 1120, at_least=5)
    last_year = visits(2000, 142, 218) + visits(3000, 78, 2817, at_least=5)
    before = date(2025, 3, 3)
    await figures.tell(
        *(a_visit(number, people) for number, people in this_year),
        *(a_visit(number, people, received_on=before) for number, people in last_year),
    )
    answer = await summary("2026-01-01", "2026-12-31")
    previous = answer["previous"]
    assert (previous["from"], previous["to"]) == ("2025-01-01", "2025-12-31")
    assert answer["visits"]["individual"] == {"items": 173, "person_times": 269}
    assert answer["visits"]["collective"] == {"items": 69, "person_times": 1120}
    assert previous["visits"]["individual"] == {"items": 142, "person_times": 218}
    assert previous["visits"]["collective"] == {"items": 78, "person_times": 2817}
    assert previous["growth"]["items"] == {"difference": 22, "value": 10.0, "unit": "%"}
    assert previous["growth"]["person_times"]["difference"] == 1389 - 3035


async def test_the_printed_half_year_of_a_district_is_reproduced(
    figures: Figures, summary: Summary
):
    """Printed: 699 batches, 1,766 person-times; collective visits 58 batches / 868 person-times,
    individual visits 641 cases / 898 person-times."""
    told = visits(0, 58, 868, at_least=5) + visits(100, 641, 898)
    await figures.tell(*(a_visit(number, people) for number, people in told))
    answer = await summary(*HALF)
    adds_up(answer)
    assert (answer["batches"], answer["person_times"]) == (699, 1766)
    assert answer["collective"] == {"items": 58, "person_times": 868}
    assert answer["individual"] == {"items": 641, "person_times": 898}


async def test_letters_and_visits_are_never_one_number(figures: Figures, summary: Summary):
    """Printed: 515 letters and 6,477 person-times of visits, added up to 6,992. Items and
    person-times stay apart here, also where a letter has many names under it."""
    letters = [a_petition(n, channel=Channel.LETTER, person_times=1 + n % 3) for n in range(103)]
    await figures.tell(*letters, *(a_visit(n, 1 + n % 7) for n in range(200, 320)))
    answer = await summary(*HALF)
    channels = answer["by_channel"]
    assert channels["letter"]["items"] == 103
    assert channels["letter"]["person_times"] == sum(1 + n % 3 for n in range(103))
    assert channels["letter"]["batches"] == 0
    assert channels["visit"]["items"] == channels["visit"]["batches"] == answer["batches"] == 120
    assert answer["items"] == 223


async def test_person_times_by_receiving_tier(figures: Figures, summary: Summary):
    """Printed: person-times by receiving tier 1 + 421 + 2,525 = 2,947."""
    tiers = {1: 1, 2: 421, 3: 2525}
    await figures.tell(*(a_visit(t, n, receiving_tier=t) for t, n in tiers.items()))
    answer = await summary(*HALF)
    found = {int(tier): part["person_times"] for tier, part in answer["by_tier"].items()}
    assert found == tiers
    assert answer["person_times"] == 2947


async def test_a_year_of_a_township(figures: Figures, summary: Summary):
    """Printed: 38 items (land 10, civil relief 14, civil disputes 5, other 9), all in time."""
    sizes = {"020000": 10, "070000": 14, "080000": 5, "990000": 9}
    number = 0
    for code, items in sizes.items():
        for _ in range(items):
            number += 1
            await figures.tell(
                a_petition(number, category_code=code),
                a_duty(number),
                a_case(number, category_code=code, answered_on=DAY + timedelta(days=number)),
            )
    answer = await summary("2026-01-01", "2026-12-31")
    assert {code: part["items"] for code, part in answer["by_category"].items()} == sizes
    assert next(iter(answer["by_category"])) == "070000"
    assert answer["on_time_rate"]["value"] == 100.0
    assert answer["on_time_rate"]["denominator"] == 38


@pytest.mark.parametrize(
    ("asked", "items"),
    [
        ({"division": "4301"}, 3),
        ({"division": COUNTY}, 2),
        ({"division": "430000000000"}, 4),
        ({"organ": COUNTY_HOUSING}, 1),
        ({"category": "030000"}, 3),
        ({"category": "030600"}, 2),
        ({"category": "030601"}, 1),
        ({"channel": "letter"}, 1),
        ({"channel": "letter", "category": "060000"}, 0),
    ],
)
async def test_filters(figures: Figures, summary: Summary, asked: dict[str, str], items: int):
    await figures.tell(
        *(a_petition(1), a_case(1)),
        a_petition(2, category_code="030602", channel=Channel.LETTER),
        a_petition(3, category_code="030100", division_code=OTHER_COUNTY),
        a_petition(4, category_code="060402", division_code="430200000000"),
    )
    answer = await summary(*HALF, **asked)
    assert answer["items"] == items
    adds_up(answer)


async def test_parts_lie_one_level_below_what_was_asked(figures: Figures, summary: Summary):
    await figures.tell(
        a_petition(1),
        a_petition(2, division_code=OTHER_COUNTY),
        a_petition(3, division_code=CITY),
        a_petition(4, category_code=None),
    )
    answer = await summary(*HALF, division=CITY, category="030000")
    assert {code: part["items"] for code, part in answer["by_division"].items()} == {
        COUNTY: 1,
        OTHER_COUNTY: 1,
        CITY: 1,
    }
    assert list(answer["by_category"]) == ["030600"]
    assert (answer["division"], answer["division_name"]) == (CITY, "长沙市")


async def test_readers_see_their_own_divisions_only(figures: Figures):
    await figures.tell(
        *(a_petition(1), a_case(1)),
        a_petition(2),
        a_petition(3, division_code=OTHER_COUNTY),
        a_petition(4, division_code="110101000000"),
    )
    expected = {
        (Role.ANALYST, COUNTY_OFFICE): 3,
        (Role.SUPERVISOR, PROVINCE_OFFICE): 4,
        (Role.LEADER, f"{OTHER_COUNTY}-GOVERNMENT"): 1,
        (Role.HEAD, COUNTY_HOUSING): 1,
        (Role.OPERATOR, PROVINCE_OFFICE): 4,
    }
    for (role, organ), items in expected.items():
        headers = await figures.sut.login(role, organ)
        answer = await ask(figures, headers)
        assert answer.json()["items"] == items, role
        adds_up(answer.json())


async def test_a_foreign_division_is_not_found(figures: Figures):
    headers = await figures.sut.login(Role.ANALYST, COUNTY_OFFICE)
    for division in (OTHER_COUNTY, PROVINCE, "99"):
        answer = await ask(figures, headers, division=division)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.OFFICER, Role.CITIZEN, Role.AUDITOR])
async def test_other_roles_may_not_read_figures(figures: Figures, role: Role):
    headers = await figures.sut.login(role, COUNTY_OFFICE)
    assert (await ask(figures, headers)).status_code == 403
    assert (await ask(figures, {})).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "2026-07-01"},
        {"from": "soon"},
        {"division": "43010"},
        {"category": "0301"},
        {"category": "120199"},
        {"channel": "pigeon"},
    ],
)
async def test_bad_questions_are_refused(figures: Figures, wrong: dict[str, str]):
    headers = await figures.sut.login(Role.ANALYST, PROVINCE_OFFICE)
    assert (await ask(figures, headers, **wrong)).status_code == 422


@pytest.mark.parametrize("asked", [{}, {"channel": "online"}])
async def test_figures_that_do_not_add_up_are_never_shown(figures: Figures, asked: dict[str, str]):
    """The days of answers and the answers are kept apart; here one of them is damaged, in the sums
    kept ready and in the cells."""
    headers = await figures.sut.login(Role.ANALYST, PROVINCE_OFFICE)
    await figures.tell(a_petition(1), a_case(1, answered_on=DAY))
    assert await figures_are_wrong(figures.sut.service) is None
    await damage(figures, answered=0)
    answer = await ask(figures, headers, **asked)
    assert (answer.status_code, answer.json()["code"]) == (500, "figures_disagree")
    assert await figures_are_wrong(figures.sut.service) == "figures_disagree"


async def test_the_checker_finds_what_differs_from_the_facts_and_when_it_is_mended(
    figures: Figures,
):
    service = figures.sut.service
    headers = await figures.sut.login(Role.OPERATOR, PROVINCE_OFFICE)
    await figures.tell(
        *(a_visit(n, n + 1, received_on=DAY + timedelta(days=40 * n)) for n in range(4))
    )
    await check_everything(figures)
    assert await figures_are_wrong(service) is None
    await damage(figures, person_times=99)
    await check_everything(figures)
    assert await figures_are_wrong(service) == "figures_disagree"
    answer = await figures.sut.client.post("/analytics/v1/rebuilds", headers=headers)
    assert (answer.status_code, answer.json()) == (201, {"events": 4, "petitions": 4})
    await check_everything(figures)
    assert await figures_are_wrong(service) is None


async def test_a_command_reads_the_same_figures_without_a_server(
    figures: Figures, summary: Summary
):
    await figures.tell(a_visit(1, 6), a_petition(2))
    first, last = (date.fromisoformat(day) for day in HALF)
    settings = figures.sut.settings
    alone = await summary_without_server(settings, first, last, division=COUNTY)
    served = await summary(*HALF, division=COUNTY)
    assert alone | {"as_of": ""} == served | {"as_of": ""}


def visits(start: int, batches: int, people: int, *, at_least: int = 1) -> list[tuple[int, int]]:
    """(number, head-count) of so many visits with so many people together, as even as possible."""
    each, more = divmod(people, batches)
    assert each >= at_least
    return [(start + number, each + (number < more)) for number in range(batches)]


async def ask(figures: Figures, headers: dict[str, str], **asked: str) -> Any:
    params = {"from": HALF[0], "to": HALF[1]} | asked
    return await figures.sut.client.get("/analytics/v1/summary", params=params, headers=headers)


async def damage(figures: Figures, **values: int) -> None:
    async with figures.sut.service.database.writing() as session:
        await session.execute(update(COUNT).values(**values))
        other_days = func.replace(KEPT.c.sums, '"days":{"0":[1]', '"days":{"0":[2]')
        await session.execute(update(KEPT).values(sums=other_days))


async def check_everything(figures: Figures) -> None:
    while await check(figures.sut.service):
        pass
