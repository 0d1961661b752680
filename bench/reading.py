"""How the time of reading a text grows with its length, for texts made to be slow to read.

For every unit, 20,000 against 2,000 characters: masking, sealing and the category, median of
several rounds. In proportion to the length the ratio is 10; the aim is at most 14."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from statistics import median

from services.intake.categories.domain.classifier import Classifier
from services.intake.masking.domain.masking import mask
from services.intake.sealing.domain.sealing import SealingRules
from shared.reference.calendar import packaged_text

SHORT, LONG = 2_000, 20_000
AIM = 14
UNITS = (
    "a", "0731-", "1.", "1", "１３８０", "vx", "我叫王", "姓名：", "姓名：张三、",
    "张三，男，", "@", "a@", "a.", "((", ")(", "([{", "1、", "138 ", "138，1234，", "0", "86",
    "一", "幺三八", "X", "1X", "湘A", "E1", "微信", "电话", "联系人 ", "·", "张·", "我叫A ",
    "*", "贪", "局长贪污受贿", "不", "。", "\n", " ", "\u200b", "贪\u200b", "岳麓区",
    "举报人：被", "男，", "①", "a#", "点",
)  # fmt: skip
"""Repeated up to the length; tests/intake/test_reading_growth.py counts steps for the same."""


async def bench_reading(*, rounds: int, seconds: float) -> dict[str, object]:
    """Ratio per unit and reader, the worst of each, and milliseconds of the slowest text."""
    del seconds  # so many rounds, however long they take
    rules = SealingRules(tomllib.loads(packaged_text("sealing.toml")))
    classifier = Classifier.load_packaged()
    readers: dict[str, Callable[[str], object]] = {
        "masking": lambda text: mask(text, identities=("张三", "aaa", "13812345678")),
        "sealing": lambda text: rules.judge("", text, declared_accusation=False),
        "category": lambda text: classifier.suggest("", text),
    }
    results: dict[str, object] = {"aim": AIM}
    for name, read in readers.items():
        taken = {unit: [_seconds(read, unit, n, rounds) for n in (SHORT, LONG)] for unit in UNITS}
        ratios = {unit: round(long / short, 1) for unit, (short, long) in taken.items()}
        slowest = max(UNITS, key=lambda unit: taken[unit][1])
        results[name] = {
            "worst_ratio": max(ratios.values()),
            "slowest": {"unit": slowest, "milliseconds": round(1e3 * taken[slowest][1], 1)},
            "ratios": ratios,
        }
    return results


def _seconds(read: Callable[[str], object], unit: str, characters: int, rounds: int) -> float:
    text = (unit * (characters // len(unit) + 1))[:characters]
    taken = []
    for _ in range(max(3, rounds)):
        began = time.process_time()
        read(text)
        taken.append(time.process_time() - began)
    return median(taken)
