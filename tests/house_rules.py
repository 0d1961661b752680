"""The house rules that no tool checks, each with a snippet that breaks it and one that keeps it."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shared.vocabulary.lists import LISTS

CLOCK_READS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime"},
    "func": {"now", "current_timestamp", "current_date", "localtimestamp"},
}
"""Calls that read a clock, by the name before the dot; `func` asks the database for its own."""

HAN = re.compile("[一-鿿]")
TERMS = {
    (each.terms.__name__, term.name): str(term.value)
    for each in LISTS.values()
    for term in each.terms
}
"""Code of every member of the vocabulary, by the names it has in the source."""

Finding = tuple[int, str]


@dataclass(frozen=True)
class Rule:
    """One rule over one module; `allowed` are the path prefixes where it does not apply."""

    name: str
    check: Callable[[ast.Module, str], Iterator[Finding]]
    bad: str
    good: str
    allowed: tuple[str, ...] = ()

    def applies_to(self, path: str) -> bool:
        """Whether the rule holds in the module at this path (relative, with forward slashes)."""
        return not any(path == place or path.startswith(place) for place in self.allowed)

    def findings(self, source: str) -> list[Finding]:
        """Line and complaint for each breach in this source."""
        return list(self.check(ast.parse(source), source))


def last_name(node: ast.expr) -> str:
    """`session` of `uow.session` and of `session`; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def commits(tree: ast.Module, _: str) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "commit"
        ):
            yield node.lineno, "commit() belongs to the unit of work in shared"


def clock_reads(tree: ast.Module, _: str) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CLOCK_READS.get(
            last_name(node.value), ()
        ):
            yield (
                node.lineno,
                f"{last_name(node.value)}.{node.attr} reads a clock; take the time as an argument",
            )
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            for name in node.names:
                if name.name in CLOCK_READS["time"]:
                    yield (
                        node.lineno,
                        f"time.{name.name} reads a clock; take the time as an argument",
                    )


def http_exceptions(tree: ast.Module, _: str) -> Iterator[Finding]:
    for node in ast.walk(tree):
        imported = isinstance(node, ast.ImportFrom) and any(
            n.name == "HTTPException" for n in node.names
        )
        if imported or (isinstance(node, ast.expr) and last_name(node) == "HTTPException"):
            yield node.lineno, "a status code outside the web room; raise a DomainError"


