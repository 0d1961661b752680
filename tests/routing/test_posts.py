"""One person is not everybody: who gives posts, who confirms them, and who is the last who can."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from services.routing.main import SPEC
from services.routing.posts.domain import first_gap, same_person
from services.routing.posts.use_cases import NEEDS_SECOND, restore_operator
from shared.contracts.routing import PostChangedV1
from shared.vocabulary.posts import Role
from shared.web.tokens import OPERATOR_PERSON
from tests.conftest import MakeService
from tests.routing.making import COUNTY_OFFICE, HOUSING, ROOT_OFFICE
from tests.support.service import START, ServiceUnderTest

URL = "/routing/v1/posts"
ALONE = sorted(set(Role) - NEEDS_SECOND - {Role.CITIZEN, Role.PARTNER, Role.SERVICE})
Answer = httpx.Response


@pytest.fixture
async def routing(make_service: MakeService) -> ServiceUnderTest:
    return await make_service(SPEC)


class Person:
    """Somebody with a login, and what they try."""

    def __init__(self, routing: ServiceUnderTest, name: str) -> None:
        self.routing, self.name = routing, name
        token = routing.issuer.token(name, seconds=10**7, strong=True)
        self.headers = {"Authorization": f"Bearer {token}"}

    async def give(self, person: str, role: str = "officer", **body: Any) -> Answer:
        sent = {"person": person, "organ_code": HOUSING, "role": role} | body
        return await self.routing.client.post(URL, json=sent, headers=self.headers)

    async def confirm(self, post: Any) -> Answer:
        path = f"{URL}/{post['post_id']}/confirmation"
        return await self.routing.client.post(path, headers=self.headers)

    async def end(self, post: Any, at: datetime | None = None) -> Answer:
        body = {"at": at.isoformat()} if at else {}
        path = f"{URL}/{post['post_id']}/end"
        return await self.routing.client.post(path, json=body, headers=self.headers)

    async def listed(self, **query: str) -> list[Any]:
        answer = await self.routing.client.get(URL, params=query, headers=self.headers)
        assert answer.status_code == 200, answer.text
        items: list[Any] = answer.json()["items"]
        return items

    async def cases(self) -> int:
        """200 for who works on cases."""
        path = "/routing/v1/cases"
        return (await self.routing.client.get(path, headers=self.headers)).status_code

    async def own(self) -> Any:
        (post,) = await Person(self.routing, OPERATOR_PERSON).listed(person=self.name)
        return post


async def operator(routing: ServiceUnderTest, name: str, organ: str = COUNTY_OFFICE) -> Person:
    await routing.login(Role.OPERATOR, organ, person=name)
    return Person(routing, name)


async def auditor(routing: ServiceUnderTest, organ: str) -> Person:
    await routing.login(Role.AUDITOR, organ, person=f"auditor@{organ}")
    return Person(routing, f"auditor@{organ}")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CITIZEN, Role.PARTNER, Role.SERVICE}))
@pytest.mark.parametrize("spelling", ["li", " li ", "LI", "ｌｉ", "l\u200bi", "l i"])
async def test_nobody_gives_a_post_to_themselves(
    routing: ServiceUnderTest, role: str, spelling: str
) -> None:
    answer = await (await operator(routing, "li")).give(spelling, role)
    assert (answer.status_code, answer.json()["code"]) == (403, "own_post")
    first = await Person(routing, OPERATOR_PERSON).give(OPERATOR_PERSON, role)
    assert (first.status_code, first.json()["code"]) == (403, "own_post")
    assert await routing.recorded() == []


@pytest.mark.parametrize("role", sorted(NEEDS_SECOND))
async def test_what_opens_much_is_in_force_when_somebody_else_has_confirmed(
    routing: ServiceUnderTest, role: str
) -> None:
    li, wang = await operator(routing, "li"), await operator(routing, "wang", ROOT_OFFICE)
    given = await li.give("zhou", role)
    post = given.json()
    assert (given.status_code, post["standing"], post["given_by"]) == (201, "proposed", "li")
    assert await routing.service.posts.of("zhou") == []
    assert await routing.recorded() == []
    assert (await li.listed(person="zhou"), await li.listed(standing="proposed")) == ([], [post])
    for same in (li, Person(routing, "zhou")):
        refused = await same.confirm(post)
        assert refused.status_code == 403
    assert (await li.confirm(post)).json()["code"] == "other_person_needed"
    routing.clock.advance(timedelta(hours=5))
    confirmed = await wang.confirm(post)
    assert (confirmed.status_code, confirmed.json()["standing"]) == (200, "confirmed")
    assert confirmed.json()["settled_by"] == "wang"
    since = datetime.fromisoformat(confirmed.json()["valid_from"])
    assert since == routing.clock.now()  # never before the second person
    (held,) = await routing.service.posts.of("zhou")
    assert held.role == role
    assert [each.sequence for each in await routing.recorded(PostChangedV1)] == [1]
    assert (await wang.confirm(post)).status_code == 409
    assert await li.listed(standing="proposed") == []


async def test_who_was_proposed_confirms_not_even_as_an_operator(
    routing: ServiceUnderTest,
) -> None:
    """Two operators for each other is what two persons are; one for oneself is not."""
    li, wang = await operator(routing, "li"), await operator(routing, "wang")
    for_wang = (await li.give("wang", "supervisor")).json()
    assert (await wang.confirm(for_wang)).json()["code"] == "other_person_needed"
    assert (await li.confirm(for_wang)).json()["code"] == "other_person_needed"
    zhao = await operator(routing, "zhao")
    assert (await zhao.confirm(for_wang)).status_code == 200


@pytest.mark.parametrize("role", ALONE)
async def test_other_roles_need_one_person(routing: ServiceUnderTest, role: str) -> None:
    post = (await (await operator(routing, "li")).give("zhou", role)).json()
    assert (post["standing"], post["given_by"]) == ("ordinary", None)
    assert [each.role for each in await routing.service.posts.of("zhou")] == [role]
    wang = await operator(routing, "wang")
    assert (await wang.confirm(post)).status_code == 409


async def test_an_auditor_confirms_in_the_own_division_and_gives_and_ends_nothing(
    routing: ServiceUnderTest,
) -> None:
    li = await operator(routing, "li")
    inside, outside = (
        await auditor(routing, ROOT_OFFICE),
        await auditor(routing, "430102000000-PETITION"),
    )
    post = (await li.give("zhou")).json()
    assert (await outside.confirm(post)).status_code == 404
    assert await outside.listed(standing="proposed") == []
    assert await inside.listed(standing="proposed") == [post]
    for tried in (inside.give("zhou"), inside.end(post)):
        assert (await tried).status_code == 403
    assert (await inside.confirm(post)).status_code == 200
    own = (await li.give(inside.name, "supervisor")).json()
    assert (await inside.confirm(own)).json()["code"] == "other_person_needed"


async def test_what_the_deployments_own_operator_gives_alone_stays_in_sight(
    routing: ServiceUnderTest,
) -> None:
    first, watching = Person(routing, OPERATOR_PERSON), await auditor(routing, ROOT_OFFICE)
    post = (await first.give("zhou", "supervisor", organ_code=ROOT_OFFICE)).json()
    await first.give("qian", "registrar")
    assert (post["standing"], post["given_by"]) == ("alone", OPERATOR_PERSON)
    assert await watching.listed(standing="alone") == [post]
    figure = 'xinfang_posts_alone{service="routing"}'
    assert f"{figure} 1.0" in (await routing.client.get("/metrics")).text
    actions = await audited(routing)
    assert actions == ["post.given_alone", "post.given"]
    assert (await first.confirm(post)).json()["code"] == "other_person_needed"
    assert (await watching.confirm(post)).json()["standing"] == "confirmed"
    assert f"{figure} 0.0" in (await routing.client.get("/metrics")).text
    assert len(await routing.recorded(PostChangedV1)) == 2  # nothing about it has changed
    other = (await first.give("sun")).json()
    await first.end(other)
    routing.clock.advance(timedelta(seconds=1))
    assert f"{figure} 0.0" in (await routing.client.get("/metrics")).text


async def test_a_proposed_post_is_taken_back(routing: ServiceUnderTest) -> None:
    li, wang = await operator(routing, "li"), await operator(routing, "wang")
    post = (await li.give("zhou")).json()
    assert (await wang.end(post)).json()["standing"] == "withdrawn"
    assert (await wang.end(post)).status_code == 404
    assert (await wang.confirm(post)).status_code == 409
    assert await routing.recorded() == []
    assert [each["post_id"] for each in await li.listed(standing="withdrawn")] == [post["post_id"]]
    assert await audited(routing) == ["post.proposed", "post.withdrawn"]


async def test_a_proposal_never_lasts_longer_or_begins_earlier_than_it_says(
    routing: ServiceUnderTest,
) -> None:
    li, wang = await operator(routing, "li"), await operator(routing, "wang")
    now = routing.clock.now()
    planned = (await li.give("zhou", valid_from=(now + timedelta(days=9)).isoformat())).json()
    confirmed = (await wang.confirm(planned)).json()
    assert confirmed["valid_from"] == planned["valid_from"]
    backdated = (await li.give("qian", valid_from="2020-01-01T00:00:00Z")).json()
    since = (await wang.confirm(backdated)).json()["valid_from"]
    assert datetime.fromisoformat(since) == now
    short = (await li.give("sun", valid_to=(now + timedelta(days=1)).isoformat())).json()
    routing.clock.advance(timedelta(days=1))
    assert (await wang.confirm(short)).status_code == 409
    assert await routing.service.posts.of("sun") == []


async def test_an_end_is_never_put_off_and_nothing_ended_comes_back(
    routing: ServiceUnderTest,
) -> None:
    """A longer post is a new post, with a second person."""
    li, wang = await operator(routing, "li"), await operator(routing, "wang")
    end = routing.clock.now() + timedelta(days=10)
    post = (await li.give("zhou", valid_to=end.isoformat())).json()
    await wang.confirm(post)
    later = await li.end(post, end + timedelta(days=1))
    assert (later.status_code, later.json()["field"]) == (422, "at")
    sooner = await li.end(post, end - timedelta(days=1))
    assert datetime.fromisoformat(sooner.json()["valid_to"]) == end - timedelta(days=1)
    assert (await li.end(post, end)).status_code == 422
    past = await li.end(post, START - timedelta(days=300))
    assert datetime.fromisoformat(past.json()["valid_to"]) == routing.clock.now()
    for at in (None, end, START):
        assert (await li.end(post, at)).status_code == 409
    assert await Person(routing, "zhou").cases() == 403


async def test_services_get_no_post(routing: ServiceUnderTest) -> None:
    answer = await (await operator(routing, "li")).give("xinfang-services", "leader")
    assert (answer.status_code, answer.json()["field"]) == (422, "person")


# the last operator


async def test_the_last_operators_post_goes_on(routing: ServiceUnderTest) -> None:
    first = Person(routing, OPERATOR_PERSON)
    own = await first.own()
    for at in (None, routing.clock.now() + timedelta(days=3650), START - timedelta(days=1)):
        answer = await first.end(own, at)
        assert (answer.status_code, answer.json()["code"]) == (409, "last_operator")
        assert "运维" in answer.json()["detail"]
    assert await first.own() == own
    assert await routing.recorded() == []


@pytest.mark.parametrize("role", ["operator"])
async def test_who_will_end_or_has_not_begun_is_not_the_one_who_stays(
    routing: ServiceUnderTest, role: str
) -> None:
    first, second = Person(routing, OPERATOR_PERSON), await operator(routing, "wang")
    await first.end(await second.own(), routing.clock.now() + timedelta(days=30))
    now = routing.clock.now()
    begins = (now + timedelta(days=29)).isoformat()
    late = (await first.give("zhao", role, valid_from=begins)).json()
    gap = await first.end(await first.own())  # from now on wang, from day 29 zhao: no gap
    assert gap.status_code == 200
    zhao = Person(routing, "zhao")
    assert (await second.end(late)).json()["code"] == "last_operator"
    assert (await second.end(late, now + timedelta(days=40))).json()["code"] == "last_operator"
    wangs = await second.listed(person="wang")
    assert (await second.end(wangs[0])).json()["code"] == "last_operator"  # zhao begins later
    at = now + timedelta(days=29)
    assert (await second.end(wangs[0], at)).status_code == 200
    routing.clock.advance(timedelta(days=29))
    assert [each["post_id"] for each in await zhao.listed(person="zhao")] == [late["post_id"]]


async def test_a_proposed_operator_is_none(routing: ServiceUnderTest) -> None:
    li = await operator(routing, "li")
    await li.end(await Person(routing, OPERATOR_PERSON).own())
    await li.give("wang", "operator")
    (own,) = await li.listed(person="li")
    assert (await li.end(own)).json()["code"] == "last_operator"


async def test_operators_who_end_each_other_at_once_leave_one(routing: ServiceUnderTest) -> None:
    people = [Person(routing, OPERATOR_PERSON), await operator(routing, "li"),
              await operator(routing, "wang")]  # fmt: skip
    owns = [await each.own() for each in people]
    ends = [
        people[each].end(owns[(each + shift) % 3])
        for shift in (1, 2, 0) for each in range(3)
    ]  # fmt: skip
    answers = await asyncio.gather(*ends)
    assert {each.status_code for each in answers} <= {200, 403, 409}
    assert sum(each.status_code == 200 for each in answers) == 2
    table = routing.service.tables.post
    async with routing.service.database.reading() as session:
        rows = (await session.execute(table.select().where(table.c.role == "operator"))).all()
    assert [row.valid_to for row in rows].count(None) == 1


async def test_a_deployment_without_operators_gets_one_back(routing: ServiceUnderTest) -> None:
    """As the release before could leave it: the only post has ended."""
    table = routing.service.tables.post
    async with routing.service.database.writing() as session:
        await session.execute(
            table.update().where(table.c.role == "operator").values(valid_to=START)
        )
    first = Person(routing, OPERATOR_PERSON)
    assert (await first.give("zhou")).status_code == 403
    async with routing.service.units.begin() as uow:
        assert await restore_operator(uow, OPERATOR_PERSON) is not None
    async with routing.service.units.begin() as uow:
        assert await restore_operator(uow, OPERATOR_PERSON) is None
    (restored,) = await first.listed(standing="alone")
    assert (restored["person"], restored["given_by"]) == (OPERATOR_PERSON, "xinfang")
    assert await audited(routing) == ["post.restored"]
    assert len(await routing.recorded(PostChangedV1)) == 1
    assert (await first.give("zhou", "registrar")).status_code == 201


async def audited(routing: ServiceUnderTest) -> list[str]:
    audit = routing.service.tables.audit
    async with routing.service.database.reading() as session:
        actions = await session.scalars(audit.select().with_only_columns(audit.c.action))
        return [each for each in actions if each.startswith("post.") and each != "post.built_in"]


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("spans", "gap"),
    [
        ([], 0), ([(0, None)], None), ([(-5, None)], None), ([(1, None)], 0), ([(-5, -1)], 0),
        ([(-5, 3)], 3), ([(-5, 3), (3, None)], None), ([(-5, 3), (4, None)], 3),
        ([(2, None), (-5, 2)], None), ([(-9, 9), (-5, 3), (9, 12)], 12), ([(-5, 0), (0, 0)], 0),
    ],
)  # fmt: skip
def test_the_first_gap(spans: list[tuple[int, int | None]], gap: int | None) -> None:
    given = [
        (START + begins * DAY, None if ends is None else START + ends * DAY)
        for begins, ends in spans
    ]
    assert first_gap(given, START) == (None if gap is None else START + gap * DAY)


def test_alike_is_the_same_and_unlike_is_not() -> None:
    assert same_person("Zhang.San@x", " zhang.san@X\u200b")
    assert not same_person("zhang.san@x", "zhang-san@x")
    assert not same_person("a1", "a2")
