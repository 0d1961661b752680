"""The end of a demo: one screen a leader would read, and where to go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich import box
from rich.columns import Columns
from rich.console import Console
from rich.rule import Rule
from rich.table import Table

from services.cli.demo_figures import DemoFigures
from services.cli.platform import SERVICES
from services.cli.summary import rate_words, show_parts
from shared.vocabulary.cases import Confidence

ORGANS_SHOWN = 8


def show_demo(
    console: Console,
    figures: DemoFigures,
    periods: Mapping[str, Any],
) -> None:
    """Received, routed, waiting for a person, by category, duties, history."""
    console.print()
    console.print(Rule("[bold]信访情况汇总[/]"))
    waiting = figures.waiting.total()
    console.print(
        f"收到 [bold]{figures.received}[/] 件：自动分流 [bold]{figures.routed.total()}[/] 件"
        f"（{_share(figures.routed.total(), figures.received)}），"
        f"待人工核定 [bold]{waiting}[/] 件（{_share(waiting, figures.received)}）"
    )
    by_confidence = {
        each.label: figures.routed[each] for each in Confidence if figures.routed[each]
    }
    if figures.refused:
        console.print(
            f"拒收 {figures.refused.total()} 件：{_listed(figures.refused)}", markup=False
        )
    console.print(
        Columns(
            [
                _table("自动分流", by_confidence),
                _table("主要承办单位", dict(figures.organs.most_common(ORGANS_SHOWN))),
            ],
            padding=(0, 4),
        )
    )
    reasons = Counter({reason.split("：")[0]: n for reason, n in figures.waiting.items()})
    console.print(_table("待人工核定的原因", dict(reasons.most_common())))
    show_parts(console, periods["replayed"], ("by_category", "by_division"), most=8)
    if history := periods.get("history"):
        console.print(history_words(history))
    console.print(
        f"时限任务：进行中 [bold]{figures.duties_open}[/] 项，"
        f"其中已超期 [bold]{figures.duties_overdue}[/] 项；"
        f"搁置的事件 [bold]{figures.parked}[/] 个；全程 {figures.elapsed_s:.1f} 秒"
    )
    console.print(Rule())


def show_address(console: Console, url: str, data_dir: Path) -> None:
    """Where the service is and what to try next."""
    folder = f"--data-dir {data_dir}"
    lines = {
        "服务地址": url,
        "接口说明": "  ".join(f"{url}/{name}/docs" for name in SERVICES),
        "登录凭证": f".venv/bin/xinfang token --role supervisor {folder}",
        "统计": f".venv/bin/xinfang summary --from 2026-01-01 --to 2026-12-31 {folder}",
        "结束": "Ctrl-C",
    }
    for name, line in lines.items():
        gap = " " * (10 - 2 * len(name))
        console.print(f"{name}{gap}{line}", markup=False, soft_wrap=True)


def history_words(history: Mapping[str, Any]) -> str:
    """How the answered history was judged, in one sentence."""
    days = history["days_to_answer"]
    return (
        f"历史件答复 {history['answered']} 件，按期 {history['answered_on_time']} 件，"
        f"按期答复率 {rate_words(history['on_time_rate'])}，"
        f"用时中位数 {days['median']} 天，九成不超过 {days['p90']} 天"
    )


def _table(title: str, counts: Mapping[str, int]) -> Table:
    table = Table(title, "件", box=box.SIMPLE_HEAD, pad_edge=False)
    table.columns[1].justify = "right"
    for name, count in counts.items():
        table.add_row(name, str(count))
    return table


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"


def _listed(counts: Counter[str]) -> str:
    return "，".join(f"{reason} {count} 件" for reason, count in counts.most_common(5))
