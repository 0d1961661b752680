"""Who must not know learns nothing: in no list, look-up, count, search, export or figure of any
service (条例 Art. 30(3), 46(5)), whatever is done with the accusation."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from services.intake.petitions.domain.numbers import new_number
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.rights.matrix import ask_of, filled
from tests.rights.objects import COUNTY, FORMER, HOLDER, OFFICE, a_filing, make_objects
from tests.rights.platform import ROOT_OFFICE, Platform, make_platform
from tests.rights.readings import ELSEWHERE, LINES, Reader, read, readings, told, writings

BODY, ROOT_BODY = f"{COUNTY}-DISCIPLINE", "430000000000-DISCIPLINE"
GOVERNMENT, ROOT_GOVERNMENT = f"{COUNTY}-GOVERNMENT", "430000000000-GOVERNMENT"
TOWNSHIP = "430104001000-TOWNSHIP"
ROLES = frozenset(Role) - {Role.CITIZEN, Role.PARTNER, Role.SERVICE}


def test_every_reading_route_has_a_line() -> None:
    assert set(readings()) - set(ELSEWHERE) == set(LINES)


@pytest.fixture
async def platform(make_service: MakeService) -> Platform:
    return await make_platform(make_service)


async def a_reader(
    platform: Platform, roles: frozenset[Role], organ: str, *, also: str = ""
) -> Reader:
    """Somebody with these roles at an organ, and perhaps one post at another."""
    person = f"{'+'.join(sorted(roles))}@{organ}{also}"[:110]
    for role in sorted(roles):
        headers = await platform.login(role, organ, person=person, strong=True)
    if also:
        await platform.login(Role.REVIEWER, also, person=person, strong=True)
    return Reader(person, roles, headers)


class Office:
    """The people before whom a sealed item lies."""

    def __init__(self, platform: Platform, organ: str) -> None:
        self.platform, self.organ = platform, organ

    async def listed(self) -> list[str]:
        answer = await self.platform.call("GET", "/intake/v1/sealed", headers=await self.who())
        return [each["sealed_id"] for each in answer.json()["items"]]

    async def who(self, role: Role = Role.SUPERVISOR) -> dict[str, str]:
        return await self.platform.login(role, self.organ, strong=True)

    async def _granted(self, sealed_id: str, purpose: str) -> dict[str, str]:
        asked = await self.platform.call(
            "POST", f"/routing/v1/sealed/{sealed_id}/grants", headers=await self.who(),
            json={"purpose": purpose, "reason": "研究办理"},
        )  # fmt: skip
        assert asked.status_code == 201, asked.text
        return await self.who() | {"X-Grant": asked.json()["grant"]}

    async def read(self, sealed_id: str) -> dict[str, Any]:
        headers = await self._granted(sealed_id, "open_sealed")
        path = f"/intake/v1/sealed/{sealed_id}"
        answer = await self.platform.call("GET", path, headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def release(self, sealed_id: str, **body: Any) -> str:
        wanted = {"purpose": "accusation", "reason": "经研究，另行办理"} | body
        answer = await self.platform.call(
            "POST", f"/intake/v1/sealed/{sealed_id}/release", json=wanted,
            headers=await self._granted(sealed_id, "unseal"),
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        await self.platform.settle()
        return str(answer.json()["number"])


async def file(platform: Platform, registrar: str = "", **changes: Any) -> dict[str, Any]:
    """Something filed by anybody, or a letter that the registrar of an office enters."""
    headers, body = None, a_filing(**changes)
    if registrar:
        headers = await platform.login(Role.REGISTRAR, registrar)
        body |= {"channel": "letter", "received_on": "2026-02-27"}
    answer = await platform.call("POST", "/intake/v1/petitions", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    await platform.settle()
    return dict(answer.json())


async def handled(platform: Platform, number: str, decider: str, body: str) -> dict[str, str]:
    """The case of an accusation sent to the discipline body, its petitioner looked at, handed over;
    the ids by which somebody could ask for it."""
    who = await platform.login(Role.OFFICER, decider)
    found = await platform.call("GET", f"/routing/v1/cases/by-number/{number}", headers=who)
    assert found.status_code == 200, found.text
    case = found.json()
    base = f"/routing/v1/cases/{case['case_id']}"
    decision = {"kind": "transfer", "note": "按管理权限", "organ_code": body}
    if body == decider:
        decision = {"kind": "own", "note": "按管理权限"}
    assert (await platform.call("POST", f"{base}/decision", json=decision, headers=who)).is_success
    await platform.settle()
    officer = await platform.login(Role.OFFICER, body, strong=True)
    asked = await platform.call(
        "POST", f"{base}/grants", json={"purpose": "contact", "reason": "核实"}, headers=officer
    )
    shown = await platform.call(
        "POST", f"/intake/v1/petitions/{number}/reveal", json={"purpose": "contact"},
        headers=officer | {"X-Grant": asked.json()["grant"]},
    )  # fmt: skip
    assert shown.status_code == 200, shown.text
    duties = await platform.call(
        "GET", f"/supervision/v1/duties?case_id={case['case_id']}", headers=officer
    )
    await platform.settle()
    return {
        "case_id": case["case_id"], "petition_id": case["petition_ids"][0], "number": number,
        "duty_id": duties.json()["items"][0]["duty_id"],
    }  # fmt: skip


async def not_told_apart(
    platform: Platform, reader: Reader, hidden: Mapping[str, str], path: Mapping[str, str]
) -> list[str]:
    """Requests in which one of these ids is answered otherwise than one nobody has."""
    nobody = {name: str(uuid.uuid4()) for name in hidden}
    nobody["number"] = new_number(COUNTY, date(2026, 2, 27))
    named = [
        route
        for route, queries in LINES.items()
        if any(f"{{{name}}}" in f"{route} {queries}" for name in hidden) or "search" in route
    ]
    asked = [await read(platform, reader, dict(path) | ids, only=named) for ids in (hidden, nobody)]
    wrong = [each for each in asked[0] if asked[0][each] != asked[1][each]]
    for route, roles in writings().items():
        if not roles & reader.roles or not any(f"{{{name}}}" in route for name in hidden):
            continue
        answers = []
        for ids in (hidden, nobody):
            method, template = route.split(" ", 1)
            ask = ask_of(route)
            answers.append(
                await platform.call(
                    method, filled(template, dict(path) | ids), json=ask.body, params=ask.params,
                    headers=dict(reader.headers) | {"X-Grant": "a.b.c"},
                )
            )  # fmt: skip
        wrong += [route] if told(answers[0]) != told(answers[1]) else []
    return wrong


async def snapshot(
    platform: Platform, readers: Sequence[Reader], path: Mapping[str, str]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for reader in readers:
        found |= await read(platform, reader, path)
    return found


def differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    assert before.keys() == after.keys()
    return [each for each in before if before[each] != after[each]]


CASES = {
    # who is accused, how it is filed, before whom it lies, who decides, whose people learn nothing
    "retaliation by the handler": (
        {"subject": "长沙市岳麓区因信访被打击报复", "text": "我因为信访，被停了低保。"},
        ROOT_OFFICE, OFFICE, BODY, (FORMER,),
    ),
    "retaliation by the county's government": (
        {"subject": "因信访被打击报复", "text": "被停了低保。", "complained_organ": GOVERNMENT},
        ROOT_OFFICE, "430100000000-PETITION", "430100000000-DISCIPLINE",
        (GOVERNMENT, OFFICE, TOWNSHIP),
    ),
    "retaliation by the office that opens": (
        {"subject": "信访局报复我", "text": "湖南省信访局某处长停了我的低保。"},
        ROOT_BODY, ROOT_BODY, BODY, (ROOT_OFFICE, OFFICE),
    ),
}  # fmt: skip


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", CASES)
async def test_the_accused_units_view_is_the_same_byte_for_byte(
    platform: Platform, case: str
) -> None:
    filing, opener, decider, body, organs = CASES[case]
    objects = await make_objects(platform)
    earlier = (await file(platform))["number"]
    office = Office(platform, opener)
    readers = [await a_reader(platform, ROLES, organ) for organ in organs]
    readers.append(await a_reader(platform, ROLES, f"{COUNTY}-TAX", also=organs[0]))
    whole = tuple(readers)
    if case == min(CASES):  # each role by itself too
        each = [frozenset({role}) for role in sorted(ROLES)]
        readers += [await a_reader(platform, roles, organs[0]) for roles in each]
    for organ in (decider, body, opener):  # posts stand in no list but the operators'
        await platform.login(Role.OFFICER, organ, strong=True)
        await office.who()
    before = await snapshot(platform, readers, objects.path)
    assert any(b"items" in answer[2] for answer in before.values())

    known = await office.listed()
    receipt = await file(platform, OFFICE, retaliation_for=earlier, **filing)
    (sealed_id,) = set(await office.listed()) - set(known)
    assert differing(before, await snapshot(platform, readers, objects.path)) == []
    opened = await office.read(sealed_id)
    assert {each["organ_code"] for each in opened["accused"]} >= {FORMER}
    assert await office.release(sealed_id) == receipt["number"]
    hidden = await handled(platform, receipt["number"], decider, body)
    assert differing(before, await snapshot(platform, readers, objects.path)) == []
    hidden |= {"sealed_id": sealed_id}
    for reader in whole:
        assert await not_told_apart(platform, reader, hidden, objects.path) == [], reader.name


SEEN = "/intake/v1/petitions?number={number}"


async def lines(platform: Platform, number: str, organ: str, role: Role) -> int:
    who = await platform.login(role, organ)
    answer = await platform.call("GET", SEEN.format(number=number), headers=who)
    return len(answer.json()["items"])


async def test_others_see_a_released_report_in_intake_as_before(platform: Platform) -> None:
    """The office that entered it sees it again once it is ordinary, unless it is under who is
    accused; so does the discipline body's supervisor over the county."""
    earlier = (await file(platform))["number"]
    number = (await file(platform, OFFICE, retaliation_for=earlier))["number"]
    office = Office(platform, ROOT_OFFICE)
    assert await lines(platform, number, OFFICE, Role.REGISTRAR) == 0
    assert await office.release((await office.listed())[0]) == number
    assert await lines(platform, number, OFFICE, Role.REGISTRAR) == 1
    assert await lines(platform, number, ROOT_OFFICE, Role.SUPERVISOR) == 1
    assert await lines(platform, number, BODY, Role.SUPERVISOR) == 1
    for organ, role in (
        (FORMER, Role.SUPERVISOR), ("430100000000-GOVERNMENT", Role.SUPERVISOR),
    ):  # fmt: skip
        assert await lines(platform, number, organ, role) == int(organ != FORMER)


