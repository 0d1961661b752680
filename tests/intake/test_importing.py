"""Taking over history: original dates, once per source id, resumable, silent about accusations."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from services.intake.history.files.importing import ImportReport, import_file
from services.intake.history.use_cases import importing
from services.intake.history.use_cases.importing import import_chunk
from services.intake.history.use_cases.mappings import mapping_named
from services.intake.main import SPEC
from services.intake.petitions.store.petitions import PETITION, WORDS
from shared.contracts.intake import HistoryImportedV1, PetitionContentV1
from shared.kernel.errors import Conflict
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.intake.support import ROOT_OFFICE, count, rows
from tests.intake.test_history_files import a_row, written
from tests.support.service import ServiceUnderTest


@pytest.fixture
async def intake(make_service: MakeService) -> ServiceUnderTest:
    return await make_service(SPEC)


async def imported(intake: ServiceUnderTest, path: Path, **options: Any) -> ImportReport:
    return await import_file(
        intake.service.units,
        intake.service.resources,
        path,
        mapping_named("message-board"),
        rejects=path.with_name("rejects.ndjson"),
        actor="operator",
        **options,
    )


async def test_a_file_goes_in_with_its_own_dates(intake: ServiceUnderTest, tmp_path: Path) -> None:
    text = "我叫王小明，电话13812345678。举报村支书侵占补偿款。"
    path = written(
        tmp_path,
        "h.csv.gz",
        [a_row(text=text), a_row(message_id="8", reply="", replied_at=""), a_row(message_id="")],
    )
    seen: list[ImportReport] = []
    report = await imported(intake, path, on_progress=seen.append)
    assert report == ImportReport(rows=3, imported=2, duplicates=0, rejected=1)
    assert seen[-1] == report
    rejects = path.with_name("rejects.ndjson").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["line"] for line in rejects] == [5]
    first, second = (e.data["petition"] for e in await intake.recorded(HistoryImportedV1))
    assert first["history"] == {
        "source": "message-board", "source_id": "7", "answered_on": "2020-01-05"}  # fmt: skip
    assert first["received_on"] == "2019-12-31"
    assert first["received_by"] == ROOT_OFFICE
    assert second["history"]["answered_on"] is None
    content = (await intake.recorded(PetitionContentV1))[0]
    assert content.data["petition"] == first  # public when written: not sealed
    assert content.data["located_by_subject_alone"] is True  # as the mapping says
    assert "王小明" not in content.to_json()
    assert "13812345678" not in content.to_json()
    assert [row["answer"] for row in await rows(intake, WORDS)] == ["已修好。", None]


async def test_again_nothing_new_goes_in(intake: ServiceUnderTest, tmp_path: Path) -> None:
    path = written(tmp_path, "h.ndjson", [a_row(message_id=str(i)) for i in range(5)])
    await imported(intake, path)
    more = written(tmp_path, "more.ndjson", [a_row(message_id=str(i)) for i in range(7)])
    assert await imported(intake, more) == ImportReport(rows=7, imported=2, duplicates=5)
    assert len(await intake.recorded(HistoryImportedV1)) == 7


async def test_the_same_text_twice_is_two_petitions(
    intake: ServiceUnderTest, tmp_path: Path
) -> None:
    path = written(
        tmp_path, "h.ndjson", [a_row(message_id="1"), a_row(message_id="2"), a_row(message_id="1")]
    )
    assert await imported(intake, path) == ImportReport(rows=3, imported=2, duplicates=1)


async def test_what_broke_off_is_taken_up_again(
    intake: ServiceUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "h.ndjson", [a_row(message_id=str(i)) for i in range(450)])

    def break_off(report: ImportReport) -> None:
        if report.rows == 400:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await imported(intake, path, on_progress=break_off)
    assert await count(intake, PETITION) == [400]
    report = await imported(intake, path)
    assert (report.imported, report.duplicates) == (50, 400)
    assert len(await intake.recorded(HistoryImportedV1)) == 450


async def test_a_chunk_that_fails_leaves_nothing(
    intake: ServiceUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("outbox")

    monkeypatch.setattr(importing, "publish_imported", fail)
    with pytest.raises(RuntimeError):
        await imported(intake, written(tmp_path, "h.ndjson", [a_row()]))
    assert await count(intake, PETITION, WORDS) == [0, 0]


async def test_a_future_row_is_rejected_with_its_line(
    intake: ServiceUnderTest, tmp_path: Path
) -> None:
    rows_ = [a_row(), a_row(message_id="8", submitted_at="2031-01-01", replied_at="")]
    path = written(tmp_path, "h.ndjson", rows_)
    assert await imported(intake, path) == ImportReport(rows=2, imported=1, rejected=1)
    (line,) = path.with_name("rejects.ndjson").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["line"] == 2


OTHERS = [
    ({"text": "路灯坏了，又换了一盏。"}, "正文"),
    ({"subject": "路灯又不亮"}, "标题"),
    ({"reply": "已再次修好。"}, "答复"),
    ({"reply": "", "replied_at": ""}, "答复日期"),
    ({"submitted_at": "2019-12-30"}, "收到日期"),
    ({"replied_at": "2020-01-06"}, "答复日期"),
]


@pytest.mark.parametrize(("changes", "part"), OTHERS)
async def test_a_known_id_with_other_words_is_told(
    intake: ServiceUnderTest, tmp_path: Path, changes: dict[str, Any], part: str
) -> None:
    """In a later file, in the same file, and again after that."""
    first, other = a_row(), a_row(**changes)
    same_day = a_row(submitted_at="2019/12/31 23:30", replied_at="2020年1月5日", 又一列="x")
    await imported(intake, written(tmp_path, "h.ndjson", [first]))
    mixed = written(tmp_path, "m.ndjson", [other, first, same_day, other])
    for _ in range(2):
        report = await imported(intake, mixed)
        assert report == ImportReport(rows=4, duplicates=2, rejected=2)
        assert (report.unreadable, report.refused) == (0, None)
        lines = mixed.with_name("rejects.ndjson").read_text(encoding="utf-8").splitlines()
        rejects = [json.loads(line) for line in lines]
        assert [each["line"] for each in rejects] == [1, 4]
        assert all(part in each["reason"] for each in rejects)
    assert await count(intake, PETITION, WORDS) == [1, 1]


async def test_one_file_tells_its_own_ids_apart(intake: ServiceUnderTest, tmp_path: Path) -> None:
    """The first readable row of an id goes in, also behind one that can't, and over portions."""
    future = a_row(message_id="8", submitted_at="2031-01-01", replied_at="")
    fresh = [a_row(message_id=str(at)) for at in range(100, 400)]
    rows_ = [a_row(), future, a_row(text="第二版"), a_row(message_id="8"), *fresh,
             a_row(text="第三版"), a_row(), future]  # fmt: skip
    report = await imported(intake, written(tmp_path, "h.ndjson", rows_))
    assert report == ImportReport(rows=307, imported=302, duplicates=1, rejected=4)


