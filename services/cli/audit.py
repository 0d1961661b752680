"""`xinfang audit verify`: whether the audit logs are what was sealed; reads databases directly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from services.cli.app import new_app
from services.cli.options import DATA_DIR, AsJson, DataDir, settings_for
from services.cli.output import fail, finish
from services.cli.running import run
from services.deployment import SPECS
from shared.db.audit_anchor import AnchorFile
from shared.db.audit_verification import verify_audit
from shared.db.engine import Database
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Invalid, Unavailable
from shared.runtime.service import ServiceSpec
from shared.runtime.settings import Settings
from shared.vocabulary.checks import AuditFlaw

app = new_app(help="审计记录：核对是否被改动。", no_args_is_help=True)


@app.command()
def verify(
    data_dir: DataDir = DATA_DIR,
    service: Annotated[str | None, typer.Option("--service", help="只核对一个服务")] = None,
    anchor: Annotated[
        Path | None, typer.Option("--anchor", help="锚点文件（与 --service 同用），如另存的副本")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """逐条核对审计记录、封存链与外部锚点，指出第一处不符；有不符则退出码为 1。"""
    specs = [spec for spec in SPECS if service in {None, spec.name}]
    if not specs:
        fail(f"没有名为 {service} 的服务", as_json=as_json)
    if anchor and service is None:
        fail("--anchor 须与 --service 同用", as_json=as_json)
    settings = settings_for(data_dir, as_json=as_json)

    async def work() -> list[dict[str, Any]]:
        return [await verify_one(spec, settings, anchor) for spec in specs]

    results = run(work(), as_json=as_json)
    finish(
        {"services": results, "sound": all(each["sound"] for each in results)},
        lambda console: _show(console, results),
        as_json=as_json,
    )
    if not all(each["sound"] for each in results):
        raise typer.Exit(1)


@app.command("anchor")
def anchor_command(
    service: Annotated[str, typer.Option("--service", help="锚点已丢失的服务")],
    data_dir: DataDir = DATA_DIR,
    as_json: AsJson = False,
) -> None:
    """锚点文件确已丢失、且已查明原因时：核对封存链之后，从它现在的末尾重新开始写锚点。"""
    spec = next((spec for spec in SPECS if spec.name == service), None)
    if spec is None:
        fail(f"没有名为 {service} 的服务", as_json=as_json)
    settings = settings_for(data_dir, as_json=as_json)
    file = AnchorFile(settings.anchor(service))
    if file.last() is not None:
        fail(f"{file.path} 中有锚点", "移到别处保存，再执行", as_json=as_json)
    told = run(verify_one(spec, settings, None), as_json=as_json)
    if told["finding"] and told["finding"]["flaw"] != AuditFlaw.NO_ANCHOR:
        fail(words_of(told["finding"]), "先查明审计为何被改动", as_json=as_json)
    head, now = bytes.fromhex(told["head"]), SystemClock().now()
    file.append(service=service, ordinal=told["sealed"], head=head, at=now)
    finish(
        {"service": service, "ordinal": told["sealed"]},
        lambda console: console.print(f"{service}：已从第 {told['sealed']} 环重新写锚点"),
        as_json=as_json,
    )


async def verify_one(spec: ServiceSpec, settings: Settings, anchor: Path | None) -> dict[str, Any]:
    """The verdict on one service's audit. Raises Invalid without a database, Unavailable when it
    can't be read."""
    file = settings.data_dir / f"{spec.name}.db"
    if not settings.database_url and not file.exists():
        raise Invalid(f"没有数据库 {file}")
    anchors = AnchorFile(anchor or settings.anchor(spec.name)).read()
    database = Database(settings.database(spec.name), pool_size=1)
    try:
        verdict, unsealed = await verify_audit(
            database, spec.tables, service=spec.name, anchors=anchors
        )
    except DBAPIError as error:
        why = type(getattr(error.orig, "__cause__", None) or error.orig).__name__
        raise Unavailable(f"{spec.name} 的数据库读不出来：{why}") from error
    finally:
        await database.close()
    finding = verdict.finding
    return {
        "service": spec.name,
        "sound": finding is None,
        "sealed": verdict.sealed,
        "unsealed": unsealed,
        "anchors": len(anchors),
        "head": verdict.head.hex(),
        "late": verdict.late,
        "finding": None
        if finding is None
        else {
            "flaw": finding.flaw.value,
            "ordinal": finding.ordinal,
            "position": finding.position,
            "anchor_line": finding.anchor,
        },
    }


def _show(console: Console, results: list[dict[str, Any]]) -> None:
    table = Table("服务", "已封存", "未封存", "锚点", "结论")
    for each in results:
        table.add_row(
            each["service"], str(each["sealed"]), str(each["unsealed"]), str(each["anchors"]),
            words_of(each["finding"]) if each["finding"] else "相符",
        )  # fmt: skip
    console.print(table)
    for each in results:
        if each["late"]:
            console.print(f"{each['service']}：迟封的记录 {each['late']}，请人工核实。")


def words_of(finding: dict[str, Any]) -> str:
    """A finding in Chinese."""
    places = (("第 {} 环", "ordinal"), ("记录 {}", "position"), ("锚点第 {} 行", "anchor_line"))
    where = "，".join(text.format(finding[key]) for text, key in places if finding[key] is not None)
    return f"{AuditFlaw(finding['flaw']).label}：{where}"
