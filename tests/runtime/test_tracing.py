"""Traces: a petition's way through four services is one, and no span knows a person."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.intake.main import SPEC as INTAKE
from services.standalone import Standalone
from shared.contracts.envelope import Envelope
from shared.runtime.spans import Tracing
from tests.conftest import MakeService
from tests.runtime.test_backup import rest
from tests.support.backends import test_settings
from tests.support.collector import Collector, Span

PLANTED = ("李小满", "13807310001", "430104199003070018", "银盆岭", "电梯年久失修", "秘密")
PETITION = {
    "purpose": "claim",
    "subject": "长沙市岳麓区银盆岭街道小区电梯年久失修",
    "text": "我叫李小满，电话13807310001，身份证430104199003070018。电梯年久失修，秘密。",
    "petitioners": [{"name": "李小满", "phone": "13807310001", "id_number": "430104199003070018"}],
}


async def test_one_petition_is_one_trace_through_all_services(tmp_path: Path) -> None:
    async with Collector().serving() as collector:
        standalone = Standalone(test_settings(tmp_path, otlp_endpoint=collector.url))
        transport = httpx.ASGITransport(app=standalone)
        client = httpx.AsyncClient(
            transport=transport,
            base_url="http://x",
            headers={
                "X-Correlation-Id": "13807310001",
                "User-Agent": "李小满".encode().hex(),
                "traceparent": f"00-{'a' * 32}-{'b' * 16}-01",
                "tracestate": "phone=13807310001",
            },
        )
        async with standalone.running(), client:
            filed = await client.post("/intake/v1/petitions?name=13807310001", json=PETITION)
            assert filed.status_code == 201, filed.text
            number, code = filed.json()["number"], filed.json()["query_code"]
            await rest(standalone)
            for path in (f"/intake/v1/petitions/{number}/progress", "/13807310001", "/intake/秘密"):
                await client.get(path, headers={"X-Query-Code": code})
            await client.post("/intake/v1/petitions", json={"text": "秘密", "13807310001": 1})
        traces = collector.traces()
        (spans,) = [each for each in traces.values() if is_filing(each, 201)]
        assert {span.service for span in spans} == {
            "intake", "routing", "supervision", "analytics",
        }  # fmt: skip
        known = {span.span_id for span in spans}
        assert [span.name for span in spans if span.parent not in known] == [
            "POST /intake/v1/petitions"
        ]
        assert any(span.name.startswith("process routing.case.") for span in spans)
        assert {s.name for each in traces.values() for s in each if s.name.startswith("GET")} == {
            "GET /intake/v1/petitions/{number}/progress", "GET unmatched",
        }  # fmt: skip
        sent = b"".join(collector.bodies)
        for planted in (*PLANTED, number, code, "a" * 32):
            assert planted.encode() not in sent, planted
            assert planted.encode().hex().encode() not in sent, planted
        assert bytes.fromhex("a" * 32) not in traces


def is_filing(spans: list[Span], status: int) -> bool:
    wanted = {"http.route": "/intake/v1/petitions", "http.response.status_code": str(status)}
    return any(wanted.items() <= span.attributes.items() for span in spans)


async def test_a_failed_reaction_is_a_span_without_its_message() -> None:
    async with Collector().serving() as collector:
        tracing = Tracing(service="intake", endpoint=collector.url, share=1.0)
        envelope = Envelope.model_validate(
            {
                "id": "00000000-0000-7000-8000-000000000001", "source": "routing",
                "type": "routing.case.referred.v1", "subject": "case/1", "sequence": 1,
                "time": "2026-03-02T01:00:00Z", "epoch": 1, "correlationid": "x", "data": {},
                "traceparent": "damaged 13807310001",
            }
        )  # fmt: skip
        with pytest.raises(ValueError, match="李小满"), tracing.handling([envelope]):
            raise ValueError("李小满")
        await tracing.stop()
        ((span,),) = collector.traces().values()
        assert (span.parent, span.attributes["error.type"]) == (b"", "ValueError")
        assert not any(each.encode() in b"".join(collector.bodies) for each in PLANTED)


async def test_a_collector_that_is_away_stops_nothing(make_service: MakeService) -> None:
    service = await make_service(INTAKE, otlp_endpoint="http://127.0.0.1:9")
    filed = await service.client.post("/intake/v1/petitions", json=PETITION)
    assert filed.status_code == 201
    (envelope, *_) = await service.recorded()
    assert envelope.traceparent is not None
    assert service.service.tracing is not None
    await service.service.tracing.stop()


async def test_without_a_collector_nothing_is_made(make_service: MakeService) -> None:
    service = await make_service(INTAKE)
    filed = await service.client.post("/intake/v1/petitions", json=PETITION)
    assert filed.status_code == 201
    assert service.service.tracing is None
    outbox = service.service.tables.outbox
    async with service.service.database.reading() as session:
        for envelope in await session.scalars(outbox.select().with_only_columns(outbox.c.envelope)):
            assert "traceparent" not in json.loads(envelope)


def test_without_a_collector_the_libraries_are_not_even_imported() -> None:
    code = (
        "import sys, services.intake.main as m, shared.runtime.app as a\n"
        "from tests.support.backends import test_settings\nfrom pathlib import Path\n"
        "from tests.support.service import SilentBus\n"
        "a.create_app(m.SPEC, test_settings(Path('.')), bus=SilentBus())\n"
        "print([n for n in sys.modules if n.startswith(('opentelemetry.sdk', 'requests'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def no_libraries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kept = sys.modules.pop("shared.runtime.spans", None)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    yield
    if kept is not None:
        sys.modules["shared.runtime.spans"] = kept


@pytest.mark.usefixtures("no_libraries")
async def test_a_collector_without_the_libraries_is_refused_in_words(
    make_service: MakeService,
) -> None:
    with pytest.raises(ValueError, match="extra `otlp`"):
        await make_service(INTAKE, otlp_endpoint="http://collector:4318")
