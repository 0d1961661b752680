"""`xinfang serve` and `xinfang migrate`."""

from __future__ import annotations

import socket
from collections.abc import Collection
from typing import Annotated, Any

import typer

from services.cli.hosting import address, hosted
from services.cli.options import DATA_DIR, AsJson, DataDir, settings_for
from services.cli.output import fail, finish, tell
from services.cli.running import run
from services.deployment import SPECS, migrate
from services.standalone import Standalone
from shared.runtime.folder_lock import FolderLock
from shared.runtime.settings import Settings

Host = Annotated[str | None, typer.Option(help="监听地址，默认 127.0.0.1", show_default=False)]
Port = Annotated[
    int | None, typer.Option(help="监听端口，默认 8000", show_default=False, min=0, max=65535)
]


def serve(data_dir: DataDir = DATA_DIR, host: Host = None, port: Port = None) -> None:
    """在一个进程、一个端口上启动全部四个服务（内嵌模式，Ctrl-C 结束）。"""
    given: dict[str, Any] = {"host": host, "port": port}
    given = {name: value for name, value in given.items() if value is not None}
    settings = settings_for(data_dir, quiet=False, **given)
    listener = listen(settings)
    run(_serve(settings, listener))
    tell("已停止。")


async def _serve(settings: Settings, listener: socket.socket) -> None:
    async with hosted(Standalone(settings), listener) as serving:
        tell(f"信访办理平台：{address(listener)}   数据目录：{settings.data_dir}   Ctrl-C 结束")
        await serving


def listen(settings: Settings) -> socket.socket:
    """A bound socket for the settings' address; ends the command when the port is taken."""
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        fail(
            f"不能监听 {settings.host}:{settings.port}（{error.strerror}）",
            "用 --port 换一个端口，0 为任意空闲端口",
        )


def migrate_command(
    data_dir: DataDir = DATA_DIR,
    new: Annotated[
        list[str] | None,
        typer.Option(
            "--new",
            help="另建此服务的空数据库（原库已丢失且无备份时），残留文件移到一旁",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """迁移数据库、载入参考数据、声明消息队列拓扑；可重复执行。"""
    settings = settings_for(data_dir, as_json=as_json)
    names = [spec.name for spec in SPECS]
    if unknown := [name for name in new or () if name not in names]:
        fail(f"没有服务 {'、'.join(unknown)}", "、".join(names), as_json=as_json)
    run(_migrate(settings, new or ()), as_json=as_json)
    finish(
        {"migrated": names},
        lambda console: console.print(f"已迁移：{'、'.join(names)}"),
        as_json=as_json,
    )


async def _migrate(settings: Settings, new: Collection[str]) -> None:
    if settings.database_url:
        await migrate(settings, new=new)
        return
    with FolderLock(settings.data_dir):
        await migrate(settings, new=new)
