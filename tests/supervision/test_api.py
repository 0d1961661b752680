"""Duties and alarms over HTTP: what each post sees, filters, paging, the day-by-day reckoning."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.vocabulary.posts import Role
from tests.supervision.conftest import ROOT_OFFICE, Supervision
from tests.supervision.events import HOUSING, OFFICE, TODAY, Story

DUTIES = "/supervision/v1/duties"
ELSEWHERE = "430211000000-PETITION"


async def get(supervision: Supervision, path: str, headers: dict[str, str], **params: Any) -> Any:
    answer = await supervision.sut.client.get(path, headers=headers, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def kinds(supervision: Supervision, headers: dict[str, str], **params: Any) -> list[str]:
    page = await get(supervision, DUTIES, headers, **params)
    return sorted(item["kind"] for item in page["items"])


@pytest.fixture
async def told(supervision: Supervision) -> Story:
    """A case with the housing bureau, and another petition in another city."""
    story = Story(supervision.sut)
    other = Story(supervision.sut, received_by=ELSEWHERE)
    await supervision.sut.deliver(story.registered(), story.referred(), other.registered())
    return story


SEEN = [
    (Role.SUPERVISOR, ROOT_OFFICE, ["D1", "D1", "D3", "D4"]),
    (Role.SUPERVISOR, "430100000000-PETITION", ["D1", "D3", "D4"]),
    (Role.LEADER, ELSEWHERE, ["D1"]),
    (Role.OFFICER, HOUSING, ["D3", "D4"]),
    (Role.HEAD, HOUSING, ["D3", "D4"]),
    (Role.REGISTRAR, OFFICE, ["D1"]),
    (Role.OFFICER, "430100000000-HOUSING", []),  # a post above is no right to see below
    (Role.SUPERVISOR, "440100000000-PETITION", []),
]


@pytest.mark.parametrize(("role", "organ", "expected"), SEEN)
async def test_everybody_sees_their_own_and_supervisors_their_subtree(
    supervision: Supervision, told: Story, role: Role, organ: str, expected: list[str]
) -> None:
    headers = await supervision.sut.login(role, organ)
    assert await kinds(supervision, headers) == expected
    counts = await get(supervision, "/supervision/v1/duty-counts", headers)
    assert sum(item["count"] for item in counts["items"]) == len(expected)


async def test_an_officer_who_is_leader_elsewhere_keeps_the_two_apart(
    supervision: Supervision, told: Story
) -> None:
    await supervision.sut.login(Role.OFFICER, "430100000000-HOUSING", person="li")
    headers = await supervision.sut.login(Role.LEADER, ELSEWHERE, person="li")
    assert await kinds(supervision, headers) == ["D1"]


@pytest.mark.parametrize("role", [Role.ANALYST, Role.OPERATOR, Role.PARTNER, Role.DISCIPLINE])
async def test_other_roles_see_no_duties(supervision: Supervision, role: Role) -> None:
    headers = await supervision.sut.login(role, ROOT_OFFICE)
    answer = await supervision.sut.client.get(DUTIES, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await supervision.sut.client.get(DUTIES)).status_code == 401


FILTERS = [
    ({"state": ["met"]}, ["D1"]),
    ({"state": ["running", "overdue"]}, ["D1", "D3", "D4"]),
    ({"kind": ["D3", "D4"]}, ["D3", "D4"]),
    ({"nature": ["window"]}, ["D4"]),
    ({"organ": HOUSING}, ["D3", "D4"]),
    ({"division": "4302"}, ["D1"]),
    ({"division": "430121"}, ["D1", "D3", "D4"]),
    ({"due_to": "2026-03-09"}, ["D4"]),
    ({"due_from": "2026-03-10", "due_to": "2026-03-17"}, ["D1", "D1", "D3"]),
    ({"case_id": str(uuid4())}, []),
    ({"silent": "true"}, []),
]


@pytest.mark.parametrize(("params", "expected"), FILTERS)
async def test_filters_narrow_the_list(
    supervision: Supervision, told: Story, params: dict[str, Any], expected: list[str]
) -> None:
    assert await kinds(supervision, await supervision.supervisor(), **params) == expected


async def test_all_duties_of_a_petition_are_found_by_it(
    supervision: Supervision, told: Story
) -> None:
    headers = await supervision.supervisor()
    petition_id = str(told.petition.petition_id)
    assert await kinds(supervision, headers, petition_id=petition_id) == ["D1", "D3", "D4"]
    assert await kinds(supervision, headers, petition_id=str(uuid4())) == []


@pytest.mark.parametrize(
    "params",
    [
        {"state": "late"},
        {"kind": "D6"},
        {"limit": 0},
        {"limit": 201},
        {"division": "43x"},
        {"division": "430"},
        {"due_from": "2026-02-30"},
    ],
)
async def test_nonsense_in_a_filter_is_the_callers_fault(
    supervision: Supervision, params: dict[str, Any]
) -> None:
    headers = await supervision.supervisor()
    answer = await supervision.sut.client.get(DUTIES, headers=headers, params=params)
    assert answer.status_code == 422


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJhIiwgImIiXQ"])
async def test_a_foreign_cursor_is_refused(supervision: Supervision, cursor: str) -> None:
    headers = await supervision.supervisor()
    for path in (DUTIES, "/supervision/v1/alarms"):
        answer = await supervision.sut.client.get(path, headers=headers, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


async def test_pages_follow_each_other_by_due_date_without_gap_or_repeat(
    supervision: Supervision,
) -> None:
    sut = supervision.sut
    days = [3, 1, 2, 2, 0, 1, 3, 0, 2, 1, 0]
    stories = [Story(sut, received_on=TODAY - timedelta(days=n)) for n in days]
    await sut.deliver(*(story.registered() for story in stories))
    headers = await supervision.supervisor()
    seen: list[tuple[str, str]] = []
    params: dict[str, Any] = {"limit": 4}
    while True:
        page = await get(supervision, DUTIES, headers, **params)
        seen += [(item["due_on"], item["duty_id"]) for item in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert len(seen) == len(set(seen)) == len(days)
    assert seen == sorted(seen)


async def test_one_duty_tells_clerks_what_they_need(supervision: Supervision, told: Story) -> None:
    headers = await supervision.sut.login(Role.OFFICER, HOUSING)
    (item,) = (await get(supervision, DUTIES, headers, kind="D3"))["items"]
    duty = await get(supervision, f"{DUTIES}/{item['duty_id']}", headers)
    assert duty == item
    assert duty["kind_name"] == "受理告知（转送、交办）"
    assert (duty["state_name"], duty["nature_name"], duty["days_left"]) == (
        "未到期", "法定时限", 15
    )  # fmt: skip
    assert duty["due_on"] == "2026-03-17"
    assert duty["due_at"] == "2026-03-17T16:00:00Z"
    assert "住房和城乡建设局" in duty["organ_name"]
    await supervision.watch_until("2026-03-18T00:00")
    late = await get(supervision, f"{DUTIES}/{item['duty_id']}", headers)
    assert (late["state_name"], late["days_left"]) == ("超期", -1)
    counts = await get(supervision, "/supervision/v1/duty-counts", headers)
    assert (counts["open"], counts["overdue"]) == (1, 1)


async def test_the_explanation_counts_day_by_day(supervision: Supervision, told: Story) -> None:
    headers = await supervision.sut.login(Role.OFFICER, HOUSING)
    (item,) = (await get(supervision, DUTIES, headers, kind="D4"))["items"]
    told_why = await get(supervision, f"{DUTIES}/{item['duty_id']}/explanation", headers)
    assert [(day["day"], day["counted"]) for day in told_why["days"]] == [
        ("2026-03-03", True),
        ("2026-03-04", True),
        ("2026-03-05", True),
        ("2026-03-06", True),
        ("2026-03-07", False),
        ("2026-03-08", False),
        ("2026-03-09", True),
    ]
    assert "第二十三条第三款" in told_why["articles"][0]


async def test_a_foreign_duty_is_answered_like_a_missing_one(
    supervision: Supervision, told: Story
) -> None:
    own = await supervision.sut.login(Role.OFFICER, HOUSING)
    foreign = await supervision.sut.login(Role.OFFICER, ELSEWHERE)
    (item,) = (await get(supervision, DUTIES, own, kind="D3"))["items"]
    for tail in ("", "/explanation"):
        hidden = await supervision.sut.client.get(
            f"{DUTIES}/{item['duty_id']}{tail}", headers=foreign
        )
        missing = await supervision.sut.client.get(f"{DUTIES}/{uuid4()}{tail}", headers=foreign)
        assert hidden.status_code == missing.status_code == 404
        assert hidden.json() == missing.json()


async def test_alarms_go_to_whom_they_concern(supervision: Supervision) -> None:
    sut = supervision.sut
    await sut.deliver(
        Story(sut, received_by=ROOT_OFFICE, receiving_tier=1).registered(),
        Story(sut, received_on=date(1999, 1, 1)).registered(),
    )
    await supervision.watch_until("2026-03-18T00:00")
    root = await supervision.supervisor()
    county = await supervision.supervisor(OFFICE)
    operator = await sut.login(Role.OPERATOR, ROOT_OFFICE)
    seen = {
        name: [
            alarm["code"]
            for alarm in (await get(supervision, "/supervision/v1/alarms", headers))["items"]
        ]
        for name, headers in (("root", root), ("county", county), ("operator", operator))
    }
    assert seen == {"root": ["nobody_to_tell"], "county": [], "operator": ["limit_missing"]}
    first = await get(supervision, "/supervision/v1/alarms", root, code="nobody_to_tell", limit=1)
    assert first["items"][0]["title"] == "超期后无上级可提级"
    assert first["next"] is None
