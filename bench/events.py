"""Events as a busy day brings them: the stored samples with new ids, places, categories and days,
so that nothing is due yet."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import written
from shared.contracts.intake import PetitionContentV1, PetitionRegisteredV1
from shared.contracts.routing import CaseReferredV1
from shared.contracts.supervision import DutyStartedV1
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id

SAMPLES = Path(__file__).parents[1] / "tests" / "contracts" / "samples"
PLACES = ("430104", "430105", "430121", "430211", "430302", "430405", "430503", "430602")
CATEGORIES = ("010000", "020000", "030000", "030601", "040000", "050000")
SHARED = ("number", "matter_id", "division_code", "received_by", "received_on")
MONTH = timedelta(days=30)
CHANNELS = ("letter", "visit", "phone", "fax", "online")

Made = tuple[Any, str, str, str]
"""(id, type, subject, envelope) of an event: a row of an outbox."""


def contents(count: int) -> Iterator[Made]:
    """What routing opens cases of: the masked words of so many petitions."""
    sample = _sample(PetitionContentV1.TYPE)
    for number in range(count):
        petition = _petition(sample["petition"])
        place = petition["division_code"]
        words = {"title": f"{sample['title']}（{number}）", "text": f"{number}：{sample['text']}"}
        data = sample | words | {"petition": petition, "place": place, "sealed_id": None}
        yield _made(PetitionContentV1.TYPE, data, petition["petition_id"])


def lives(count: int, *, duties: bool) -> Iterator[Made]:
    """Petitions registered and referred, with `duties` also their duties started, one by one."""
    registered, referred = _sample(PetitionRegisteredV1.TYPE), _sample(CaseReferredV1.TYPE)
    started = _sample(DutyStartedV1.TYPE)
    today = SystemClock().today()
    made = 0
    while made < count:
        petition = _petition(registered["petition"])
        petition_id, case_id = petition["petition_id"], str(new_id())
        same = {name: petition[name] for name in SHARED}
        handover = referred["case"]["referrals"][0]
        handover |= {"referred_on": str(today), "assigned_due_on": str(today + MONTH)}
        same |= {"decided_on": str(today), "referrals": [handover]}
        case = referred["case"] | same | {"case_id": case_id, "petition_ids": [petition_id]}
        duty = started["duty"] | {"case_id": case_id, "petition_ids": [petition_id]}
        duty |= {"started_on": str(today), "due_on": str(today + MONTH)}
        duty |= {"duty_id": str(new_id()), "subject_id": case_id}
        steps = [
            (PetitionRegisteredV1.TYPE, {"petition": petition}, petition_id),
            (CaseReferredV1.TYPE, {"case": case}, case_id),
        ]
        if duties:
            steps.append((DutyStartedV1.TYPE, {"duty": duty}, duty["duty_id"]))
        for step in steps[: count - made]:
            yield _made(*step)
        made += len(steps)


def _petition(sample: dict[str, Any]) -> dict[str, Any]:
    place = random.choice(PLACES)
    number = f"{place}-260316-{new_id().hex[-9:]}"
    return sample | {
        "number": number, "petition_id": str(new_id()), "matter_id": str(new_id()),
        "channel": random.choice(CHANNELS), "category_code": random.choice(CATEGORIES),
        "division_code": f"{place}000000", "received_by": f"{place}000000-PETITION",
        "complained_organ": None,
        "received_on": str(SystemClock().today() - timedelta(days=random.randrange(5))),
    }  # fmt: skip


def _sample(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / f"{kind}.json").read_text(encoding="utf-8"))
    data: dict[str, Any] = found["data"]
    return data


def _made(kind: str, data: dict[str, Any], subject_id: str) -> Made:
    event = BY_TYPE[kind].model_validate(data)
    event_id, subject = new_id(), f"{event.SUBJECT}/{subject_id}"
    text = written(
        event, event_id=event_id, subject=subject, time=SystemClock().now(), sequence=1, epoch=1,
        partitionkey=str(event.matter() or subject), correlationid=str(new_id()), causationid=None,
    )  # fmt: skip
    return event_id, kind, subject, text
