"""A whole deployment as real processes: one embedded, or four over PostgreSQL and RabbitMQ."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import subprocess
import sys
import uuid
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import asyncpg
import httpx

from services.deployment import SPECS, migrate, topology
from shared.messaging.factory import waiting_messages
from shared.messaging.rabbitmq import remove
from shared.runtime.service import make_issuer
from shared.runtime.settings import Mode, Settings
from shared.vocabulary.posts import Role
from shared.web.tokens import OPERATOR_PERSON, SERVICE_PERSON
from tests.support.backends import BROKER, POSTGRES, ROOT_DIVISION
from tests.support.gateway import Gateway
from tests.support.listening import free_port

SERVICES = tuple(spec.name for spec in SPECS)


class ByService(httpx.AsyncBaseTransport):
    """Sends each request to the port of the service its path begins with, as a gateway would."""

    def __init__(self, ports: dict[str, int]) -> None:
        self._ports = ports
        self._inner = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=64))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.split("/")[1]
        request.url = request.url.copy_with(port=self._ports[name])
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class Deployment:
    """See the module. `client` reaches every service; `shift` moves everybody's clock."""

    start_seconds = 60

    def __init__(
        self, folder: Path, *, separated: bool, postgres: str = POSTGRES, broker: str = BROKER,
        **settings: Any,
    ) -> None:  # fmt: skip
        self.separated = separated
        self._server = postgres
        self.folder = folder
        self.clock_file = folder / "clock"
        self.ports = self._choose_ports()
        self._gateway = Gateway(self.ports)
        self._stack = AsyncExitStack()
        self._databases: list[str] = []
        values: dict[str, Any] = {
            "mode": Mode.TEST,
            "data_dir": folder / "data",
            "root_division": ROOT_DIVISION,
            "clock_file": self.clock_file,
            "log_level": "INFO",
        }
        if separated:
            self._prefix = f"xf_journey_{uuid.uuid4().hex[:8]}"
            base = postgres.rsplit("/", 1)[0].replace("postgresql://", "postgresql+asyncpg://")
            values |= {
                "database_url": f"{base}/{self._prefix}_{{service}}",
                "bus_url": broker,
                "bus_namespace": self._prefix,
                "vault_keys": f"k1:{base64.b64encode(os.urandom(32)).decode()}",
                "query_code_key": base64.b64encode(os.urandom(32)).decode(),
                "feed_url": self._gateway.url,
                "service_token": "set below",
            }
        self.settings = Settings(**(values | settings))
        self.issuer = make_issuer(self.settings)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.client = httpx.AsyncClient(
            transport=ByService(self.ports), base_url="http://127.0.0.1", timeout=30
        )

    def _choose_ports(self) -> dict[str, int]:
        if not self.separated:
            return dict.fromkeys(SERVICES, free_port())
        return {name: free_port() for name in SERVICES}

    def environment(self) -> dict[str, str]:
        """The settings as the environment of a process."""
        dumped = self.settings.model_dump(exclude_defaults=True)
        dumped["service_token"] = None
        result = {key: value for key, value in os.environ.items() if not key.startswith("XINFANG_")}
        for key, value in dumped.items():
            if value is not None:
                plain = getattr(value, "get_secret_value", lambda value=value: value)()
                result[f"XINFANG_{key.upper()}"] = str(plain)
        if self.separated:
            token = self.issuer.token(SERVICE_PERSON, seconds=86_400)
            result["XINFANG_SERVICE_TOKEN"] = token
        return result

    async def __aenter__(self) -> Self:
        if self.separated:
            for name in SERVICES:
                await _postgres(self._server, f"CREATE DATABASE {self._prefix}_{name}")
        await migrate(self.settings)
        await self._stack.enter_async_context(self._gateway.serving())
        for name in self.process_names:
            self.start(name)
        await self.ready()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.client.aclose()
        for process in self._processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self._processes.values():
            try:
                await asyncio.to_thread(process.wait, 20)
            except subprocess.TimeoutExpired:
                process.kill()
        await self._stack.aclose()
        if self.separated:
            await remove(self.settings.bus_url, topology(self.settings))
            for name in SERVICES:
                drop = f"DROP DATABASE IF EXISTS {self._prefix}_{name} WITH (FORCE)"
                await _postgres(self._server, drop)

    @property
    def process_names(self) -> tuple[str, ...]:
        """The processes of this deployment."""
        return SERVICES if self.separated else ("standalone",)

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name."""
        return {name: process.pid for name, process in self._processes.items()}

    def start(self, name: str) -> None:
        """Start one process with uvicorn, as README and compose do."""
        target = "services.standalone:app" if name == "standalone" else f"services.{name}.main:app"
        port = self.ports["intake" if name == "standalone" else name]
        command = [
            *(sys.executable, "-m", "uvicorn", target, "--factory", "--host", "127.0.0.1"),
            *("--port", str(port), "--no-access-log", "--log-level", "warning"),
            *("--http", "shared.runtime.bounded_http:BoundedHttp", "--no-server-header"),
        ]
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, env=self.environment(), stdout=log, stderr=log
            )

    async def kill(self, name: str) -> None:
        """SIGKILL one process and wait until it is gone."""
        self._processes[name].kill()
        await asyncio.to_thread(self._processes[name].wait)

    async def ready(self) -> None:
        """Wait until every process is ready; raises with its log when it is not in time."""
        for port in set(self.ports.values()):
            async with asyncio.timeout(self.start_seconds), httpx.AsyncClient() as client:
                while not await _is_ready(client, port):
                    for name, process in self._processes.items():
                        if process.poll() is not None:
                            raise AssertionError(self.log(name)[-4000:])
                    await asyncio.sleep(0.1)

    def log(self, name: str) -> str:
        """What a process wrote so far."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def shift(self, delta: timedelta) -> None:
        """Put every process's clock ahead by `delta` in all."""
        self.clock_file.write_text(str(delta.total_seconds()), encoding="ascii")

    def headers(self, person: str) -> dict[str, str]:
        """Headers of a person just logged in with a second factor; what they may do is up to
        their posts."""
        token = self.issuer.token(person, seconds=86_400, strong=True)
        return {"Authorization": f"Bearer {token}"}

    @property
    def operator(self) -> dict[str, str]:
        """Headers of the first operator."""
        return self.headers(OPERATOR_PERSON)

    async def login(self, role: Role, organ: str) -> dict[str, str]:
        """Give a new person a post through the API and wait until it is in force everywhere."""
        person = f"{role}-{uuid.uuid4().hex[:8]}"
        answer = await self.client.post(
            "/routing/v1/posts",
            headers=self.operator,
            json={"person": person, "organ_code": organ, "role": str(role)},
        )
        assert answer.status_code == 201, answer.text
        await self.settle()
        return self.headers(person)

    async def settle(self, *, seconds: float = 120) -> None:
        """Wait until nothing is on its way: outboxes, inboxes, queues, twice in a row."""
        quiet = 0
        async with asyncio.timeout(seconds):
            while quiet < 2:
                quiet = quiet + 1 if await self._is_quiet() else 0
                await asyncio.sleep(0.05)

    async def _is_quiet(self) -> bool:
        for name in SERVICES:
            counts = (await self.client.get(f"/{name}/v1/unsettled", headers=self.operator)).json()
            if counts["unsent"] or counts["new"] or counts["held"]:
                return False
        return not await waiting_messages(self.settings.bus_url, topology(self.settings))


async def _is_ready(client: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await client.get(f"http://127.0.0.1:{port}/ready")).status_code == 200
    except httpx.HTTPError:
        return False


async def _postgres(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
