"""Options every command has, and the settings they make."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from services.cli.output import fail
from shared.kernel.private import PRIVATE_UMASK
from shared.runtime.logging import configure_logging
from shared.runtime.settings import Settings

DATA_DIR = Path("data")

DataDir = Annotated[
    Path,
    typer.Option(
        "--data-dir", envvar="XINFANG_DATA_DIR", help="内嵌模式的数据目录", show_default=True
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="标准输出的最后一行为一行 JSON；日志在标准错误")
]
Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        envvar="XINFANG_TOKEN",
        help="登录凭证；内嵌模式不需要，由内置签发",
        show_default=False,
    ),
]


def settings_for(
    data_dir: Path, *, as_json: bool = False, quiet: bool = True, **values: Any
) -> Settings:
    """Settings from the environment with this data folder; complains in words when they clash.

    A `quiet` command logs warnings only, unless the environment names a level."""
    os.umask(PRIVATE_UMASK)
    try:
        settings = Settings(data_dir=data_dir, **values)
    except ValidationError as error:
        problems = "；".join(
            f"XINFANG_{'_'.join(map(str, each['loc'])).upper()} {each['msg']}"
            if each["loc"]
            else each["msg"]
            for each in error.errors()
        )
        fail(f"设置有误：{problems}", "各项设置见 .env.example", as_json=as_json)
    named = "log_level" in settings.model_fields_set
    configure_logging("WARNING" if quiet and not named else settings.log_level)
    return settings
