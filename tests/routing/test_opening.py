"""Content events open cases: decision stored, facts published, nothing twice."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest

from services.routing.main import SPEC
from shared.contracts.intake import PetitionSealedV1
from shared.contracts.routing import CaseImportedV1, CaseOpenedV1, CaseReferredV1
from shared.vocabulary.petitions import Purpose
from shared.vocabulary.posts import Role
from tests.routing.making import (
    CHANGSHA,
    COUNTY,
    COUNTY_OFFICE,
    HOUSING,
    ROOT_OFFICE,
    content,
    history,
)
from tests.support.service import ServiceUnderTest


@pytest.fixture
async def routing(make_service: Any) -> ServiceUnderTest:
    service: ServiceUnderTest = await make_service(SPEC)
    return service


def told(routing: ServiceUnderTest, data: Any, **extra: Any) -> Any:
    return routing.envelope(data, subject_id=data.petition.petition_id, **extra)


async def test_a_petition_opens_a_case_at_the_competent_organ(routing: ServiceUnderTest) -> None:
    data = content()
    envelope = told(routing, data)
    await routing.deliver(envelope)
    (event,) = await routing.recorded()
    assert event.type == CaseReferredV1.TYPE
    assert (event.sequence, event.causationid) == (1, str(envelope.id))
    assert event.correlationid == envelope.correlationid
    facts = CaseReferredV1.model_validate(event.data).case
    assert facts.petition_ids == [data.petition.petition_id]
    assert facts.received_by_petition_office
    assert facts.decided_on == date(2026, 3, 2)
    assert [r.organ_code for r in facts.referrals] == [HOUSING]
    assert facts.editions["divisions"]


async def test_events_carry_no_words_of_the_petition(routing: ServiceUnderTest) -> None:
    await routing.deliver(told(routing, content("长沙县某小区漏水", text="独一无二的内容")))
    assert all("独一无二" not in event.to_json() for event in await routing.recorded())
    assert all("漏水" not in event.to_json() for event in await routing.recorded())


async def test_the_same_event_again_opens_nothing(routing: ServiceUnderTest) -> None:
    data = content()
    first = told(routing, data)
    await routing.deliver(first)
    await routing.deliver(first)
    await routing.deliver(told(routing, data, sequence=1))
    assert len(await routing.recorded()) == 1
    assert await routing.inbox_states() == {"done": 2}


async def test_what_is_unclear_waits_for_a_person_with_its_reason(
    routing: ServiceUnderTest,
) -> None:
    data = content("朝阳区停水")
    await routing.deliver(told(routing, data))
    (event,) = await routing.recorded()
    assert event.type == CaseOpenedV1.TYPE
    assert event.data["case"]["needs_person_reason"] == "place_ambiguous"
    head = await routing.login(Role.HEAD, CHANGSHA)
    answer = await routing.client.get("/routing/v1/needs-person", headers=head)
    (item,) = answer.json()["items"]
    assert (item["kind"], item["detail"]) == ("case", data.petition.number)
    other = await routing.login(Role.HEAD, HOUSING)
    answer = await routing.client.get("/routing/v1/needs-person", headers=other)
    assert answer.json()["items"] == []


async def test_a_batch_opens_each_matter_once(routing: ServiceUnderTest) -> None:
    matter = uuid.uuid4()
    batch = [
        content(matter_id=matter),
        content(matter_id=matter),
        content("长沙县修路"),
        content("某某停水"),
    ]
    await routing.deliver(*(told(routing, data) for data in batch))
    events = await routing.recorded()
    assert len(events) == 3
    joined = next(e for e in events if e.data["case"]["matter_id"] == str(matter))
    assert len(joined.data["case"]["petition_ids"]) == 2


async def test_a_further_petition_joins_the_case_of_its_matter(routing: ServiceUnderTest) -> None:
    first = content()
    await routing.deliver(told(routing, first))
    second = content(matter_id=first.petition.matter_id)
    await routing.deliver(told(routing, second))
    opened, joined = await routing.recorded()
    assert (opened.subject, opened.sequence) == (joined.subject, joined.sequence - 1)
    assert len(joined.data["case"]["petition_ids"]) == 2
    assert joined.data["case"]["referrals"] == opened.data["case"]["referrals"]


async def test_newer_words_replace_older_and_never_the_other_way(
    routing: ServiceUnderTest,
) -> None:
    data = content()
    await routing.deliver(told(routing, data))
    newer = content("长沙县新标题", petition_id=data.petition.petition_id).model_copy(
        update={"petition": data.petition}
    )
    await routing.deliver(told(routing, newer, sequence=3))
    older = newer.model_copy(update={"title": "长沙县旧标题"})
    await routing.deliver(told(routing, older, sequence=2))
    headers = await routing.login(Role.OFFICER, HOUSING)
    shown = await routing.client.get("/routing/v1/cases", headers=headers)
    assert [item["title"] for item in shown.json()["items"]] == ["长沙县新标题"]
    assert len(await routing.recorded()) == 1


@pytest.mark.parametrize("answered_on", [None, date(2019, 6, 1)])
async def test_history_opens_in_its_end_state(
    routing: ServiceUnderTest, answered_on: date | None
) -> None:
    data = content(received_on=date(2019, 4, 1), history=history(answered_on))
    await routing.deliver(told(routing, data))
    (event,) = await routing.recorded()
    assert event.type == CaseImportedV1.TYPE
    facts = CaseImportedV1.model_validate(event.data).case
    assert facts.decision_kind == "imported"
    assert facts.history is not None
    assert facts.closed_on == answered_on
    assert str(facts.state) == ("closed" if answered_on else "referred")
    assert facts.referrals[0].organ_code == HOUSING
    assert facts.referrals[0].accepted_on is None


async def test_unroutable_history_rests_with_who_received_it(routing: ServiceUnderTest) -> None:
    await routing.deliver(told(routing, content("停水", history=history(None))))
    (event,) = await routing.recorded()
    facts = CaseImportedV1.model_validate(event.data).case
    assert facts.referrals[0].organ_code == CHANGSHA
    assert facts.referrals[0].organ_division == "430100000000"
    assert facts.needs_person_reason is None


async def test_the_place_of_history_may_rest_on_its_title_alone(routing: ServiceUnderTest) -> None:
    texts = [content("停水", text="长沙县星沙街道的路坏了。", history=history(None)) for _ in "12"]
    texts[1] = texts[1].model_copy(update={"located_by_subject_alone": True})
    await routing.deliver(*(told(routing, each) for each in texts))
    by_text, by_title = [e.data["case"]["division_code"] for e in await routing.recorded()]
    assert by_text.startswith("430121")
    assert by_title is None


async def test_an_organ_that_is_no_petition_office_owes_what_it_received(
    routing: ServiceUnderTest,
) -> None:
    await routing.deliver(told(routing, content("停水", received_by=HOUSING)))
    await routing.deliver(told(routing, content(received_by=HOUSING)))
    waiting, own = [e.data["case"] for e in await routing.recorded()]
    assert not waiting["received_by_petition_office"]
    assert (own["decision_kind"], own["referrals"][0]["kind"]) == ("own", "own")
    head = await routing.login(Role.HEAD, COUNTY_OFFICE)
    answer = await routing.client.get("/routing/v1/needs-person", headers=head)
    assert len(answer.json()["items"]) == 1


@pytest.mark.parametrize("purpose", [Purpose.UNCERTAIN, Purpose.ACCUSATION])
async def test_an_unsealed_item_still_needs_a_person(
    routing: ServiceUnderTest, purpose: Purpose
) -> None:
    await routing.deliver(told(routing, content(purpose=purpose)))
    (event,) = await routing.recorded()
    assert event.type == CaseOpenedV1.TYPE
    assert event.data["case"]["division_code"].startswith(COUNTY[:6])


def sealed(sealed_id: uuid.UUID) -> PetitionSealedV1:
    return PetitionSealedV1(sealed_id=sealed_id, sealed_class="accusation_declared", level=3)


async def queue_of(routing: ServiceUnderTest, organ: str) -> list[dict[str, Any]]:
    headers = await routing.login(Role.HEAD, organ)
    answer = await routing.client.get("/routing/v1/needs-person", headers=headers)
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_sealed_item_is_only_known_to_wait(routing: ServiceUnderTest) -> None:
    sealed_id = uuid.uuid4()
    event = routing.envelope(sealed(sealed_id), subject_id=sealed_id)
    await routing.deliver(event, event)
    (item,) = await queue_of(routing, ROOT_OFFICE)
    assert (item["kind"], item["reason"], item["item_id"]) == ("sealed", "sealed", str(sealed_id))
    assert await queue_of(routing, CHANGSHA) == []
    assert await routing.recorded() == []


@pytest.mark.parametrize("sealed_first", [True, False])
async def test_unsealing_takes_it_off_the_queue_in_any_order(
    routing: ServiceUnderTest, *, sealed_first: bool
) -> None:
    sealed_id = uuid.uuid4()
    kept = routing.envelope(sealed(sealed_id), subject_id=sealed_id)
    opened = told(routing, content(sealed_id=sealed_id))
    for event in (kept, opened) if sealed_first else (opened, kept):
        await routing.deliver(event)
    assert await queue_of(routing, ROOT_OFFICE) == []
    assert len(await routing.recorded()) == 1