def docstrings(tree: ast.Module) -> set[int]:
    """The identities of the constants that stand alone: docstrings and notes on attributes."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def backend_names(tree: ast.Module, _: str) -> Iterator[Finding]:
    notes = docstrings(tree)
    for node in ast.walk(tree):
        words: list[str] = []
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            words = [node.value]
        elif isinstance(node, ast.ImportFrom):
            words = [node.module or "", *(name.name for name in node.names)]
        elif isinstance(node, ast.Import):
            words = [name.name for name in node.names]
        if any(word in text for text in words for word in ("sqlite", "amqp")):
            yield node.lineno, "only the engine and the bus factory know what is behind a URL"


def inner_imports(tree: ast.Module, source: str) -> Iterator[Finding]:
    lines = source.splitlines()
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                near = lines[max(0, node.lineno - 2) : node.end_lineno]
                if not any("# lazy:" in line for line in near):
                    yield node.lineno, "import inside a function without a `# lazy: why` comment"


def base_middleware(tree: ast.Module, _: str) -> Iterator[Finding]:
    for node in ast.walk(tree):
        imported = isinstance(node, ast.ImportFrom) and any(
            n.name == "BaseHTTPMiddleware" for n in node.names
        )
        if imported or (isinstance(node, ast.expr) and last_name(node) == "BaseHTTPMiddleware"):
            yield (
                node.lineno,
                "BaseHTTPMiddleware breaks cancellation and context; write plain ASGI",
            )


def length(_: ast.Module, source: str) -> Iterator[Finding]:
    lines = source.count("\n")
    if lines > 300:
        yield lines, f"{lines} lines; a file has at most 300"


def codes_of_one_list(codes: set[str]) -> bool:
    """Whether these are two codes or more of one closed list."""
    return len(codes) > 1 and any(codes <= each.codes for each in LISTS.values())


def code_of(key: ast.expr | None) -> str:
    """The code a key of a literal stands for: `"letter"`, or `Channel.LETTER` by its name."""
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return key.value
    if isinstance(key, ast.Attribute) and isinstance(key.value, ast.Name):
        member = TERMS.get((key.value.id, key.attr))
        return "" if member is None else member
    return ""


def labels(tree: ast.Module, _: str) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            labelled = {
                code_of(key)
                for key, value in zip(node.keys, node.values, strict=True)
                if HAN.search(ast.unparse(value))
            }
            if codes_of_one_list(labelled):
                yield node.lineno, "labels of codes stand beside the codes, in shared/vocabulary"


def code_lists(tree: ast.Module, _: str) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any("Enum" in ast.unparse(b) for b in node.bases):
            values = {
                each.value.value
                for each in node.body
                if isinstance(each, ast.Assign)
                and isinstance(each.value, ast.Constant)
                and isinstance(each.value.value, str)
            }
            if codes_of_one_list(values):
                yield node.lineno, f"{node.name}: these codes are a list of shared/vocabulary"


RULES = [
    Rule(
        "the unit of work commits, nobody else",
        commits,
        bad="await uow.session.commit()",
        good="await uow.session.flush()",
        allowed=("shared/",),
    ),
    Rule(
        "one place reads the clock",
        clock_reads,
        bad="import datetime\nx = datetime.datetime.now(datetime.UTC)",
        good="x = clock.now()\ny = time.monotonic()",
        allowed=("shared/kernel/clock.py",),
    ),
    Rule(
        "status codes live in the web room",
        http_exceptions,
        bad="from fastapi import HTTPException\nraise HTTPException(404)",
        good="raise PetitionNotFound(number)",
        allowed=(
            "shared/web/",
            *(f"services/{s}/api/" for s in ("intake", "routing", "supervision", "analytics")),
        ),
    ),
    Rule(
        "only few files know what is behind a URL",
        backend_names,
        bad='if url.startswith("sqlite"):\n    pass',
        good='"""Embedded mode is sqlite."""\nengine = engine_for(url)',
        allowed=(
            "shared/db/engine.py",
            "shared/db/failures.py",  # what each says when it fails
            "shared/db/file_check.py",  # reads files of one of them
            "shared/db/files.py",  # copies them
            "shared/messaging/factory.py",
            "shared/messaging/rabbitmq.py",  # imports the protocol's frames
            "shared/runtime/settings.py",
            "migrations/",  # generated per dialect
        ),
    ),
    Rule(
        "imports stand at the top",
        inner_imports,
        bad="def f():\n    import json\n    return json",
        good="def f():\n    import numpy  # lazy: heavy\n    return numpy",
    ),
    Rule(
        "middleware is plain ASGI",
        base_middleware,
        bad="from starlette.middleware.base import BaseHTTPMiddleware",
        good="class CorrelationId:\n    pass",
    ),
    Rule(
        "a code has its label in one place",
        labels,
        bad='WORDS = {"letter": "来信", Channel.VISIT: "来访"}',
        good='WORDS = {"letter": 1, "visit": 2}\nTITLES = {"name": "姓名", "phone": "电话"}',
        allowed=(
            "shared/vocabulary/",
            "services/intake/sealing/domain/accused.py",  # last characters of names, no labels
        ),
    ),
    Rule(
        "a list of codes stands in one place",
        code_lists,
        bad='class Way(StrEnum):\n    LETTER = "letter"\n    VISIT = "visit"',
        good='Way = Literal[Channel.LETTER, Channel.VISIT]\nclass Tone(StrEnum):\n    LOW = "low"',
        allowed=("shared/vocabulary/",),
    ),
    Rule(
        "files stay short",
        length,
        bad="x = 1\n" * 301,
        good="x = 1\n" * 300,
        allowed=("migrations/",),
    ),
]
