"""Memory of each process under a steady load, with the broker's connections cut now and then.

`python -m bench soak --minutes 60`. Growth is told over the last half: the mean of the last tenth
of the samples against the mean of the tenth after the middle.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from statistics import fmean
from typing import Any
from urllib.parse import urlsplit

from bench.databases import BROKER
from bench.life import OFFICE, offer
from shared.vocabulary.posts import Role
from tests.chaos.proxy import Proxy
from tests.support.deployment import Deployment

RATE = 5.0
"""Petitions per second; low, since what is looked for is what stays behind."""
SAMPLE_SECONDS = 5.0
CUT_EVERY = 12
"""Samples between two cuts of every connection to the broker."""
PAGE = os.sysconf("SC_PAGE_SIZE")


async def bench_soak(*, rounds: int, seconds: float) -> dict[str, Any]:  # noqa: ARG001
    """Resident memory of each process in MB, and its growth in the last half in percent."""
    server = urlsplit(BROKER)
    proxy = Proxy(server.hostname or "", server.port or 5672)
    port = await proxy.start()
    broker = server._replace(netloc=f"{server.username}:{server.password}@127.0.0.1:{port}")
    with tempfile.TemporaryDirectory() as folder:
        async with Deployment(
            Path(folder), separated=True, broker=broker.geturl(), log_level="WARNING"
        ) as deployment:
            headers = await deployment.login(Role.REGISTRAR, OFFICE)
            samples: dict[str, list[float]] = {name: [] for name in deployment.pids}
            began, filed = time.perf_counter(), 0
            while time.perf_counter() - began < seconds:
                done = await offer(deployment, headers, rate=RATE, seconds=SAMPLE_SECONDS)
                filed += len(done.sent)
                for name, pid in deployment.pids.items():
                    samples[name].append(_megabytes(pid))
                if len(samples["intake"]) % CUT_EVERY == 0:
                    proxy.cut()
            await deployment.settle(seconds=120)
    await proxy.stop()
    return {
        "minutes": round(seconds / 60, 1),
        "filed": filed,
        "processes": {name: _told(found) for name, found in samples.items()},
    }


def _told(samples: list[float]) -> dict[str, float]:
    tenth = max(1, len(samples) // 10)
    half = len(samples) // 2
    before, after = fmean(samples[half : half + tenth]), fmean(samples[-tenth:])
    return {
        "first_mb": round(samples[0], 1),
        "middle_mb": round(before, 1),
        "last_mb": round(after, 1),
        "growth_last_half_percent": round(100 * (after / before - 1), 1),
    }


def _megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * PAGE / 1e6
