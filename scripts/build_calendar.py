"""Write shared/reference/data/calendar.csv from the dev-only package `chinesecalendar`.

Run once a year when the package knows the State Council's notice for the next year:
    .venv/bin/python scripts/build_calendar.py
Only days that differ from Monday-Friday are written, and the first and last day known; days in
between follow the week. Afterwards give the [calendar] section of editions.toml a new id.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

from chinese_calendar import Holiday, constants

ADDED = {
    date(2005, 12, 31): (
        "makeup",
        "元旦",
        "国务院办公厅关于2006年部分节假日安排的通知：12月31日照常上班",
    ),
}
"""Days a notice moves across a new year and the package does not have: it knows whole years."""
TARGET = Path(__file__).resolve().parent.parent / "shared/reference/data/calendar.csv"
CHINESE = {holiday.value: holiday.chinese for holiday in Holiday}


def rows() -> list[tuple[date, str, str]]:
    """(day, kind, name of the holiday) of every day the file must hold."""
    found: dict[date, tuple[str, str]] = {}
    for day, name in constants.holidays.items():
        found[day] = ("holiday", CHINESE[name])
    for day, name in constants.workdays.items():
        if day.weekday() >= 5:  # noqa: PLR2004 - a listed Monday-Friday is an ordinary workday
            found[day] = ("makeup", CHINESE[name])
    last_year = max(day.year for day in constants.holidays)
    for bound in (date(min(found).year, 1, 1), date(last_year, 12, 31)):
        weekend = bound.weekday() >= 5  # noqa: PLR2004
        found.setdefault(bound, ("rest" if weekend else "workday", ""))
    return [(day, kind, name) for day, (kind, name) in sorted(found.items())]


def main() -> None:
    """Write the file and say what is in it."""
    written = rows()
    source = f"chinesecalendar {version('chinesecalendar')}"
    every = [(day, kind, name, source) for day, kind, name in written if day not in ADDED]
    every += [(day, *values) for day, values in ADDED.items()]
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("date", "kind", "name", "source"))
        for day, kind, name, said_by in sorted(every):
            writer.writerow((day.isoformat(), kind, name, said_by))
    known = (written[-1][0] - written[0][0]) / timedelta(days=1) + 1
    print(f"{TARGET.name}: {len(every)} rows, {known:.0f} days known")


if __name__ == "__main__":
    main()
