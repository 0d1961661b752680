"""Posts, editions and reference data over HTTP."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta
from typing import Any

import pytest

from services.cli.edition_files import joined, within
from services.routing.main import SPEC
from shared.contracts.routing import CaseReferredV1, EditionPublishedV1, PostChangedV1
from shared.messaging.common import keep_edition
from shared.messaging.subscriptions import Received
from shared.reference.calendar import packaged_text
from shared.reference.division_files import dump
from shared.reference.editions import Edition
from shared.vocabulary.posts import Role
from tests.routing.making import COUNTY_OFFICE, HOUSING, ROOT_OFFICE, content
from tests.support.service import START, ServiceUnderTest


@pytest.fixture
async def routing(make_service: Any) -> ServiceUnderTest:
    service: ServiceUnderTest = await make_service(SPEC)
    return service


@pytest.fixture
async def operator(routing: ServiceUnderTest) -> dict[str, str]:
    return await routing.login(Role.OPERATOR, ROOT_OFFICE)


POST = {"person": "p-1", "organ_code": HOUSING, "role": "officer"}


async def test_a_post_opens_doors_from_the_moment_it_is_given(routing: ServiceUnderTest) -> None:
    token = {"Authorization": f"Bearer {routing.issuer.token('p-1', seconds=600)}"}
    assert (await routing.client.get("/routing/v1/cases", headers=token)).status_code == 403
    given = await routing.give(**POST)
    assert given["division_code"] == HOUSING.partition("-")[0]
    assert (await routing.client.get("/routing/v1/cases", headers=token)).status_code == 200
    (event,) = await routing.recorded(PostChangedV1)
    assert (event.sequence, event.data["post"]["person"]) == (1, "p-1")


async def test_an_ended_post_opens_nothing_and_everybody_is_told(
    routing: ServiceUnderTest, operator: dict[str, str]
) -> None:
    given = await routing.give(**POST)
    routing.clock.advance(timedelta(hours=1))
    url = f"/routing/v1/posts/{given['post_id']}"
    ended = await routing.client.post(f"{url}/end", json={}, headers=operator)
    assert ended.json()["valid_to"] is not None
    token = {"Authorization": f"Bearer {routing.issuer.token('p-1', seconds=600)}"}
    assert (await routing.client.get("/routing/v1/cases", headers=token)).status_code == 403
    assert [e.sequence for e in await routing.recorded(PostChangedV1)] == [1, 2]
    shown = await routing.client.get(url, headers=operator)
    assert shown.json() == ended.json()


@pytest.mark.parametrize(
    "change",
    [
        {"organ_code": "999999000000-HOUSING"},
        {"role": "citizen"},
        {"role": "service"},
        {"valid_to": "2020-01-01T00:00:00Z"},
        {"person": "  "},
        {"valid_from": "2026-01-01T00:00:00"},
    ],
    ids=str,
)
async def test_a_post_that_makes_no_sense_is_refused(
    routing: ServiceUnderTest, operator: dict[str, str], change: dict[str, str]
) -> None:
    answer = await routing.client.post("/routing/v1/posts", json=POST | change, headers=operator)
    assert answer.status_code == 422
    assert await routing.recorded() == []


async def test_only_an_operator_gives_posts(routing: ServiceUnderTest) -> None:
    head = await routing.login(Role.HEAD, HOUSING)
    answer = await routing.client.post("/routing/v1/posts", json=POST, headers=head)
    assert answer.status_code == 403
    nobody = await routing.client.post("/routing/v1/posts", json=POST)
    assert nobody.status_code == 401


async def test_posts_are_listed_by_person_and_organ(
    routing: ServiceUnderTest, operator: dict[str, str]
) -> None:
    for number in range(3):
        await routing.give(**POST | {"person": f"p-{number}"})
    seen, cursor = [], ""
    while cursor is not None:
        url = f"/routing/v1/posts?organ={HOUSING}&limit=2" + (cursor and f"&cursor={cursor}")
        page = (await routing.client.get(url, headers=operator)).json()
        seen += [item["person"] for item in page["items"]]
        cursor = page["next"]
    assert sorted(seen) == ["p-0", "p-1", "p-2"]
    one = await routing.client.get("/routing/v1/posts?person=p-1", headers=operator)
    assert len(one.json()["items"]) == 1
    missing = await routing.client.get(f"/routing/v1/posts/{uuid.uuid4()}", headers=operator)
    assert missing.status_code == 404


def an_edition(**values: Any) -> dict[str, Any]:
    plain = {
        "kind": "limits",
        "edition_id": "limits-local.1",
        "effective_on": "2026-03-01",
        "files": {"limits.csv": packaged_text("limits.csv").replace(",60,", ",45,")},
    }
    return plain | values


async def test_an_edition_is_published_whole_and_once(
    routing: ServiceUnderTest, operator: dict[str, str], make_service: Any
) -> None:
    url = "/routing/v1/editions"
    first = await routing.client.post(url, json=an_edition(), headers=operator)
    assert first.json()["published"] is True
    again = await routing.client.post(url, json=an_edition(), headers=operator)
    assert again.json()["published"] is False
    changed = an_edition(
        effective_on="2026-03-01", files={"limits.csv": packaged_text("limits.csv")}
    )
    taken = await routing.client.post(url, json=changed, headers=operator)
    assert (taken.status_code, taken.json()["code"]) == (409, "edition_immutable")
    (event,) = await routing.recorded(EditionPublishedV1)
    assert event.data["sha256"] == first.json()["sha256"]
    await routing.service.prepare()
    assert routing.service.reference.ids["limits"] == "limits-local.1"
    listed = (await routing.client.get(url, headers=operator)).json()
    assert {e["edition_id"]: e["in_force"] for e in listed if e["kind"] == "limits"} == {
        "limits-local.1": True,
        "limits-2026.3": False,
    }
    other: ServiceUnderTest = await make_service(SPEC)
    async with other.service.units.begin() as uow:
        received = Received(event, EditionPublishedV1.model_validate(event.data))
        await keep_edition(received, uow)
    await other.service.prepare()
    assert other.service.reference.ids["limits"] == "limits-local.1"


async def test_an_edition_can_be_read_back_and_sent_packed(
    routing: ServiceUnderTest, operator: dict[str, str]
) -> None:
    shown = await routing.client.get("/routing/v1/editions/organs/organs-2026.2", headers=operator)
    files = shown.json()["files"]
    assert set(files) == {"organ_kinds.csv", "organ_exceptions.csv"}
    (published,) = [
        e
        for e in (await routing.client.get("/routing/v1/editions", headers=operator)).json()
        if e["kind"] == "organs"
    ]
    assert published["sha256"] == shown.json()["sha256"]
    missing = await routing.client.get("/routing/v1/editions/organs/none", headers=operator)
    assert missing.status_code == 404


BAD_EDITIONS = [
    an_edition(kind="weather"),
    an_edition(files={"limits.csv": "a,b\n1,2"}),
    an_edition(files={}),
    an_edition(files=None),
    an_edition(content_xz_base64=base64.b64encode(b"x").decode()),
    an_edition(files=None, content_xz_base64="%%%"),
    an_edition(files=None, content_xz_base64="²Î"),
    an_edition(files=None, content_xz_base64=base64.b64encode(b"not xz").decode()),
    an_edition(kind="organs", files={"organ_kinds.csv": "kind\nX"}),
    an_edition(kind="divisions", files={"d.csv": "code,name,parent_code,level\n90,西地省,,1"}),
    an_edition(kind="calendar", files={"calendar.csv": "nothing"}),
    an_edition(edition_id="../x"),
]


@pytest.mark.parametrize("body", BAD_EDITIONS, ids=range(len(BAD_EDITIONS)))
async def test_what_cannot_be_read_is_never_published(
    routing: ServiceUnderTest, operator: dict[str, str], body: dict[str, Any]
) -> None:
    answer = await routing.client.post("/routing/v1/editions", json=body, headers=operator)
    assert answer.status_code == 422
    assert await routing.recorded() == []


async def test_reference_data_is_open_to_everybody(routing: ServiceUnderTest) -> None:
    get = routing.client.get
    top = (await get("/routing/v1/divisions")).json()
    assert "长沙市" in [d["name"] for d in top]
    found = (await get("/routing/v1/divisions?q=长沙县")).json()
    assert found[0]["path"] == ["湖南省", "长沙市", "长沙县"]
    assert (await get("/routing/v1/divisions/430121")).json()["parent_code"] == "430100000000"
    assert (await get("/routing/v1/divisions/999999")).status_code == 404
    assert (await get("/routing/v1/divisions/43012")).status_code == 422
    organs = (await get("/routing/v1/organs?division=430121")).json()
    assert COUNTY_OFFICE in [o["code"] for o in organs]
    assert f"{COUNTY_OFFICE.partition('-')[0]}-LAND" not in [o["code"] for o in organs]
    office = (await get(f"/routing/v1/organs/{COUNTY_OFFICE}")).json()
    assert office["superior_code"] == "430100000000-PETITION"
    assert (await get("/routing/v1/organs/430121000000-NOTHING")).status_code == 404
    competent = await get("/routing/v1/competent-organ?division=430121&category=030800")
    assert competent.json()["code"] == HOUSING
    assert (await get("/routing/v1/competent-organ?division=999999")).status_code == 404
    first = (await get("/routing/v1/categories")).json()
    assert "城乡建设" in [c["name"] for c in first]
    below = (await get("/routing/v1/categories?parent=030000")).json()
    assert "工程质量" in [c["name"] for c in below]
    searched = (await get("/routing/v1/categories?q=工程质量")).json()
    assert searched[0]["path"] == ["城乡建设", "工程质量"]


VILLAGES = [
    "code,name,streetCode,provinceCode,cityCode,areaCode",
    '430121002001,"泉塘第一村村委会",430121002,43,4301,430121',
    '110101001001,"多福巷社区居委会",110101001,11,1101,110101',
]


async def test_villages_of_the_deployment_are_loaded_and_found(
    routing: ServiceUnderTest, operator: dict[str, str]
) -> None:
    base = dump(routing.service.reference.divisions)
    own = within("\n".join(VILLAGES), "430000000000", base)
    files, removes = joined(
        "divisions", {"divisions.csv": base}, {"d.csv": own}, removes=(), whole=False
    )
    edition = Edition("divisions", "d-1", START.date(), files)
    body = {
        "kind": "divisions", "edition_id": "d-1", "effective_on": "2026-03-02", "removes": removes,
        "content_xz_base64": base64.b64encode(edition.pack()).decode(),
    }  # fmt: skip
    answer = await routing.client.post("/routing/v1/editions", json=body, headers=operator)
    assert answer.json()["rows"]["added_ids"] == ["430121002001"]
    await routing.service.prepare()
    assert routing.service.reference.ids["divisions"] == "d-1"
    data = content("长沙县泉塘街道泉塘第一村修路")
    await routing.deliver(routing.envelope(data, subject_id=data.petition.petition_id))
    (event,) = await routing.recorded(CaseReferredV1)
    assert event.data["case"]["division_code"] == "430121002001"
    assert event.data["case"]["editions"]["divisions"] == "d-1"


async def test_what_an_edition_would_change_is_told_before_it_is_published(
    routing: ServiceUnderTest, operator: dict[str, str]
) -> None:
    for category in ("030800", "030800", "130100"):
        data = content(category_code=category)
        await routing.deliver(routing.envelope(data, subject_id=data.petition.petition_id))
    row = "D3-2022,D3,,suggestion;claim;uncertain,,2022-05-01,,"
    limits = packaged_text("limits.csv").replace(f"{row}15,", f"{row}10,")
    body = {
        "kind": "limits", "edition_id": "limits-2027", "effective_on": "2026-01-01",
        "files": {"limits.csv": limits},
    }  # fmt: skip
    url = "/routing/v1/editions/trial"
    shorter = (await routing.client.post(url, json=body, headers=operator)).json()
    assert (shorter["open_cases"], shorter["complete"]) == (3, True)
    (change,) = shorter["due_dates"]
    assert (change["limit_before"], change["limit_after"]) == ("D3-2022", "D3-2022")
    assert (change["earlier"], change["later"]) == (change["cases"], 0)
    assert shorter["destinations"] == []
    competence = "\n".join(
        line.replace(",HOUSING,", ",URBAN_MANAGEMENT,") if line.startswith("030000") else line
        for line in packaged_text("competence.csv").splitlines()
    )
    body |= {"kind": "competence", "edition_id": "c-2", "files": {"competence.csv": competence}}
    moved = (await routing.client.post(url, json=body, headers=operator)).json()["destinations"]
    assert {(m["organ_after"].partition("-")[2], m["decided"]) for m in moved} == {
        ("URBAN_MANAGEMENT", 2)
    }
    broken = body | {"files": {"competence.csv": "x"}}
    assert (await routing.client.post(url, json=broken, headers=operator)).status_code == 422
    published = await routing.recorded(EditionPublishedV1)
    assert published == []


async def test_an_edition_moves_no_decided_case(
    routing: ServiceUnderTest, operator: dict[str, str]
) -> None:
    data = content()
    await routing.deliver(routing.envelope(data, subject_id=data.petition.petition_id))
    headers = await routing.login(Role.OFFICER, HOUSING)
    number = data.petition.number
    url = f"/routing/v1/cases/by-number/{number}"
    before = (await routing.client.get(url, headers=headers)).json()
    body = {
        "kind": "casework", "edition_id": "casework-2027", "effective_on": "2026-01-01",
        "files": {"casework.toml": packaged_text("casework.toml").replace("= 2", "= 1")},
    }  # fmt: skip
    answer = await routing.client.post("/routing/v1/editions", json=body, headers=operator)
    assert answer.status_code == 200
    assert (await routing.client.get(url, headers=headers)).json() == before
