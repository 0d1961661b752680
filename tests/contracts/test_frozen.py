"""What was published once keeps its meaning: schemas, samples, and who may say what to whom."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared.contracts import digest, envelope, intake, papers, routing, supervision
from shared.contracts.catalogue import CASE_EVENTS, CONTRACTS, DIGESTS, DUTY_EVENTS
from shared.contracts.documentation import meaning
from shared.contracts.envelope import Envelope, EventData
from shared.contracts.freeze import breaking_changes, envelope_schema, schema_of, schema_text
from tests.messaging.conftest import MakeToy

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "contracts" / "samples"
IDS = [contract.TYPE for contract in CONTRACTS]
SERVICES = ("intake", "routing", "supervision", "analytics")
each_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=IDS)


def frozen(path: str) -> Any:
    return json.loads((ROOT / "contracts" / path).read_text(encoding="utf-8"))


def sample(contract: type[EventData]) -> Any:
    return json.loads((SAMPLES / f"{contract.TYPE}.json").read_text(encoding="utf-8"))


@each_contract
def test_a_contract_is_the_one_that_was_frozen(contract: type[EventData]) -> None:
    kept = (ROOT / "contracts" / "events" / f"{contract.TYPE}.json").read_text(encoding="utf-8")
    new = schema_of(contract)
    assert breaking_changes(json.loads(kept), new) == [], "this needs a new version of the event"
    assert schema_text(new) == kept, "run `make contracts` and read the difference"


def test_the_envelope_is_the_one_that_was_frozen() -> None:
    assert breaking_changes(frozen("envelope.json"), envelope_schema()) == []
    assert frozen("envelope.json") == envelope_schema()


def test_files_and_catalogue_name_the_same_events() -> None:
    assert sorted(path.stem for path in (ROOT / "contracts" / "events").iterdir()) == sorted(IDS)
    assert set(IDS) <= {path.stem for path in SAMPLES.iterdir()}


def test_every_contract_class_is_in_the_catalogue() -> None:
    modules = (digest, envelope, intake, papers, routing, supervision)
    defined = {
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, EventData) and "TYPE" in vars(thing)
    }
    assert defined == set(CONTRACTS)
    assert {*CASE_EVENTS, *DUTY_EVENTS, *DIGESTS.values()} <= defined


@each_contract
def test_a_contract_says_what_it_means_and_who_publishes_it(contract: type[EventData]) -> None:
    producer, *what, version = contract.TYPE.split(".")
    assert len(meaning(contract)) > 20
    assert producer == contract.producer()
    assert producer in SERVICES
    assert len(what) == 2
    assert re.fullmatch(r"v[1-9][0-9]*", version)
    assert contract.__name__.endswith(version.upper())
    assert re.fullmatch("[a-z]+", contract.SUBJECT)


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_records_its_own_events_and_no_others(
    toy_service: MakeToy, name: str
) -> None:
    _, service = await toy_service(name)
    async with service.service.units.begin() as uow:
        for contract in CONTRACTS:
            event = contract.model_validate(sample(contract)["data"])
            if contract.producer() == name:
                uow.record(event, subject_id="x", sequence=1)
            else:
                with pytest.raises(ValueError, match="may not publish"):
                    uow.record(event, subject_id="x", sequence=1)
    own = [contract.TYPE for contract in CONTRACTS if contract.producer() == name]
    assert [envelope.type for envelope in await service.recorded()] == own


@each_contract
def test_a_stored_sample_is_still_read_whole(contract: type[EventData]) -> None:
    """Read, it says what it said; written again, no member of it is lost."""
    stored = sample(contract)
    read = Envelope.parse(json.dumps(stored))
    assert read.type == contract.TYPE
    assert read.source == contract.producer()
    assert read.subject.split("/")[0] == contract.SUBJECT
    data = contract.model_validate(read.data)
    assert without_additions(data.model_dump(mode="json"), stored["data"]) == stored["data"]
    again = json.loads(read.to_json())
    assert without_additions(again, stored) == stored


@each_contract
def test_a_stored_sample_fits_the_frozen_schema(contract: type[EventData]) -> None:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    for schema, instance in (
        (frozen("envelope.json"), sample(contract)),
        (frozen(f"events/{contract.TYPE}.json"), sample(contract)["data"]),
    ):
        jsonschema.Draft202012Validator(schema, format_checker=checker).validate(instance)


@each_contract
def test_readers_ignore_members_they_do_not_know(contract: type[EventData]) -> None:
    stored = sample(contract)
    assert contract.model_validate(with_surprises(stored["data"])) == contract.model_validate(
        stored["data"]
    )


def without_additions(new: Any, old: Any) -> Any:
    """`new` without members that `old` had not yet."""
    if isinstance(new, dict) and isinstance(old, dict):
        return {key: without_additions(new[key], old[key]) for key in new if key in old}
    if isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        return [without_additions(one, other) for one, other in zip(new, old, strict=True)]
    return new


def with_surprises(value: Any) -> Any:
    """A copy with a member more in every object that is a structure (maps keep their shape)."""
    if isinstance(value, list):
        return [with_surprises(each) for each in value]
    if not isinstance(value, dict):
        return value
    copied = {
        key: with_surprises(each) if key not in ("editions", "values") else each
        for key, each in value.items()
    }
    return copied | {"a_member_of_the_future": {"x": 1}}
