"""Who writes changes nothing: same category, same organ, same duties (reliability.md 3.1 item 7).

XINFANG_SWAPS sets how many pairs; CI takes a hundred."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from sqlalchemy import select

from services.routing.cases.store.cases import CASE
from services.supervision.duties.store.duties import DUTY
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.rights.objects import OFFICE
from tests.rights.planted import citizen_number, mobile
from tests.rights.platform import Platform, make_platform

PAIRS = int(os.environ.get("XINFANG_SWAPS", "100"))
MATTERS = (
    ("岳麓区银盆岭街道小区外墙渗水", "小区外墙渗水，开发商交房后一直不维修，请督促整改。"),
    ("天心区坡子街路灯不亮", "街道两旁路灯坏了半个月，晚上看不见路，请尽快修复。"),
    ("长沙县工地拖欠农民工工资", "去年在工地干活，劳务公司拖欠工资三万元，多次讨要不给。"),
    ("雨花区小学入学问题", "孩子到了上学年龄，学区划分不合理，学校不接收，希望解决学位。"),
    ("望城区化工厂夜间排放刺鼻气味", "工厂夜里偷排废气，气味刺鼻，居民无法开窗，请环保部门查处。"),
    ("浏阳市村道破损", "通村公路破损严重，雨天积水，车辆无法通行，请安排修路。"),
    ("请帮忙反映", "反映多次没有结果，请有关部门看一看。"),
)
NAMES = ("王建国", "李秀英", "张天心", "阿依古丽", "欧阳岳麓", "陈长沙", "扎西", "刘芙蓉", "赵望城")
SEXES = ("男", "女")
PEOPLES = ("汉族", "苗族", "维吾尔族", "藏族", "土家族")
REGIONS = ("430102", "110105", "652201", "540102", "430121", "310104")
EARLIER = ("这是我第一次写信。", "我已写信7次。", "这是第三十次上访。", "")


def told_by(dice: random.Random, matter: tuple[str, str]) -> dict[str, Any]:
    """The matter as some person tells it."""
    name, phone = dice.choice(NAMES), mobile()
    number = dice.choice(REGIONS) + citizen_number()[6:]
    who = f"我叫{name}，{dice.choice(SEXES)}，{dice.choice(PEOPLES)}，身份证{number}，电话{phone}。"
    return {
        "purpose": "claim", "channel": "letter", "received_on": "2026-02-27",
        "subject": matter[0], "text": who + matter[1] + dice.choice(EARLIER),
        "petitioners": [{"name": name, "id_number": number, "phone": phone}],
    }  # fmt: skip


async def file_in_two_voices(platform: Platform) -> list[tuple[str, str]]:
    """Numbers of pairs that differ in the person alone."""
    dice = random.Random(7)
    registrar = await platform.login(Role.REGISTRAR, OFFICE)
    numbers = []
    for turn in range(PAIRS):
        pair = []
        for _ in range(2):
            body = told_by(dice, MATTERS[turn % len(MATTERS)])
            answer = await platform.call(
                "POST", "/intake/v1/petitions", json=body, headers=registrar
            )
            assert answer.status_code == 201, answer.text
            pair.append(answer.json()["number"])
        numbers.append((pair[0], pair[1]))
    await platform.settle()
    return numbers


async def fates(platform: Platform) -> dict[str, tuple[Any, ...]]:
    """What became of each number: category, place, decision, organ and every duty."""
    columns = (
        CASE.c.category_code, CASE.c.division_code, CASE.c.decision_kind, CASE.c.organ_code,
        CASE.c.needs_person_reason, CASE.c.decider, CASE.c.copied_to, CASE.c.purpose, CASE.c.due_on,
    )  # fmt: skip
    async with platform.services["routing"].service.database.reading() as session:
        cases = (await session.execute(select(CASE.c.number, CASE.c.case_id, *columns))).all()
    duties: dict[Any, list[tuple[Any, ...]]] = {}
    async with platform.services["supervision"].service.database.reading() as session:
        query = select(
            DUTY.c.case_id,
            DUTY.c.kind,
            DUTY.c.nature,
            DUTY.c.organ_code,
            DUTY.c.due_on,
            DUTY.c.state,
        )
        for case_id, *duty in await session.execute(query):
            duties.setdefault(case_id, []).append(tuple(duty))
    return {
        row.number: (*row[2:], tuple(sorted(duties.get(row.case_id, []), key=str))) for row in cases
    }


@pytest.mark.timeout(900)
async def test_another_person_with_the_same_matter_gets_the_same(make_service: MakeService) -> None:
    platform = await make_platform(make_service)
    pairs = await file_in_two_voices(platform)
    fate = await fates(platform)
    assert len(fate) == 2 * PAIRS
    assert all(told[-1] for told in fate.values())  # somebody owes something
    assert len({told[:4] for told in fate.values()}) >= len(MATTERS) - 1  # matters do differ
    differing = [
        [(one, other) for one, other in zip(fate[first], fate[second], strict=True) if one != other]
        for first, second in pairs
        if fate[first] != fate[second]
    ]
    assert differing == []
