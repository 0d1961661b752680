"""Words of staff: what is refused, what is hidden, and that no member of a body is forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.papers.text import printable
from shared.web.bodies import HIDES_NUMBERS, KEPT, StaffText

WORDS: TypeAdapter[str] = TypeAdapter(Annotated[str, StaffText(20)])
LINE: TypeAdapter[str] = TypeAdapter(Annotated[str, StaffText(20, lines=False)])
MAYBE: TypeAdapter[str] = TypeAdapter(Annotated[str, StaffText(20, least=0)])
VOUCHER: TypeAdapter[str] = TypeAdapter(Annotated[str, StaffText(40, lines=False, numbers=False)])
DOCUMENTS = Path(__file__).resolve().parents[2] / "contracts" / "openapi"

BY_PETITIONERS = {
    "PetitionIn": "subject text place complained",
    "PetitionerIn": "name id_number phone email address",
    "webhook": "subject text place complained",
}
"""Words of petitioners: the vault takes who they are, intake masks the rest (masking.py)."""
NO_WORDS = {
    "PetitionIn": "complained_organ received_by retaliation_for",  # codes of organs, a number
    "webhook": "complained_organ external_id",
    "SearchIn": "number text cursor",  # kept nowhere
    "RecusalIn": "person replaced_by",  # subjects of tokens, compared with them
    "PostIn": "person",
    "RefusalIn": "same_as",  # the number of another petition
    "CaseGrantIn": "number",
    "EditionIn": "files content_xz_base64 removes",  # files, checked as such, and ids of their rows
    "UnsealIn": "complained_organ",  # a code
}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  已答复　", "已答复"),
        ("甲\r\n乙\r丙", "甲\n乙\n丙"),
        ("电话13800138000", "电话***"),
        ("１３８ ００１３ ８０００", "***"),
        ("证430104199001011238", "证***"),
        ("请拨12345", "请拨12345"),
        ("湘政发〔2026〕12号", "湘政发〔2026〕12号"),
        ("\t制表\t", "制表"),
        ("一" * 20, "一" * 20),
    ],
)
def test_what_is_typed_is_kept_without_numbers(typed: str, kept: str) -> None:
    assert WORDS.validate_python(typed) == kept
    assert WORDS.validate_python(kept) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "why", "place", "character"),
    [
        (WORDS, "灯\u200b不亮", "text_character", 2, "U+200B"),
        (WORDS, "\x0b说明", "text_character", 1, "U+000B"),
        (WORDS, "说\u2028明", "text_character", 2, "U+2028"),
        (WORDS, "说明\U000e0100", "text_character", 3, "U+E0100"),
        (WORDS, "\ufeff说明", "text_character", 1, "U+FEFF"),
        (WORDS, "说\ufffe明", "text_character", 2, "U+FFFE"),
        (WORDS, "明\u202e说", "text_character", 2, "U+202E"),
        (LINE, "一行\n两行", "text_lines", 3, None),
        (WORDS, "\u2800 \u3000", "text_blank", None, None),
        (WORDS, "   ", "text_blank", None, None),
        (WORDS, "", "text_blank", None, None),
        (WORDS, "一" * 21, "string_too_long", None, None),
        (WORDS, " " + "一" * 20, "string_too_long", None, None),
        (WORDS, "\x1f" + "一" * 20, "string_too_long", None, None),
        (WORDS, 7, "string_type", None, None),
        (VOUCHER, "转账6222021234567890123", "text_number", None, None),
        (VOUCHER, "13800138000", "text_number", None, None),
    ],
)
def test_what_is_refused_says_why_and_where(
    kind: TypeAdapter[str], typed: Any, why: str, place: int | None, character: str | None
) -> None:
    with pytest.raises(ValidationError) as caught:
        kind.validate_python(typed)
    (error,) = caught.value.errors()
    found = error.get("ctx", {})
    assert (error["type"], found.get("place"), found.get("character")) == (why, place, character)
    assert str(typed) not in error["msg"] or not str(typed).strip()


def test_what_was_taken_before_is_taken_again() -> None:
    """A draft of an older release is not refused when it is approved, only hidden."""
    old = "\u200b旧稿" + "一" * 30 + "13800138000"
    assert WORDS.validate_python(old, context=KEPT) == old.replace("13800138000", "***")
    assert MAYBE.validate_python("") == MAYBE.validate_python("", context=KEPT) == ""
    assert VOUCHER.validate_python("凭证2026-03-17号") == "凭证2026-03-17号"


@given(st.text(max_size=20))
def test_what_is_taken_is_printed_as_it_is(text: str) -> None:
    try:
        taken = MAYBE.validate_python(text)
    except ValidationError:
        return
    assert "".join(printable(taken).split()) == "".join(taken.replace("\u2800", " ").split())
    assert MAYBE.validate_python(taken) == taken


Member = tuple[str, str, dict[str, Any]]
BOUNDED = frozenset(("enum", "const", "format", "pattern"))


def free_texts(document: dict[str, Any]) -> Iterator[Member]:
    """(model, member, schema) of each text in a request body that no other rule bounds."""
    models = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method in methods.values():
            for body in method.get("requestBody", {}).get("content", {}).values():
                name = "webhook" if "webhooks" in path else "?"
                yield from inside(body.get("schema", {}), name, "", models, set())


def inside(
    schema: dict[str, Any], model: str, member: str, models: dict[str, Any], seen: set[str]
) -> Iterator[Member]:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        if name not in seen:
            seen.add(name)
            yield from inside(models[name], name.rsplit("__", 1)[-1], member, models, seen)
        return
    for name, part in schema.get("properties", {}).items():
        yield from inside(part, model, name, models, seen)
    either = [each for how in ("anyOf", "oneOf", "allOf") for each in schema.get(how, ())]
    for part in (*either, schema.get("items"), schema.get("additionalProperties")):
        if isinstance(part, dict):
            yield from inside(part, model, member, models, seen)
    if schema.get("type") == "string" and BOUNDED.isdisjoint(schema):
        yield model, member, schema


def forgotten(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Members of bodies that are neither of the type nor on the lists above."""
    known = {
        (model, member)
        for table in (BY_PETITIONERS, NO_WORDS)
        for model, members in table.items()
        for member in members.split()
    }
    return {
        (model, member)
        for model, member, schema in free_texts(document)
        if not schema.get(HIDES_NUMBERS)
    } - known


@pytest.mark.parametrize("name", ["intake", "routing", "supervision", "analytics"])
def test_no_member_for_words_is_forgotten(name: str) -> None:
    document = json.loads((DOCUMENTS / f"{name}.json").read_text(encoding="utf-8"))
    assert forgotten(document) == set()


def test_a_forgotten_member_is_seen() -> None:
    plain = {"type": "string", "maxLength": 9}
    nested = {"type": "array", "items": {"anyOf": [plain, {"type": "null"}]}}
    model = {"type": "object", "properties": {"note": nested, "day": {**plain, "format": "date"}}}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/NoteIn"}}}}
    document = {
        "paths": {"/x": {"post": {"requestBody": body}}},
        "components": {"schemas": {"NoteIn": model}},
    }
    assert forgotten(document) == {("NoteIn", "note")}
    plain[HIDES_NUMBERS] = True
    assert forgotten(document) == set()
