"""Days as people's programs write them. What could mean two days, or needs a guess, is no day."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from datetime import time as time_of_day

EARLIEST_YEAR = 1949
"""Earlier years stand for "none" in old databases (1900-01-01, 0001-01-01)."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[-+]\d\d:\d\d)?)?", re.ASCII)
"""What programs write to each other, most rows by far; the standard library reads it fastest."""
_DAY = re.compile(
    r"(?P<year>\d{4})(?:"
    r"(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)"
    r"|\s?年\s?(?P<month_cn>\d{1,2})\s?月\s?(?P<day_cn>\d{1,2})\s?[日号]"
    r"|(?P<month_basic>\d\d)(?P<day_basic>\d\d)(?=\d{6}$|\D|$))",
    re.ASCII,
)
_TIME = re.compile(
    r"(?P<half>上午|下午)?\s?(?P<hour>\d{1,2})(?::|\s?[时点]\s?)(?P<minute>\d{1,2})?"
    r"(?:(?::|\s?分\s?)(?P<second>\d{1,2})(?:[.,]\d{1,9})?\s?秒?|\s?分)?(?P<half_en>\s?[AaPp][Mm])?"
    r"(?P<zone>\s?(?:[Zz]|[-+]\d\d:?(?:\d\d)?))?"
    r"|(?P<hour_basic>\d\d)(?:(?P<minute_basic>\d\d)(?:(?P<second_basic>\d\d)(?:[.,]\d{1,9})?)?)?"
    r"(?P<zone_basic>[Zz]|[-+]\d\d:?(?:\d\d)?)?",
    re.ASCII,
)
_BETWEEN = re.compile(r"\s?T|\s+|(?<=[日号])|(?<=\d{8})(?=\d{6}$)", re.ASCII)


def day_written(written: str, zone: tzinfo) -> date:
    """The day that is written: year, month, day in this order, also with a time of day. A time
    with Z or an offset is an instant, and the day is the one `zone` had then.

    Raises ValueError for anything else: a count of days, a week, the month first, a day that
    was not."""
    text = written.strip()
    try:
        if _ISO.fullmatch(text):
            day = _local(datetime.fromisoformat(text), zone)
        else:
            day = _otherwise(text if text.isascii() else unicodedata.normalize("NFKC", text), zone)
    except OverflowError as error:
        raise ValueError from error
    if day.year < EARLIEST_YEAR:
        raise ValueError
    return day


def _local(moment: datetime, zone: tzinfo) -> date:
    return (moment.astimezone(zone) if moment.tzinfo else moment).date()


def _otherwise(text: str, zone: tzinfo) -> date:
    found = _DAY.match(text)
    if not found:
        raise ValueError
    numbers = _numbers(found, "month", "day")
    day = date(int(found["year"]), numbers["month"], numbers["day"])
    if found.end() == len(text):
        return day
    between = _BETWEEN.match(text, found.end())
    time = _TIME.fullmatch(text, between.end()) if between else None
    if not time:
        raise ValueError
    clock = _numbers(time, "hour", "minute", "second")
    local = datetime.combine(day, time_of_day(clock["hour"], clock["minute"], clock["second"]))
    offset = (time["zone"] or time["zone_basic"] or "").strip()
    if offset and (time["half"] or time["half_en"]):
        raise ValueError
    return _local(local.replace(tzinfo=_zone(offset)) if offset else local, zone)


def _numbers(found: re.Match[str], *names: str) -> dict[str, int]:
    """Values of groups by the name they have in one of the ways to write them; 0 for none."""
    groups = found.groupdict()
    return {
        name: int(
            next(filter(None, (groups.get(f"{name}{way}") for way in ("", "_cn", "_basic"))), 0)
        )
        for name in names
    }


def _zone(offset: str) -> tzinfo:
    if offset in "Zz":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[3:].lstrip(":") or 0)
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if offset[0] == "-" else ahead)
