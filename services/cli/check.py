"""`xinfang check`: whether an installation is whole: databases, keys, audit, what services gave
each other. Reads everything, changes nothing; works without the services and beside them."""

from __future__ import annotations

from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from services.cli.audit import verify_one, words_of
from services.cli.options import DATA_DIR, AsJson, DataDir, settings_for
from services.cli.output import fail, finish, tell, waiting
from services.cli.platform import Unreachable, serving_url
from services.cli.running import database_words, run, system_words
from services.deployment import SPECS
from shared.db.engine import Database
from shared.kernel.errors import DomainError
from shared.runtime import exchange
from shared.runtime.exchange import Side
from shared.runtime.inspection import Inspection, inspect
from shared.runtime.installation import whole_deployment
from shared.runtime.marks import UnsafeToStart
from shared.runtime.settings import Settings

KEYS = {True: "相符", False: "不符", None: "未核对"}


def check(data_dir: DataDir = DATA_DIR, as_json: AsJson = False) -> None:
    """检查安装是否完整：数据库、密钥、审计、各服务之间的件数；只读，有问题则退出码为 1。"""
    settings = settings_for(data_dir, as_json=as_json)
    serving = None if settings.database_url else _serving(settings, as_json=as_json)
    if serving:
        tell(f"服务正在运行（{serving}）：在其旁边只读检查，运行中的变化不算问题。")
    with waiting("正在检查…"):
        result = run(_check(settings), as_json=as_json)
    result = {"sound": not result["findings"], "serving": serving, **result}
    finish(result, lambda console: _show(console, result), as_json=as_json)
    if not result["sound"]:
        raise typer.Exit(1)


def _serving(settings: Settings, *, as_json: bool) -> str | None:
    """Where the folder is served, None where nobody does."""
    if not settings.data_dir.exists():
        fail(f"没有数据目录 {settings.data_dir}", as_json=as_json)
    try:
        return serving_url(settings) or None
    except Unreachable as error:
        return error.detail
    except OSError as error:
        fail(system_words(error), as_json=as_json)


async def _check(settings: Settings) -> dict[str, Any]:
    looked = [await inspect(spec, settings) for spec in SPECS]
    findings = [finding for each in looked for finding in each.findings]
    if not findings:
        try:
            await whole_deployment(SPECS, settings)
        except UnsafeToStart as error:
            findings.append(str(error))
    services = []
    for each in looked:
        told = each.as_json
        if each.is_readable:
            told["audit"], finding = await _audit(each, settings)
            findings += [finding] if finding else []
        services.append(told)
    between, uneven = await _between([each for each in looked if each.is_readable], settings)
    return {"services": services, "between": between, "findings": findings + uneven}


async def _audit(each: Inspection, settings: Settings) -> tuple[dict[str, Any] | None, str]:
    try:
        told = await verify_one(each.spec, settings, None)
    except (DBAPIError, DomainError) as error:
        return None, f"{each.spec.name} 的审计读不出来：{_said(error)}"
    if not told["finding"]:
        return told, ""
    return told, (
        f"{each.spec.name} 的审计{words_of(told['finding'])}："
        "见 docs/operations.md 的 AuditUnsealed"
    )


async def _between(
    looked: list[Inspection], settings: Settings
) -> tuple[list[dict[str, Any]], list[str]]:
    sides = [Side(each.spec, Database(settings.database(each.spec.name))) for each in looked]
    found, findings = [], []
    try:
        for producer, consumer in exchange.pairs(sides):
            try:
                given = await exchange.compare(producer, consumer)
            except DBAPIError as error:
                names = f"{producer.spec.name} 与 {consumer.spec.name}"
                findings.append(f"{names} 之间没有核对完：{_said(error)}")
                continue
            found.append(given.as_json)
            if said := exchange.words(given):
                findings.append(said)
    finally:
        for side in sides:
            await side.database.close()
    return found, findings


def _said(error: Exception) -> str:
    if isinstance(error, DBAPIError):
        return database_words(error)
    return getattr(error, "detail", "") or str(error)


def _show(console: Console, result: dict[str, Any]) -> None:
    table = Table("服务", "数据库", "密钥", "审计", "加密值")
    for each in result["services"]:
        audit = each.get("audit")
        table.add_row(
            each["service"],
            "完好" if each["database"] else "有问题",
            KEYS[each["keys"]] if each["needs_keys"] else "",
            "未核对"
            if audit is None
            else f"相符（{audit['sealed']}）"
            if audit["sound"]
            else "不符",
            str(each["values"]) if each["values"] is not None else "",
        )
    console.print(table)
    table = Table("发出", "收到", "已发", "已收", "缺", "多", "待补", "未发")
    for each in result["between"]:
        counts = ("published", "received", "missing", "unknown", "awaited", "unsent")
        table.add_row(each["from"], each["to"], *(str(each[name]) for name in counts))
    console.print(table)
    for finding in result["findings"]:
        console.print(f"✗ {finding}", markup=False, soft_wrap=True)
    console.print("安装完好。" if result["sound"] else "安装有问题，见上。")