ACCUSING = (
    ("named in the form", {"complained_organ": ROOT_OFFICE, "text": "某处长截留信访救助金"}),
    ("found in the text", {"subject": "检举湖南省信访局某处长", "text": "某处长截留救助金"}),
    ("in words of the form", {"complained": "省信访局接访处", "text": "有人截留救助金"}),
    ("by its bare name", {"text": "信访局副局长贪污救助金，信 访\u200b局无人过问"}),
)


@pytest.mark.parametrize("filing", [each for _, each in ACCUSING], ids=[n for n, _ in ACCUSING])
async def test_nobody_opens_an_accusation_of_their_own_office(
    platform: Platform, filing: dict[str, Any]
) -> None:
    await platform.settle()
    office, body = Office(platform, ROOT_OFFICE), Office(platform, ROOT_BODY)
    await file(platform, purpose="accusation", **filing)
    assert await office.listed() == []
    (sealed_id,) = await body.listed()
    queue = "/routing/v1/needs-person"
    officer = await office.who(Role.OFFICER)
    assert (await platform.call("GET", queue, headers=officer)).json()["items"] == []
    theirs = await platform.call("GET", queue, headers=await body.who(Role.OFFICER))
    assert [each["item_id"] for each in theirs.json()["items"]] == [sealed_id]

    async def grant(headers: dict[str, str], item: str) -> httpx.Response:
        return await platform.call(
            "POST", f"/routing/v1/sealed/{item}/grants", headers=headers,
            json={"purpose": "open_sealed", "reason": "研究办理"},
        )  # fmt: skip

    refused, nothing = [
        await grant(await office.who(), item) for item in (sealed_id, str(uuid.uuid4()))
    ]
    assert (refused.status_code, told(refused)) == (404, told(nothing))
    assert {each["organ_code"] for each in (await body.read(sealed_id))["accused"]} == {ROOT_OFFICE}


