"""`xinfang provision`: roles on PostgreSQL and users on the broker, from the secrets' files.

The folder holds one URL per file: `database_url_migrate` (with `{service}`), `database_url_intake`
…, `bus_url_migrate`, `bus_url_tools`, `bus_url_intake` …, as scripts/compose_env.sh writes them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from services.cli.app import new_app
from services.cli.output import finish
from services.cli.running import run
from services.deployment import SPECS, topology
from shared.db.roles import Login, provision
from shared.messaging.definitions import BrokerLogin, definitions
from shared.runtime.settings import Settings

app = new_app(help="为分开部署建立数据库角色和消息队列用户（最小权限）", no_args_is_help=True)

Secrets = Annotated[
    Path, typer.Option("--secrets", help="密钥目录，一个文件一个地址", show_default=True)
]
SECRETS = Path("/run/secrets")


@app.command("databases")
def databases(secrets: Secrets = SECRETS) -> None:
    """建立四个数据库及各自的角色；可重复执行，也用于更换口令。"""
    owner = Login.of_url(_secret(secrets, "database_url_migrate"), "postgres")
    logins = {
        spec.name: Login.of_url(_secret(secrets, f"database_url_{spec.name}"), spec.name)
        for spec in SPECS
    }
    run(provision(_secret(secrets, "database_url_admin"), owner, logins))
    names = [login.database for login in logins.values()]
    finish(
        {"databases": names},
        lambda console: console.print(f"数据库已就绪：{'、'.join(names)}"),
        as_json=False,
    )


@app.command("broker")
def broker(
    out: Annotated[Path, typer.Option(help="定义文件的位置")],
    secrets: Secrets = SECRETS,
    namespace: Annotated[str, typer.Option(envvar="XINFANG_BUS_NAMESPACE")] = "xinfang",
) -> None:
    """写出消息队列的用户和权限定义（只含口令的散列）。"""

    def login(name: str) -> BrokerLogin:
        return BrokerLogin.of_url(_secret(secrets, f"bus_url_{name}"))

    document = definitions(
        topology(Settings.model_construct(bus_namespace=namespace)),
        owner=login("migrate"),
        services={spec.name: login(spec.name) for spec in SPECS},
        readers={"tools": login("tools")},
    )
    draft = out.with_name(f"{out.name}.{os.getpid()}")
    draft.write_text(json.dumps(document, indent=1), encoding="utf-8")
    draft.chmod(0o644)  # the broker reads it under another user
    draft.replace(out)
    finish({"definitions": str(out)}, lambda console: console.print(str(out)), as_json=False)


def _secret(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8").strip()
