"""The site of the documents: a broken link stops it, and its pages ask nothing of other hosts."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "docs/site"

LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\s(?:src|srcset|data)=["']?([^"'\s>]+)"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|preload|preconnect|icon|shortcut|manifest))"""
    r"""[^>]*?\shref=["']?([^"'\s>]+)"""
)
STYLED = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")
ASKED = re.compile(r"""(?:fetch|import|importScripts)\(\s*["'](https?:)?//""")
FOREIGN = re.compile(r"(?:https?:)?//")


def foreign(text: str, kind: str) -> list[str]:
    """What a page, a style sheet or a script makes the browser ask of another host."""
    if kind == ".js":
        return [match[0] for match in ASKED.finditer(text)]
    patterns = [STYLED] if kind == ".css" else [LOADED, STYLED]
    named = [next(filter(None, each.groups())) for one in patterns for each in one.finditer(text)]
    return [url for url in named if FOREIGN.match(url)]


def built(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going",
            "-c", str(SITE), str(source), str(target),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def sources(folder: Path) -> Path:
    """A copy of what the site is made of, with the pages of the API."""
    shutil.copytree(ROOT / "docs", folder / "docs")
    for path in ROOT.iterdir():
        if path.is_file() and not path.name.startswith(".coverage"):
            shutil.copy(path, folder)
    for name in ("deploy", "contracts"):
        shutil.copytree(ROOT / name, folder / name)
    writing = [SITE / "api_pages.py", folder / "contracts/openapi", folder / "build/api"]
    subprocess.run([sys.executable, *writing], check=True)
    return folder


@pytest.mark.long
def test_the_site_is_built_without_a_warning_and_fetches_nothing(tmp_path: Path) -> None:
    done = built(sources(tmp_path / "source"), tmp_path / "site")
    assert done.returncode == 0, done.stderr
    pages = [
        path for path in (tmp_path / "site").rglob("*") if path.suffix in {".html", ".css", ".js"}
    ]
    asked = {
        path.name: hosts
        for path in pages
        if (hosts := foreign(path.read_text(encoding="utf-8"), path.suffix))
    }
    assert asked == {}
    names = {path.relative_to(tmp_path / "site").as_posix() for path in pages}
    wanted = {
        "index.html",
        "README.html",
        "README.zh-CN.html",
        "docs/decisions/0001-service-boundaries.html",
    }
    wanted |= {
        f"build/api/{name}.html" for name in ("intake", "routing", "supervision", "analytics")
    }
    assert wanted <= names


@pytest.mark.long
def test_broken_links_stop_the_site(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Start\n\n[a](gone.md), [b](SECURITY.md#gone)\n")
    (tmp_path / "SECURITY.md").write_text("# Security\n")
    done = built(tmp_path, tmp_path / "site")
    assert done.returncode == 1
    assert "README.md:3: WARNING: 'myst' cross-reference target not found: 'gone.md'" in done.stderr
    assert "README.md:3: WARNING: local id not found in doc 'SECURITY': 'gone'" in done.stderr


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('<script src="https://cdn.example/x.js">', ".html"),
        ("<script async src=//cdn.example/x.js>", ".html"),
        ('<link rel="stylesheet" href="https://fonts.example/css">', ".html"),
        ('<link href="https://fonts.example" rel="preconnect">', ".html"),
        ('<img alt="" src="https://badge.example/a.svg">', ".html"),
        ("<style>@import 'https://fonts.example';</style>", ".html"),
        ("a { background: url(//cdn.example/a.png) }", ".css"),
        ('fetch("https://cdn.example/x.json")', ".js"),
    ],
)
def test_a_foreign_host_is_seen(text: str, kind: str) -> None:
    assert foreign(text, kind)


def test_links_for_readers_are_no_request() -> None:
    page = (
        '<a href="https://example.org">x</a><script src="_static/x.js"></script><img src="a.png">'
    )
    assert foreign(page, ".html") == []