@pytest.mark.parametrize(
    "text",
    [
        "我到湖南省信访局反映多次，村支书贪污低保款",
        "湖南省信访局领导：您好！我举报村支书受贿",
        "岳麓区信访局科长受贿",
        "我向省政府举报村支书贪污",
    ],
)
async def test_an_office_that_is_only_spoken_to_opens_it(platform: Platform, text: str) -> None:
    await platform.settle()
    await file(platform, purpose="accusation", subject="举报", text=text)
    assert len(await Office(platform, ROOT_OFFICE).listed()) == 1
    assert await Office(platform, ROOT_BODY).listed() == []


@pytest.mark.parametrize("also", [FORMER, GOVERNMENT])
async def test_of_several_posts_the_strictest_counts(platform: Platform, also: str) -> None:
    await platform.settle()
    await file(platform, purpose="accusation", complained_organ=also, text="某人受贿")
    both = await a_reader(platform, frozenset({Role.SUPERVISOR}), ROOT_OFFICE, also=FORMER)
    answer = await platform.call("GET", "/intake/v1/sealed", headers=dict(both.headers))
    assert answer.json()["items"] == []
    assert len(await Office(platform, ROOT_OFFICE).listed()) == 1


@pytest.mark.parametrize("accused", [ROOT_GOVERNMENT, f"{ROOT_OFFICE} {ROOT_BODY}"])
async def test_operators_are_told_that_something_waits_for_nobody(
    platform: Platform, accused: str
) -> None:
    await platform.settle()
    named, *body = accused.split()
    text = "某处长截留救助金"
    if body:  # the report is of the body, by what the office did
        named, text = body[0], "湖南省信访局某处长截留救助金"
    receipt = await file(platform, purpose="accusation", complained_organ=named, text=text)
    for organ in (ROOT_OFFICE, ROOT_BODY):
        assert await Office(platform, organ).listed() == []
    await look(platform)
    operator = await platform.login(Role.OPERATOR, f"{COUNTY}-TAX")
    alarms = (await platform.call("GET", "/supervision/v1/alarms", headers=operator)).json()
    (alarm,) = [each for each in alarms["items"] if each["code"] == "nobody_may_decide"]
    told_of = str(alarm)
    assert receipt["number"] not in told_of
    assert not any(organ in told_of for organ in (named, ROOT_OFFICE, ROOT_BODY, "信访局"))


