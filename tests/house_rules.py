"""The house rules that no tool checks, each with a snippet that breaks it and one that keeps it."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

CLOCK_READS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime"},
    "func": {"now", "current_timestamp", "current_date", "localtimestamp"},
}
"""Calls that read a clock, by the name before the dot; `func` asks the database for its own."""

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
        "files stay short",
        length,
        bad="x = 1\n" * 301,
        good="x = 1\n" * 300,
        allowed=("migrations/",),
    ),
]
