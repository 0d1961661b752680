"""Nothing but invisible characters is not words, at every door."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.history.domain.mapping import RowRefused
from services.intake.history.use_cases.mappings import mapping_named
from services.intake.main import SPEC
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.intake.support import COUNTY_OFFICE, NAME, a_filing
from tests.intake.test_pushes import a_push, admit, push
from tests.support.service import ServiceUnderTest

UNSEEN = ["\u200b", "\u3164\u2800", "\U000e0100 \u2060", "\u115f\ufeff", "\u0336\u00ad"]
FIELDS = ["subject", "text", "place", "complained"]
OF_A_PERSON = ["name", "id_number", "phone", "email", "address"]


@pytest.fixture
async def intake(make_service: MakeService) -> ServiceUnderTest:
    return await make_service(SPEC)


def with_field(field: str, value: str) -> dict[str, Any]:
    if field in FIELDS:
        return a_filing(**{field: value})
    return a_filing(petitioners=[{"name": NAME}, {"name": "张三"} | {field: value}])


@pytest.mark.parametrize("field", FIELDS + OF_A_PERSON)
async def test_a_filing_without_visible_words_is_refused(
    intake: ServiceUnderTest, field: str
) -> None:
    named = field if field in FIELDS else f"petitioners.1.{field}"
    clerk = await intake.login(Role.REGISTRAR, COUNTY_OFFICE)
    for unseen in UNSEEN:
        body = with_field(field, unseen)
        for headers, told in (({}, body), (clerk, body | {"channel": "phone"})):
            answer = await intake.client.post("/intake/v1/petitions", json=told, headers=headers)
            assert answer.status_code == 422, (field, unseen, answer.text)
            assert answer.json()["field"] == named
            assert unseen not in answer.text


async def test_a_push_without_visible_words_is_refused(intake: ServiceUnderTest) -> None:
    secret = await admit(intake)
    for at, field in enumerate([*FIELDS, *OF_A_PERSON]):
        body = (
            a_push(**{field: UNSEEN[at % len(UNSEEN)]})
            if field in FIELDS
            else a_push(petitioners=[{"name": NAME} | {field: UNSEEN[at % len(UNSEEN)]}])
        )
        answer = await push(intake, secret, body, webhook_id=f"msg_{at}")
        assert answer.status_code == 422
        assert answer.json()["field"] in {field, f"petitioners.0.{field}"}


async def test_what_stands_beside_visible_words_is_kept(intake: ServiceUnderTest) -> None:
    body = a_filing(subject="路\u200b灯", text="坏\u3164了", petitioners=[{"name": "张\u200b三"}])
    answer = await intake.client.post("/intake/v1/petitions", json=body)
    assert answer.status_code == 201


@pytest.mark.parametrize("field", ["message_id", "subject", "text"])
def test_a_row_of_history_without_visible_words_is_refused(field: str) -> None:
    row = {"message_id": "1", "user": "u", "subject": "路灯", "text": "坏了"}
    row |= {"submitted_at": "2019-03-05T08:00:00+08:00"}
    assert mapping_named("message-board").read(row)
    for unseen in UNSEEN:
        with pytest.raises(RowRefused):
            mapping_named("message-board").read(row | {field: unseen})
