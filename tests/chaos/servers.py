"""A PostgreSQL and a RabbitMQ of our own in a temporary folder, made to be stopped and killed.

Never the machine's: others use those. Root may not run either server, so it becomes their user.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.chaos.room import Room
from tests.chaos.tools import ToolMissing, program
from tests.support.listening import free_port

UP_SECONDS = 90
MAX_CONNECTIONS = 70
"""Four services take up to 40."""


def _home(user: str) -> tuple[Path, list[str]]:
    """A folder of the server's user and what to put before a command to become that user."""
    folder = Path(tempfile.mkdtemp(prefix=f"xf-{user}-"))
    if os.getuid() != 0:
        return folder, []
    try:
        pwd.getpwnam(user)
    except KeyError as error:
        raise ToolMissing(f"user {user}") from error
    shutil.chown(folder, user)
    return folder, ["runuser", "-u", user, "--"]


async def _listens(port: int) -> None:
    async with asyncio.timeout(UP_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


def _family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [pid, *map(int, children.split())]


class OwnPostgres:
    """One cluster; `fsync` and `synchronous_commit` are as in production.

    `room` and `log_room` are the small disks of its data and of its write-ahead log."""

    room: Room | None = None
    log_room: Room | None = None

    def __init__(self) -> None:
        newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
        self._bin = [str(each) for each in newest]
        self._control = program("pg_ctl", *(f"{each}/pg_ctl" for each in self._bin))
        self._initdb = program("initdb", *(f"{each}/initdb" for each in self._bin))
        self.folder, self._as = _home("postgres")
        self._data = self.folder / "disk" / "data"
        self._log = self.folder / "log-disk" / "wal"
        try:
            self.room = Room(self._data.parent, megabytes=900)
            self.log_room = Room(self._log.parent, megabytes=400)
        except ToolMissing:
            print("no small disks here: full disks of the database are not tried")
        for each in (self._data.parent, self._log.parent):
            each.mkdir(exist_ok=True)
            if self._as:
                shutil.chown(each, "postgres")
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    async def make(self) -> None:
        """Create the cluster and start it."""
        await self._run(self._initdb, "-D", str(self._data), "-X", str(self._log), "-N",
                        "-U", "postgres", "-A", "trust")  # fmt: skip
        await self.start()

    async def start(self) -> None:
        """Start, with recovery when it was stopped at once."""
        options = (
            f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
            f" -c max_connections={MAX_CONNECTIONS} -c max_wal_size=128MB"
        )
        await self._run(self._control, "-D", str(self._data), "-l", str(self.folder / "log"),
                        "-o", options, "-w", "start")  # fmt: skip

    async def stop_at_once(self) -> None:
        """Abort every backend without a checkpoint, as a crash does."""
        await self._run(self._control, "-D", str(self._data), "-m", "immediate", "stop")

    async def is_up(self) -> bool:
        """Whether it takes connections."""
        try:
            connection = await asyncpg.connect(self.url, timeout=5)
        except (OSError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    async def revive(self) -> None:
        """Start it if it is down, as whoever supervises it does."""
        while not await self.is_up():
            with contextlib.suppress(RuntimeError):  # still on its way down, or up
                await self.start()
            await asyncio.sleep(0.2)

    def send(self, number: signal.Signals) -> None:
        """Signal the whole cluster (SIGSTOP, SIGCONT)."""
        lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        for pid in _family(int(lines[0])):
            os.kill(pid, number)

    async def close(self) -> None:
        """Stop and remove."""
        if (self._data / "postmaster.pid").exists():
            with contextlib.suppress(RuntimeError):
                await self.stop_at_once()
        for room in (self.room, self.log_room):
            if room:
                room.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _run(self, *command: str) -> None:
        done = await asyncio.to_thread(
            subprocess.run, [*self._as, *command], cwd=self.folder, check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr.decode()[-400:]}")


class OwnRabbit:
    """One node with its own name, ports and port mapper."""

    def __init__(self) -> None:
        self._server = program("rabbitmq-server", "/usr/sbin/rabbitmq-server")
        inner = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # Debian's wrapper changes folders
        self._server = str(inner) if inner.exists() else self._server
        tool = Path("/usr/lib/rabbitmq/bin/rabbitmqctl")
        self._control = str(tool) if tool.exists() else program("rabbitmqctl")
        self._mapper = program("epmd")
        self.folder, self._as = _home("rabbitmq")
        self.port, self._mapper_port = free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/"
        self._pid_file = self.folder / "pid"
        self._environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"xfchaos{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()), "ERL_EPMD_PORT": str(self._mapper_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self._pid_file),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none"),
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start and wait until it listens."""
        with (self.folder / "out").open("ab") as out:
            variables = [f"{name}={value}" for name, value in self._environment.items()]
            self._process = subprocess.Popen(
                [*self._as, "env", "-i", *variables, self._server],
                cwd=self.folder, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        await _listens(self.port)

    def send(self, number: signal.Signals) -> None:
        """Signal the node (SIGTERM stops it cleanly)."""
        os.kill(int(self._pid_file.read_text(encoding="ascii")), number)

    async def evaluate(self, expression: str) -> None:
        """Run an Erlang expression on the node, as its operator."""
        node = self._environment["RABBITMQ_NODENAME"]
        variables = [f"{name}={value}" for name, value in self._environment.items()]
        done = await asyncio.to_thread(
            subprocess.run,
            [*self._as, "env", "-i", *variables, self._control, "-n", node, "eval", expression],
            cwd=self.folder, check=False, capture_output=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr.decode()[-400:])

    async def gone(self) -> None:
        """Wait until the node has ended."""
        if self._process:
            await asyncio.to_thread(self._process.wait, UP_SECONDS)

    async def close(self) -> None:
        """End node and port mapper, remove the folder."""
        if self._process and self._process.poll() is None:
            self.send(signal.SIGKILL)
            await self.gone()
        for _ in range(20):
            ended = await asyncio.to_thread(
                subprocess.run, [self._mapper, "-port", str(self._mapper_port), "-kill"],
                check=False, capture_output=True,
            )  # fmt: skip
            if ended.returncode == 0:
                break
            await asyncio.sleep(0.2)
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Servers:
    """Both."""

    postgres: OwnPostgres
    rabbit: OwnRabbit


@asynccontextmanager
async def own_servers() -> AsyncIterator[Servers]:
    """Both servers, running. Raises ToolMissing where they can't be had."""
    made = Servers(OwnPostgres(), OwnRabbit())
    try:
        await asyncio.gather(made.postgres.make(), made.rabbit.start())
        yield made
    finally:
        await made.rabbit.close()
        await made.postgres.close()
