"""/metrics tells an operator enough, and nobody anything about a person."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from services.deployment import SPECS
from services.intake.main import SPEC as INTAKE
from services.supervision.main import SPEC as SUPERVISION
from shared.runtime.service import ServiceSpec
from shared.vocabulary.checks import NotReady
from shared.vocabulary.duties import AlarmCode
from tests.conftest import MakeService
from tests.support.service import ServiceUnderTest

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"\bxinfang_[a-z_]+\b")
SECRET_WORDS = ("李小满", "13807310001", "430104199003070018", "secret-number")


async def samples(service: ServiceUnderTest) -> dict[tuple[str, tuple[str, ...]], float]:
    """Value by name and label values."""
    answer = await service.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_requests_are_counted_by_template_and_nothing_of_them_is_told(
    make_service: MakeService,
) -> None:
    service = await make_service(INTAKE)
    for _ in range(2):
        await service.client.get(
            "/intake/v1/petitions/secret-number/progress?name=李小满",
            headers={"X-Query-Code": "430104199003070018"},
        )
    await service.client.get("/13807310001")
    await service.client.post("/intake/v1/petitions", content=b'{"a": NaN}')
    text = (await service.client.get("/metrics")).text
    assert not any(word in text for word in SECRET_WORDS)
    found = await samples(service)
    route = "/intake/v1/petitions/{number}/progress"
    assert sum(v for k, v in found.items() if k[0] == "xinfang_requests_total"
               and route in k[1]) == 2  # fmt: skip
    assert found["xinfang_requests_total", ("GET", "unmatched", "intake", "404")] == 1
    assert any(name == "xinfang_requests_total" and "400" in labels for name, labels in found)
    assert found["xinfang_request_seconds_count", ("GET", route, "intake")] == 2


async def test_each_request_leaves_a_line_in_the_log_by_template(make_service: MakeService) -> None:
    service = await make_service(INTAKE)
    with capture_logs() as lines:
        await service.client.get(
            "/intake/v1/petitions/secret-number/progress?name=李小满",
            headers={"X-Query-Code": "430104199003070018"},
        )
    (line,) = [each for each in lines if each["event"] == "web.answered"]
    assert line["route"] == "/intake/v1/petitions/{number}/progress"
    assert (line["method"], line["status"]) == ("GET", 404)
    assert not any(word in str(lines) for word in SECRET_WORDS)


@pytest.mark.parametrize("spec", SPECS, ids=[spec.name for spec in SPECS])
async def test_every_service_tells_of_outbox_inbox_and_loops(
    spec: ServiceSpec, make_service: MakeService
) -> None:
    service = await make_service(spec)
    await service.service.relay.work()  # routing tells its key
    found = await samples(service)
    assert found["xinfang_outbox_unsent", (spec.name,)] == 0
    assert found["xinfang_figures_read", (spec.name,)] == 1
    assert found["xinfang_inbox_events", (spec.name, "parked")] == 0
    await service.service.inbox.store([b"no envelope"])
    assert (await samples(service))["xinfang_inbox_events", (spec.name, "parked")] == 1


async def test_a_service_without_its_database_still_answers(make_service: MakeService) -> None:
    service = await make_service(SUPERVISION)

    async def away() -> None:
        raise ConnectionRefusedError

    service.service.relay.lag = away  # type: ignore[method-assign, assignment]
    found = await samples(service)
    assert found["xinfang_figures_read", ("supervision",)] == 0


async def test_dashboard_and_alerts_ask_for_figures_that_exist(make_service: MakeService) -> None:
    told: set[str] = set()
    for spec in SPECS:
        service = await make_service(spec)
        await service.service.tokens.renew()
        await service.client.get("/live")
        told |= {name for name, _ in await samples(service)}
    board = json.loads((ROOT / "deploy/grafana/dashboards/xinfang.json").read_text())
    asked = {t["expr"] for panel in board["panels"] for t in panel.get("targets", [])}
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"][0]
    asked |= {rule["expr"] for rule in rules["rules"]}
    names = {name for expression in asked for name in NAME.findall(expression)}
    assert len(names) > 8
    assert names - told == set()


def test_every_alarm_and_alert_has_a_runbook_and_no_runbook_is_without() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    runbook = text.split("\n## Runbook\n")[1]
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"][0][
        "rules"
    ]
    alerts = sorted(rule["alert"] for rule in rules)
    assert sorted(re.findall(r"^### (\w+)$", runbook, re.M)) == alerts
    assert sorted(re.findall(r"^#### (\w+)$", runbook, re.M)) == sorted(AlarmCode)
    for rule in rules:
        assert rule["labels"]["severity"] in {"warning", "critical"}
        anchors = {rule["alert"].lower(), "{{ $labels.code }}"}
        assert rule["annotations"]["runbook"].removeprefix("docs/operations.md#") in anchors
        assert rule["annotations"]["summary"]


def test_every_reason_of_readiness_has_a_line_in_the_runbook() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    table = text.split("\n### NotReady\n")[1].split("\n### ")[0]
    told = set(re.findall(r"^\| `(\w+)", table, re.M))
    assert {str(reason) for reason in NotReady} - told == set()
    own = {"watcher_heartbeat", "witness_heartbeat", "duties_disagree", "figures_need_rebuild"}
    assert told == {str(reason) for reason in NotReady} | own


def test_prometheus_loads_the_rules() -> None:
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    assert config["rule_files"] == ["alerts.yml"]
    promtool = shutil.which("promtool")
    if promtool:  # Debian's package prometheus has it
        where = str(ROOT / "deploy/prometheus/prometheus.yml")
        subprocess.run([promtool, "check", "config", where], check=True)