async def test_words_that_differ_only_where_they_are_hidden(
    intake: ServiceUnderTest, tmp_path: Path
) -> None:
    one, other = (a_row(text=f"我叫王小明，电话1381234567{at}。请修。") for at in "89")
    await imported(intake, written(tmp_path, "h.ndjson", [one]))
    assert await imported(intake, written(tmp_path, "h.ndjson", [one])) == ImportReport(1, 0, 1)
    report = await imported(intake, written(tmp_path, "h.ndjson", [other]))
    assert report == ImportReport(rows=1, rejected=1)
    (kept,) = await rows(intake, PETITION)
    assert len(kept["content_digest"]) == 64
    (line,) = (tmp_path / "rejects.ndjson").read_text(encoding="utf-8").splitlines()
    assert "隐去" in line
    assert "138" not in line


@pytest.mark.parametrize(("changes", "part"), OTHERS)
async def test_rows_of_a_release_without_digests(
    intake: ServiceUnderTest, tmp_path: Path, changes: dict[str, Any], part: str
) -> None:
    hidden = {"subject": "我叫王小明", "reply": "王小明同志：**已修好**，电话13812345678。"}
    first = a_row(**hidden)
    await imported(intake, written(tmp_path, "h.ndjson", [first]))
    async with intake.service.units.begin() as uow:
        await uow.session.execute(update(PETITION).values(content_digest=None))
    assert await imported(intake, written(tmp_path, "h.ndjson", [first])) == ImportReport(1, 0, 1)
    report = await imported(intake, written(tmp_path, "h.ndjson", [first | changes]))
    assert report == ImportReport(rows=1, rejected=1)
    (line,) = (tmp_path / "rejects.ndjson").read_text(encoding="utf-8").splitlines()
    assert part in line


