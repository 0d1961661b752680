"""`xinfang token` and `xinfang keys`: logging in where the platform issues its own tokens."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import DATA_DIR, AsJson, DataDir, settings_for
from services.cli.output import finish, tell
from services.cli.platform import platform
from services.cli.running import run
from shared.kernel.private import write_private
from shared.runtime.service import make_issuer
from shared.runtime.settings import Settings
from shared.vocabulary.posts import Role
from shared.web.tokens import OPERATOR_PERSON, SERVICE_PERSON

HOUR = 3600
SERVICE_DAYS = 3650
BUILT_IN = {Role.OPERATOR: OPERATOR_PERSON, Role.SERVICE: SERVICE_PERSON}


def token(
    role: Annotated[Role, typer.Option("--role", help="岗位角色")],
    organ: Annotated[
        str | None,
        typer.Option("--organ", help="机关代码，默认为本级信访部门", show_default=False),
    ] = None,
    person: Annotated[
        str | None, typer.Option(help="人员标识，默认由角色和机关组成", show_default=False)
    ] = None,
    hours: Annotated[int, typer.Option(help="有效小时数", min=1, max=24 * SERVICE_DAYS)] = 12,
    strong: Annotated[
        bool, typer.Option("--strong", help="视为刚以双因素登录（查看身份用，十分钟内有效）")
    ] = False,
    data_dir: DataDir = DATA_DIR,
    as_json: AsJson = False,
) -> None:
    """签发登录凭证，必要时先授予岗位（内嵌模式；标准输出只有凭证本身）。"""
    settings = settings_for(data_dir, as_json=as_json)
    who, where, text = run(
        _token(settings, role, organ, person, seconds=hours * HOUR, strong=strong), as_json=as_json
    )
    tell(f"{who} 以 {role} 身份任职于 {where}，{hours} 小时内有效" if where else who)
    finish(
        {"token": text, "person": who, "role": role, "organ": where, "hours": hours},
        lambda _: typer.echo(text),
        as_json=as_json,
    )


async def _token(
    settings: Settings,
    role: Role,
    organ: str | None,
    person: str | None,
    *,
    seconds: int,
    strong: bool,
) -> tuple[str, str | None, str]:
    async with platform(settings) as reached:
        if organ is None and person is None and role in BUILT_IN:
            who = BUILT_IN[role]
            return who, None, reached.token_of(who, seconds=seconds)
        organ = organ or await reached.root_office()
        person = person or f"xinfang-{role}@{organ}"
        await reached.give_post(person, role, organ)
        return person, organ, reached.token_of(person, seconds=seconds, strong=strong)


def keys(
    data_dir: DataDir = DATA_DIR,
    public: Annotated[
        Path | None, typer.Option(help="另把公钥集和服务凭证复制到此目录", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """为分开部署生成签发密钥、公钥集和服务间凭证；已有的不改动。"""
    settings = settings_for(data_dir, as_json=as_json)
    issuer = make_issuer(settings)
    issuer.key()
    folder = settings.data_dir / "keys"
    service_token = folder / "service.token"
    if not service_token.exists():
        text = issuer.token(SERVICE_PERSON, seconds=SERVICE_DAYS * 24 * HOUR)
        write_private(service_token, text)
    files = [issuer.jwks_file, service_token]
    if public is not None:
        public.mkdir(parents=True, exist_ok=True)
        files = [Path(shutil.copy(file, public)) for file in files]
        files[0].chmod(0o644)  # the public half, for whoever checks tokens
    finish(
        {"jwks": str(files[0]), "service_token": str(files[1])},
        lambda console: console.print("\n".join(map(str, files)), markup=False),
        as_json=as_json,
    )
