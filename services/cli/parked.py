"""`xinfang parked list|show|replay`: events that could not be handled, with their reasons."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from services.cli.app import new_app
from services.cli.options import DATA_DIR, AsJson, DataDir, Token, settings_for
from services.cli.output import fail, finish
from services.cli.platform import SERVICES, Refused, platform
from services.cli.running import run

app = new_app(help="搁置的事件：查看原因，改正后重放。", no_args_is_help=True)

OneService = Annotated[
    str | None, typer.Option("--service", help=f"只看一个服务：{'、'.join(SERVICES)}")
]


@app.command("list")
def list_(
    data_dir: DataDir = DATA_DIR,
    service: OneService = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """列出搁置的事件，早的在前。"""
    chosen = _chosen(service)

    async def work() -> list[dict[str, Any]]:
        async with platform(settings_for(data_dir, as_json=as_json), token=token) as reached:
            return [
                {"service": name} | item
                for name in chosen
                async for item in reached.pages(f"/{name}/v1/parked")
            ]

    items = run(work(), as_json=as_json)

    def show(console: Console) -> None:
        if not items:
            console.print("没有搁置的事件。")
            return
        table = Table("服务", "编号", "类型", "对象", "次数", "原因")
        for item in items:
            table.add_row(*(str(item[key] or "") for key in _COLUMNS))
        console.print(table)

    finish({"parked": items, "count": len(items)}, show, as_json=as_json)


@app.command()
def show(
    event_id: Annotated[UUID, typer.Argument(help="事件编号")],
    data_dir: DataDir = DATA_DIR,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """显示一个搁置事件的全文与原因（含信访内容的不显示全文）。"""

    async def work() -> dict[str, Any] | None:
        async with platform(settings_for(data_dir, as_json=as_json), token=token) as reached:
            for name in SERVICES:
                try:
                    found: dict[str, Any] = await reached.call(
                        "GET", f"/{name}/v1/parked/{event_id}"
                    )
                except Refused as refused:
                    if refused.extra["status"] == HTTPStatus.NOT_FOUND:
                        continue
                    raise
                return {"service": name} | found
        return None

    item = run(work(), as_json=as_json)
    if item is None:
        fail(f"没有编号为 {event_id} 的搁置事件", as_json=as_json)
    finish(item, lambda console: console.print_json(data=item), as_json=as_json)


@app.command()
def replay(
    event_ids: Annotated[
        list[UUID] | None, typer.Argument(help="事件编号；不写则重放全部", show_default=False)
    ] = None,
    data_dir: DataDir = DATA_DIR,
    service: OneService = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """改正原因之后，让搁置的事件重新处理。"""
    chosen = _chosen(service)
    body = {"ids": [str(each) for each in event_ids]} if event_ids else {}

    async def work() -> dict[str, int]:
        async with platform(settings_for(data_dir, as_json=as_json), token=token) as reached:
            replayed = 0
            for name in chosen:
                answer = await reached.call("POST", f"/{name}/v1/parked/replay", json=body)
                replayed += answer["replayed"]
            left = await reached.settle()
            return {"replayed": replayed, "parked": left["parked"]}

    result = run(work(), as_json=as_json)
    finish(
        result,
        lambda console: console.print(
            f"重放 {result['replayed']} 个事件，仍搁置 {result['parked']} 个。"
        ),
        as_json=as_json,
    )


_COLUMNS = ("service", "id", "type", "subject", "attempts", "reason")


def _chosen(service: str | None) -> tuple[str, ...]:
    if service is not None and service not in SERVICES:
        fail(f"没有名为 {service} 的服务", f"可选：{'、'.join(SERVICES)}")
    return (service,) if service else SERVICES
