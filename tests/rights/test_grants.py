"""Vault and sealed items open with a case grant only (decisions 7): forged, stale and borrowed
grants are refused alike, each with a line in the audit."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from sqlalchemy import select

from services.intake.reveals.store.reveals import REVEAL
from shared.contracts.grant import Grant
from shared.vocabulary.posts import GrantPurpose, Role
from tests.conftest import MakeService
from tests.rights.objects import FORMER, HOLDER, OFFICE, SIBLING, handed_over
from tests.rights.platform import ROOT_OFFICE, Platform, make_platform
from tests.rights.scene import ALIKE, REASON, Scene, a_scene


@pytest.fixture
async def platform(make_service: MakeService) -> Platform:
    return await make_platform(make_service)


@pytest.fixture
async def scene(platform: Platform) -> Scene:
    return await a_scene(platform)


async def test_a_grant_opens_once_what_the_purpose_needs(scene: Scene) -> None:
    grant = await scene.grant()
    answer = await scene.reveal(grant)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "number": scene.receipt["number"], "purpose": "contact",
        "petitioners": [{"name": "李小满", "phone": "13807310001"}],
    }  # fmt: skip
    (line,) = await scene.audit("vault.opened")
    assert line["actor"] == f"officer@{FORMER}"
    assert line["subject"] == f"petition/{scene.case['petition_ids'][0]}"
    assert line["detail"]["case"] == scene.case["case_id"]
    again = await scene.reveal(grant)
    assert (again.status_code, again.json()["code"]) == ALIKE


@pytest.mark.parametrize(
    ("purpose", "shown"),
    [
        ("identity", {"name", "id_number"}),
        ("contact", {"name", "phone"}),
        ("deliver", {"name", "phone", "address"}),
        ("same_matter", {"name", "id_number"}),
    ],
)
async def test_each_purpose_shows_its_own_fields(
    scene: Scene, purpose: str, shown: set[str]
) -> None:
    answer = await scene.reveal(await scene.grant(purpose=purpose), purpose=purpose)
    (person,) = answer.json()["petitioners"]
    assert set(person) == shown


async def test_the_petitioner_reads_who_looked(scene: Scene) -> None:
    await scene.reveal(await scene.grant(reason="我叫李小满的信访人，电话13807310001核实"))
    path = f"/intake/v1/petitions/{scene.receipt['number']}/reveals"
    code = {"X-Query-Code": scene.receipt["query_code"]}
    answer = await scene.platform.call("GET", path, headers=code)
    assert answer.headers["cache-control"] == "no-store"
    (line,) = answer.json()["items"]
    assert line["organ"].endswith("住房和城乡建设局")
    assert (line["role"], line["purpose"]) == ("承办人", "联系信访人")
    assert "核实" in line["reason"]
    for hidden in ("李小满", "13807310001", f"officer@{FORMER}"):
        assert hidden not in answer.text
    wrong = await scene.platform.call("GET", path, headers={"X-Query-Code": "0000-0000"})
    assert wrong.status_code == 404


def signed_by(key: Any, grant: Grant, **header: Any) -> str:
    """A grant in another's hand."""
    claims = grant.model_dump(mode="json", exclude={"iat", "exp"})
    claims |= {"iat": int(grant.iat.timestamp()), "exp": int(grant.exp.timestamp())}
    head = {"alg": "Ed25519", "kid": "k1", "typ": "grant+jwt"} | header
    return jwt.encode(head, claims, key, algorithms=[head["alg"]])


def unsigned(text: str) -> str:
    """The same claims under `alg: none`."""
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"grant+jwt","kid":"k1"}').decode()
    return f"{head.rstrip('=')}.{text.split('.')[1]}."


def swapped(text: str, other: str) -> str:
    """The claims of one grant with the signature of another."""
    return ".".join([*text.split(".")[:2], other.split(".")[2]])


