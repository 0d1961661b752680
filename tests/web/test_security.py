"""The posts in force say what somebody may do and see; what is unknown shows nothing."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from shared.contracts.routing import PostChangedV1
from shared.kernel.clock import FixedClock
from shared.vocabulary.posts import Role
from shared.web.security import REMEMBERED_SECONDS
from tests.support.service import START, ServiceUnderTest
from tests.web.people import PERSON, Change, ask, give, post, signed
from tests.web.shop import NOTE, make_shop


async def test_a_public_route_takes_anybody_but_not_a_bad_token(shop: ServiceUnderTest) -> None:
    assert (await shop.client.get("/shop/v1/who")).json() == {"person": "anonymous", "roles": []}
    assert (await ask(shop, "x.y.z", "who")).status_code == 401
    assert (await ask(shop, signed(shop), "who")).json()["person"] == "anonymous"
    await give(shop)
    assert (await ask(shop, signed(shop), "who")).json() == {"person": PERSON, "roles": ["officer"]}


OUT_OF_FORCE: dict[str, Change] = {
    "of another role": {"role": Role.ANALYST},
    "ended": {"valid_to": START - timedelta(seconds=1)},
    "ending now": {"valid_to": START},
    "not begun": {"valid_from": START + timedelta(seconds=1)},
    "of another person": {"person": "qian"},
}


@pytest.mark.parametrize("name", [*OUT_OF_FORCE, "none at all"])
async def test_without_a_fitting_post_in_force_a_known_person_is_refused(
    shop: ServiceUnderTest, name: str
) -> None:
    if name in OUT_OF_FORCE:
        await give(shop, **OUT_OF_FORCE[name])
    answer = await ask(shop, signed(shop))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_post_begins_and_ends_by_the_business_clock(shop: ServiceUnderTest) -> None:
    hour = timedelta(hours=1)
    await give(shop, valid_from=START + hour, valid_to=START + 2 * hour)
    statuses = []
    for _ in range(3):
        statuses.append((await ask(shop, signed(shop))).status_code)
        shop.clock.advance(hour)
    assert statuses == [403, 200, 403]


async def test_a_change_of_post_is_in_force_at_once_for_a_token_in_use(
    shop: ServiceUnderTest,
) -> None:
    token = signed(shop)
    await give(shop)
    assert (await ask(shop, token)).status_code == 200
    await give(shop, valid_to=START)
    assert (await ask(shop, token)).status_code == 403
    await give(shop, role=Role.HEAD)
    assert (await ask(shop, token)).status_code == 200


async def test_a_change_kept_by_another_process_is_in_force_after_the_second_of_memory(
    shop: ServiceUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = FixedClock(START)
    monkeypatch.setattr(shop.service.posts, "_machine", machine)
    await give(shop)
    assert (await ask(shop, signed(shop))).status_code == 200
    other = ServiceUnderTest(make_shop(), shop.settings.database_url, tmp_path)
    await other.start()
    ended = post(valid_to=START)
    await other.deliver(
        other.envelope(PostChangedV1(post=ended), subject_id=ended.post_id, sequence=2)
    )
    assert (await ask(other, signed(shop))).status_code == 403
    machine.advance(timedelta(seconds=REMEMBERED_SECONDS + 0.001))
    assert (await ask(shop, signed(shop))).status_code == 403
    await other.close()


async def test_an_older_state_of_a_post_never_comes_back(shop: ServiceUnderTest) -> None:
    granted, ended = post(), post(valid_to=START)
    newer = shop.envelope(PostChangedV1(post=ended), subject_id=ended.post_id, sequence=2)
    older = shop.envelope(PostChangedV1(post=granted), subject_id=granted.post_id, sequence=1)
    await shop.deliver(newer)
    await shop.deliver(older)
    assert (await ask(shop, signed(shop))).status_code == 403


async def put(shop: ServiceUnderTest) -> None:
    places = {
        "province": "430000000000", "city": "430100000000", "district": "430104000000",
        "street": "430104001000", "neighbour": "430102000000", "elsewhere": "440000000000",
        "invented": "439999000000",
    }  # fmt: skip
    rows = [
        {"word": word, "organ_code": f"{code}-PETITION", "division_code": code,
         "noted_on": START.date()}
        for word, code in places.items()
    ]  # fmt: skip
    async with shop.service.database.writing() as session:
        await session.execute(insert(NOTE), rows)


@pytest.mark.parametrize(
    ("divisions", "seen"),
    [
        (["430104000000"], ["district", "street"]),
        (["430104001000"], ["street"]),
        (["430104001000", "430102000000"], ["street", "neighbour"]),
        (["430100000000"], ["city", "district", "street", "neighbour"]),
        (["440300000000"], []),
        (["439999000000"], []),  # in no tree: nobody knows how far it reaches
        (["990000000000"], []),
        (["000000000000"], []),
        (["", "x", "4301040", "43010400000%"], []),
        (["990000000000", "430104001000"], ["street"]),
    ],
)
async def test_a_post_shows_its_subtree_and_an_unknown_division_shows_nothing(
    shop: ServiceUnderTest, divisions: list[str], seen: list[str]
) -> None:
    await put(shop)
    for number, code in enumerate(divisions):
        await give(shop, post_id=uuid.UUID(int=number), role=Role.SUPERVISOR, division_code=code)
    answer = await ask(shop, signed(shop), "subtree")
    assert (answer.status_code, answer.json()) == (200, seen)


async def test_organ_scope_shows_the_organs_of_fitting_posts_only(shop: ServiceUnderTest) -> None:
    await put(shop)
    await give(shop)
    await give(
        shop, post_id=uuid.UUID(int=2), organ_code="430102000000-PETITION", role=Role.ANALYST
    )
    assert (await ask(shop, signed(shop))).json() == ["district"]
