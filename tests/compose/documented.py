"""The commands of docs/operations.md as they stand there, run against a `Stack`."""

from __future__ import annotations

import asyncio
import re
import shlex
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from tests.compose.reading import ROOT
from tests.compose.stack import Stack
from tests.support.backends import POSTGRES

FLAGS = {"-T", "--rm", "--no-deps", "--detach"}


def blocks(heading: str) -> list[list[str]]:
    """The command lines of each shell block below a heading."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    section = re.split(r"^## ", text.split(f"\n## {heading}\n", 1)[1], flags=re.M)[0]
    return [found.strip().splitlines() for found in re.findall(r"```sh\n(.*?)```", section, re.S)]


async def follow(running: Stack, lines: list[str], folder: Path) -> bytes:
    """Run `docker compose` lines; files named after `<` and `>` are in `folder`.

    Returns what the last one said."""
    said = b""
    for line in lines:
        words = shlex.split(line.replace("xinfang_", f"{running.name}_"))
        assert words[:2] == ["docker", "compose"], line
        target = source = None
        if words[-2] in {"<", ">"}:
            *words, sign, name = words
            target, source = (folder / name, None) if sign == ">" else (None, folder / name)
        verb, *rest = [word for word in words[2:] if word not in FLAGS]
        said = await _one(running, verb, rest, source.read_bytes() if source else b"")
        if target:
            target.write_bytes(said)
    return said


async def _one(running: Stack, verb: str, rest: list[str], said: bytes) -> bytes:
    container, *command = rest
    if verb == "stop":
        await running.stop(container)
    elif verb == "start":
        running.start(container)
        await running.healthy()
    elif verb == "run":
        return (await running.run(container, *command, said=said)).encode()
    elif container == "postgres":
        return await _in_postgres(command, said)
    else:  # exec: the same folders as run
        return (await running.run(container, *command, said=said)).encode()
    return b""


async def _in_postgres(command: list[str], said: bytes) -> bytes:
    """A command of PostgreSQL's image, on this machine's server."""
    server = urlsplit(POSTGRES)
    where = ["-h", str(server.hostname), "-p", str(server.port or 5432)]
    done = await asyncio.to_thread(
        subprocess.run, [command[0], *where, *command[1:]],
        input=said, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return done.stdout
