"""The deployment in the ring: processes that can be killed, stopped or armed, behind a proxy."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aio_pika
import httpx

from services.deployment import topology
from shared.contracts.catalogue import BY_TYPE
from shared.web.tokens import SERVICE_PERSON
from tests.chaos.proxy import Proxy
from tests.chaos.room import Room
from tests.chaos.tools import ToolMissing
from tests.support.backends import BROKER, POSTGRES
from tests.support.deployment import Deployment
from tests.support.listening import free_port

CONFIRMS = 100
"""Messages on their way to the broker at once."""


class Ring(Deployment):
    """See the module. `proxy` stands before the broker; `ahead` is how far clocks are shifted.

    `refusals` counts the answers of this trial that were no success, by status; clients wait
    `patience` seconds for one; `complaints` are what a fault saw and should not have seen."""

    proxy: Proxy | None = None
    broker: str = ""
    postgres: str = ""
    anchors: Room | None = None
    disk: Room | None = None
    ahead = timedelta(0)
    patience = 10.0
    start_seconds = 240  # what is started again and again shares the machine with all the rest

    def __init__(self, folder: Path, **values: Any) -> None:
        super().__init__(folder, **values)
        self.refusals: Counter[int] = Counter()
        self.complaints: list[str] = []
        self._armed: dict[str, str] = {}
        self._further: list[subprocess.Popen[bytes]] = []

    def environment(self) -> dict[str, str]:
        """As every process, and the crash point of the one being started."""
        return super().environment() | self._armed

    async def restart(self, name: str, *, crash_point: str = "") -> None:
        """Kill a process if it lives and start it again, armed when a crash point is given."""
        await self.kill(name)
        self._armed = {"XINFANG_CRASH_POINT": crash_point} if crash_point else {}
        self.start(name)
        self._armed = {}
        await self.answers(name)

    async def answers(self, name: str) -> None:
        """Wait until a process listens, or has already died again."""
        port = self.ports["intake" if name == "standalone" else name]
        async with httpx.AsyncClient() as client, asyncio.timeout(self.start_seconds):
            while self.is_running(name):
                try:
                    await client.get(f"http://127.0.0.1:{port}/live")
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
                else:
                    return

    def is_running(self, name: str) -> bool:
        """Whether the process lives."""
        return self._processes[name].poll() is None

    def revive(self) -> None:
        """Start every process that is not there."""
        for name in self.process_names:
            if not self.is_running(name):
                self.start(name)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to one process of the deployment."""
        self._processes[name].send_signal(number)

    def start_watcher(self) -> subprocess.Popen[bytes]:
        """A further supervision process on a port of its own."""
        command = [
            *(sys.executable, "-m", "uvicorn", "services.supervision.main:app", "--factory"),
            *("--port", str(free_port()), "--no-access-log", "--log-level", "warning"),
        ]
        with (self.folder / "further.log").open("ab") as log:
            made = subprocess.Popen(command, env=self.environment(), stdout=log, stderr=log)
        self._further.append(made)
        return made

    def end_watchers(self) -> None:
        """SIGKILL every further supervision process."""
        for process in self._further:
            process.kill()
            process.wait()
        self._further.clear()

    def advance(self, days: int = 0, *, minutes: int = 0) -> None:
        """Put every clock further ahead."""
        self.ahead += timedelta(days=days, minutes=minutes)
        self.shift(self.ahead)

    async def not_ready(self, name: str, reason: str, *, seconds: float = 30) -> None:
        """Wait until a service says that it is not fit for work and why; complain if it doesn't."""
        said: list[str] = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not any(reason in each for each in said):
                    await asyncio.sleep(0.1)
                    with contextlib.suppress(httpx.HTTPError):
                        said = (await self._health(name)).json()["reasons"]
        if not any(reason in each for each in said):
            self.complaints.append(f"{name} never said {reason}")

    async def _health(self, name: str) -> httpx.Response:
        async with httpx.AsyncClient(timeout=5) as client:
            return await client.get(f"http://127.0.0.1:{self.ports[name]}/ready")

    def memory(self) -> dict[str, int]:
        """Resident megabytes of each process."""
        page = os.sysconf("SC_PAGE_SIZE")
        return {
            name: int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * page >> 20
            for name, process in self._processes.items()
        }

    async def events(self, producer: str) -> list[dict[str, Any]]:
        """Envelopes a service recorded in the last two hours of its clock, from its feed."""
        token = self.issuer.token(SERVICE_PERSON, seconds=3600)
        now = datetime.now(UTC) + self.ahead
        hour = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        found: list[dict[str, Any]] = []
        for start in (hour, hour + timedelta(hours=1)):
            after: dict[str, str] = {}
            while True:
                query = {"hour": start.isoformat(), "types": ",".join(sorted(BY_TYPE)),
                         "limit": "1000"} | after  # fmt: skip
                answer = await self.client.get(
                    f"/{producer}/v1/events",
                    params=query,
                    headers={"Authorization": f"Bearer {token}"},
                )
                page = answer.raise_for_status().json()
                found += page["items"]
                if page["next"] is None:
                    break
                after = {"after": page["next"]}
        return found

    async def publish(self, bodies: list[tuple[str, bytes]]) -> None:
        """Put (routing key, body) straight on the exchange, as nobody of ours would."""
        connection = await aio_pika.connect(self.broker)
        async with connection:
            channel = await connection.channel(on_return_raises=True)
            exchange = await channel.get_exchange(topology(self.settings).exchange)
            for first in range(0, len(bodies), CONFIRMS):
                await asyncio.gather(
                    *(
                        exchange.publish(aio_pika.Message(body), routing_key=key)
                        for key, body in bodies[first : first + CONFIRMS]
                    )
                )


@asynccontextmanager
async def ring(
    folder: Path, *, separated: bool, postgres: str = POSTGRES, broker: str = BROKER
) -> AsyncIterator[Ring]:
    """A running deployment with small disks of its own, its broker reached through the proxy."""
    async with AsyncExitStack() as stack:
        values: dict[str, Any] = {}
        anchors, disk = _room(stack, folder / "anchors", 1), None
        if anchors:
            values["anchor_file"] = str(anchors.folder / "{service}.log")
        if separated:
            parts = urlsplit(broker)
            proxy = Proxy(parts.hostname or "127.0.0.1", parts.port or 5672)
            port = await proxy.start()
            stack.push_async_callback(proxy.stop)
            host = parts.netloc.rpartition("@")[0] + f"@127.0.0.1:{port}"
            values |= {"postgres": postgres, "broker": parts._replace(netloc=host).geturl()}
        else:
            disk = _room(stack, folder / "data", 900)
        running = await stack.enter_async_context(Ring(folder, separated=separated, **values))
        running.anchors, running.disk = anchors, disk
        if separated:
            running.proxy, running.broker, running.postgres = proxy, broker, postgres
            stack.callback(proxy.thaw)
            stack.callback(running.end_watchers)
        yield running


def _room(stack: AsyncExitStack, folder: Path, megabytes: int) -> Room | None:
    try:
        room = Room(folder, megabytes=megabytes)
    except ToolMissing:
        print("no small disks here: full disks are not tried")
        return None
    stack.callback(room.close)
    return room


def stop(pid: int) -> None:
    """Freeze a process."""
    os.kill(pid, signal.SIGSTOP)


def go_on(pid: int) -> None:
    """Let it run again."""
    os.kill(pid, signal.SIGCONT)
