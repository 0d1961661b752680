"""The house rules hold in every module, and each of them is able to fail."""

import ast
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from services.__main__ import COMMANDS
from shared.runtime.settings import Settings
from tests.house_rules import RULES, Rule

ROOT = Path(__file__).resolve().parent.parent
TREES = ("services", "shared", "migrations")
DOCS_WITH_COMMANDS = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md")

MACHINE_PATH = re.compile(r"(?<![\w./-])/(?:w[o]rk|f[a]rm|r[o]ot|h[o]me/\w+|U[s]ers/\w+)/")
REGISTRY_HOST = re.compile(r"p[y]pi\.org|p[y]thonhosted|n[p]mjs\.|d[e]b\.debian\.org|/s[i]mple/")
MAKE_COMMAND = re.compile(r"(?:^|`|&& )make ([a-z-]+)", re.MULTILINE)
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def modules() -> dict[str, str]:
    """Path, as the rules see it, to source, of every module of ours."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for tree in TREES
        for path in sorted((ROOT / tree).rglob("*.py"))
    }


@cache
def tracked_texts() -> dict[str, str]:
    """Path to text of every file that is, or would be, committed; binary files left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    texts = {}
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file():
            try:
                texts[name] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
    return texts


def found_in(pattern: re.Pattern[str], texts: dict[str, str]) -> list[str]:
    return [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
        for name, text in texts.items()
        for match in pattern.finditer(text)
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_module_keeps_the_rule(rule: Rule) -> None:
    breaches = [
        f"{path}:{line}: {complaint}"
        for path, source in modules().items()
        if rule.applies_to(path)
        for line, complaint in rule.findings(source)
    ]
    assert breaches == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_rule_can_fail(rule: Rule) -> None:
    assert rule.findings(rule.bad)
    assert not rule.findings(rule.good)
    assert rule.applies_to("services/routing/cases/store/cases.py")
    assert all(not rule.applies_to(place) for place in rule.allowed)


SERVICE = re.compile(r"services/(\w+)/")


def twice_in_one_service(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Names that several classes of one service have, with their modules."""
    places: dict[str, list[str]] = {}
    for path, source in sources.items():
        if service := SERVICE.match(path):
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.ClassDef):
                    places.setdefault(f"{service[1]}: {node.name}", []).append(path)
    return {name: found for name, found in places.items() if len(found) > 1}


def test_no_class_name_is_defined_twice_in_one_service() -> None:
    assert twice_in_one_service(modules()) == {}


def test_a_class_name_defined_twice_would_be_seen() -> None:
    one, other = "services/routing/a.py", "services/routing/cases/b.py"
    source = "class Step:\n    pass\n"
    assert twice_in_one_service({one: source, other: source}) == {"routing: Step": [one, other]}
    assert twice_in_one_service({one: source, "services/intake/c.py": source}) == {}


def watch_imports(*names: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Import the named modules in a fresh interpreter that reports what they open."""
    return subprocess.run(
        [sys.executable, "-B", "-m", "tests.watch_imports", str(path), *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_importing_every_module_opens_nothing() -> None:
    names = [module_name(path) for path in modules() if not path.startswith("migrations/")]
    done = watch_imports(*names, path=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == ""


BUSY = {
    "socket": "import socket\nsocket.socket()",
    "left.txt": "open(__file__ + '.left.txt', 'w').close()",
    "d.csv": "import pathlib\npathlib.Path(__file__).with_name('d.csv').read_text()",
    "sqlite3": "import sqlite3\nsqlite3.connect(':memory:').close()",
    "Engine": "import sqlalchemy\ne = sqlalchemy.create_engine('sqlite://')",
    "FastAPI": "import fastapi\napp = fastapi.FastAPI()",
    "thread": "import threading as t\nt.Thread(target=t.Event().wait, daemon=True).start()",
}
"""What an import must not do, by the word that the watcher says of it."""


def test_work_at_import_is_seen(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b\n", encoding="utf-8")
    for number, source in enumerate(BUSY.values()):
        (tmp_path / f"busy{number}.py").write_text(source, encoding="utf-8")
    seen = watch_imports(*(f"busy{number}" for number in range(len(BUSY))), path=tmp_path).stdout
    assert [word for word in BUSY if word not in seen] == []


def test_commands_in_the_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", tracked_texts()["Makefile"], re.MULTILINE))
    named = {
        (name, command)
        for name in DOCS_WITH_COMMANDS
        for command in MAKE_COMMAND.findall(tracked_texts()[name])
    }
    assert {"demo", "test"} <= {command for _, command in named}
    assert {(name, command) for name, command in named if command not in targets} == set()


def test_xinfang_commands_in_the_documents_exist() -> None:
    pattern = re.compile(r"(?:`|\.venv/bin/)xinfang ([a-z]+)")
    named = {
        (name, command)
        for name in DOCS_WITH_COMMANDS
        for command in pattern.findall(tracked_texts()[name])
    }
    assert {command for _, command in named} >= {"demo", "summary", "token"}
    assert {(name, command) for name, command in named if command not in COMMANDS} == set()


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", ".env.example"])
def test_every_setting_is_documented(name: str) -> None:
    said = set(re.findall(r"XINFANG_[A-Z_]+", tracked_texts()[name]))
    assert {f"XINFANG_{field.upper()}" for field in Settings.model_fields} - said == set()


def test_both_readmes_show_the_same_commands() -> None:
    def blocks(name: str) -> list[str]:
        """Shell blocks without their comments, which are in the reader's language."""
        return [
            re.sub(r"(?m)\s*#.*$", "", body)
            for kind, body in FENCED.findall(tracked_texts()[name])
            if kind == "sh"
        ]

    assert blocks("README.md") == blocks("README.zh-CN.md")
    assert len(blocks("README.md")) >= 3


def test_no_machine_path_and_no_registry_host_is_committed() -> None:
    assert found_in(MACHINE_PATH, tracked_texts()) == []
    assert found_in(REGISTRY_HOST, tracked_texts()) == []


def test_the_path_and_host_patterns_can_fail() -> None:
    place, host = "/wo" + "rk/", "py" + "pi.org"
    texts = {"a.md": f"see\n`{place}main/x`", "b.lock": f"https://{host}/x"}
    assert found_in(MACHINE_PATH, texts) == [f"a.md:2: {place}"]
    assert found_in(REGISTRY_HOST, texts) == [f"b.lock:1: {host}"]
    assert found_in(MACHINE_PATH, {"c.md": f"shared{place}x, net{place}"}) == []
