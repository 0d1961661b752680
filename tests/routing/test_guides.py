"""Guides over HTTP: drafted, published, followed by new versions, offered in cases of the topic."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.guides.acts import GUIDES
from services.routing.guides.domain import (
    TABLE,
    Content,
    Guide,
    topics_above,
    topics_below,
)
from services.routing.main import SPEC
from shared.vocabulary.guides import GuideAct, GuideKind, GuideState
from shared.vocabulary.posts import Role
from shared.workflow.pipeline import row_of
from tests.routing.making import CHANGSHA, COUNTY, COUNTY_OFFICE, HOUSING, ROOT_OFFICE, content
from tests.support.service import ServiceUnderTest

CITY, PROVINCE, OTHER = "430100000000", "430000000000", "430102000000"
TOPIC, BRANCH = "030800", "030000"
BODY = {
    "kind": "guide", "title": "房屋质量问题办理指引", "category_code": TOPIC,
    "text": "先查验收资料，再现场勘验。", "legal_basis": "《建设工程质量管理条例》第四十条",
    "valid_from": "2026-01-01",
}  # fmt: skip
CODES = st.from_regex(r"\A(0[1-9]|[1-9][0-9])([0-9]{2}){2}\Z")


class Shelf:
    """Where guides are written and read."""

    def __init__(self, service: ServiceUnderTest) -> None:
        self.service = service

    async def ask(
        self, method: str, path: str, role: Role, organ: str, **options: Any
    ) -> httpx.Response:
        headers = await self.service.login(role, organ)
        url = f"/routing/v1{path}"
        return await self.service.client.request(method, url, headers=headers, **options)

    async def draft(self, organ: str = COUNTY_OFFICE, **changes: Any) -> str:
        made = await self.ask("POST", "/guides", Role.OFFICER, organ, json=BODY | changes)
        assert made.status_code == 201, made.text
        return str(made.json()["guide_id"])

    async def publish(self, guide: str, organ: str = COUNTY_OFFICE) -> dict[str, Any]:
        path = f"/guides/{guide}/publication"
        answer = await self.ask("POST", path, Role.HEAD, organ, json={})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def published(self, organ: str = COUNTY_OFFICE, **changes: Any) -> str:
        guide = await self.draft(organ, **changes)
        await self.publish(guide, organ)
        return guide

    async def redraft(self, guide: str, **changes: Any) -> httpx.Response:
        path = f"/guides/{guide}/draft"
        return await self.ask("PUT", path, Role.OFFICER, COUNTY_OFFICE, json=BODY | changes)

    async def titles(self, organ: str = HOUSING, path: str = "/guides", **params: Any) -> list[str]:
        answer = await self.ask("GET", path, Role.OFFICER, organ, params=params)
        assert answer.status_code == 200, answer.text
        return [each["title"] for each in answer.json()["items"]]

    async def a_case(self) -> str:
        data = content()
        await self.service.deliver(
            self.service.envelope(data, subject_id=data.petition.petition_id)
        )
        return str((await self.service.recorded())[-1].data["case"]["case_id"])


@pytest.fixture
async def shelf(make_service: Any) -> Shelf:
    return Shelf(await make_service(SPEC))


async def test_a_draft_is_the_offices_own_until_its_head_publishes_it(shelf: Shelf) -> None:
    guide = await shelf.draft()
    path = f"/guides/{guide}"
    assert (await shelf.ask("GET", path, Role.OFFICER, HOUSING)).status_code == 404
    assert await shelf.titles(COUNTY_OFFICE, view="drafts") == [BODY["title"]]
    assert await shelf.titles(HOUSING, view="drafts") == []
    publication = f"{path}/publication"
    for role, organ, status in ((Role.OFFICER, COUNTY_OFFICE, 403), (Role.HEAD, HOUSING, 404)):
        assert (await shelf.ask("POST", publication, role, organ, json={})).status_code == status
    published = await shelf.publish(guide)
    assert (published["state_name"], published["published_on"]) == ("已发布", "2026-03-02")
    assert (await shelf.ask("POST", publication, Role.HEAD, COUNTY_OFFICE, json={})).json()[
        "code"
    ] == "illegal_guide_step"
    seen = (await shelf.ask("GET", path, Role.REGISTRAR, HOUSING)).json()
    assert (seen["text"], seen["division_code"]) == (BODY["text"], COUNTY)
    for organ in (f"{OTHER}-HOUSING", CHANGSHA):
        assert await shelf.titles(organ) == []
        assert (await shelf.ask("GET", path, Role.OFFICER, organ)).status_code == 404


async def test_a_change_is_a_new_version_and_the_old_one_stays_readable(shelf: Shelf) -> None:
    guide = await shelf.published()
    drafted = await shelf.redraft(guide, title="新指引", valid_from="2026-04-01")
    assert (drafted.json()["version"], drafted.json()["state"]) == (2, "draft")
    again = await shelf.redraft(guide, title="再改", valid_from="2026-04-01", version=1)
    assert (again.json()["version"], again.json()["revision"]) == (2, 2)
    stale = await shelf.redraft(guide, version=1)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert len((await shelf.ask("GET", f"/guides/{guide}", Role.OFFICER, HOUSING)).json()[
        "versions"
    ]) == 1  # fmt: skip
    await shelf.publish(guide)
    assert await shelf.titles(on="2026-03-31") == [BODY["title"]]
    assert await shelf.titles(on="2026-04-01") == ["再改"]
    assert await shelf.titles() == [BODY["title"]]
    for version, title in ((1, BODY["title"]), (2, "再改")):
        one = await shelf.ask("GET", f"/guides/{guide}/versions/{version}", Role.OFFICER, HOUSING)
        assert one.json()["title"] == title
    gone = await shelf.ask("GET", f"/guides/{guide}/versions/3", Role.OFFICER, HOUSING)
    assert gone.status_code == 404


async def test_at_most_one_version_is_in_force_on_any_day(shelf: Shelf) -> None:
    """Whatever order the first days have: from each version's first day on it, or a later version,
    stands in place of those before."""
    starts = [date(2026, 3, day) for day in (10, 20, 5, 15)]
    guide = ""
    for number, start in enumerate(starts):
        body = {"title": f"第{number}版", "valid_from": str(start)}
        if guide:
            await shelf.redraft(guide, **body)
        else:
            guide = await shelf.draft(**body)
        await shelf.publish(guide)
    for day in (date(2026, 3, 1) + timedelta(days=n) for n in range(25)):
        begun = [number for number, start in enumerate(starts) if start <= day]
        expected = [f"第{max(begun)}版"] if begun else []
        assert await shelf.titles(on=str(day)) == expected


async def test_a_withdrawn_guide_is_offered_no_more_and_stays_readable(shelf: Shelf) -> None:
    guide = await shelf.published()
    path = f"/guides/{guide}/withdrawal"
    words = {"reasons": "依据已废止"}
    assert (await shelf.ask("POST", path, Role.OFFICER, COUNTY_OFFICE, json=words)).is_error
    await shelf.redraft(guide, title="下一版草稿")  # does not stand in the way
    withdrawn = await shelf.ask("POST", path, Role.HEAD, COUNTY_OFFICE, json=words)
    assert (withdrawn.json()["version"], withdrawn.json()["state"]) == (1, "withdrawn")
    again = await shelf.ask("POST", path, Role.HEAD, COUNTY_OFFICE, json=words)
    assert (again.status_code, again.json()["code"]) == (409, "illegal_guide_step")
    assert await shelf.titles() == []
    seen = await shelf.ask("GET", f"/guides/{guide}", Role.OFFICER, HOUSING)
    assert (seen.json()["state_name"], seen.json()["withdrawal_reasons"]) == (
        "已撤回", "依据已废止",
    )  # fmt: skip


async def test_a_withdrawal_is_about_the_published_version_not_about_the_draft(
    shelf: Shelf,
) -> None:
    guide = await shelf.published()  # drafted, then published: revision 2
    await shelf.redraft(guide, title="下一版草稿")  # revision 1 of the next version
    path = f"/guides/{guide}/withdrawal"
    for seen, status in ((1, 409), (2, 200)):
        body = {"reasons": "依据已废止", "version": seen}
        answer = await shelf.ask("POST", path, Role.HEAD, COUNTY_OFFICE, json=body)
        assert answer.status_code == status, answer.text
    own = (await shelf.ask("GET", f"/guides/{guide}", Role.OFFICER, COUNTY_OFFICE)).json()
    assert [(each["version"], each["state"]) for each in own["versions"]] == [
        (2, "draft"), (1, "withdrawn"),
    ]  # fmt: skip


async def test_its_organ_is_told_what_may_be_done_with_a_guide_and_nobody_else(
    shelf: Shelf,
) -> None:
    guide = await shelf.draft()
    path = f"/guides/{guide}"
    drafted = (await shelf.ask("GET", path, Role.OFFICER, COUNTY_OFFICE)).json()["actions"]
    assert {each["act"]: each["blocked_by"] and each["blocked_by"]["code"] for each in drafted} == {
        "redraft": None, "discard": None, "publish": None, "withdraw": "illegal_guide_step",
    }  # fmt: skip
    assert {(each["method"], each["path"]) for each in drafted} >= {
        ("PUT", f"/routing/v1{path}/draft"), ("DELETE", f"/routing/v1{path}/draft"),
    }  # fmt: skip
    published = (await shelf.publish(guide))["actions"]
    assert [each["act"] for each in published] == ["redraft", "withdraw"]
    read = (await shelf.ask("GET", path, Role.OFFICER, HOUSING)).json()
    assert (read["state"], read["actions"]) == ("published", [])


def test_a_condition_holds_because_the_table_names_it() -> None:
    """Beside a draft, what was published tells how giving it up ends and what can be withdrawn."""
    assert frozenset({"has_earlier", "earlier_published"}) == TABLE.guards
    content = Content(GuideKind.GUIDE, "指引", TOPIC, COUNTY, "略", None, date(2026, 1, 1), None)
    guide = Guide(
        guide_id=uuid.uuid4(), number=1, organ_code=COUNTY_OFFICE, content=content, drafted_by="lin"
    )
    assert GuideAct.WITHDRAW not in GUIDES.allowed(guide)
    free = replace(GUIDES, table=TABLE.without("earlier_published"))
    assert GuideAct.WITHDRAW in free.allowed(guide)
    assert row_of(GUIDES, guide, GuideAct.DISCARD).ends_in == ()
    free = replace(GUIDES, table=TABLE.without("has_earlier"))
    assert row_of(free, guide, GuideAct.DISCARD).ends_in == (
        GuideState.PUBLISHED, GuideState.WITHDRAWN,
    )  # fmt: skip


async def test_who_has_posts_at_several_organs_says_for_which(shelf: Shelf) -> None:
    for organ in (COUNTY_OFFICE, HOUSING):
        headers = await shelf.service.login(Role.OFFICER, organ, person="lin")
    for organ_code, status in ((None, 422), (CHANGSHA, 422), (HOUSING, 201)):
        made = await shelf.service.client.post(
            "/routing/v1/guides", json=BODY | {"organ_code": organ_code}, headers=headers
        )
        assert made.status_code == status
    assert made.json()["organ_code"] == HOUSING


async def test_a_draft_can_be_given_up_and_what_was_published_can_not(shelf: Shelf) -> None:
    guide = await shelf.published()
    path = f"/guides/{guide}/draft"
    assert (await shelf.ask("DELETE", path, Role.OFFICER, COUNTY_OFFICE)).status_code == 409
    await shelf.redraft(guide, title="草稿")
    assert (await shelf.ask("DELETE", path, Role.OFFICER, COUNTY_OFFICE)).status_code == 204
    assert await shelf.titles(COUNTY_OFFICE, view="own") == [BODY["title"]]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"category_code": "020899"}, "category_code"), ({"division_code": OTHER}, "division_code"),
     ({"division_code": "43"}, "division_code"), ({"valid_to": "2025-12-31"}, "valid_to"),
     ({"kind": "policy_change", "legal_basis": None}, "legal_basis")],
)  # fmt: skip
async def test_what_does_not_fit_is_refused(
    shelf: Shelf, changes: dict[str, Any], field: str
) -> None:
    answer = await shelf.ask("POST", "/guides", Role.OFFICER, COUNTY_OFFICE, json=BODY | changes)
    assert (answer.status_code, answer.json().get("field")) == (422, field)


async def test_a_case_is_offered_its_topic_and_place_most_specific_first(shelf: Shelf) -> None:
    case = await shelf.a_case()
    offices = {COUNTY: COUNTY_OFFICE, CITY: CHANGSHA, PROVINCE: ROOT_OFFICE}
    for (place, organ), topic in itertools.product(offices.items(), (TOPIC, BRANCH)):
        await shelf.published(organ, title=f"分类{topic}，区划{place}", category_code=topic)
    await shelf.published(f"{OTHER}-PETITION", title="别的区")
    await shelf.published(title="别的事", category_code="030601")
    await shelf.published(title="已失效", valid_to="2026-03-01")
    await shelf.published(title="未生效", valid_from="2026-03-03")
    await shelf.draft(title="草稿")
    path = f"/cases/{case}/guides"
    expected = [f"分类{topic}，区划{place}" for topic in (TOPIC, BRANCH) for place in offices]
    assert await shelf.titles(path=path) == expected
    assert await shelf.titles(path=path, on="2026-03-03") == ["未生效", *expected]
    seen, cursor = [], None
    while True:
        page = await shelf.ask(
            "GET", path, Role.SUPERVISOR, CHANGSHA,
            params={"limit": 4} | ({"cursor": cursor} if cursor else {}),
        )  # fmt: skip
        seen += [each["title"] for each in page.json()["items"]]
        cursor = page.json()["next"]
        if cursor is None:
            break
    assert seen == expected
    assert (await shelf.ask("GET", path, Role.OFFICER, f"{COUNTY}-HEALTH")).status_code == 404


async def test_policy_changes_are_found_by_topic_kind_and_title(shelf: Shelf) -> None:
    await shelf.published()
    await shelf.published(
        kind="policy_change", title="维修资金新规 100%", valid_from="2026-02-01",
        legal_basis="第十二条",
    )  # fmt: skip
    change = "维修资金新规 100%"
    assert await shelf.titles(kind="policy_change") == [change]
    assert await shelf.titles(q="0%") == [change]
    assert await shelf.titles(q="%资") == []
    assert await shelf.titles(category=BRANCH) == [change, BODY["title"]]
    assert await shelf.titles(category="030601") == []
    assert len(await shelf.titles(division=COUNTY)) == 2
    assert await shelf.titles(division=CITY) == []


@given(CODES, CODES)
def test_a_topic_is_above_what_lies_in_its_range(code: str, other: str) -> None:
    for topic in topics_above(code):
        assert topic <= code <= topics_below(topic)
    for topic in topics_above(other):
        assert (topic in topics_above(code)) == (topic <= code <= topics_below(topic))
    assert topics_above(code) == sorted(topics_above(code), reverse=True)
