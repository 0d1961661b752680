"""Sphinx: the site is built from the repository's Markdown, read where it lies (`make docs`)."""

from importlib.metadata import version as version_of
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

project = "信访办理平台 xinfang"
author = "xinfang"
copyright = "Apache-2.0"  # noqa: A001  Sphinx names it
version = release = version_of("xinfang")
language = "en"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "README"
include_patterns = [
    "README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md",
    "docs/*.md", "docs/decisions/*.md", "build/api/*.md",
]  # fmt: skip
exclude_patterns = []

myst_heading_anchors = 4
myst_enable_extensions = []
nitpicky = True

html_theme = "furo"
html_title = f"信访办理平台 xinfang {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["index.html"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"source_edit_link": ""}

GUIDES = (
    "README.zh-CN", "docs/architecture", "docs/glossary", "docs/procedure", "docs/rules",
    "docs/figures", "docs/masking", "docs/operations", "CONTRIBUTING", "CHANGELOG", "SECURITY",
)  # fmt: skip
REFERENCE = ("docs/events", "docs/decisions/README")
MEASURED = ("docs/routing-quality", "docs/classifier", "docs/performance", "docs/faults")


def _contents(title: str, pages: list[str]) -> str:
    lines = "\n".join(f"/{page}" for page in pages)
    return f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n:maxdepth: 1\n\n{lines}\n```\n"


def _add_contents(app: Sphinx, page: str, source: list[str]) -> None:
    """Give the start page and the list of decisions what a plain Markdown file cannot have."""
    folder = Path(app.srcdir)
    if page == root_doc:
        api = sorted(f"build/api/{path.stem}" for path in folder.glob("build/api/*.md"))
        source[0] += _contents("Guides 指南", list(GUIDES))
        known = {*GUIDES, *REFERENCE, *MEASURED}
        others = {f"docs/{path.stem}" for path in folder.glob("docs/*.md")} - known
        source[0] += _contents("Reference 参考", [*api, *REFERENCE, *sorted(others)])
        source[0] += _contents("Measured 实测", list(MEASURED))
    elif page == "docs/decisions/README":
        records = sorted(path.stem for path in folder.glob("docs/decisions/0*.md"))
        source[0] += _contents("Decisions 决策", [f"docs/decisions/{name}" for name in records])


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", _add_contents)
    for language_without_colours in ("csv", "mermaid"):
        app.add_lexer(language_without_colours, TextLexer)
    return {"parallel_read_safe": True}
