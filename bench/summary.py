"""The dashboard's summary at growing numbers of petitions: how much longer it takes for more."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import asyncpg

from bench.serving import Serving, fill, reads, serving
from services.analytics.domain.rollup import FIGURES
from services.analytics.store import gate
from services.analytics.store.kept import MARK, NOT_BEGUN, fill_next
from shared.db.engine import Database
from shared.reference.categories import packaged_categories
from shared.reference.division_files import packaged
from shared.vocabulary.places import Level
from shared.vocabulary.posts import Role

SIZES = (10_000, 100_000, 1_000_000)
PROVINCE, COUNTY = "430000000000-PETITION", "430104000000"
YEARS = "from=2015-01-01&to=2024-12-31"
QUESTIONS = {
    "province_ten_years": YEARS,
    "province_year_to_date": "from=2024-01-01&to=2024-10-17",
    "city_year_to_date": "from=2024-01-01&to=2024-10-17&division=4301",
    "county_ten_years": f"{YEARS}&division={COUNTY}",
}

FACTS = """
INSERT INTO petition_fact
SELECT gen_random_uuid(), day, division, division || '-' || kind, category, channel,
       CASE WHEN i % 9 = 0 THEN 'suggestion' ELSE 'claim' END, 'own', 3, i % 11 = 0,
       channel = 'visit' AND i % 5 = 0, CASE WHEN channel = 'visit' THEN 1 + i % 7 ELSE 1 END,
       channel = 'visit', CASE WHEN i % 20 > 0 THEN day + (i * 31 % 90)::int END, false,
       day + 60, true, i % 20 = 0, i % 20 = 0
FROM (SELECT i, DATE '2015-01-01' + (i * 7919 % 3653)::int AS day,
             ($3::text[])[1 + i / 3 % cardinality($3)] AS category,
             (ARRAY['HOUSING', 'POLICE', 'EDUCATION', 'HEALTH'])[1 + i / 5 % 4] AS kind,
             (ARRAY['online', 'letter', 'visit', 'phone'])[1 + i / 7 % 4] AS channel,
             ($2::text[])[1 + i * 31 % cardinality($2)] AS division
      FROM generate_series($1::bigint, $4::bigint) AS i) AS chosen"""
CELL = "received_on, division_code, organ_code, category_code, channel"
WHOLE_CELL = f"{CELL}, purpose, origin, tier, repeat, collective"
ANSWERED, IN_TIME = "answered_on IS NOT NULL", "answered_on <= due_on"
SUMS = {
    "items": "count(*)",
    "batches": "count(*) FILTER (WHERE batch)",
    "person_times": "sum(person_times)",
    "answered": f"count(*) FILTER (WHERE {ANSWERED})",
    "answered_person_times": f"coalesce(sum(person_times) FILTER (WHERE {ANSWERED}), 0)",
    "closed_without_answer": "0",
    "judged": f"count(*) FILTER (WHERE {ANSWERED})",
    "answered_on_time": f"count(*) FILTER (WHERE {IN_TIME})",
    "legal_judged": f"count(*) FILTER (WHERE {ANSWERED})",
    "legal_on_time": f"count(*) FILTER (WHERE {IN_TIME})",
    "overdue_open": "count(*) FILTER (WHERE overdue)",
    "answer_overdue_open": "count(*) FILTER (WHERE answer_overdue)",
}
CELLS = f"""
INSERT INTO count_by_cell ({WHOLE_CELL}, {", ".join(FIGURES)})
SELECT {WHOLE_CELL}, {", ".join(SUMS[name] for name in FIGURES)}
FROM petition_fact GROUP BY {WHOLE_CELL}"""
DAYS = f"""
INSERT INTO answer_days ({CELL}, days, items)
SELECT {CELL}, answered_on - received_on, count(*) FROM petition_fact
WHERE {ANSWERED} GROUP BY {CELL}, answered_on - received_on"""


async def bench_summary(*, rounds: int, seconds: float) -> dict[str, Any]:
    """Milliseconds per question at each size, and what the largest takes of the smallest."""
    found: dict[str, Any] = {}
    filled = 0
    async with serving("analytics") as analytics:
        headers = await analytics.login(Role.ANALYST, PROVINCE)
        for size in SIZES:
            cells, took = await _more(analytics, filled, size)
            filled = size
            measured: dict[str, Any] = {"cells": cells, "sums_filled_s": round(took, 1)}
            for name, question in QUESTIONS.items():
                port, path = analytics.port, f"/analytics/v1/summary?{question}"
                times = []
                for _ in range(rounds):
                    read = await reads(port, path, headers, seconds=seconds, connections=1)
                    times.append(read.percentile(0.5))
                measured[f"{name}_ms"] = round(median(times), 1)
            found[str(size)] = measured
    first, last = found[str(SIZES[0])], found[str(SIZES[-1])]
    growth = {name: round(last[f"{name}_ms"] / first[f"{name}_ms"], 2) for name in QUESTIONS}
    return found | {"growth": growth}


async def _more(analytics: Serving, filled: int, size: int) -> tuple[int, float]:
    """Facts up to `size` over ten years and all counties, their cells, and the kept sums as
    the service's own job fills them. Returns the number of cells and the seconds of filling."""
    divisions = packaged()
    counties = [
        each.code for each in divisions if each.level is Level.COUNTY and each.code[:2] == "43"
    ]
    categories = [each.code for each in packaged_categories() if each.level == 2]
    await fill(analytics.database, FACTS, [filled + 1, counties, categories, size], [])
    connection = await asyncpg.connect(analytics.database)
    await connection.execute("TRUNCATE count_by_cell, answer_days")
    await connection.close()
    await fill(analytics.database, CELLS, [], ["count_by_cell", "petition_fact"])
    await fill(analytics.database, DAYS, [], ["answer_days"])
    connection = await asyncpg.connect(analytics.database)
    await connection.execute("UPDATE meta SET value = $2 WHERE key = $1", MARK, NOT_BEGUN)
    database = Database(analytics.settings.database("analytics"))
    began, more = time.perf_counter(), True
    while more:
        async with database.writing() as session:
            more = await gate.enter(session) and await fill_next(session)
    took = time.perf_counter() - began
    await database.close()
    await connection.execute("VACUUM (ANALYZE) kept_sums")
    cells = await connection.fetchval("SELECT count(*) FROM count_by_cell")
    await connection.close()
    return int(cells), took
