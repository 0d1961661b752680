"""Running an asynchronous command and turning its refusals into words and exit code 1."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import uvloop

from services.cli.output import fail
from services.cli.platform import Unreachable
from shared.kernel.errors import DomainError
from shared.runtime.folder_lock import FolderBusy

BUSY_HINT = "一个数据目录同时只能由一个进程提供服务；请先停止它，或用 --data-dir 换一个目录"


def run(work: Coroutine[Any, Any, Any], *, as_json: bool = False) -> Any:
    """The result of the coroutine."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work)
    except FolderBusy as busy:
        fail(busy_words(busy), BUSY_HINT, as_json=as_json)
    except Unreachable as error:
        fail(error.detail, "服务是否在运行？用 xinfang serve 启动", as_json=as_json)
    except (DomainError, ValueError) as error:
        fail(getattr(error, "detail", "") or str(error), as_json=as_json)
    except OSError as error:
        fail(f"{error.strerror or error}：{error.filename or ''}".rstrip("："), as_json=as_json)


def busy_words(busy: FolderBusy) -> str:
    """Who has the folder, in words."""
    where = f"，地址 {busy.holder.url}" if busy.holder.url else ""
    return f"数据目录正由进程 {busy.holder.pid} 提供服务{where}"
