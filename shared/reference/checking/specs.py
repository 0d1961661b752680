"""The files of every kind of edition: columns, what each may hold, and what names a row."""

from __future__ import annotations

from typing import Final

from shared.reference.checking.columns import (
    anything,
    day,
    maybe,
    one_of,
    several,
    shaped,
    whole,
    words,
)
from shared.reference.checking.tables import TableSpec
from shared.reference.competence import Guide
from shared.reference.organ_files import led_by
from shared.vocabulary.duties import DayKind, Nature, Stop, Unit

PURPOSES: Final = ("suggestion", "accusation", "claim", "uncertain")
HANDOVERS: Final = ("transfer", "assignment", "own", "guide", "review", "re_review")
LEVELS: Final = ("province", "prefecture", "county", "township")
MOST_DAYS: Final = 3650
_YES = one_of(("yes", "no"))
_KIND = shaped(r"[A-Z][A-Z_]{1,26}", "机关类型代码（大写字母和下划线，至多 27 个）")
_CATEGORY = shaped(r"(?!00)[0-9]{6}", "六位分类代码")
_ORGAN = shaped(r"[0-9]{12}-[A-Z][A-Z_]{1,26}", "机关代码（12 位区划代码-机关类型）")

LIMITS: Final = TableSpec(
    "limits.csv",
    {
        "limit_id": shaped(r"[!-~]{1,40}", "编号（至多 40 个字母、数字或符号）"),
        "kind": words(30),
        "region": maybe(shaped(r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}", "区划代码")),
        "purpose": several(one_of(PURPOSES)),
        "source": maybe(shaped(r"[A-Za-z0-9_-]{1,40}", "来源名称")),
        "effective_from": day,
        "effective_to": maybe(day),
        "length": maybe(whole(1, MOST_DAYS)),
        "unit": one_of([each.value for each in Unit]),
        "nature": one_of([each.value for each in Nature]),
        "roll": _YES,
        "extension_days": whole(0, MOST_DAYS),
        "stops": several(one_of([each.value for each in Stop])),
        "warn_days": several(whole(1, MOST_DAYS)),
        "article": words(200),
        "note": maybe(words(300)),
    },
    ("limit_id",),
)
CALENDAR: Final = TableSpec(
    "calendar.csv",
    {
        "date": day,
        "kind": one_of([each.value for each in DayKind]),
        "name": maybe(words(40)),
        "source": maybe(words(300)),
    },
    ("date",),
)
CATEGORIES: Final = TableSpec(
    "categories.csv",
    {
        "code": _CATEGORY,
        "name": words(40),
        "assigned": one_of(("", "parent", "row")),
        "source": maybe(words(300)),
    },
    ("code",),
)
COMPETENCE: Final = TableSpec(
    "competence.csv",
    {
        "category": _CATEGORY,
        "level": one_of(("", *LEVELS)),
        "kind": _KIND,
        "lowest_level": one_of(LEVELS),
        "guide": one_of(("", *(each.value for each in Guide))),
        "note": maybe(words(300)),
        "source": words(300),
    },
    ("category", "level"),
)
ORGAN_KINDS: Final = TableSpec(
    "organ_kinds.csv",
    {
        "kind": _KIND,
        **dict.fromkeys(
            ("province", "prefecture", "county", "district", "township", "street"),
            maybe(words(80)),
        ),
        "superior": anything,
        "falls_to": anything,
        "vertical": _YES,
        "led_by": maybe(_KIND),
        "route": one_of(("handle", "guide")),
        "petition_office": _YES,
        "valid_from": maybe(day),
        "valid_to": maybe(day),
        "successor": anything,
        "source": words(300),
    },
    ("kind",),
    {"led_by": led_by},
)
ORGAN_EXCEPTIONS: Final = TableSpec(
    "organ_exceptions.csv",
    {
        "organ_code": shaped(r"[0-9]{12}-(\*|[A-Z][A-Z_]{1,26})", "机关代码，或 12 位区划代码-*"),
        "exists": _YES,
        "name": maybe(words(80)),
        "superior": maybe(_ORGAN),
        "successor": maybe(_ORGAN),
        "valid_from": maybe(day),
        "valid_to": maybe(day),
        "source": words(300),
        "mark": maybe(shaped(r"[\u4e00-\u9fff]{1,12}", "机关代字（1 至 12 个汉字）")),
    },
    ("organ_code",),
    {"mark": lambda _: ""},
)
TABLES: Final = {
    spec.name: spec
    for spec in (LIMITS, CALENDAR, CATEGORIES, COMPETENCE, ORGAN_KINDS, ORGAN_EXCEPTIONS)
}
FILES: Final = {
    "divisions": ("divisions.csv",),
    "organs": ("organ_kinds.csv", "organ_exceptions.csv"),
    "categories": ("categories.csv",),
    "competence": ("competence.csv",),
    "calendar": ("calendar.csv",),
    "limits": ("limits.csv",),
    "casework": ("casework.toml",),
}
