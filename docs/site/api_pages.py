"""The frozen OpenAPI documents as Markdown, one page per service, for the site.

python docs/site/api_pages.py contracts/openapi build/api
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]

BOUNDS = {
    "minLength": "≥ {} characters", "maxLength": "≤ {} characters", "minItems": "≥ {} items",
    "maxItems": "≤ {} items", "minimum": "≥ {}", "maximum": "≤ {}", "exclusiveMinimum": "> {}",
    "exclusiveMaximum": "< {}", "multipleOf": "a multiple of {}", "pattern": "pattern `{}`",
}  # fmt: skip
PROBLEM = "application/problem+json"
HEAD = """# {title} `/{service}`

The HTTP interface of version {version}, written from `contracts/openapi/{service}.json`. A running
service shows the same, to try out, under `/{service}/docs`.

Errors come as `application/problem+json` with a stable `code`.
"""


def page(service: str, document: Schema) -> str:
    """The whole page of one service."""
    lines = [
        HEAD.format(
            title=document["info"]["title"], version=document["info"]["version"], service=service
        )
    ]
    for tag, operations in _by_tag(document["paths"]).items():
        lines.append(f"## {tag}\n")
        for method, path, operation in operations:
            lines += _operation(service, method, path, operation)
    lines.append("## Schemas\n")
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += _schema(service, name, schema)
    return "\n".join(lines).rstrip("\n") + "\n"


def _by_tag(paths: Schema) -> dict[str, list[tuple[str, str, Schema]]]:
    tags: dict[str, list[tuple[str, str, Schema]]] = {}
    for path, operations in paths.items():
        for method, operation in operations.items():
            tag = next(iter(operation.get("tags", [])), "other")
            tags.setdefault(tag, []).append((method.upper(), path, operation))
    return tags


def _operation(service: str, method: str, path: str, operation: Schema) -> Iterator[str]:
    yield f"### {operation.get('summary', path)}\n"
    yield f"```text\n{method} {path}\n```\n"
    if words := operation.get("description"):
        yield f"{_text(words)}\n"
    yield f"{_who(operation)}\n"
    if parameters := operation.get("parameters"):
        yield "| Parameter | In | Type | Required | Description |"
        yield "|---|---|---|---|---|"
        for each in parameters:
            schema = each.get("schema", {})
            must = "yes" if each.get("required") else "no"
            yield (
                f"| `{each['name']}` | {each['in']} | {_type(service, schema)} | {must}"
                f" | {_cell(each.get('description', ''), schema)} |"
            )
        yield ""
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"Body (`{kind}`): {_type(service, content.get('schema', {}))}\n"
    yield from _answers(service, operation["responses"])


def _who(operation: Schema) -> str:
    roles = operation.get("x-roles", [])
    scope = operation.get("x-scope", "")
    if not roles:
        return "Without an account." if scope == "public" else f"Scope: {scope}."
    return f"For {', '.join(f'`{role}`' for role in roles)}; scope `{scope}`."


def _answers(service: str, answers: Schema) -> Iterator[str]:
    """A row for each answer that says something, then the errors that are like everywhere."""
    yield "| Status | Answer |"
    yield "|---|---|"
    plain = []
    for status, answer in sorted(answers.items()):
        kinds = [_kind(service, *item) for item in answer.get("content", {}).items()]
        told = "; ".join(kind for kind in kinds if kind)
        if told or not kinds:
            words = _cell(answer.get("description", ""), {})
            yield f"| {status} | {f'{words}: {told}' if told else words} |"
        else:
            plain.append(f"`{status}`")
    yield ""
    if plain:
        yield f"Errors: {', '.join(plain)}\n"


def _kind(service: str, kind: str, content: Schema) -> str:
    """What one kind of answer holds; of errors, the codes that are named."""
    schema = content.get("schema", {})
    if kind == PROBLEM:
        return ", ".join(f"`{code}`" for code in sorted(set(_codes(schema))))
    return _type(service, schema) if schema else f"`{kind}`"


def _codes(schema: Any) -> Iterator[str]:
    """The error codes that a schema of a problem names, however deep."""
    if isinstance(schema, list):
        for each in schema:
            yield from _codes(each)
    elif isinstance(schema, Mapping):
        code = schema.get("properties", {}).get("code", {})
        yield from code.get("enum", [])
        if "const" in code:
            yield code["const"]
        for keyword in ("allOf", "anyOf", "oneOf"):
            yield from _codes(schema.get(keyword))


def _schema(service: str, name: str, schema: Schema) -> Iterator[str]:
    yield f"({_target(service, name)})="
    yield f"### {name}\n"
    if words := schema.get("description"):
        yield f"{_text(words)}\n"
    if values := schema.get("enum"):
        yield f"{', '.join(f'`{value}`' for value in values)}\n"
    elif members := schema.get("properties"):
        required = schema.get("required", [])
        yield "| Member | Type | Required | Description |"
        yield "|---|---|---|---|"
        for member, of in members.items():
            must = "yes" if member in required else "no"
            words = _cell(of.get("description", ""), of)
            yield f"| `{member}` | {_type(service, of)} | {must} | {words} |"
        yield ""
    else:
        yield f"{_type(service, schema)}\n"


def _type(service: str, schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{_target(service, name)})"
    for keyword in ("anyOf", "oneOf", "allOf"):
        if choices := schema.get(keyword):
            return " or ".join(dict.fromkeys(_type(service, choice) for choice in choices))
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return " or ".join(f"`{value}`" for value in values) if values else _plain(service, schema)


def _plain(service: str, schema: Schema) -> str:
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_type(service, schema.get('items', {}))}"
    inner = schema.get("additionalProperties")
    if kind == "object" and isinstance(inner, Mapping) and inner:
        return f"map to {_type(service, inner)}"
    form = schema.get("format")
    return f"{kind} ({form})" if form else str(kind)


def _cell(words: str, schema: Schema) -> str:
    """One line for a table: the description, then bounds and default."""
    parts = [_text(words).replace("\n", " ").replace("|", "\\|")]
    for choice in (schema, *schema.get("anyOf", ())):
        parts += [
            said.format(choice[bound]).replace("|", "\\|")
            for bound, said in BOUNDS.items()
            if bound in choice
        ]
    if schema.get("default") not in (None, "", [], {}):
        parts.append(f"default `{schema['default']}`")
    return "; ".join(part for part in parts if part)


def _text(words: str) -> str:
    """Words of the code as Markdown: angle brackets and braces mean themselves."""
    return words.strip().replace("<", "&lt;").replace("{", "&#123;")


def _target(service: str, name: str) -> str:
    return f"{service}-{name}".lower()


def main(source: Path, target: Path) -> None:
    """Write the pages of all documents in `source` into `target`."""
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.md"):
        old.unlink()
    for path in sorted(source.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        text = page(path.stem, document)
        (target / f"{path.stem}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
