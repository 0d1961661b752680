"""The `xinfang` command."""

from __future__ import annotations

import sys

import typer

from services.cli import classifier, editions, parked
from services.cli.contracts import contracts
from services.cli.demo import demo
from services.cli.importing import import_command
from services.cli.serve import migrate_command, serve
from services.cli.summary import summary
from services.cli.tokens import keys, token

HELP = """信访办理平台：登记、分流、督办、统计。

每个命令都从环境变量 XINFANG_… 读取设置（见 .env.example）。
"""


def command() -> typer.Typer:
    """The command with all its subcommands."""
    app = typer.Typer(
        name="xinfang",
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command()(serve)
    app.command("migrate")(migrate_command)
    app.command()(demo)
    app.command("import")(import_command)
    app.command()(summary)
    app.command()(token)
    app.command()(keys)
    app.command()(contracts)
    app.add_typer(parked.app, name="parked")
    app.add_typer(editions.divisions_app, name="divisions")
    app.add_typer(editions.calendar_app, name="calendar")
    app.add_typer(classifier.app, name="classifier")
    app.add_typer(editions.editions_app, name="editions")
    return app


def main() -> None:
    """Entry point. Output is UTF-8 whatever the locale says, or replaced where it can't be."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    command()()


if __name__ == "__main__":
    main()
