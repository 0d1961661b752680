"""The `xinfang` command. Each subcommand is loaded when it is called: help answers at once."""

from __future__ import annotations

import importlib
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from services.cli.app import new_app
from shared.runtime.version import release

HELP = """信访办理平台：登记、分流、督办、统计。

每个命令都从环境变量 XINFANG_… 读取设置（见 .env.example）。
"""

COMMANDS = {
    "serve": ("services.cli.serve:serve", "在一个进程、一个端口上启动全部四个服务"),
    "demo": ("services.cli.demo:demo", "演示：导入历史、重放信访件、给出汇总"),
    "migrate": ("services.cli.serve:migrate_command", "迁移数据库、载入参考数据、声明消息拓扑"),
    "import": ("services.cli.importing:import_command", "导入历史信访件（含答复）"),
    "summary": ("services.cli.summary:summary", "一段时间的统计，与上年同期比较"),
    "token": ("services.cli.tokens:token", "签发登录凭证，必要时先授予岗位"),
    "operator": ("services.cli.operators:app", "运维管理员的岗位：无人能授予岗位时恢复一名"),
    "parked": ("services.cli.parked:app", "未能处理而搁置的事件"),
    "audit": ("services.cli.audit:app", "核对审计记录是否被改动"),
    "check": ("services.cli.check:check", "检查安装是否完整：数据库、密钥、审计、服务间件数"),
    "editions": ("services.cli.editions:editions_app", "参考数据的版本"),
    "divisions": ("services.cli.editions:divisions_app", "行政区划"),
    "calendar": ("services.cli.editions:calendar_app", "工作日历"),
    "backup": ("services.cli.backup:backup", "备份内嵌部署（数据库与密钥）"),
    "restore": ("services.cli.backup:restore", "把备份恢复到空的数据目录"),
    "restored": ("services.cli.backup:restored", "分开部署：数据库恢复之后、启动之前执行"),
    "provision": ("services.cli.provisioning:app", "为分开部署建立数据库角色和消息队列用户"),
    "keys": ("services.cli.tokens:keys", "为分开部署生成密钥"),
    "classifier": ("services.cli.classifier:app", "内容分类模型（开发用）"),
    "contracts": ("services.cli.contracts:contracts", "生成并冻结契约文件（开发用）"),
}
"""Name -> where it is (a function, or a Typer with subcommands), and what it does."""


class Subcommands(TyperGroup):
    """The subcommands of COMMANDS, each loaded when it is called."""

    def list_commands(self, _: Any) -> list[str]:
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, _: Any, cmd_name: str) -> Any:
        """A subcommand ready to run; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        found = getattr(importlib.import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            alone = new_app()
            alone.command()(found)
            found = alone
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command

    def format_commands(self, _: Any, formatter: Any) -> None:
        """The table as help shows it, without loading any of them."""
        with formatter.section("命令"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


def command() -> typer.Typer:
    """The command with all its subcommands."""
    app = new_app(name="xinfang", cls=Subcommands, no_args_is_help=True)
    app.callback(help=HELP)(_options)
    return app


def _show_version(wanted: bool) -> None:  # noqa: FBT001  typer passes it so
    if wanted:
        typer.echo(release())
        raise typer.Exit


def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="显示版本", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """What stands before the name of a subcommand."""
    del version  # answered by its callback


def main() -> None:
    """Entry point. Output is UTF-8 whatever the locale says, or replaced where it can't be."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    command()()


if __name__ == "__main__":
    main()
