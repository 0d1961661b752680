"""Papers owed: what intake is told of them, and what comes back."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import httpx
import pytest

from services.routing.main import SPEC
from shared.contracts.catalogue import CASE_EVENTS
from shared.contracts.papers import NoticeOwedV1, NoticeToldV1, PaperDeliveredV1
from shared.papers.filling import compose
from shared.papers.kinds import packaged_templates
from shared.vocabulary.petitions import Purpose
from tests.routing.making import CHANGSHA, COUNTY, HOUSING, TODAY
from tests.routing.test_casework_api import ANSWER, Desk
from tests.routing.test_papers_api import OPINION


@pytest.fixture
async def desk(make_service: Any) -> Desk:
    return Desk(await make_service(SPEC))


async def owed(desk: Desk) -> list[NoticeOwedV1]:
    found = await desk.service.recorded(NoticeOwedV1)
    return [NoticeOwedV1.model_validate(each.data) for each in found]


async def hear(desk: Desk, notice: NoticeOwedV1, **values: Any) -> None:
    """Intake's report of a delivery."""
    paper = notice.paper
    plain = {
        "paper_id": uuid.uuid4(), "notice_id": paper.notice_id, "case_id": paper.case_id,
        "petition_id": paper.petition_ids[0], "ordinal": paper.ordinal, "method": "post",
        "refused": False, "proof": "XA1", "sha256": None, "delivered_on": TODAY,
        "person": "o-1", "outstanding": 0,
    }  # fmt: skip
    event = PaperDeliveredV1.model_validate(plain | values)
    await desk.service.deliver(desk.service.envelope(event, subject_id=event.paper_id))
    assert set(await desk.service.inbox_states()) == {"done"}


async def test_the_words_of_a_paper_can_be_set_from_the_event_alone(desk: Desk) -> None:
    await desk.receive()
    await desk.act("acceptance", HOUSING)
    await desk.act("answer", HOUSING, **OPINION)
    accepted, opinion = await owed(desk)
    assert (accepted.title, accepted.paper.owed_always) == ("信访事项受理告知书", False)
    assert (opinion.title, opinion.paper.owed_always) == ("信访事项处理意见书", True)
    for notice in (accepted, opinion):
        template = packaged_templates()[notice.template or ""]
        assert notice.template_sha256 == template.sha256
        assert notice.paper.number in str(compose(template.read(), notice.values))
    envelopes = await desk.service.recorded(NoticeOwedV1)
    assert [(e.subject, e.sequence) for e in envelopes] == [
        (f"notice/{notice.paper.notice_id}", 1) for notice in (accepted, opinion)
    ]


async def test_what_no_template_can_take_is_written_by_hand(desk: Desk) -> None:
    await desk.receive()
    await desk.act("acceptance", HOUSING)
    await desk.act("answer", HOUSING, **ANSWER)
    _, opinion = await owed(desk)
    assert (opinion.template, opinion.template_sha256, opinion.values) == (None, None, {})
    assert opinion.title == "信访事项处理意见书"


async def test_words_no_paper_can_show_are_refused_with_their_place(desk: Desk) -> None:
    await desk.receive()
    await desk.act("acceptance", HOUSING)
    answered = await desk.act("answer", HOUSING, **OPINION | {"facts": "经查\u202e属实"})
    assert answered.status_code == 422
    assert answer_errors(answered) == [("facts", "text_character", 3, "U+202E")]


def answer_errors(answer: httpx.Response) -> list[tuple[Any, ...]]:
    names = ("field", "kind", "place", "character")
    return [tuple(each.get(name) for name in names) for each in answer.json()["errors"]]


async def test_a_reply_to_a_suggestion_and_a_guided_person(desk: Desk) -> None:
    await desk.receive(purpose=Purpose.SUGGESTION)
    await desk.act("acceptance", HOUSING)
    await desk.act("answer", HOUSING, **ANSWER | {"opinion": "adopted"})
    assert (await owed(desk))[-1].title == "建议意见答复书"
    await desk.receive("停水")
    await desk.act(
        "decision", CHANGSHA, kind="guide", note="民事纠纷", organ_code=f"{COUNTY}-COURT",
        route="litigation",
    )  # fmt: skip
    await desk.act("delivery", CHANGSHA, method="in_person")
    guided = (await owed(desk))[-1]
    assert (guided.title, guided.template) == ("依法分类处理（引导）告知书", "guidance")
    (told,) = await desk.service.recorded(NoticeToldV1)  # the act itself was the telling
    assert told.data["paper"]["notice_id"] == str(guided.paper.notice_id)


async def test_an_opinion_told_before_leaves_the_others_alone(desk: Desk) -> None:
    """The paper is told by hand, then the delivery itself is recorded: one opinion, one telling."""
    await desk.receive()
    await desk.act("acceptance", HOUSING)
    await desk.act("answer", HOUSING, **OPINION)
    await desk.act("notices/2/delivery", HOUSING, method="in_person")
    closed = await desk.act("delivery", HOUSING, method="post")
    assert closed.json()["state"] == "closed"
    notices = (await desk.get(f"/cases/{desk.case_id}", HOUSING)).json()["notices"]
    assert [(each["kind"], each["method"]) for each in notices] == [
        ("acceptance", None), ("opinion", "in_person"),
    ]  # fmt: skip
    assert len(await desk.service.recorded(NoticeToldV1)) == 1


async def test_reports_that_change_nothing(desk: Desk) -> None:
    await desk.receive()
    await desk.act("acceptance", HOUSING)
    (notice,) = await owed(desk)
    before = len(await desk.service.recorded(*CASE_EVENTS))
    await hear(desk, notice, outstanding=1)  # somebody still waits for theirs
    await hear(desk, notice, notice_id=uuid.uuid4())
    await hear(desk, notice, case_id=uuid.uuid4())
    assert len(await desk.service.recorded(*CASE_EVENTS)) == before
    await desk.act("notices/1/delivery", HOUSING, method="in_person")
    await hear(desk, notice)  # late: told by hand already
    assert len(await desk.service.recorded(*CASE_EVENTS)) == before + 1
    (shown,) = (await desk.get(f"/cases/{desk.case_id}", HOUSING)).json()["notices"]
    assert shown["method"] == "in_person"


async def test_an_opinion_whose_case_has_moved_on_is_told_only(desk: Desk) -> None:
    """The delivery was recorded by hand before the paper itself is reported."""
    await desk.receive()
    await desk.act("acceptance", HOUSING)
    accepted = (await owed(desk))[0]
    await desk.act("answer", HOUSING, **OPINION)
    await desk.act("delivery", HOUSING, method="post")
    await hear(desk, accepted, delivered_on=date(2026, 3, 1))  # never before it was owed
    detail = (await desk.get(f"/cases/{desk.case_id}", HOUSING)).json()
    assert detail["state"] == "closed"
    assert [each["told_on"] for each in detail["notices"]] == ["2026-03-02", "2026-03-02"]
