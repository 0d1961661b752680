"""`xinfang summary`: the figures of a period, for a leader's eyes or a program's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich import box
from rich.columns import Columns
from rich.console import Console
from rich.table import Table

from services.analytics.registry.domain.dimensions import SHOWN, Register
from services.analytics.registry.domain.measures import COUNTS
from services.analytics.registry.domain.rates import INDICATORS
from services.cli.options import DATA_DIR, AsJson, DataDir, Token, settings_for
from services.cli.output import finish
from services.cli.platform import Platform, platform
from services.cli.running import run


def summary(
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="收到日期，含")],
    until: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="收到日期，含")],
    division: Annotated[
        str | None, typer.Option(help="行政区划代码，含其下级；默认全部", show_default=False)
    ] = None,
    data_dir: DataDir = DATA_DIR,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """一段时间的统计：件、批、人次、答复、按期率、分类，与上年同期比较。"""
    settings = settings_for(data_dir, as_json=as_json)

    async def work() -> dict[str, Any]:
        async with platform(settings, token=token) as reached:
            return await figures(reached, since.date(), until.date(), division=division)

    result = run(work(), as_json=as_json)
    finish(result, lambda console: show_summary(console, result), as_json=as_json)


async def figures(
    reached: Platform, since: date, until: date, *, division: str | None = None
) -> dict[str, Any]:
    """The summary of analytics, over the whole deployment or one division."""
    query = {"from": since.isoformat(), "to": until.isoformat()}
    if division:
        query["division"] = division
    found: dict[str, Any] = await reached.call("GET", "/analytics/v1/summary", params=query)
    return found


def show_summary(console: Console, figures: Mapping[str, Any]) -> None:
    """The figures as a leader reads them: each with its unit, each rate with both counts."""
    before = figures["previous"]
    console.print(
        f"[bold]{figures['division_name']}[/]  收到日期 {figures['from']} 至 {figures['to']}"
        f"（上年同期 {before['from']} 至 {before['to']}）"
    )
    table = Table("", "本期", "上年同期", "增减", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for key, words in LINES.items():
        growth = before["growth"].get(key)
        change = "" if growth is None else growth_words(growth)
        table.add_row(words, str(figures[key]), str(before[key]), change)
    for key, words in RATES.items():
        table.add_row(words, rate_words(figures[key]), rate_words(before[key]), "")
    days, days_before = figures["days_to_answer"], before["days_to_answer"]
    table.add_row("答复用时中位数（天）", str(days["median"]), str(days_before["median"]), "")
    table.add_row("九成答复不超过（天）", str(days["p90"]), str(days_before["p90"]), "")
    console.print(table)
    show_parts(console, figures, LONG, most=10)
    show_parts(console, figures, SHORT, most=6)


def show_parts(
    console: Console, figures: Mapping[str, Any], splits: tuple[str, ...], *, most: int
) -> None:
    """Parts of the figures side by side, the largest first, the rest in one line."""
    columns = []
    for split in splits:
        table = Table(SPLITS[split].label, "件", box=box.SIMPLE_HEAD, pad_edge=False)
        table.columns[1].justify = "right"
        parts = dict(figures[split])
        undecided = parts.pop(UNDECIDED, None)
        known = list(parts.values())
        for part in known[:most]:
            table.add_row(part["name"], str(part["items"]))
        if rest := sum(part["items"] for part in known[most:]):
            table.add_row(f"另 {len(known) - most} 项", str(rest))
        if undecided:
            table.add_row(undecided["name"], str(undecided["items"]))
        columns.append(table)
    console.print(Columns(columns, padding=(0, 4)))


def growth_words(growth: Mapping[str, Any]) -> str:
    """`+12（+8.5%）`; "—" where there was nothing the year before."""
    value = growth["value"]
    share = value if isinstance(value, str) else f"{value:+.1f}%"
    return f"{growth['difference']:+d}（{share}）"


def rate_words(rate: Mapping[str, Any]) -> str:
    """A rate with both of its counts."""
    value = rate["value"]
    share = value if isinstance(value, str) else f"{value:.1f}%"
    return f"{share}（{rate['numerator']}/{rate['denominator']}）"


UNDECIDED = "none"
"""Key of the part nobody has decided yet."""
LINES = {
    each.name: each.label if each.label == each.unit else f"{each.label}（{each.unit}）"
    for each in COUNTS
    if each.listed
}
RATES = {each.name: each.label for each in INDICATORS if each.listed}
SPLITS = {f"by_{each.name}": each for each in SHOWN if each.listed}
LONG = tuple(name for name, each in SPLITS.items() if isinstance(each.names, Register))
SHORT = tuple(name for name in SPLITS if name not in LONG)