async def test_the_alarm_ends_when_somebody_may(platform: Platform) -> None:
    await platform.settle()
    await file(platform, purpose="accusation", complained_organ=ROOT_OFFICE, text="截留救助金")
    operator = await platform.login(Role.OPERATOR, f"{COUNTY}-TAX")

    async def standing() -> list[str]:
        await look(platform)
        alarms = await platform.call("GET", "/supervision/v1/alarms", headers=operator)
        return [each["code"] for each in alarms.json()["items"]]

    assert await standing() == ["nobody_may_decide"]
    assert await standing() == ["nobody_may_decide"]
    await Office(platform, ROOT_BODY).who()
    assert await standing() == []


async def look(platform: Platform) -> None:
    """What routing's loop does every minute."""
    for each in platform.services.values():
        each.clock.advance(timedelta(minutes=1))
    routing = platform.services["routing"].service
    (job,) = [each for each in routing.spec.jobs if each.name == "unattended"]
    await job.work(routing)
    await platform.settle()


async def test_what_a_person_finds_out_later_hides_it_everywhere(platform: Platform) -> None:
    """Filed as of uncertain purpose about nobody; the office finds that it accuses the bureau."""
    receipt = await file(
        platform, OFFICE, subject="求助", text="请帮忙。", purpose="uncertain", category_code=None
    )
    number = receipt["number"]
    reader = await a_reader(platform, ROLES, HOLDER)
    assert await lines(platform, number, HOLDER, Role.SUPERVISOR) == 1
    who = await platform.login(Role.OFFICER, OFFICE)
    case = (await platform.call("GET", f"/routing/v1/cases/by-number/{number}", headers=who)).json()
    decided = await platform.call(
        "POST", f"/routing/v1/cases/{case['case_id']}/decision", headers=who,
        json={"kind": "transfer", "note": "实为检举", "purpose": "accusation",
              "complained_organ": HOLDER, "organ_code": BODY},
    )  # fmt: skip
    assert decided.status_code in (200, 202), decided.text
    await platform.settle()
    assert await lines(platform, number, OFFICE, Role.REGISTRAR) == 1
    hidden = {"case_id": case["case_id"], "petition_id": case["petition_ids"][0], "number": number}
    objects = await make_objects(platform)
    assert await not_told_apart(platform, reader, hidden, objects.path) == []
    for answer in (await read(platform, reader, objects.path)).values():
        assert number.encode() not in answer[2]
        assert case["case_id"].encode() not in answer[2]


async def test_a_person_may_name_the_accused_at_release(platform: Platform) -> None:
    await platform.settle()
    earlier = (await file(platform))["number"]
    number = (await file(platform, OFFICE, retaliation_for=earlier, text="被停了低保"))["number"]
    office = Office(platform, ROOT_OFFICE)
    await office.release((await office.listed())[0], complained_organ=GOVERNMENT)
    for organ in (FORMER, GOVERNMENT, OFFICE):  # the handler too, and who is under the government
        assert await lines(platform, number, organ, Role.SUPERVISOR) == 0
    assert await lines(platform, number, BODY, Role.SUPERVISOR) == 1
