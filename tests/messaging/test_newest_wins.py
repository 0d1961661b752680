"""Of two events about one subject the one with the higher rank wins, at every consumer.

A service that was restored from a backup counts versions again, under a higher epoch. Each pair of
service and contract there is gets the same sequence of deliveries. A contract that is new here has
to be named below, or its consumers fail.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from services.deployment import SPECS
from shared.contracts.catalogue import BY_TYPE, CASE_EVENTS, DIGESTS, DUTY_EVENTS
from shared.contracts.envelope import Envelope, EventData
from shared.contracts.intake import (
    HistoryImportedV1,
    PetitionContentV1,
    PetitionRegisteredV1,
    PetitionSealedV1,
    PetitionWithdrawnV1,
)
from shared.contracts.papers import NoticeOwedV1, NoticeToldV1, PaperDeliveredV1
from shared.contracts.routing import (
    EditionPublishedV1,
    GrantKeyPublishedV1,
    PostChangedV1,
    QueueUnattendedV1,
)
from shared.kernel.ids import new_id
from shared.reference.editions import packaged_editions
from shared.runtime.service import ServiceSpec
from tests.conftest import MakeService
from tests.support.service import ServiceUnderTest

SAMPLES = Path(__file__).parents[1] / "contracts" / "samples"
ACCUSED = "430104000000-HOUSING"
LATER = "2031-05-06T00:00:00Z"
Change = Callable[[dict[str, Any]], None]
"""Puts other facts about the same subject into an event's data."""


def _in(part: str, **facts: Any) -> Change:
    return lambda data: data[part].update(facts)


def _all(**facts: Any) -> Change:
    return lambda data: data.update(facts)


def _edition(data: dict[str, Any]) -> None:
    data.update(edition(note="other"))


CHANGES: Final[Mapping[type[EventData], Change]] = {
    PetitionRegisteredV1: _in("petition", complained_organ=ACCUSED, person_times=77),
    HistoryImportedV1: _in("petition", complained_organ=ACCUSED, person_times=77),
    PetitionContentV1: _all(title="换过的题目"),
    PetitionSealedV1: _all(opener="430100000000-PETITION"),
    PetitionWithdrawnV1: _all(withdrawn_on="2026-03-01", revocable_until="2026-03-31"),
    PostChangedV1: _in("post", valid_to=LATER),
    EditionPublishedV1: _edition,
    GrantKeyPublishedV1: _all(valid_to=LATER),
    QueueUnattendedV1: _all(waits=False),
    **dict.fromkeys(CASE_EVENTS, _in("case", hidden_from=ACCUSED)),
    **dict.fromkeys(DUTY_EVENTS, _in("duty", due_on="2031-05-06")),
}
"""What is true until something newer is told."""
ONCE: Final[Mapping[type[EventData], str]] = {
    NoticeOwedV1: "a paper is written once; a new one has a new id",
    NoticeToldV1: "a paper that reached the petitioner did so for ever",
    PaperDeliveredV1: "the same, told by intake",
    **dict.fromkeys(DIGESTS.values(), "the row of the inbox is the record, hour by hour"),
}
"""What happens once and is never told otherwise, with why."""
FIRST: Final[Mapping[type[EventData], Change]] = {
    QueueUnattendedV1: _all(waits=True),
    PetitionSealedV1: _all(opener="430000000000-PETITION"),
}
"""What the sample lacks so that an older event could undo a newer one."""
MACHINERY = ("outbox", "inbox", "stream", "lease", "meta", "audit", "audit_seal")
PAIRS = [
    pytest.param(spec, BY_TYPE[kind], id=f"{spec.name}-{kind}")
    for spec in SPECS
    for kind in sorted(spec.subscriptions.types)
]


def edition(*, note: str) -> dict[str, Any]:
    """The data of an edition of the limits that only this test knows."""
    (limits,) = [each for each in packaged_editions() if each.kind == "limits"]
    files = {name: text + f"# {note}\n" for name, text in limits.files.items()}
    published = type(limits)("limits", "limits-of-a-test", date(2031, 1, 1), files)
    return {
        "kind": "limits", "edition_id": published.edition_id, "effective_on": "2031-01-01",
        "sha256": published.sha256,
        "content_xz_base64": base64.b64encode(published.pack()).decode(),
    }  # fmt: skip


def envelope(contract: type[EventData], change: Change | None, rank: tuple[int, int]) -> Envelope:
    """The stored sample of a contract under a rank, with other facts or without."""
    sample = json.loads((SAMPLES / f"{contract.TYPE}.json").read_text("utf-8"))
    data = copy.deepcopy(sample["data"])
    if contract is EditionPublishedV1:
        data.update(edition(note="first"))
    if first := FIRST.get(contract):
        first(data)
    if change is not None:
        change(data)
    return Envelope.model_validate(
        sample | {"id": new_id(), "data": data, "epoch": rank[0], "sequence": rank[1]}
    )


async def stored(sut: ServiceUnderTest) -> dict[str, list[str]]:
    """Every row of the service's own tables, as text."""
    found = {}
    async with sut.service.database.reading() as session:
        for name, table in sut.service.spec.metadata.tables.items():
            if name not in MACHINERY:
                rows = await session.execute(select(table))
                found[name] = sorted(str(tuple(row)) for row in rows)
    return found


def test_every_contract_is_named() -> None:
    taken = {BY_TYPE[kind] for spec in SPECS for kind in spec.subscriptions.types}
    assert taken <= {*CHANGES, *ONCE}


@pytest.mark.parametrize(("spec", "contract"), PAIRS)
async def test_the_higher_epoch_wins_whatever_the_version(
    make_service: MakeService, spec: ServiceSpec, contract: type[EventData]
) -> None:
    sut = await make_service(spec)
    change = CHANGES.get(contract)
    await sut.deliver(envelope(contract, None, (1, 1)), envelope(contract, None, (1, 2)))
    first = await stored(sut)

    newer = envelope(contract, change, (2, 1))
    await sut.deliver(newer)
    second = await stored(sut)
    assert (second != first) is (contract in CHANGES), "a higher epoch with a lower version"

    again = newer.model_copy(update={"id": new_id()})
    await sut.deliver(newer, again)
    assert await stored(sut) == second, "a repeat"

    await sut.deliver(envelope(contract, None, (1, 3)))
    assert await stored(sut) == second, "an older epoch with a higher version"
    assert set(await sut.inbox_states()) == {"done"}
