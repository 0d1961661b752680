"""The work list of 50 (`GET /routing/v1/cases`) at growing sizes, against a bare endpoint."""

from __future__ import annotations

from statistics import median
from typing import Any

from bench.bare import DATABASE, STATEMENT
from bench.serving import Serving, fill, free_port, reads, ready, serving, uvicorn
from shared.reference.categories import packaged_categories
from shared.reference.division_files import packaged
from shared.vocabulary.places import Level
from shared.vocabulary.posts import Role

SIZES = (10_000, 100_000, 1_000_000)
CONNECTIONS = 8
OWN, SECOND = "430104000000-HOUSING", "430105000000-HOUSING"
"""The caller's organ has one in fifty of the cases, so that its list is full at every size."""
KINDS = ["PETITION", "HOUSING", "POLICE", "EDUCATION", "HEALTH", "TRANSPORT", "CIVIL_AFFAIRS"]
BARE = """
SELECT case_id, number, state, version, purpose, category_code, division_code, received_by,
       received_on, decision_kind, decision_confidence, needs_person_reason, next_organ,
       organ_code, due_on, due_limit, closed_on, title
FROM case_file WHERE state <> 'closed' AND next_organ = $1 ORDER BY due_on, case_id LIMIT 51"""

CASES = """
INSERT INTO case_file
SELECT gen_random_uuid(), gen_random_uuid(), '43-2024-' || i,
       CASE WHEN open THEN 'accepted' ELSE 'closed' END, 4, 'claim',
       ($4::text[])[1 + i % cardinality($4)], division, division || '-PETITION', true,
       day, day, division || '-PETITION', true, 'transfer', 'certain', NULL, day,
       CASE WHEN NOT open THEN day + 40 END, CASE WHEN NOT open THEN day + 42 END,
       CASE WHEN NOT open THEN day + 42 END, 0, CASE WHEN open THEN organ END, organ,
       division || '-PETITION', day + 60, 'D5-2022', 'online', 'own', NULL, division, 0.9,
       '反映某小区' || i || '号楼门前路灯损坏三个月无人维修的问题',
       repeat('小区门口的路灯坏了三个多月，晚上出门很不安全，反映几次没有人来修。', 5),
       NULL, NULL, '{"divisions": "2023", "limits": "2022"}', now()
FROM (SELECT i, i % 10 < 3 AS open, DATE '2014-01-01' + (i * 7919 % 4300)::int AS day,
             CASE WHEN i % 50 = 0 THEN left($5, 12) ELSE place END AS division,
             CASE WHEN i % 50 = 0 THEN $5
                  ELSE place || '-' || ($3::text[])[1 + i / 7 % cardinality($3)] END AS organ
      FROM (SELECT i, ($2::text[])[1 + i * 31 % cardinality($2)] AS place
            FROM generate_series($1::bigint, $6::bigint) AS i) AS placed) AS chosen"""


async def bench_worklist(*, rounds: int, seconds: float) -> dict[str, Any]:
    """Rates of the list and of the bare endpoint in interleaved rounds, at each size."""
    async with serving("routing") as routing:
        bare = routing.environment | {DATABASE: routing.database, STATEMENT: BARE}
        port = free_port()
        with uvicorn("bench.bare:app", port, bare):
            await ready(port, "/openapi.json")
            path, one, two = "/routing/v1/cases", (OWN,), (OWN, SECOND)
            ways = {
                "one_organ": (routing.port, path, await routing.login(Role.OFFICER, *one)),
                "two_organs": (routing.port, path, await routing.login(Role.OFFICER, *two)),
                "bare_plain": (port, f"/plain?organ={OWN}", {}),
                "bare_lean": (port, f"/lean?organ={OWN}", {}),
            }
            found: dict[str, Any] = {}
            filled = 0
            for size in SIZES:
                await _more(routing, filled, size)
                filled = size
                found[str(size)] = await _measured(ways, rounds=rounds, seconds=seconds)
    first, last = found[str(SIZES[0])], found[str(SIZES[-1])]
    return found | {"growth": round(last["one_organ_ms"] / first["one_organ_ms"], 2)}


async def _measured(ways: dict[str, Any], *, rounds: int, seconds: float) -> dict[str, float]:
    rates: dict[str, list[float]] = {name: [] for name in ways}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (port, path, headers) in ways.items():
            alone = await reads(port, path, headers, seconds=seconds / 3, connections=1)
            times[name].append(alone.percentile(0.5))
            many = await reads(port, path, headers, seconds=seconds, connections=CONNECTIONS)
            rates[name].append(many.per_second)
    found = {f"{name}_per_second": round(median(each), 1) for name, each in rates.items()}
    found |= {f"{name}_ms": round(median(each), 2) for name, each in times.items()}
    for way in ("plain", "lean"):
        ratio = median(rates["one_organ"]) / median(rates[f"bare_{way}"])
        found[f"over_bare_{way}"] = round(ratio, 2)
    return found


async def _more(routing: Serving, filled: int, size: int) -> None:
    """Cases up to `size`: spread over counties, organs and eleven years, three of ten open."""
    divisions = packaged()
    counties = [
        each.code for each in divisions if each.level is Level.COUNTY and each.code.startswith("43")
    ]
    categories = [each.code for each in packaged_categories() if each.level == 2]
    values = [filled + 1, counties, KINDS, categories, OWN, size]
    await fill(routing.database, CASES, values, ["case_file"])