LATER = timedelta(seconds=60)
CHANGES: dict[str, Callable[[Grant], dict[str, Any]]] = {
    "expired": lambda g: {"iat": g.iat - LATER, "exp": g.exp - LATER},
    "not_yet": lambda g: {"iat": g.iat + LATER, "exp": g.exp + LATER},
    "too_long": lambda g: {"exp": g.exp + LATER},
    "other_petition": lambda g: {"item": f"petition/{uuid4()}"},
    "sealed_item": lambda g: {"item": f"sealed/{g.item.partition('/')[2]}"},
    "other_subject": lambda g: {"sub": "somebody-else"},
    "other_purpose": lambda g: {"purpose": GrantPurpose.IDENTITY},
    "sealed_purpose": lambda g: {"purpose": GrantPurpose.OPEN_SEALED},
    "other_case": lambda g: {"case_id": uuid4()},
    "no_case": lambda g: {"case_id": None},
    "old_case": lambda g: {"case_version": g.case_version - 1},
    "old_epoch": lambda g: {"case_epoch": 0},
    "old_post_version": lambda g: {"post_version": g.post_version - 1},
    "future_post_version": lambda g: {"post_version": g.post_version + 1},
    "other_post": lambda g: {"post_id": uuid4()},
}
"""Grants routing's own key signed, each wrong in one claim."""
FORGERIES = (
    *("nothing", "noise", "token", "none", "hs256_with_public_key", "foreign_key"),
    *("unknown_kid", "no_kid", "other_type", "other_issuer", "other_audience", "swapped"),
)


async def wrong_grant(scene: Scene, kind: str) -> str:
    """A grant that does not open."""
    text = await scene.grant()
    grant = Grant.model_validate(jwt.decode(text, scene.ring.keys["k1"], ["Ed25519"]).claims)
    if kind in CHANGES:
        return scene.ring.sign(grant.model_copy(update=CHANGES[kind](grant)))
    if kind == "used_twice":
        assert (await scene.reveal(text)).status_code == 200
        return text
    public, key = scene.ring.public_keys["k1"], scene.ring.keys["k1"]
    foreign = OKPKey.generate_key("Ed25519")
    other = scene.ring.sign(grant.model_copy(update={"item": f"petition/{uuid4()}"}))
    return {
        "nothing": "",
        "noise": "a.b.c",
        "token": scene.officer["Authorization"].removeprefix("Bearer "),
        "none": unsigned(text),
        "hs256_with_public_key": signed_by(OctKey.import_key(public.encode()), grant, alg="HS256"),
        "foreign_key": signed_by(foreign, grant),
        "unknown_kid": signed_by(key, grant, kid="k9"),
        "no_kid": signed_by(foreign, grant, kid=""),
        "other_type": signed_by(key, grant, typ="JWT"),
        "other_issuer": signed_by(key, grant.model_copy(update={"iss": "intake"})),
        "other_audience": signed_by(key, grant.model_copy(update={"aud": "analytics"})),
        "swapped": swapped(other, text),
    }[kind]


async def test_every_wrong_grant_is_refused_alike(scene: Scene) -> None:
    """With one and the same answer, and two lines in the audit that say why."""
    opened = 0
    for kind in (*CHANGES, *FORGERIES, "used_twice"):
        before = len(await scene.audit("vault.refused"))
        answer = await scene.reveal(await wrong_grant(scene, kind))
        reference = await scene.reveal("", number="430000-260302-7777-7777-7")
        assert (answer.status_code, answer.json()["code"]) == ALIKE, kind
        assert answer.json() == reference.json(), kind
        assert sorted(answer.headers) == sorted(reference.headers), kind
        refused = (await scene.audit("vault.refused"))[before:]
        assert [line["actor"] for line in refused] == [f"officer@{FORMER}"] * 2, kind
        assert refused[0]["detail"]["why"], kind
        assert refused[1]["subject"] == "petition/unknown", kind
        opened += kind == "used_twice"
        assert len(await scene.audit("vault.opened")) == opened, kind


