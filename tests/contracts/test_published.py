"""The frozen files agree with the services, and can't be changed by mistake."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services import contracts
from services.contracts import (
    EVENTS,
    OPENAPI,
    PAGE,
    SAMPLES,
    BreakingChangeError,
    consumers,
    drift,
    openapi_text,
    write,
)
from services.deployment import SPECS
from shared.contracts.catalogue import BY_TYPE, CONTRACTS, DIGESTS
from shared.contracts.documentation import meaning
from shared.contracts.intake import PetitionContentV1, PetitionSealedV1
from shared.contracts.papers import NoticeOwedV1, NoticeToldV1, PaperDeliveredV1
from shared.contracts.routing import CaseAnsweredV1

ROOT = Path(__file__).resolve().parents[2]
ANSWERED = EVENTS / f"{CaseAnsweredV1.TYPE}.json"


@pytest.fixture(scope="module", autouse=True)
def _described_once() -> Iterator[None]:
    """Describing four services takes a second; their code does not change under way."""
    described = {spec.name: openapi_text(spec) for spec in SPECS}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contracts, "openapi_text", lambda spec: described[spec.name])
        yield


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the samples and files frozen just now."""
    shutil.copytree(ROOT / SAMPLES, tmp_path / SAMPLES)
    write(tmp_path)
    return tmp_path


def alter(path: Path, change: Any) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    change(schema)
    path.write_text(json.dumps(schema), encoding="utf-8")


def test_code_and_frozen_files_agree() -> None:
    assert drift(ROOT) == [], "run `make contracts` and read the difference"


def test_every_event_has_a_consumer_and_nobody_hears_himself() -> None:
    for contract in CONTRACTS:
        hearing = consumers()[contract.TYPE]
        assert hearing, f"{contract.TYPE} has no consumer"
        assert contract.producer() not in hearing


def test_nobody_subscribes_to_what_is_not_in_the_catalogue() -> None:
    assert {kind for spec in SPECS for kind in spec.subscriptions.types} <= set(BY_TYPE)
    assert [spec.subscriptions.consumer for spec in SPECS] == [spec.name for spec in SPECS]


def test_words_and_sealed_items_go_to_one_service_alone() -> None:
    for contract in (PetitionContentV1, PetitionSealedV1, PaperDeliveredV1):
        assert consumers()[contract.TYPE] == ["routing"]
    for notice in (NoticeOwedV1, NoticeToldV1):
        assert consumers()[notice.TYPE] == ["intake"]


def test_every_service_compares_what_the_others_say_they_published() -> None:
    for producer, contract in DIGESTS.items():
        heard_by = {
            spec.name
            for spec in SPECS
            if any(BY_TYPE[kind].producer() == producer for kind in spec.subscriptions.types)
        }
        assert set(consumers()[contract.TYPE]) == heard_by


def test_the_page_tells_of_every_event() -> None:
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    for contract in CONTRACTS:
        section = page.split(f"\n### {contract.TYPE}\n", 1)[1].split("\n### ", 1)[0]
        assert meaning(contract) in section
        assert f"Producer: {contract.producer()}." in section
        assert f"Consumers: {', '.join(sorted(consumers()[contract.TYPE]))}." in section
        assert (ROOT / SAMPLES / f"{contract.TYPE}.json").read_text(encoding="utf-8") in section
        for name in contract.model_fields:
            assert f"| `{name}` |" in section


def test_what_was_written_has_no_drift_and_is_not_written_again(project: Path) -> None:
    assert drift(project) == []
    assert write(project) == []
    names = {path.stem for path in (project / OPENAPI).iterdir()}
    assert names == {"intake", "routing", "supervision", "analytics"}


def test_a_file_changed_by_hand_is_drift_and_mended(project: Path) -> None:
    (project / PAGE).write_text("by hand", encoding="utf-8")
    (project / OPENAPI / "intake.json").unlink()
    found = drift(project)
    assert [line.split(":")[0] for line in found] == [str(OPENAPI / "intake.json"), str(PAGE)]
    assert write(project) == [OPENAPI / "intake.json", PAGE]


def test_a_file_of_no_contract_is_drift_and_goes(project: Path) -> None:
    (project / EVENTS / "routing.case.gone.v1.json").write_text("{}", encoding="utf-8")
    assert len(drift(project)) == 1
    assert write(project) == [EVENTS / "routing.case.gone.v1.json"]
    assert drift(project) == []


def test_an_optional_addition_is_written(project: Path) -> None:
    alter(project / ANSWERED, lambda schema: schema["$defs"]["ReferralFacts"]["properties"].pop(
        "guided_to"))  # fmt: skip
    assert len(drift(project)) == 1
    assert write(project) == [ANSWERED]


def test_any_other_change_is_refused_and_nothing_is_written(project: Path) -> None:
    def once_had_more(schema: Any) -> None:
        schema["properties"]["remark"] = {"type": "string"}

    alter(project / ANSWERED, once_had_more)
    (project / PAGE).unlink()
    assert any("remark is gone" in line for line in drift(project))
    with pytest.raises(BreakingChangeError, match="remark is gone"):
        write(project)
    assert not (project / PAGE).exists()
    assert ANSWERED in write(project, unreleased=True)
    assert drift(project) == []


def test_an_event_without_a_sample_is_refused(project: Path) -> None:
    (project / SAMPLES / f"{CaseAnsweredV1.TYPE}.json").unlink()
    with pytest.raises(FileNotFoundError):
        write(project)


def test_the_interface_is_the_same_in_every_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = openapi_text(SPECS[0])
    monkeypatch.setenv("XINFANG_MODE", "separated")
    monkeypatch.setenv("XINFANG_CLOCK_FILE", "clock")
    monkeypatch.setenv("XINFANG_DATABASE_URL", "postgresql+asyncpg://nobody@nowhere/{service}")
    monkeypatch.chdir(tmp_path)
    assert openapi_text(SPECS[0]) == before
    assert list(tmp_path.iterdir()) == []
