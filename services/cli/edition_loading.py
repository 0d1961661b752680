"""From rule files to an edition of the platform: joined with the one in force, posted whole."""

from __future__ import annotations

import base64
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from services.cli.edition_files import in_own_lines, joined, within
from services.cli.platform import Platform, Refused
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Invalid
from shared.reference.calendar import read_calendar
from shared.reference.editions import Edition, Reference, in_force

EDITIONS: Final = "/routing/v1/editions"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a `load` is asked to do."""

    kind: str
    files: list[Path]
    effective_on: datetime | None
    remove: tuple[str, ...] = ()
    _: KW_ONLY
    whole: bool = False
    trial: bool = False


async def load_into(reached: Platform, wanted: Wanted, given: dict[str, str]) -> dict[str, Any]:
    """Publish the edition the files stand for, or try it out; what the platform answered.

    Raises Invalid for what it refuses, about the lines of the files given."""
    kind, clock = wanted.kind, SystemClock(reached.settings.zone)
    today = clock.today()
    day = wanted.effective_on.date() if wanted.effective_on else today
    base = await in_force_on(reached, kind, max(day, today))
    if kind == "divisions":
        root = (await reached.root_office()).split("-", 1)[0]
        (old,) = base.values()
        given = {name: within(text, root, old) for name, text in given.items()}
    files, removes = joined(kind, base, given, removes=wanted.remove, whole=wanted.whole)
    digest = Edition(kind, "", day, files).sha256
    if not wanted.trial:
        for known in await reached.call("GET", EDITIONS):
            if known["kind"] == kind and known["in_force"] and known["sha256"] == digest:
                return {**known, "published": False}
    # Of two editions effective on the same day the greater id is in force: the later one must win.
    edition = Edition(kind, f"{kind}-{clock.now():%Y%m%d%H%M%S}-{digest[:8]}", day, files)
    body = {
        "kind": kind,
        "edition_id": edition.edition_id,
        "effective_on": day.isoformat(),
        "content_xz_base64": base64.b64encode(edition.pack()).decode(),
        "removes": removes,
    }
    try:
        path = f"{EDITIONS}/trial" if wanted.trial else EDITIONS
        answer: dict[str, Any] = await reached.call("POST", path, json=body)
    except Refused as refused:
        raise Invalid(in_own_lines(refused.detail, kind, files, given)) from refused
    if wanted.trial:
        return answer
    await reached.settle()
    if kind == "calendar":
        answer["last_day"] = read_calendar(files["calendar.csv"]).last.isoformat()
    return answer | {"effective_on": day.isoformat()}


async def in_force_on(reached: Platform, kind: str, day: date) -> dict[str, str]:
    """The files of the edition that is in force on a day. Raises ValueError without one."""
    heads = [
        Edition(kind, each["edition_id"], date.fromisoformat(each["effective_on"]), {})
        for each in await reached.call("GET", EDITIONS)
        if each["kind"] == kind
    ]
    if not heads:
        raise ValueError(f"没有现行的 {kind} 版本")
    path = f"{EDITIONS}/{kind}/{in_force(heads, day)[kind].edition_id}"
    files: dict[str, str] = (await reached.call("GET", path))["files"]
    return files


async def reference_of(reached: Platform) -> Reference:
    """All editions in force."""
    chosen = {}
    for each in await reached.call("GET", EDITIONS):
        if each["in_force"]:
            kind, name = each["kind"], each["edition_id"]
            shown = await reached.call("GET", f"{EDITIONS}/{kind}/{name}")
            day = date.fromisoformat(each["effective_on"])
            chosen[kind] = Edition(kind, name, day, shown["files"])
    return Reference(chosen, root_division=(await reached.root_office()).split("-", 1)[0])