async def test_another_person_can_not_use_a_grant(scene: Scene) -> None:
    grant = await scene.grant()
    colleague = await scene.platform.login(Role.HEAD, FORMER, strong=True)
    answer = await scene.reveal(grant, headers=colleague)
    assert (answer.status_code, answer.json()["code"]) == ALIKE
    assert (await scene.reveal(grant)).status_code == 200


async def test_only_the_organ_that_has_the_case_gets_grants(scene: Scene) -> None:
    platform = scene.platform
    login = platform.login
    for role, organ, status in (
        (Role.HEAD, FORMER, 201), (Role.SUPERVISOR, FORMER, 201), (Role.REGISTRAR, FORMER, 403),
        (Role.OFFICER, OFFICE, 403),  # received it, but does not have it now
        (Role.SUPERVISOR, ROOT_OFFICE, 404), (Role.OFFICER, f"{SIBLING}-HOUSING", 404),
        (Role.OFFICER, HOLDER, 404),
    ):  # fmt: skip
        assert (await scene.ask(await login(role, organ))).status_code == status, (role, organ)
    assert (await scene.ask(scene.officer, number="430000-260302-7777-7777-7")).status_code == 404
    held = await scene.grant()
    await handed_over(platform, scene.receipt["number"])
    assert (await scene.ask(scene.officer)).status_code == 404
    answer = await scene.reveal(held)  # issued before, ends with the first thing heard of the case
    assert (answer.status_code, answer.json()["code"]) == ALIKE
    holder = await login(Role.OFFICER, HOLDER, strong=True)
    grant = (await scene.ask(holder)).json()["grant"]
    assert (await scene.reveal(grant, headers=holder)).status_code == 200


async def test_a_closed_case_gets_no_grants(scene: Scene) -> None:
    await scene.close()
    assert (await scene.ask(scene.officer)).status_code == 409


async def test_a_changed_post_ends_its_grants(scene: Scene) -> None:
    platform = scene.platform
    operator = await platform.login(Role.OPERATOR, ROOT_OFFICE)
    token = platform.services["routing"].issuer.token("zhou", seconds=600, strong=True)
    zhou = {"Authorization": f"Bearer {token}"}
    posts = []
    for role in ("officer", "head"):
        given = await platform.services["routing"].give(person="zhou", organ_code=FORMER, role=role)
        posts.append(given["post_id"])
    early = (await scene.ask(zhou)).json()["grant"]
    unknown = await scene.reveal(early, headers=zhou)
    assert unknown.status_code == 403  # intake has not heard of the post
    await platform.settle()
    first, second = [(await scene.ask(zhou)).json()["grant"] for _ in range(2)]
    assert (await scene.reveal(first, headers=zhou)).status_code == 200
    await platform.call("POST", f"/routing/v1/posts/{posts[0]}/end", json={}, headers=operator)
    await platform.settle()
    answer = await scene.reveal(second, headers=zhou)  # still head, but the grant names a post
    assert (answer.status_code, answer.json()["code"]) == ALIKE
    third = (await scene.ask(zhou)).json()["grant"]
    assert (await scene.reveal(third, headers=zhou)).status_code == 200


async def test_the_log_says_who_when_what_for_and_why(scene: Scene) -> None:
    await scene.reveal(await scene.grant())
    database = scene.platform.services["intake"].service.database
    async with database.reading() as session:
        (row,) = (await session.execute(select(REVEAL))).mappings()
    assert row["person"] == f"officer@{FORMER}"
    assert (row["organ_code"], row["role"], row["purpose"]) == (FORMER, "officer", "contact")
    assert row["reason"] == REASON
    assert row["case_id"] == UUID(scene.case["case_id"])
    assert row["at"] == scene.platform.services["intake"].clock.now()
