"""Seeing who a petitioner is: a fresh second factor, a limit, a log of what was refused."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt

from services.intake.main import SPEC as INTAKE
from services.intake.reveals.domain import SHOWN, is_strong, seconds_to_wait
from services.intake.reveals.use_cases.grants import read_grant
from services.intake.sealing.domain.protection import packaged_protection_rules
from services.routing.grants.use_cases.grant_keys import make_ring, publish_keys
from services.routing.main import SPEC as ROUTING
from shared.contracts.routing import GrantKeyPublishedV1
from shared.kernel.keys import KeyRefused, new_key_text
from shared.vocabulary.posts import GrantPurpose, Role
from tests.conftest import MakeService
from tests.intake.support import rows
from tests.rights.objects import FORMER
from tests.rights.platform import Platform, make_platform
from tests.rights.scene import Scene, a_scene
from tests.support.service import ServiceUnderTest

RULES = packaged_protection_rules()
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.fixture
async def scene(make_service: MakeService) -> Scene:
    return await a_scene(await make_platform(make_service))


def test_every_purpose_that_is_not_about_a_sealed_item_shows_something() -> None:
    sealed = {GrantPurpose.OPEN_SEALED, GrantPurpose.UNSEAL}
    assert set(SHOWN) == set(GrantPurpose) - sealed


@pytest.mark.parametrize(
    ("age", "methods", "level", "strong"),
    [
        (0.0, {"pwd", "otp"}, None, True),
        (600.0, {"mfa"}, None, True),
        (-4.0, {"mfa"}, None, True),
        (0.0, {"pwd"}, "gold", True),
        (600.1, {"mfa"}, "gold", False),
        (-60.0, {"mfa"}, None, False),
        (None, {"mfa"}, "gold", False),
        (0.0, {"pwd"}, None, False),
        (0.0, {"pwd"}, "silver", False),
        (0.0, set(), None, False),
    ],
)
def test_a_login_is_strong_when_it_is_fresh_and_had_two_factors(
    age: float | None, methods: set[str], level: str | None, strong: bool
) -> None:
    told = is_strong(
        age, frozenset(methods), level,
        max_age=RULES.step_up_max_age, second_factors=RULES.second_factors,
        levels=frozenset({"gold"}),
    )  # fmt: skip
    assert told is strong


def token(service: ServiceUnderTest, person: str, **claims: Any) -> dict[str, str]:
    """Headers with a token whose login was made in a given way."""
    now = int(datetime.now(UTC).timestamp())
    key = service.issuer.key()
    plain = {
        "iss": service.settings.token_issuer, "aud": service.settings.token_audience,
        "sub": person, "exp": now + 600,
    }  # fmt: skip
    claims = {name: now + value if name == "auth_time" and type(value) is int else value
              for name, value in claims.items()}  # fmt: skip
    made = jwt.encode({"alg": "ES256", "kid": key.kid}, plain | claims, key)
    return {"Authorization": f"Bearer {made}"}


WEAK: tuple[dict[str, Any], ...] = (
    {},
    {"amr": ["pwd", "otp"]},
    {"auth_time": -700, "amr": ["pwd", "otp"]},
    {"auth_time": 0},
    {"auth_time": 0, "amr": ["pwd"]},
    {"auth_time": "0", "amr": ["mfa"]},
    {"auth_time": True, "amr": ["mfa"]},
    {"auth_time": 0, "amr": {"mfa": 1}},
    {"auth_time": 0, "acr": "gold"},
    {"auth_time": 0, "acr": ["mfa"]},
)


async def test_without_a_fresh_second_factor_one_is_asked_for(scene: Scene) -> None:
    for count, claims in enumerate(WEAK, start=1):
        grant = await scene.grant()
        headers = token(scene.platform.services["intake"], f"officer@{FORMER}", **claims)
        answer = await scene.reveal(grant, headers=headers)
        assert answer.status_code == 401, claims
        assert answer.json()["code"] == "insufficient_user_authentication"
        assert answer.headers["www-authenticate"] == (
            'Bearer error="insufficient_user_authentication", max_age="600"'
        )
        refused = await scene.audit("vault.refused")
        assert [line["detail"]["why"] for line in refused] == ["weak_login"] * count, claims
        assert (await scene.reveal(grant)).status_code == 200  # the grant was not used up


async def test_a_level_the_deployment_names_is_as_good(make_service: MakeService) -> None:
    intake = await make_service(INTAKE, step_up_acr="gold, platinum")
    await intake.login(Role.OFFICER, FORMER, person="zhou")
    path = "/intake/v1/petitions/x/reveal"
    for level, status in (("gold", 403), ("silver", 401)):
        headers = token(intake, "zhou", auth_time=0, acr=level)
        answer = await intake.client.post(path, json={"purpose": "contact"}, headers=headers)
        assert answer.status_code == status
    assert 'acr_values="gold platinum"' in answer.headers["www-authenticate"]


def test_the_window_rolls() -> None:
    made = [NOON - timedelta(minutes=minutes) for minutes in (1, 20, 59)]
    assert seconds_to_wait(made, most=4, now=NOON) == 0
    assert seconds_to_wait(made, most=3, now=NOON) == 60
    assert seconds_to_wait(made, most=1, now=NOON) == 59 * 60
    assert seconds_to_wait([], most=1, now=NOON) == 0


async def shift(platform: Platform, delta: timedelta) -> None:
    for each in platform.services.values():
        each.clock.advance(delta)


async def test_twenty_an_hour_and_the_auditor_hears_of_more(scene: Scene) -> None:
    intake = scene.platform.services["intake"]
    for _ in range(RULES.reveals_per_hour):
        assert (await scene.reveal(await scene.grant())).status_code == 200
        await shift(scene.platform, timedelta(minutes=1))
    grant = await scene.grant()
    answer = await scene.reveal(grant)
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert answer.headers["retry-after"] == str(40 * 60)
    (line,) = await scene.audit("vault.refused")
    assert line["detail"]["why"] == "too_many"
    metrics = (await intake.client.get("/metrics")).text
    assert 'xinfang_reveals_refused{code="rate_limited",service="intake"} 1.0' in metrics
    colleague = await scene.platform.login(Role.HEAD, FORMER, strong=True)
    theirs = (await scene.ask(colleague)).json()["grant"]
    assert (await scene.reveal(theirs, headers=colleague)).status_code == 200
    await shift(scene.platform, timedelta(minutes=40))
    assert (await scene.reveal(await scene.grant())).status_code == 200
    assert (await scene.reveal(await scene.grant())).status_code == 429


async def test_two_processes_count_together_and_use_a_grant_once(
    scene: Scene, make_service: MakeService
) -> None:
    """Side by side: never more than the limit, never one grant twice."""
    intake = scene.platform.services["intake"]
    twin = await make_service(INTAKE, url=intake.settings.database_url)
    most = RULES.reveals_per_hour
    for _ in range(most - 2):
        assert (await scene.reveal(await scene.grant())).status_code == 200

    async def at(service: ServiceUnderTest, grant: str) -> int:
        answer = await service.client.post(
            f"/intake/v1/petitions/{scene.receipt['number']}/reveal",
            json={"purpose": "contact"}, headers=scene.officer | {"X-Grant": grant},
        )  # fmt: skip
        return answer.status_code

    grant = await scene.grant()
    same = await asyncio.gather(*(at(each, grant) for each in (intake, twin) * 3))
    assert sorted(same) == [200, *[403] * 5]
    grants = [await scene.grant() for _ in range(6)]
    pairs = zip([intake, twin] * 3, grants, strict=True)
    answers = await asyncio.gather(*(at(each, grant) for each, grant in pairs))
    assert sorted(answers) == [200, *[429] * 5]
    assert len(await rows(intake, INTAKE.metadata.tables["reveal"])) == most


async def keys_told(routing: ServiceUnderTest) -> list[dict[str, Any]]:
    return [each.data for each in await routing.recorded(GrantKeyPublishedV1)]


async def test_two_keys_overlap_while_one_takes_over(make_service: MakeService) -> None:
    old, new = new_key_text("old"), new_key_text("new")
    routing = await make_service(ROUTING, grant_keys=old)
    url = routing.settings.database_url
    assert [key["key_id"] for key in await keys_told(routing)] == ["old"]
    again = await make_service(ROUTING, url=url, grant_keys=old)
    assert len(await keys_told(again)) == 1  # told once
    both = await make_service(ROUTING, url=url, grant_keys=f"{old},{new}")
    assert both.service.resources.current == "old"
    assert [key["key_id"] for key in await keys_told(both)] == ["old", "new"]
    changed = await make_service(ROUTING, url=url, grant_keys=f"{new},{old}")
    assert changed.service.resources.current == "new"
    assert len(await keys_told(changed)) == 2
    alone = await make_service(ROUTING, url=url, grant_keys=new)
    retired = (await keys_told(alone))[-1]
    assert retired["key_id"] == "old"
    ends = datetime.fromisoformat(retired["valid_to"])
    assert ends == alone.clock.now() + timedelta(seconds=60)
    back = await make_service(ROUTING, url=url, grant_keys=f"{new},{old}")
    assert (await keys_told(back))[-1]["valid_to"] is None
    other = make_ring(new_key_text("new"), keys_folder=None)
    with pytest.raises(KeyRefused, match="不是原来以此编号公布的那一个"):
        async with back.service.units.begin() as uow:
            await publish_keys(uow, other)


async def test_intake_believes_a_key_until_its_end(scene: Scene) -> None:
    intake, routing = (scene.platform.services[name] for name in ("intake", "routing"))
    (told,) = await routing.recorded(GrantKeyPublishedV1)
    key = GrantKeyPublishedV1.model_validate(told.data)
    ends = key.model_copy(update={"valid_to": intake.clock.now() + timedelta(seconds=30)})
    await intake.deliver(
        intake.envelope(ends, subject_id=key.key_id, sequence=2),
        intake.envelope(key, subject_id=key.key_id, sequence=1),  # late: the higher rank stays
    )
    assert (await scene.reveal(await scene.grant())).status_code == 200
    await shift(scene.platform, timedelta(seconds=30))
    assert (await scene.reveal(await scene.grant())).status_code == 403


async def test_a_grant_is_read_with_public_keys_alone(make_service: MakeService) -> None:
    """What routing publishes is enough to check, and not enough to sign."""
    routing = await make_service(ROUTING)
    (key,) = await keys_told(routing)
    assert "d" not in json.dumps(key).split('"')
    assert read_grant("a.b.c", {key["key_id"]: key["public_key"]}) is None
    assert read_grant("a.b.c", {}) is None
