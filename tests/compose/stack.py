"""docker-compose.yml without an engine: each container's command, with its environment, as a
process on this machine; the same roles on its PostgreSQL, the same users on its RabbitMQ.

Host names become localhost, folders of containers become folders below a temporary one, all
names get a random first part. What compose restarts is restarted here.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx

from services.deployment import SPECS
from tests.compose.reading import ROOT, compose, environment, secrets_of
from tests.support.backends import BROKER, POSTGRES
from tests.support.collector import Collector
from tests.support.gateway import Gateway
from tests.support.listening import free_port

SERVICES = tuple(spec.name for spec in SPECS)
LEAK = {
    "purpose": "claim",
    "subject": "长沙市岳麓区银盆岭街道小区电梯年久失修，房屋漏水",
    "text": "我叫李小满，电话13807310001。岳麓区某小区房屋质量差，外墙渗水，开发商一直不维修。",
    "petitioners": [{"name": "李小满", "phone": "13807310001"}],
}
"""A petition that must leave no word of it in logs and traces."""
HOME = "/var/lib/xinfang"
"""Where the image's commands run; a container's own folder stands for it."""
RABBITMQCTL = shutil.which("rabbitmqctl", path=f"{os.environ['PATH']}:/usr/sbin")


class Stack:
    """See the module. `client` goes through a gateway with the paths of deploy/gateway."""

    def __init__(self, folder: Path, collector: Collector) -> None:
        self.name = f"xf_{uuid.uuid4().hex[:8]}"
        self.folder = folder
        self.collector = collector
        self.containers = compose(
            {"XINFANG_ROOT_DIVISION": "43", "XINFANG_OTLP_ENDPOINT": collector.url}
        )["services"]
        self.ports = {name: free_port() for name in SERVICES}
        self.gateway = Gateway(self.ports)
        self.client = httpx.AsyncClient(base_url=self.gateway.url, timeout=30)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._tokens: dict[tuple[str, ...], str] = {}

    async def write_secrets(self) -> None:
        """What `make up` does first."""
        secrets = self.folder / "secrets"
        secrets.mkdir(mode=0o700)
        (secrets / "database_url_admin").write_text(POSTGRES)
        addresses = {
            "XINFANG_NAME": self.name,
            "XINFANG_POSTGRES_ADDRESS": urlsplit(POSTGRES).netloc.rpartition("@")[2],
            "XINFANG_RABBITMQ_ADDRESS": urlsplit(BROKER).netloc.rpartition("@")[2],
        }
        writing = ["sh", str(ROOT / "scripts/compose_env.sh"), str(self.folder)]
        await asyncio.to_thread(subprocess.run, writing, env=os.environ | addresses, check=True)
        tools = self.folder / "bin"
        tools.mkdir()
        for tool, module in (("xinfang", "services"), ("uvicorn", "uvicorn")):
            script = tools / tool
            script.write_text(f'#!/bin/sh\nexec {sys.executable} -m {module} "$@"\n')
            script.chmod(0o755)

    def secret(self, name: str) -> str:
        """One secret's text."""
        return (self.folder / "secrets" / name).read_text().strip()

    def _places(self, container: str) -> dict[str, Path]:
        """Folders inside a container -> here."""
        mine = self.folder / "containers" / container
        volumes = [each.split(":") for each in self.containers[container].get("volumes", [])]
        shared = {"/run/secrets": mine / "secrets", HOME: mine, "/volumes": self.folder / "volumes"}
        return shared | {
            place: self.folder / "volumes" / name for name, place, *_ in volumes if name[0] != "."
        }

    def _here(self, container: str, text: str) -> str:
        """A text of the compose file as it reads on this machine."""
        places = self._places(container)
        found = "|".join(sorted(places, key=len, reverse=True))
        text = re.sub(
            rf"(?<![\w/])({found})(?![\w.])", lambda place: str(places[place.group()]), text
        )
        return text.replace("http://gateway:8000", self.gateway.url)

    def _environment(self, container: str) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("XINFANG_")}
        given = environment(self.containers[container])
        return inherited | {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "XINFANG_DATA_DIR": self._here(container, f"{HOME}/data"),
            **{name: self._here(container, value) for name, value in given.items()},
        }

    def _mount(self, container: str) -> None:
        """Only the secrets this container is given, and its volumes."""
        places = self._places(container)
        for place, here in places.items():
            here.mkdir(parents=True, exist_ok=True)
            if place.startswith(f"{HOME}/"):
                inside = places[HOME] / place.removeprefix(f"{HOME}/")
                if not inside.exists():
                    inside.symlink_to(here)
        for name in secrets_of(self.containers[container]):
            shutil.copyfile(self.folder / "secrets" / name, places["/run/secrets"] / name)

    async def run(self, container: str, *arguments: str, said: bytes = b"") -> str:
        """Run a command to its end, as `docker compose run` does; its standard output."""
        self._mount(container)
        given = self.containers[container]
        command = [*given.get("entrypoint", []), *(arguments or given.get("command", []))]
        done = await asyncio.to_thread(
            subprocess.run,
            [self._here(container, part) for part in command],
            env=self._environment(container), cwd=self._places(container)[HOME], input=said,
            capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        return done.stdout.decode().strip()

    def start(self, service: str) -> None:
        """Start a service's container; again if it runs."""
        self._mount(service)
        command = [self._here(service, part) for part in self.containers[service]["command"]]
        command[command.index("--host") + 1] = "127.0.0.1"
        command[command.index("--port") + 1] = str(self.ports[service])
        with (self.folder / f"{service}.log").open("ab") as log:
            self._processes[service] = subprocess.Popen(
                command, env=self._environment(service), cwd=self._places(service)[HOME],
                stdout=log, stderr=log,
            )  # fmt: skip

    async def stop(self, service: str) -> None:
        """Stop a service's container as `docker compose stop` does."""
        process = self._processes[service]
        process.terminate()
        await asyncio.to_thread(process.wait, 40)

    async def healthy(self) -> None:
        """Wait until every service is ready; what ended is restarted, as compose does."""
        async with asyncio.timeout(300), httpx.AsyncClient() as client:
            for service, port in self.ports.items():
                while not await _is_ready(client, port):
                    if self._processes[service].poll() is not None:
                        self.start(service)
                    await asyncio.sleep(0.1)

    def log(self, service: str) -> str:
        """What a service wrote so far."""
        return (self.folder / f"{service}.log").read_text(encoding="utf-8", errors="replace")

    async def token(self, role: str, *more: str) -> dict[str, str]:
        """Headers of somebody with that role, as the tools container makes them; made once."""
        if (role, *more) not in self._tokens:
            self._tokens[role, *more] = await self.run("tools", "token", "--role", role, *more)
        return {"Authorization": f"Bearer {self._tokens[role, *more]}"}

    async def settle(self, operator: dict[str, str]) -> None:
        """Wait until nothing is on its way between the services, three times in a row."""
        quiet = 0
        async with asyncio.timeout(60):
            while quiet < 3:
                counts = [
                    (await self.client.get(f"/{name}/v1/unsettled", headers=operator)).json()
                    for name in SERVICES
                ]
                busy = any(each["unsent"] or each["new"] or each["held"] for each in counts)
                quiet = 0 if busy else quiet + 1
                await asyncio.sleep(0.1)

    async def import_definitions(self) -> None:
        """What the broker does at its start with the file the keys job wrote."""
        document = (self.folder / "volumes/definitions/definitions.json").read_bytes()
        await rabbitmqctl("import_definitions", said=document)

    async def remove(self) -> None:
        """Take everything away again."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, 20)
            process.kill()
            process.wait()
        await self.client.aclose()
        users = [f"{self.name}_{each}" for each in (*SERVICES, "migrate")]
        names = ",".join(f'<<"{user}">>' for user in (*users, f"{self.name}_tools"))
        await rabbitmqctl(  # one call for all: each takes seconds to start
            "eval",
            f'[catch rabbit_auth_backend_internal:delete_user(U, <<"t">>) || U <- [{names}]],'
            f' catch rabbit_vhost:delete(<<"{self.name}">>, <<"t">>).',
        )
        admin = await asyncpg.connect(POSTGRES)
        try:
            for service in SERVICES:
                await admin.execute(f"DROP DATABASE IF EXISTS {self.name}_{service} WITH (FORCE)")
            for user in users:
                await admin.execute(f"DROP ROLE IF EXISTS {user}")
        finally:
            await admin.close()


@asynccontextmanager
async def stack(folder: Path) -> AsyncIterator[Stack]:
    """Secrets written, gateway and trace collector up; nothing else started yet."""
    async with Collector().serving() as collector, AsyncExitStack() as serving:
        made = Stack(folder, collector)
        await serving.enter_async_context(made.gateway.serving())
        try:
            await made.write_secrets()
            yield made
        finally:
            await made.remove()


async def rabbitmqctl(*arguments: str, said: bytes = b"") -> None:
    """Run the broker's own command on this machine; it has another user, so no files of ours."""
    command = [str(RABBITMQCTL), "-q", *arguments]
    done = await asyncio.to_thread(
        subprocess.run, command, input=said, capture_output=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


async def _is_ready(client: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await client.get(f"http://127.0.0.1:{port}/ready")).status_code == 200
    except httpx.HTTPError:
        return False
