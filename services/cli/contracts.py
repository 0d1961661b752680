"""`xinfang contracts`: frozen schemas of events and HTTP interfaces, and docs/events.md."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services import contracts as frozen
from services.cli.options import DATA_DIR, AsJson, DataDir
from services.cli.output import fail, finish

HOME = Path(__file__).resolve().parents[2]

Check = Annotated[bool, typer.Option("--check", help="只核对，不写；有差异时退出码为 1")]
Unreleased = Annotated[
    bool, typer.Option("--unreleased", help="允许改动尚未发布的契约中已有的字段")
]


def contracts(
    data_dir: DataDir = DATA_DIR,
    check: Check = False,
    unreleased: Unreleased = False,
    as_json: AsJson = False,
) -> None:
    """由代码生成并冻结事件契约、HTTP 接口描述与 docs/events.md。"""
    del data_dir  # every command takes it; contracts follow from the code alone
    if not (HOME / "contracts").is_dir():
        fail("此安装不含契约文件", "请在源代码目录中运行", as_json=as_json)
    if check:
        if found := frozen.drift(HOME):
            fail(
                "契约文件与代码不一致：\n" + "\n".join(found),
                "运行 make contracts 并检查差异",
                as_json=as_json,
            )
        finish(
            {"drift": []}, lambda console: console.print("契约文件与代码一致。"), as_json=as_json
        )
        return
    try:
        changed = [str(path) for path in frozen.write(HOME, unreleased=unreleased)]
    except frozen.BreakingChangeError as error:
        fail(
            f"已冻结的契约只能增加可选字段：\n{error}",
            "另立新版本；尚未发布的可加 --unreleased",
            as_json=as_json,
        )
    except FileNotFoundError as error:
        fail(f"缺少事件样例 {error.filename}", as_json=as_json)
    finish(
        {"changed": changed},
        lambda console: console.print("\n".join(changed) or "没有变化。", markup=False),
        as_json=as_json,
    )
