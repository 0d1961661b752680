"""Immutable editions of reference data, and the set of those in force (decision 0062).

An edition is the text of one or more files under a kind; its hash is its identity. What a service
works with is a `Reference`: the newest effective edition of each kind, parsed at first use.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from shared.kernel.workdays import Calendar
from shared.reference.calendar import read_calendar
from shared.reference.casework import CaseworkRules, read_casework_rules
from shared.reference.categories import Categories, read_categories
from shared.reference.competence import Competence, read_competence
from shared.reference.division_files import parse as parse_divisions
from shared.reference.divisions import Divisions, normalise_code
from shared.reference.limits import Limits, read_limits
from shared.reference.organ_files import read_exceptions, read_kinds
from shared.reference.organs import Organs

DATA = Path(__file__).resolve().parent / "data"
KINDS = ("divisions", "organs", "categories", "competence", "calendar", "limits", "casework")


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition: file name -> text. `sha256` is over the canonical JSON of the files."""

    kind: str
    edition_id: str
    effective_on: date
    files: Mapping[str, str]

    @property
    def content(self) -> bytes:
        """The canonical bytes that are hashed, stored and sent."""
        return json.dumps(dict(self.files), ensure_ascii=False, sort_keys=True).encode()

    @property
    def sha256(self) -> str:
        """Hex digest of the content."""
        return hashlib.sha256(self.content).hexdigest()

    @classmethod
    def unpack(cls, kind: str, edition_id: str, effective_on: date, content_xz: bytes) -> Edition:
        """An edition from its stored form. Raises LZMAError or ValueError when damaged."""
        files = json.loads(lzma.decompress(content_xz))
        return cls(kind, edition_id, effective_on, files)

    def pack(self) -> bytes:
        """The stored form of the content: xz."""
        return _compressed(self.content)


def packaged_editions(divisions_file: Path | None = None) -> list[Edition]:
    """The editions that come with the package; `divisions_file` replaces the division tree."""
    heads = tomllib.loads((DATA / "editions.toml").read_text(encoding="utf-8"))
    result = []
    for kind in KINDS:
        head = heads[kind]
        names = head.get("files", [head["file"]])
        files = {name.removesuffix(".xz"): _text(DATA / name) for name in names}
        result.append(Edition(kind, head["id"], head["effective_on"], files))
    if divisions_file is not None:
        result[0] = edition_from_file("divisions", divisions_file, effective_on=date(1949, 10, 1))
    return result


@lru_cache
def packaged_id(kind: str) -> str:
    """Id of the edition of a kind that comes with the package."""
    heads = tomllib.loads((DATA / "editions.toml").read_text(encoding="utf-8"))
    return str(heads[kind]["id"])


def edition_from_file(kind: str, path: Path, *, effective_on: date) -> Edition:
    """An edition of one file people bring, named by its hash.

    Raises ValueError (or a DomainError of the kind) when the file can't be read as that kind."""
    name = {"divisions": "divisions.csv", "calendar": "calendar.csv", "limits": "limits.csv"}
    text = _text(path)
    edition_id = f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    return Edition(kind, edition_id, effective_on, {name.get(kind, f"{kind}.csv"): text})


def in_force(editions: Iterable[Edition], on: date) -> dict[str, Edition]:
    """The newest edition of each kind that is effective on a day (the oldest if none is yet)."""
    chosen: dict[str, Edition] = {}
    for edition in sorted(editions, key=lambda each: (each.effective_on, each.edition_id)):
        if edition.kind not in chosen or edition.effective_on <= on:
            chosen[edition.kind] = edition
    return chosen


class Reference:
    """The reference data a service works with; each part is parsed when first asked for."""

    def __init__(self, editions: Mapping[str, Edition], *, root_division: str) -> None:
        self._editions = dict(editions)
        self._root = root_division

    @property
    def ids(self) -> dict[str, str]:
        """Kind -> edition id, as stored with every decision and duty."""
        return {kind: edition.edition_id for kind, edition in self._editions.items()}

    def files(self, kind: str) -> Mapping[str, str]:
        """The files of the edition of a kind."""
        return self._editions[kind].files

    def effective_on(self, kind: str) -> date:
        """The day the edition of a kind took effect."""
        return self._editions[kind].effective_on

    @property
    def root_code(self) -> str:
        """The root division as it was set, empty when the only root of the tree is meant."""
        return self._root

    @cached_property
    def root_division(self) -> str:
        """12-digit code of the division whose deployment this is (decision 0061).

        Without a setting it is the only root of the tree; raises ValueError when there are many.
        """
        if self._root:
            return normalise_code(self._root)
        roots = self.divisions.children(None)
        if len(roots) != 1:
            raise ValueError("set XINFANG_ROOT_DIVISION: the division tree has several roots")
        return roots[0].code

    @cached_property
    def divisions(self) -> Divisions:
        """The division tree."""
        edition = self._editions["divisions"]
        (text,) = edition.files.values()
        return Divisions(parse_divisions(text.splitlines()), edition=edition.edition_id)

    @cached_property
    def organs(self) -> Organs:
        """Organs over the division tree."""
        files = self._editions["organs"].files
        return Organs(
            self.divisions,
            read_kinds(files["organ_kinds.csv"].splitlines()),
            exceptions=read_exceptions(files["organ_exceptions.csv"].splitlines()),
        )

    @cached_property
    def categories(self) -> Categories:
        """The content category tree."""
        return read_categories(self._editions["categories"].files["categories.csv"])

    @cached_property
    def competence(self) -> Competence:
        """Category x level -> department kind."""
        return read_competence(self._editions["competence"].files["competence.csv"])

    @cached_property
    def calendar(self) -> Calendar:
        """Working days, holidays and make-up days."""
        return read_calendar(self._editions["calendar"].files["calendar.csv"])

    @cached_property
    def limits(self) -> Limits:
        """The table of limits."""
        return read_limits(self._editions["limits"].files["limits.csv"])

    @cached_property
    def casework(self) -> CaseworkRules:
        """Numbers of casework that are no limits of time."""
        return read_casework_rules(self._editions["casework"].files["casework.toml"])

    def with_edition(self, edition: Edition) -> Reference:
        """The same with another edition of one kind; what was read of the others is kept."""
        changed = Reference(self._editions | {edition.kind: edition}, root_division=self._root)
        stale = {edition.kind, "root_division"} | (
            {"organs"} if edition.kind == "divisions" else set()
        )
        read = {name: part for name, part in vars(self).items() if not name.startswith("_")}
        vars(changed).update({name: part for name, part in read.items() if name not in stale})
        return changed

    @property
    def root_petition_office(self) -> str:
        """Code of the petition office of the deployment's root division."""
        office = self.organs.petition_office(self.root_division)
        if office is None:
            raise ValueError(f"no petition office at the root division {self.root_division}")
        return office.code


@lru_cache(maxsize=16)
def _compressed(content: bytes) -> bytes:
    """Four services of one process keep the same editions: compress each once."""
    return lzma.compress(content, preset=2)


def _text(path: Path) -> str:
    raw = path.read_bytes()
    if path.suffix == ".xz":
        raw = lzma.decompress(raw)
    return raw.decode("utf-8-sig")
