"""Facts carry no identity and no words; only events that one service alone hears have text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from shared.contracts.catalogue import CONTRACTS
from shared.contracts.envelope import EventData
from shared.contracts.freeze import JsonSchema, schema_of
from shared.contracts.intake import PetitionContentV1
from shared.contracts.papers import NoticeOwedV1, PaperDeliveredV1

each_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda each: each.TYPE)

PERSONAL = re.compile(
    r"(^|_)(name|names|surname|phone|mobile|telephone|tel|email|mail|wechat|address|idcard"
    r"|identity|id_number|id_card|passport|birth\w*|gender|sex|age|petitioners?|citizen"
    r"|complainant|contact|signature|account|plate)(_|$)"
)
TEXT = re.compile(
    r"(^|_)(text|title|content|body|words|description|remark|notes?|comment|summary|detail"
    r"|place|demand|answer|reasons|message)(_|$)"
)
CODES = {
    "number", "category_code", "division_code", "complained_organ", "received_by", "source",
    "source_id", "sealed_class", "organ_code", "organ_division", "from_organ", "verdict", "opinion",
    "guided_to", "decision_kind", "decision_confidence", "needs_person_reason", "person", "kind",
    "edition_id", "sha256", "subject_kind", "limit_id", "article", "raised_to", "type", "digest",
    "editions", "key_id", "public_key", "act", "closing_kind", "decider", "route", "method",
    "template", "template_edition", "template_sha256", "hidden_from", "also_complained",
    "also_hidden_from", "opener",
}  # fmt: skip
"""Members that are plain strings, each a code or an opaque key. `article` is a citation of the
limit table, `person` the opaque subject of an official's token. A new one is added here only when
nobody can type words into it."""
FILES = {"content_xz_base64"}
"""Published reference data, which holds nothing about anybody."""


def members(contract: type[EventData]) -> Iterator[tuple[str, JsonSchema]]:
    """(name, schema) of every member of a contract and of the structures in it."""
    schema = schema_of(contract)
    for each in (schema, *schema.get("$defs", {}).values()):
        yield from each.get("properties", {}).items()


def takes_any_text(schema: Any) -> bool:
    """Whether somewhere in a member any string may stand."""
    if isinstance(schema, list):
        return any(takes_any_text(each) for each in schema)
    if not isinstance(schema, dict):
        return False
    if schema.get("type") == "string" and not schema.keys() & {"format", "enum", "const"}:
        return True
    inner = (schema.get(key) for key in ("anyOf", "items", "additionalProperties", "prefixItems"))
    return any(takes_any_text(each) for each in inner)


def personal(contract: type[EventData]) -> set[str]:
    """Members named like an identity."""
    return {name for name, _ in members(contract) if PERSONAL.search(name)}


def wordy(contract: type[EventData]) -> set[str]:
    """Members that hold words by their name, or could by their type."""
    return {
        name
        for name, schema in members(contract)
        if name not in FILES
        and (TEXT.search(name) or (takes_any_text(schema) and name not in CODES))
    }


@each_contract
def test_no_contract_carries_an_identity(contract: type[EventData]) -> None:
    assert personal(contract) == set()


WORDS: dict[type[EventData], set[str]] = {
    PetitionContentV1: {"title", "text", "place"},
    NoticeOwedV1: {"title", "values"},
    PaperDeliveredV1: {"proof"},
}
"""Masked, and bound by one service alone (test_published.py)."""


@each_contract
def test_only_what_one_service_hears_carries_words(contract: type[EventData]) -> None:
    assert wordy(contract) == WORDS.get(contract, set())


class Inner(BaseModel):
    """What a careless contract could hold."""

    applicant_name: str
    id_number: str
    remark: int
    whatever: list[str]
    by_word: dict[str, list[str]]


class Outer(EventData):
    """A careless contract."""

    TYPE = "intake.careless.told.v1"

    inner: list[Inner] | None
    home_address: str | None
    number: str
    person_times: int


def test_identities_and_words_would_be_seen() -> None:
    assert personal(Outer) == {"applicant_name", "id_number", "home_address"}
    assert wordy(Outer) == {
        *("applicant_name", "id_number", "remark", "whatever", "by_word", "home_address")
    }
