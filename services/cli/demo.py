"""`xinfang demo`: a fresh deployment, real or sample messages through its front door, figures."""

from __future__ import annotations

import asyncio
import errno
import shutil
import socket
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from services.cli.demo_figures import DemoFigures, collect
from services.cli.demo_input import DemoInput, InputMissing, find_input, petition_rows
from services.cli.demo_report import history_words, show_address, show_demo
from services.cli.hosting import address, hosted
from services.cli.importing import import_history
from services.cli.options import DATA_DIR, AsJson, settings_for
from services.cli.output import counting, fail, finish, stderr, tell, waiting
from services.cli.platform import Platform
from services.cli.replay import replay
from services.cli.running import run
from services.cli.summary import figures as period_figures
from services.intake.history.use_cases.mappings import mapping_named
from services.standalone import Standalone
from shared.kernel.clock import SystemClock
from shared.runtime.settings import Mode, Settings
from shared.vocabulary.posts import Role

PORTS_TRIED = 100
OLDEST = date(2000, 1, 1)


def demo(
    file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="只重放此文件", show_default=False),
    ] = None,
    divisions: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="文件所用的区划表", show_default=False),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="最多重放多少件", show_default=False)
    ] = None,
    leave: Annotated[bool, typer.Option("--exit", help="出数后结束，不继续提供服务")] = False,
    port: Annotated[
        int | None, typer.Option(help="端口，占用则取下一个", show_default=False)
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            "--data-dir",
            envvar="XINFANG_DATA_DIR",
            help="数据目录，须为空；默认在 ./data 下新建",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """演示：在全新的数据目录中启动平台，导入历史、经 HTTP 接口重放信访件，给出汇总。"""
    folder = fresh_folder(data_dir, keep=not leave, as_json=as_json)
    try:
        settings = settings_for(folder, as_json=as_json)
        chosen = find_input(file, divisions, settings.root_division)
        embedded = settings.model_copy(
            update={
                "mode": Mode.EMBEDDED, "database_url": "", "bus_url": "memory://", "jwks": "",
                "feed_url": "", "root_division": chosen.root, "divisions_file": chosen.divisions,
            }
        )  # fmt: skip
        listener = free_listener(embedded.host, port or embedded.port)
        run(_demo(embedded, chosen, listener, limit, leave=leave, as_json=as_json),
            as_json=as_json)  # fmt: skip
    except ValueError as error:
        fail(str(error), as_json=as_json)
    except KeyboardInterrupt:
        tell("已停止。")
    finally:
        if leave and data_dir is None:
            shutil.rmtree(folder, ignore_errors=True)
    if not leave:
        tell(f"数据保留在 {folder}；再次提供服务：xinfang serve --data-dir {folder}")


def fresh_folder(wanted: Path | None, *, keep: bool, as_json: bool = False) -> Path:
    """A folder that holds nothing yet; one that does is never touched."""
    if wanted is not None:
        if wanted.exists() and (not wanted.is_dir() or any(wanted.iterdir())):
            fail(
                f"数据目录 {wanted} 不是空的，演示不会改动它",
                "换一个目录，或不写 --data-dir（将在 ./data 下新建）",
                as_json=as_json,
            )
        wanted.mkdir(parents=True, exist_ok=True)
        return wanted
    if not keep:
        return Path(tempfile.mkdtemp(prefix="xinfang-demo-"))
    DATA_DIR.mkdir(exist_ok=True)
    number = 1
    while True:
        folder = DATA_DIR / f"demo-{number}"
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder


def free_listener(host: str, port: int) -> socket.socket:
    """A bound socket on the port, or on the next one that is free."""
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        try:
            return socket.create_server((host, candidate), backlog=2048)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    return socket.create_server((host, 0), backlog=2048)


async def _demo(
    settings: Settings,
    chosen: DemoInput,
    listener: socket.socket,
    limit: int | None,
    *,
    leave: bool,
    as_json: bool,
) -> None:
    tell(f"数据：{chosen.title}   数据目录：{settings.data_dir}")
    url = address(listener)
    standalone = Standalone(settings)
    async with (
        hosted(standalone, listener) as server,
        httpx.AsyncClient(base_url=url, timeout=60) as client,
    ):
        reached = Platform(client, settings, None, standalone)
        driving = asyncio.create_task(_drive(reached, chosen, limit))
        await asyncio.wait({driving, server}, return_when=asyncio.FIRST_COMPLETED)
        if not driving.done():
            driving.cancel()
            return
        result, periods = driving.result()
        finish(
            result.as_json,
            lambda console: show_demo(console, result, periods),
            as_json=as_json,
        )
        if not leave:
            show_address(stderr(), url, settings.data_dir)
            await server


async def _drive(
    reached: Platform, chosen: DemoInput, limit: int | None
) -> tuple[DemoFigures, dict[str, Any]]:
    clock = SystemClock(reached.settings.zone)
    began = clock.monotonic()
    rules = mapping_named("message-board")
    today = clock.today()
    periods: dict[str, Any] = {}
    if chosen.history is not None:
        done = await import_history(reached, chosen.history, rules)
        if done.report.refused:
            raise InputMissing(f"{chosen.history.name}：{done.report.refused}")
        periods["history"] = await period_figures(reached, OLDEST, today)
        tell(f"历史件 {done.report.imported} 件，{done.elapsed_s:.1f} 秒。"
             f"{history_words(periods['history'])}")  # fmt: skip
    bodies = list(petition_rows(chosen.messages, rules, limit=limit))
    registrar = await reached.staff_token(Role.REGISTRAR)
    with counting("登记信访件（HTTP）", len(bodies)) as count:
        replayed = await replay(reached.client, bodies, token=registrar, on_progress=count)
    with waiting("等待各服务处理完毕…"):
        left = await reached.settle()
    result = await collect(
        reached, replayed, parked=left["parked"], elapsed_s=clock.monotonic() - began
    )
    # Filed from `today` on; a replay may last beyond midnight.
    until = clock.today()
    periods["replayed"] = await period_figures(reached, today, until)
    return result, periods
