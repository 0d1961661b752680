"""History over HTTP, as `xinfang import` sends it to a running intake, against bare COPY.

COPY writes the same rows (petition, words, outbox, audit) into like tables with like indexes; it
neither reads a file nor masks, classifies, numbers or looks for what is there already.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import httpx

from bench.serving import HOST, ROOT, Serving, serving
from services.cli.importing import import_rows
from services.cli.platform import Platform
from services.intake.history.use_cases.mappings import mapping_named
from shared.vocabulary.posts import Role

ROWS, WORKERS = 5_000, 2
TABLES = {"petition": "id", "words": "petition_id", "outbox": "id", "audit": "position"}
"""Tables a chunk writes, and the column that tells which of their rows are new."""
HOME = Path(__file__).resolve().parents[1]
SAMPLE = HOME / "shared" / "reference" / "data" / "samples" / "history.csv"


async def bench_import(*, rounds: int, seconds: float) -> dict[str, Any]:
    """Import and COPY in turn, ROWS each time (so `seconds` is not looked at)."""
    del seconds
    rates: list[float] = []
    copies: list[float] = []
    async with serving("intake", workers=WORKERS) as intake:
        headers = await intake.login(Role.OPERATOR, f"{ROOT.ljust(12, '0')}-PETITION")
        connection = await asyncpg.connect(intake.database)
        for table in TABLES:
            await connection.execute(f"CREATE TABLE copy_{table} (LIKE {table} INCLUDING ALL)")
            await connection.execute(f"CREATE TABLE seen_{table} AS TABLE {table} WITH NO DATA")
        for number in range(rounds):
            rates.append(ROWS / await _imported(intake, headers, number))
            copies.append(ROWS / await _copied(connection))
        await connection.close()
    return {
        "rows": ROWS * rounds,
        "import_per_second": round(median(rates), 1),
        "copy_per_second": round(median(copies), 1),
        "import_over_copy": round(median(a / b for a, b in zip(rates, copies, strict=True)), 3),
    }


async def _imported(intake: Serving, headers: dict[str, str], number: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history.csv"
        _write(file, number)
        token = headers["Authorization"].removeprefix("Bearer ")
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{intake.port}", timeout=60) as client:
            reached = Platform(client, intake.settings, token)
            began = time.perf_counter()
            report = await import_rows(
                reached, file, mapping_named("message-board"), rejects=Path(folder) / "rejects"
            )
            took = time.perf_counter() - began
    if report.imported != ROWS:
        raise ValueError(str(report))
    return took


def _write(file: Path, number: int) -> None:
    """ROWS rows nobody has seen: the real messages where they are, else the samples, over and
    over under other ids."""
    real = Path(os.environ.get("XINFANG_REAL_DATA") or HOME.parent / "shared" / "data")
    source = real / "replied.csv.gz"
    text = gzip.decompress(source.read_bytes()) if source.is_file() else SAMPLE.read_bytes()
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    with file.open("w", encoding="utf-8", newline="") as written:
        writer = csv.DictWriter(written, list(rows[0]))
        writer.writeheader()
        for at in range(ROWS):
            writer.writerow(rows[at % len(rows)] | {"message_id": f"{number}-{at}"})


async def _copied(connection: Any) -> float:
    """Seconds to COPY what the last import wrote, in one transaction."""
    taken: dict[str, tuple[list[str], bytes]] = {}
    for table, key in TABLES.items():
        buffer = io.BytesIO()
        fresh = (
            f"SELECT * FROM {table} a WHERE NOT EXISTS"
            f" (SELECT FROM seen_{table} b WHERE b.{key} = a.{key})"
        )
        await connection.copy_from_query(fresh, output=buffer, format="binary")
        columns = await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = $1"
            " ORDER BY ordinal_position",
            table,
        )
        taken[table] = ([each[0] for each in columns], buffer.getvalue())
        await connection.execute(f"INSERT INTO seen_{table} ({fresh})")
    began = time.perf_counter()
    async with connection.transaction():
        for table, (columns, content) in taken.items():
            await connection.copy_to_table(
                f"copy_{table}", source=io.BytesIO(content), columns=columns, format="binary"
            )
    return time.perf_counter() - began
