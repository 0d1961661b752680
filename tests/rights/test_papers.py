"""A paper owed by routing is filled in, delivered and reported by intake (decisions 9)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import httpx
import pypdf
import pytest

from services.intake.papers.store.papers import PAPER
from shared.contracts.papers import NoticeOwedV1, NoticeToldV1, PaperDeliveredV1
from shared.contracts.routing import CaseDeliveredV1
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.intake.support import rows
from tests.rights.objects import FORMER, file
from tests.rights.platform import make_platform
from tests.rights.scene import ALIKE, Scene, a_scene, audit_of

ANSWER = {
    "opinion": "supported", "text": "已责令整改。", "legal_basis": "《物业管理条例》",
    "request": "请求整改外墙渗水。", "facts": "经查，外墙确有渗水。", "reasons": "属质量保修范围。",
}  # fmt: skip
NAME, ADDRESS = "李小满", "银盆岭街道1栋"


@pytest.fixture
async def scene(make_service: MakeService) -> Scene:
    return await a_scene(await make_platform(make_service))


async def act(scene: Scene, step: str, **body: Any) -> None:
    path = f"/routing/v1/cases/{scene.case['case_id']}/{step}"
    answer = await scene.platform.call("POST", path, json=body, headers=scene.officer)
    assert answer.status_code == 200, answer.text
    await scene.platform.settle()


async def papers(scene: Scene, headers: dict[str, str] | None = None) -> list[dict[str, Any]]:
    answer = await scene.platform.call("GET", "/intake/v1/papers", headers=headers or scene.officer)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def make(scene: Scene, paper: dict[str, Any], *, purpose: str = "deliver") -> httpx.Response:
    grant = await scene.grant(purpose=purpose, number=paper["number"])
    return await scene.platform.call(
        "POST", f"/intake/v1/papers/{paper['paper_id']}/made",
        headers=scene.officer | {"X-Grant": grant},
    )  # fmt: skip


async def deliver(scene: Scene, paper: dict[str, Any], **body: Any) -> httpx.Response:
    answer = await scene.platform.call(
        "POST", f"/intake/v1/papers/{paper['paper_id']}/delivery",
        json={"method": "post"} | body, headers=scene.officer,
    )  # fmt: skip
    await scene.platform.settle()
    return answer


async def case_now(scene: Scene) -> dict[str, Any]:
    path = f"/routing/v1/cases/{scene.case['case_id']}"
    answer = await scene.platform.call("GET", path, headers=scene.officer)
    shown: dict[str, Any] = answer.json()
    return shown


async def notice_duties(scene: Scene) -> list[str]:
    supervisor = await scene.platform.login(Role.SUPERVISOR, "430000000000-PETITION")
    answer = await scene.platform.call(
        "GET", "/supervision/v1/duties", headers=supervisor,
        params={"case_id": scene.case["case_id"]},
    )  # fmt: skip
    return [each["state"] for each in answer.json()["items"] if each["kind"] == "notice_internal"]


def text_of(pdf: bytes) -> str:
    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    return "".join("".join(page.extract_text() for page in pages).split()).replace("\u200b", "")


async def test_a_paper_is_made_delivered_and_told(scene: Scene) -> None:
    await act(scene, "acceptance")
    (paper,) = await papers(scene)
    assert (paper["title"], paper["printable"], paper["made"]) == (
        "信访事项受理告知书",
        True,
        False,
    )
    assert await notice_duties(scene) == ["running"]
    early = await deliver(scene, paper)
    assert (early.status_code, early.json()["code"]) == (409, "paper_not_made")
    made = await make(scene, paper)
    assert made.headers["content-type"] == "application/pdf"
    assert made.headers["x-paper-sha256"] == sha256(made.content).hexdigest()
    assert NAME in text_of(made.content)
    assert ADDRESS in text_of(made.content)
    assert (await make(scene, paper)).content == made.content  # equal values, equal bytes
    done = await deliver(scene, paper, proof=f"挂号信XA123，{NAME}签收", refused=False)
    assert done.json()["sha256"] == made.headers["x-paper-sha256"]
    assert await papers(scene) == []
    told = (await case_now(scene))["notices"][0]
    assert (told["told_on"], told["method"]) == ("2026-03-02", "post")
    assert await notice_duties(scene) == ["met"]
    (event,) = await scene.platform.services["intake"].recorded(PaperDeliveredV1)
    assert "XA123" in event.data["proof"]
    assert NAME not in event.to_json()
    assert (await deliver(scene, paper)).status_code == 409
    code = {"X-Query-Code": scene.receipt["query_code"]}
    base = f"/intake/v1/petitions/{scene.receipt['number']}"
    looked = (await scene.platform.call("GET", f"{base}/reveals", headers=code)).json()["items"]
    assert [line["purpose"] for line in looked] == ["送达文书", "送达文书"]
    assert [line["action"] for line in await audit_of(scene.platform, "paper.delivered")]


async def test_an_opinion_delivered_by_intake_closes_the_case(scene: Scene) -> None:
    await act(scene, "acceptance")
    await act(scene, "answer", **ANSWER)
    opinion = (await papers(scene))[1]
    assert "已责令整改" in text_of((await make(scene, opinion)).content)
    for each in scene.platform.services.values():
        each.clock.advance(timedelta(days=2))
    wrong = await deliver(scene, opinion, on="2026-03-01")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "on")
    await deliver(scene, opinion, on="2026-03-03", refused=True, method="in_person")
    case = await case_now(scene)
    assert (case["state"], case["referrals"][-1]["delivered_on"]) == ("closed", "2026-03-03")
    assert case["notices"][1]["told_on"] == "2026-03-03"
    routing, intake = (scene.platform.services[name] for name in ("routing", "intake"))
    assert len(await routing.recorded(CaseDeliveredV1)) == 1
    (event,) = await intake.recorded(PaperDeliveredV1)
    again = event.model_copy(update={"id": uuid.uuid4()})
    await routing.deliver(event, again)  # late and twice
    assert len(await routing.recorded(CaseDeliveredV1)) == 1
    assert set(await routing.inbox_states()) == {"done"}
    (left,) = await papers(scene)  # the organ still owes the other paper, and may deliver it
    assert (await make(scene, left)).status_code == 200


async def test_a_delivery_by_hand_ends_the_paper_here(scene: Scene) -> None:
    await act(scene, "acceptance")
    await act(scene, "answer", **ANSWER)
    first, second = await papers(scene)
    await make(scene, first)
    await act(scene, "notices/1/delivery", method="in_person")
    await act(scene, "delivery", method="post")
    assert await papers(scene) == []
    assert (await deliver(scene, first)).status_code == 409
    assert second["kind"] == "opinion"
    routing = scene.platform.services["routing"]
    told = [each.data["paper"]["ordinal"] for each in await routing.recorded(NoticeToldV1)]
    assert told == [1, 2]


async def test_news_that_it_was_told_may_come_first(scene: Scene) -> None:
    await act(scene, "acceptance")
    await act(scene, "notices/1/delivery", method="in_person")
    routing, intake = (scene.platform.services[name] for name in ("routing", "intake"))
    (owed,), (told,) = await routing.recorded(NoticeOwedV1), await routing.recorded(NoticeToldV1)
    other = str(uuid.uuid4())
    for event in (told, owed, owed):
        fresh = event.model_copy(
            deep=True, update={"id": uuid.uuid4(), "subject": f"notice/{other}"}
        )
        fresh.data["paper"]["notice_id"] = other
        await intake.deliver(fresh)
    assert await papers(scene) == []
    kept = [each for each in await rows(intake, PAPER) if str(each["notice_id"]) == other]
    assert [(each["title"], each["method"]) for each in kept] == [
        ("信访事项受理告知书", "in_person")
    ]


async def test_what_the_vault_does_not_hold_is_named(make_service: MakeService) -> None:
    platform = await make_platform(make_service)
    scene = await a_scene(platform)
    receipt = await file(platform, petitioners=[{"name": NAME, "phone": "13807310001"}])
    path = f"/routing/v1/cases/by-number/{receipt['number']}"
    scene.case = (await platform.call("GET", path, headers=scene.officer)).json()
    await act(scene, "acceptance")
    await act(scene, "answer", **ANSWER)
    paper, _ = await papers(scene)
    answer = await make(scene, paper)
    assert (answer.status_code, answer.json()["code"]) == (409, "petitioner_incomplete")
    assert answer.json()["missing"] == ["petitioner_address"]
    assert await scene.audit("vault.opened") == []


async def test_a_paper_without_template_is_delivered_as_written_by_hand(scene: Scene) -> None:
    await act(scene, "acceptance")
    await act(scene, "answer", **{k: v for k, v in ANSWER.items() if k != "facts"})
    opinion = (await papers(scene))[1]
    assert opinion["printable"] is False
    refused = await make(scene, opinion)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_printable")
    await deliver(scene, opinion)
    assert (await case_now(scene))["state"] == "closed"


async def test_only_with_a_grant_to_deliver_and_only_by_the_organ(scene: Scene) -> None:
    await act(scene, "acceptance")
    (paper,) = await papers(scene)
    other = await make(scene, paper, purpose="contact")
    assert (other.status_code, other.json()["code"]) == ALIKE
    path = f"/intake/v1/papers/{paper['paper_id']}/made"
    bare = await scene.platform.call("POST", path, headers=scene.officer)
    assert (bare.status_code, bare.json()["code"]) == ALIKE
    weak = await scene.platform.login(Role.OFFICER, FORMER, person="weak")
    assert (await scene.platform.call("POST", path, headers=weak)).status_code == 401
    stranger = await scene.platform.login(Role.HEAD, "430104000000-WATER", strong=True)
    assert await papers(scene, stranger) == []
    assert (await scene.platform.call("POST", path, headers=stranger)).status_code == 404
    assert (await rows(scene.platform.services["intake"], PAPER))[0]["sha256"] is None


async def test_the_petitioner_sees_papers_and_has_a_copy(scene: Scene) -> None:
    await act(scene, "acceptance")
    code = {"X-Query-Code": scene.receipt["query_code"]}
    base = f"/intake/v1/petitions/{scene.receipt['number']}"

    async def shown() -> dict[str, Any]:
        answer = await scene.platform.call("GET", f"{base}/progress", headers=code)
        (paper,) = answer.json()["papers"]
        return dict(paper)

    assert (await shown())["available"] is False
    early = await scene.platform.call("GET", f"{base}/papers/1", headers=code)
    assert early.status_code == 404
    made = await make(scene, (await papers(scene))[0])
    assert (await shown()) == {
        "ordinal": 1, "title": "信访事项受理告知书", "number": "长沙岳麓住建受告〔2026〕1号",
        "organ": "长沙市岳麓区住房和城乡建设局", "owed_on": "2026-03-02", "delivered_on": None,
        "available": True,
    }  # fmt: skip
    copy = await scene.platform.call("GET", f"{base}/papers/1", headers=code)
    assert copy.content == made.content
    wrong = await scene.platform.call(
        "GET", f"{base}/papers/1", headers={"X-Query-Code": "AAAA-AAAA-AAAA"}
    )
    assert wrong.status_code == 404
    (kept,) = await rows(scene.platform.services["intake"], PAPER)
    assert kept["seen_at"] is not None
    assert kept["delivered_on"] is None  # a look is no delivery


async def test_told_when_each_petitioner_who_can_be_reached_has_theirs(scene: Scene) -> None:
    """A second petition about the same matter: two papers, one notice."""
    routing = scene.platform.services["routing"]
    second = await file(scene.platform, petitioners=[{"name": "王大有", "address": "望月湖2栋"}])
    path = f"/routing/v1/cases/by-number/{second['number']}"
    other = (await scene.platform.call("GET", path, headers=scene.officer)).json()
    await act(scene, "acceptance")
    (owed,) = await routing.recorded(NoticeOwedV1)
    both = owed.model_copy(deep=True, update={"id": uuid.uuid4()})
    both.data["paper"]["petition_ids"] += other["petition_ids"]
    await scene.platform.services["intake"].deliver(both)
    one, two = await papers(scene)
    for paper in (one, two):
        await set_made(scene, paper)
    await deliver(scene, one)
    assert (await case_now(scene))["notices"][0]["told_on"] is None
    await deliver(scene, two)
    assert (await case_now(scene))["notices"][0]["told_on"] == "2026-03-02"


async def set_made(scene: Scene, paper: dict[str, Any]) -> None:
    """As if it had been made: the grant for the other petition belongs to the other case here."""
    intake = scene.platform.services["intake"]
    async with intake.service.database.writing() as session:
        await session.execute(
            PAPER.update()
            .where(PAPER.c.paper_id == uuid.UUID(paper["paper_id"]))
            .values(sha256="0" * 64)
        )
