"""`xinfang operator`: the way back in when nobody is left who may give posts."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import typer

from services.cli.app import new_app
from services.cli.options import DATA_DIR, AsJson, DataDir, settings_for
from services.cli.output import finish
from services.cli.running import run
from services.deployment import SPECS
from services.routing.main import SPEC as ROUTING
from services.routing.posts.use_cases import FIRST_VERSION, restore_operator
from shared.contracts.routing import PostFacts
from shared.messaging.common import save_post
from shared.runtime.folder_lock import FolderLock
from shared.runtime.offline import unit_of
from shared.runtime.settings import Settings
from shared.web.tokens import OPERATOR_PERSON, SUBJECT_WIDTH

app = new_app(help="运维管理员的岗位", no_args_is_help=True)


@app.callback()
def operators() -> None:
    """运维管理员的岗位。"""


@app.command("restore")
def restore(
    person: Annotated[
        str, typer.Option(help="登录凭证中的人员标识（sub）", show_default=True)
    ] = OPERATOR_PERSON,
    data_dir: DataDir = DATA_DIR,
    as_json: AsJson = False,
) -> None:
    """恢复一名运维管理员的岗位（先停止内嵌服务；留审计，列入一人授予的岗位）。"""
    settings = settings_for(data_dir, as_json=as_json)
    post: PostFacts | None = run(_restore(settings, person), as_json=as_json)
    done = f"已恢复：{person}" if post else f"{person} 现有运维岗位，无须恢复"
    finish(
        {"person": person, "restored": post is not None},
        lambda console: console.print(done, markup=False),
        as_json=as_json,
    )


async def _restore(settings: Settings, person: str) -> PostFacts | None:
    if not 0 < len(person.strip()) <= SUBJECT_WIDTH:
        raise ValueError(f"人员标识须为 1 至 {SUBJECT_WIDTH} 个字符")
    embedded = not settings.database_url
    if embedded and not (settings.data_dir / "routing.db").exists():
        raise ValueError(f"{settings.data_dir} 中没有平台的数据；新部署用 xinfang migrate")
    with FolderLock(settings.data_dir) if embedded else nullcontext():
        async with unit_of(ROUTING, settings) as uow:
            post = await restore_operator(uow, person.strip())
        if post is not None:  # the event would tell them, once all of them run
            for spec in SPECS:
                async with unit_of(spec, settings) as uow:
                    await save_post(uow, post, version=FIRST_VERSION)
        return post