async def test_portions_side_by_side_tell_them_apart_too(intake: ServiceUnderTest) -> None:
    rules = mapping_named("message-board")

    async def take(**changes: Any) -> tuple[int, int, int]:
        petitions = [rules.read(a_row(message_id=str(at), **changes)) for at in range(20)]
        async with intake.service.units.begin() as uow:
            done = await import_chunk(
                uow, intake.service.resources, petitions, published=True, actor="x"
            )
        return done.imported, done.duplicates, len(done.refused)

    done = await asyncio.gather(take(), take(text="另一版"), take(text="第三版"))
    assert sorted(done) == [(0, 0, 20), (0, 0, 20), (20, 0, 0)]


async def test_other_work_goes_on_while_a_file_is_read(
    intake: ServiceUnderTest, tmp_path: Path
) -> None:
    turns = 0

    async def other_work() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    path = tmp_path / "h.ndjson.gz"
    path.write_bytes(gzip.compress(b"\n" * (8 << 20) + json.dumps(a_row()).encode()))
    working = asyncio.create_task(other_work())
    seen: list[int] = []
    report = await imported(intake, path, on_progress=lambda _: seen.append(turns))
    working.cancel()
    assert report == ImportReport(rows=1, imported=1)
    assert (report.lines, report.blank_lines, report.row_lines) == ((8 << 20) + 1, 8 << 20, 1)
    assert seen[0] > 100


async def test_a_file_that_breaks_off_says_how_far_it_was(
    intake: ServiceUnderTest, tmp_path: Path
) -> None:
    path = written(tmp_path, "h.ndjson.gz", [a_row(message_id=str(i)) for i in range(3000)])
    whole = path.read_bytes()
    path.write_bytes(whole[:-8])
    report = await imported(intake, path)
    assert report.refused is not None
    assert report.imported == report.rows > 0
    path.write_bytes(whole)
    again = await imported(intake, path)
    assert (again.refused, again.imported + again.duplicates) == (None, 3000)
    assert again.duplicates == report.imported


async def test_a_file_none_of_whose_rows_can_be_read_is_refused(
    intake: ServiceUnderTest, tmp_path: Path
) -> None:
    path = written(tmp_path, "h.ndjson", [a_row(submitted_at="43529"), a_row(text="")])
    report = await imported(intake, path)
    assert (report.rows, report.rejected, report.unreadable) == (2, 2, 2)
    assert report.refused is not None
    assert "第 1 行" in report.refused


async def test_what_was_not_public_may_not_come_in_this_way(intake: ServiceUnderTest) -> None:
    async with intake.service.units.begin() as uow:
        with pytest.raises(Conflict):
            await import_chunk(uow, intake.service.resources, [], published=False, actor="x")


async def test_rows_over_http(intake: ServiceUnderTest) -> None:
    operator = await intake.login(Role.OPERATOR, ROOT_OFFICE)
    body = {
        "rows": [
            a_row(稳控="是"),
            a_row(message_id="8", subject=""),
            a_row(),
            a_row(message_id="9", submitted_at="2031-01-01", replied_at=""),
        ]
    }
    answer = await intake.client.post(
        "/intake/v1/imports/message-board", json=body, headers=operator
    )
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["imported"], shown["duplicates"]) == (1, 1)
    assert [row["index"] for row in shown["refused"]] == [1, 3]
    assert shown["dropped_columns"] == ["稳控"]
    unknown = await intake.client.post("/intake/v1/imports/nothing", json=body, headers=operator)
    assert unknown.status_code == 404
    registrar = await intake.login(Role.REGISTRAR, ROOT_OFFICE)
    refused = await intake.client.post(
        "/intake/v1/imports/message-board", json=body, headers=registrar
    )
    assert refused.status_code == 403
