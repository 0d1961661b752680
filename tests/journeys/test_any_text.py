"""Whatever is filed can be listed, printed, searched and exported: no text stops a file."""

from __future__ import annotations

import random
from io import BytesIO
from typing import Any

import openpyxl
import pypdf
import pytest

from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.rights.objects import FORMER as HOUSING
from tests.rights.platform import Platform, make_platform

PLACE = "长沙市岳麓区"
UGLY = (
    "灯\u200b不亮\ufeff", "家\U0001f468\u200d\U0001f469\u200d\U0001f467气\U0001f621",
    "一\x0b二\u2028三\x85四\x0c五\r六\r\n七", "\u202e倒\u2066过\u2069来", "=1+1", "@SUM(A1)",
    "\x01\x1b\x7f控", "\ufffe非\uffff字\U0010ffff符", "\ue000私\U000f0000用", "𠀀𰀀字",
    "e\u0301\u0302\u0303" * 40, "\u0600\u06dd\u0e33ไทย\u0915\u094d", "W" * 150, "（" * 150,
    "\u3164\u2800x", "_x0041_<w:p>&amp;{number}#$", "\x1c\x1d\x1e\x1f!",
)  # fmt: skip


def any_text(chance: random.Random, most: int) -> str:
    """Code points of all of Unicode but what JSON cannot carry, the odd ones more often."""
    odd = "\u200b\ufeff\u202e\u2028\x0b\x1b\ufe0f\u034f\ufffe\U000e0001\U0001f621 \n\t"
    made = []
    for _ in range(chance.randrange(1, most)):
        code = chance.choice((ord(chance.choice(odd)), chance.randrange(1, 0x110000)))
        made.append(" " if 0xD800 <= code < 0xE000 else chr(code))
    return "".join(made)


def filings(seed: int, many: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    titles = [*UGLY, *(any_text(chance, 180) for _ in range(many))]
    texts = [*UGLY, *(any_text(chance, 2_000) for _ in range(many - 1)), any_text(chance, 20_000)]
    people = {"name": any_text(chance, 30) + "甲", "address": any_text(chance, 90) + "乙"}
    return [
        {
            "purpose": "suggestion", "subject": f"{PLACE}建议{title}"[:200],
            "text": text, "place": title[:100], "category_code": "030800",
            "petitioners": [people],
        }
        for title, text in zip(titles, texts, strict=True)
    ]  # fmt: skip


@pytest.mark.timeout(180)
async def test_any_text_is_listed_printed_searched_and_exported(make_service: MakeService) -> None:
    platform = await make_platform(make_service)
    bodies = [(each, filed) for each in filings(20260302, 6)
              if (filed := await file(platform, each)) is not None]  # fmt: skip
    assert len(bodies) > len(UGLY) // 2
    await platform.settle()
    officer = await platform.login(Role.OFFICER, HOUSING, strong=True)

    async def ask(path: str, method: str = "GET", **body: Any) -> Any:
        answer = await platform.call(
            method, f"/routing/v1/{path}", headers=officer, **({"json": body} if body else {})
        )
        assert answer.status_code in (200, 202, 422), (path, answer.text)
        return answer

    todo = (await ask("cases")).json()["items"]
    assert len(todo) == len(bodies)
    for line, (body, _) in zip(sorted(todo, key=lambda x: x["number"]), bodies, strict=False):
        case = line["case_id"]
        for text in (body["subject"][8:60], body["text"][:100], body["text"][50:52]):
            if text.strip():
                await ask("search", "POST", text=text)
        assert (await ask(f"cases/{case}/file")).content.startswith(b"%PDF")
    sheet = openpyxl.load_workbook(BytesIO((await ask("work-list.xlsx")).content)).active
    assert sheet is not None
    assert sheet.max_row == 3 + len(bodies)
    for line in todo[::3]:
        case = f"cases/{line['case_id']}"
        assert (await ask(f"{case}/acceptance", "POST", simple=False)).status_code == 200
        answered = await ask(
            f"{case}/answer", "POST", opinion="adopted", text="拟采纳。", legal_basis="无"
        )
        assert answered.status_code == 200, answered.text
        pdf = await ask(f"{case}/notices/2/paper")
        assert pypdf.PdfReader(BytesIO(pdf.content)).pages
        assert (await ask(f"{case}/notices/2/paper?format=docx")).content.startswith(b"PK")
    await platform.settle()
    papers = await platform.call("GET", "/intake/v1/papers?limit=200", headers=officer)
    assert len([each for each in papers.json()["items"] if each["printable"]]) == 2 * len(todo[::3])
    await deliver(platform, officer, papers.json()["items"][-1])


async def file(platform: Platform, body: dict[str, Any]) -> dict[str, Any] | None:
    answer = await platform.call("POST", "/intake/v1/petitions", json=body)
    assert answer.status_code in (201, 422), answer.text
    made: dict[str, Any] = answer.json()
    return made if answer.status_code == 201 else None


async def deliver(platform: Platform, officer: dict[str, str], paper: dict[str, Any]) -> None:
    """The paper with the petitioner's own odd name and address."""
    grant = await platform.call(
        "POST", f"/routing/v1/cases/{paper['case_id']}/grants", headers=officer,
        json={"purpose": "deliver", "reason": "送达", "number": paper["number"]},
    )  # fmt: skip
    assert grant.status_code == 201, grant.text
    made = await platform.call(
        "POST", f"/intake/v1/papers/{paper['paper_id']}/made",
        headers=officer | {"X-Grant": grant.json()["grant"]},
    )  # fmt: skip
    assert made.status_code == 200, made.text
    assert made.content.startswith(b"%PDF")
