"""Running an asynchronous command and turning its refusals into words and exit code 1."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import uvloop

from services.cli.output import fail
from services.cli.platform import Unreachable
from shared.kernel.errors import DomainError
from shared.runtime.folder_lock import FolderBusy
from shared.runtime.marks import UnsafeToStart

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

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
    except (DomainError, ValueError, UnsafeToStart) as error:
        fail(getattr(error, "detail", "") or str(error), as_json=as_json)
    except OSError as error:
        fail(system_words(error), as_json=as_json)
    except Exception as error:
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415  # lazy: heavy

        if not isinstance(error, DBAPIError):
            raise
        fail(database_words(error), as_json=as_json)


SYSTEM_WORDS = {
    errno.ENOSPC: "磁盘已满，腾出空间后重试",
    errno.EDQUOT: "磁盘配额已满，腾出空间后重试",
    errno.EROFS: "所在磁盘是只读的，换成可写的目录，或重新挂载后重试",
    errno.EACCES: "没有权限，改为由数据目录的所有者运行，或修正其权限",
    errno.EPERM: "没有权限，改为由数据目录的所有者运行，或修正其权限",
    errno.ENOTDIR: "不是目录",
    errno.ENOENT: "没有这个文件或目录",
    errno.EIO: "磁盘读写出错，检查磁盘后重试，必要时从备份恢复",
}


def system_words(error: OSError) -> str:
    """What the operating system refused, where, and what mends it."""
    said = SYSTEM_WORDS.get(error.errno or 0) or error.strerror or str(error)
    return f"{error.filename}：{said}" if error.filename else said


def database_words(error: DBAPIError) -> str:
    """What the database refused, and what mends it; never its own message, which quotes values."""
    from shared.db.failures import (  # noqa: PLC0415  # lazy: heavy
        damage_of,
        is_full,
        is_read_only,
        is_unavailable,
    )

    if damage := damage_of(error):
        return f"数据库读不出来（{damage}）：执行 xinfang check 查看哪一处，并从备份恢复"
    if is_full(error):
        return "磁盘已满，数据库写不进去：腾出空间后重试"
    if is_read_only(error):
        return "数据库文件或所在磁盘是只读的：修正权限或重新挂载后重试"
    why = type(getattr(error.orig, "__cause__", None) or error.orig).__name__
    if is_unavailable(error):
        return f"数据库没有应答或正忙（{why}）：稍后重试"
    return f"数据库拒绝了操作（{why}），请连同日志报告"


def busy_words(busy: FolderBusy) -> str:
    """Who has the folder, in words."""
    where = f"，地址 {busy.holder.url}" if busy.holder.url else ""
    return f"数据目录正由进程 {busy.holder.pid} 提供服务{where}"
