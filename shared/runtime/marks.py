"""What a data folder remembers of the databases its services had: `installed/<service>.json`.

So a database of another deployment, or an empty one where there was one before, is told even where
the database server is all that is asked.
"""

from __future__ import annotations

import json
from pathlib import Path

import structlog

from shared.kernel.private import write_private

log = structlog.get_logger()


class UnsafeToStart(RuntimeError):
    """Under these settings, or with what is left, data could be lost or go astray; the service
    stays down. Says in a sentence what is wrong and what to do."""


class Marks:
    """What a data folder remembers of the databases it had."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "installed"

    def deployment(self, service: str) -> str | None:
        """Whose database the service had, None where it never had one."""
        path = self._folder / f"{service}.json"
        try:
            return str(json.loads(path.read_text(encoding="utf-8"))["deployment"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise UnsafeToStart(
                f"{path} 已损坏：请从备份放回；确认数据库完好的，删除该文件后执行 xinfang migrate"
            ) from error

    def leave(self, service: str, deployment: str) -> None:
        """Remember it; nothing is written when it is known, or when there is nothing to know."""
        if deployment and self.deployment(service) != deployment:
            text = json.dumps({"service": service, "deployment": deployment}) + "\n"
            try:
                write_private(self._folder / f"{service}.json", text)
            except OSError as error:
                log.warning("installation.not_marked", service=service, error=type(error).__name__)
