"""Whether a new schema keeps the promise of an old one: within a version only additions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """What a reader or writer of the old schema could trip over, in words; empty when nothing."""
    return list(_compare(old, new, old, new, ""))


def _compare(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, at: str
) -> Iterator[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    here = at or "event"
    if "anyOf" in old or "anyOf" in new:
        before, after = _kinds(old, old_root), _kinds(new, new_root)
        if before != after:
            yield f"{here}: was {' or '.join(sorted(before))}, is {' or '.join(sorted(after))}"
        old, new = _resolved(_main(old), old_root), _resolved(_main(new), new_root)
    for key in ("type", "format", "const"):
        if old.get(key) != new.get(key):
            yield f"{here}: {key} was {old.get(key)}, is {new.get(key)}"
    lost = sorted(set(map(str, old.get("enum", []))) - set(map(str, new.get("enum", []))))
    if lost:
        yield f"{here}: no longer one of {', '.join(lost)}"
    if "items" in old and "items" in new:
        yield from _compare(old["items"], new["items"], old_root, new_root, f"{here}[]")
    yield from _compare_fields(old, new, old_root, new_root, at)


def _compare_fields(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, at: str
) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    was_needed, is_needed = set(old.get("required", [])), set(new.get("required", []))
    for name in sorted(before.keys() - after.keys()):
        yield f"{_join(at, name)}: removed"
    for name in sorted((after.keys() - before.keys()) & is_needed):
        yield f"{_join(at, name)}: added as required"
    for name in sorted(before.keys() & after.keys()):
        if name in was_needed ^ is_needed:
            yield f"{_join(at, name)}: {'no longer' if name in was_needed else 'now'} required"
        yield from _compare(before[name], after[name], old_root, new_root, _join(at, name))


def _resolved(schema: Schema, root: Schema) -> Schema:
    if "$ref" in schema:
        target: Schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        return target
    return schema


def _kinds(schema: Schema, root: Schema) -> set[str]:
    each = [_resolved(one, root) for one in schema.get("anyOf", [schema])]
    return {str(one.get("format") or one.get("type")) for one in each}


def _main(schema: Schema) -> Schema:
    """The part of `X or null` that is not null."""
    for one in schema.get("anyOf", [schema]):
        if one.get("type") != "null":
            found: Schema = one
            return found
    return schema


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
