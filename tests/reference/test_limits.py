"""The limit table and the calendar file: selection and refusals."""

from __future__ import annotations

from datetime import date

import pytest

from shared.reference.calendar import CalendarUnreadable, packaged_calendar, read_calendar
from shared.reference.limits import (
    COLUMNS,
    LimitMissing,
    Limits,
    LimitsInvalid,
    packaged_limits,
    read_limits,
)
from shared.vocabulary.duties import DayKind, Nature, Unit

HEAD = ",".join(COLUMNS)
TODAY = date(2026, 11, 22)


def table(*rows: str) -> Limits:
    return read_limits("\n".join([HEAD, *rows]))


def chosen(limits: Limits, **changes: object) -> str:
    asked = {"division_code": "430121000000", "purpose": "claim", "source": "", "on": TODAY}
    return limits.select("D5", **(asked | changes)).limit_id  # type: ignore[arg-type]


NATION = "n,D5,,,,2022-05-01,,60,calendar,legal,no,30,,5;1,art,"
PROVINCE = "p,D5,43,,,2022-05-01,,50,calendar,legal,no,30,,5;1,art,"
COUNTY = "c,D5,430121,,,2022-05-01,2026-06-30,40,calendar,legal,no,30,,5;1,art,"
CLAIM = "k,D5,,claim,,2022-05-01,,55,calendar,legal,no,30,,5;1,art,"
BOARD = "b,D5,,,board,2022-05-01,,45,calendar,legal,no,30,,5;1,art,"


def test_the_most_specific_region_wins_then_the_source_then_the_purpose() -> None:
    limits = table(NATION, PROVINCE, COUNTY, CLAIM, BOARD)
    assert chosen(limits, on=date(2026, 6, 30)) == "c"
    assert chosen(limits) == "p"  # the county's row has ended
    assert chosen(limits, division_code="330100000000") == "k"
    assert chosen(limits, division_code="330100000000", source="board") == "b"
    assert chosen(limits, division_code=None, purpose="suggestion") == "n"


def test_no_row_in_force_is_a_typed_error() -> None:
    with pytest.raises(LimitMissing):
        chosen(table(COUNTY))
    with pytest.raises(LimitMissing):
        chosen(table(NATION), on=date(2022, 4, 30))


FAULTS = [
    (NATION, NATION.replace("n,", "m,", 1)),
    (NATION, NATION),
    (CLAIM, CLAIM.replace("k,", "m,", 1).replace("claim", "suggestion;claim")),
    (NATION.replace("60", "0"),),
    (NATION.replace("calendar", "weeks"),),
    (NATION.replace(",art,", ",,"),),
    (NATION.replace("60", ""),),
    (NATION.replace("2022-05-01", "2022-13-01"),),
    (NATION.replace(",no,", ",maybe,"),),
]


@pytest.mark.parametrize("rows", FAULTS)
def test_overlaps_and_malformed_rows_are_refused_at_load(rows: tuple[str, ...]) -> None:
    with pytest.raises(LimitsInvalid):
        table(*rows)


def test_the_same_duty_may_follow_itself_in_time() -> None:
    old = COUNTY.replace("c,", "old,", 1).replace("2022-05-01,2026-06-30", "2010-01-01,2022-04-30")
    assert chosen(table(old, COUNTY), on=date(2015, 1, 1)) == "old"


@pytest.mark.parametrize(
    ("kind", "length", "unit", "nature", "article"),
    [
        ("D1", 15, Unit.CALENDAR, Nature.LEGAL, "第二十二条"),
        ("D2", 15, Unit.CALENDAR, Nature.LEGAL, "第二十三条"),
        ("D3", 15, Unit.CALENDAR, Nature.LEGAL, "第二十三条第三款"),
        ("D4", 5, Unit.WORKING, Nature.WINDOW, "第二十三条第三款"),
        ("D5", 60, Unit.CALENDAR, Nature.LEGAL, "第三十四条"),
        ("raised", 10, Unit.CALENDAR, Nature.INTERNAL, "非法定"),
        ("reply", 60, Unit.CALENDAR, Nature.INTERNAL, "惯例，非法定"),
    ],
)
def test_the_packaged_limits_are_those_of_the_regulation(
    kind: str, length: int, unit: Unit, nature: Nature, article: str
) -> None:
    row = packaged_limits().select(
        kind, division_code="430121000000", purpose="claim", source="message-board", on=TODAY
    )
    assert (row.length, row.unit, row.nature) == (length, unit, nature)
    assert article in row.article


def test_only_claims_have_a_legal_handling_limit() -> None:
    for purpose in ("suggestion", "accusation", "uncertain"):
        with pytest.raises(LimitMissing):
            packaged_limits().select("D5", division_code=None, purpose=purpose, on=TODAY)


def test_days_without_a_row_follow_the_week() -> None:
    calendar = read_calendar(
        "date,kind,name,source\n2026-11-20,workday,,x\n2026-11-24,holiday,假日,x\n"
    )
    kinds = [calendar.kind_of(date(2026, 11, day)) for day in range(19, 26)]
    assert kinds == [
        None,
        DayKind.WORKDAY,
        DayKind.REST,
        DayKind.REST,
        DayKind.WORKDAY,
        DayKind.HOLIDAY,
        None,
    ]
    assert calendar.name_of(date(2026, 11, 24)) == "假日"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "date,kind\n",
        "date,kind,name,source\n",
        "date,kind,name,source\n2026-11-31,rest,,x\n",
        "date,kind,name,source\n2026-11-30,off,,x\n",
        "date,kind,name,source\n2026-11-30,rest,,x\n2026-11-30,rest,,x\n",
    ],
)
def test_a_malformed_calendar_is_refused(text: str) -> None:
    with pytest.raises(CalendarUnreadable):
        read_calendar(text)


def test_the_packaged_calendar_reaches_from_2004_to_2026() -> None:
    calendar = packaged_calendar()
    assert (calendar.first, calendar.last) == (date(2004, 1, 1), date(2026, 12, 31))
