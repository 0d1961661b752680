"""The files that freeze what the services promise: event schemas, docs/events.md, OpenAPI; and
docs/procedure.md, docs/vocabulary.md and the tables of docs/figures.md.

`make contracts` writes them, the contract tests compare them with the code.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import gettempdir
from typing import Final

from services.deployment import SPECS
from services.figures_page import figures_page
from services.routing.casework.api.page import procedure_page
from services.routing.guides.api.page import guides_page
from services.routing.relief.api.page import relief_page
from shared.contracts.catalogue import BY_TYPE, CONTRACTS
from shared.contracts.documentation import events_page
from shared.contracts.freeze import breaking_changes, envelope_schema, schema_of, schema_text
from shared.runtime.app import create_app
from shared.runtime.service import ServiceSpec
from shared.runtime.settings import Mode, Settings
from shared.vocabulary.page import vocabulary_page

EVENTS: Final = Path("contracts/events")
OPENAPI: Final = Path("contracts/openapi")
ENVELOPE: Final = Path("contracts/envelope.json")
PAGE: Final = Path("docs/events.md")
PROCEDURE: Final = Path("docs/procedure.md")
VOCABULARY: Final = Path("docs/vocabulary.md")
FIGURES: Final = Path("docs/figures.md")
SAMPLES: Final = Path("tests/contracts/samples")


class BreakingChangeError(ValueError):
    """A frozen contract would change in a way its readers or its old events do not bear."""


def write(folder: Path, *, unreleased: bool = False) -> list[Path]:
    """Bring the frozen files under the project's `folder` up to date; returns those that changed.

    Raises BreakingChangeError, before anything is written, when a schema that is frozen already
    would change other than by optional additions: make a new version of the event instead, or say
    `unreleased` when nobody has stored or sent the event yet. FileNotFoundError when an event has
    no sample.
    """
    wanted = _files(folder)
    breaks = [] if unreleased else _breaks(folder, wanted)
    if breaks:
        raise BreakingChangeError("\n".join(breaks))
    changed = [path for path, text in wanted.items() if _text(folder / path) != text]
    for path in changed:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(wanted[path], encoding="utf-8")
    stale = _stale(folder, wanted)
    for path in stale:
        (folder / path).unlink()
    return sorted([*changed, *stale])


def drift(folder: Path) -> list[str]:
    """What `write` would change or refuse, one line each; empty when code and files agree."""
    wanted = _files(folder)
    lines = [f"{path}: differs from the code" for path, text in wanted.items()
             if _text(folder / path) != text]  # fmt: skip
    lines += [f"{path}: nothing in the code belongs to it" for path in _stale(folder, wanted)]
    return sorted(lines + _breaks(folder, wanted))


def consumers() -> dict[str, list[str]]:
    """Event type -> names of the services that react to it."""
    return {
        kind: [spec.name for spec in SPECS if kind in spec.subscriptions.types] for kind in BY_TYPE
    }


def openapi_text(spec: ServiceSpec) -> str:
    """The OpenAPI document of one service, whatever the environment says."""
    settings = Settings(
        mode=Mode.EMBEDDED,
        data_dir=Path(gettempdir()),  # nothing is read from it: the app is never started
        database_url="",
        bus_url="memory://",
        clock_file=None,
    )
    return json.dumps(create_app(spec, settings).openapi(), ensure_ascii=False, indent=2) + "\n"


def _files(folder: Path) -> dict[Path, str]:
    samples = {
        kind: (folder / SAMPLES / f"{kind}.json").read_text(encoding="utf-8") for kind in BY_TYPE
    }
    files = {EVENTS / f"{each.TYPE}.json": schema_text(schema_of(each)) for each in CONTRACTS}
    files[ENVELOPE] = schema_text(envelope_schema())
    files[PAGE] = events_page(consumers(), samples)
    files[PROCEDURE] = procedure_page()
    files[VOCABULARY] = vocabulary_page()
    files[FIGURES] = figures_page(_text(folder / FIGURES))
    files[PROCEDURE.with_stem("procedure-relief")] = relief_page()
    files[PROCEDURE.with_stem("procedure-guides")] = guides_page()
    files |= {OPENAPI / f"{spec.name}.json": openapi_text(spec) for spec in SPECS}
    return files


def _breaks(folder: Path, wanted: dict[Path, str]) -> list[str]:
    lines = []
    for path in (ENVELOPE, *(EVENTS / f"{kind}.json" for kind in BY_TYPE)):
        if frozen := _text(folder / path):
            found = breaking_changes(json.loads(frozen), json.loads(wanted[path]))
            lines += [f"{path}: not a compatible change: {each}" for each in found]
    return lines


def _stale(folder: Path, wanted: dict[Path, str]) -> list[Path]:
    found = [
        path.relative_to(folder) for home in (EVENTS, OPENAPI) for path in (folder / home).glob("*")
    ]
    return sorted(path for path in found if path not in wanted)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
