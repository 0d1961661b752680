"""The acts of a noun, and the noun as the pipeline knows it.

An act is a function over the entity, registered with its path and body. Whose act it is, when it is
possible and whether the head of the organ must approve it stands in the table, never in the
function; the rules about its values stand in the entity's own methods, which the function calls.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Generic
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import DomainError
from shared.vocabulary.acts import Approval
from shared.workflow.bodies import ActIn, said
from shared.workflow.entities import E, Entities
from shared.workflow.guards import Guards, Law, Step
from shared.workflow.table import IllegalStep, Row, Table, TableInvalid
from shared.workflow.tables import WorkflowTables

Run = Callable[[Any, Step, Any], Any]
Finds = Callable[[UnitOfWork, Any, Step, Any], Awaitable[Any]]
After = Callable[[UnitOfWork, Any, Step, Any], Awaitable[None]]
Already = Callable[[UnitOfWork, Any, Any], Awaitable[bool]]
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ActSpec:
    """One act as clients know it.

    `acts` are those of the table a body may mean, `choose` says which. `run` changes the entity
    after the table has moved it, and raises what the values break; what it gives goes to `after`,
    which stores what is not the entity's own. `says` is what the journal keeps. `finds` looks up
    what rules and run need from the store (`step.found`). `already` tells that this very act was
    done before, so that it changes nothing, whatever version was seen; `seen` is the version that
    is compared. `whose` is the one organ
    that can mean it where it may be the act of several, None for any of them. `sample` is an honest
    body, for the documentation and the tests. `refuses` are the errors that `run`, `finds` and
    `already` raise. `caller` is the dependency that says who may call the route, None for that of
    the noun; `method` and `status` are those of the route."""

    path: str
    title: str
    body: type[ActIn]
    acts: tuple[StrEnum, ...]
    run: Run
    choose: Callable[[Any, Any], StrEnum]
    whose: Callable[[Any, Any], str | None]
    says: Callable[[Any], dict[str, Any]]
    finds: Finds | None
    after: After | None
    already: Already | None
    seen: Callable[[Any], int]
    sample: Mapping[str, Any]
    bulk: bool
    refuses: tuple[type[DomainError], ...]
    caller: Any
    method: str
    status: int

    @property
    def name(self) -> str:
        """Of the operation: that of its function, else of the act."""
        return str(self.acts[0]) if self.run is nothing else self.run.__name__


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why an act is not possible now: a code of the problem table and a sentence."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Action:
    """One act of the state an entity is in; possible unless `blocked_by`."""

    act: StrEnum
    title: str
    method: str
    path: str
    approval: Approval
    blocked_by: Blocked | None


Audit = Callable[[Any, str, Step | None], tuple[str, dict[str, Any]]]


def _plain_audit(entity: Any, act: str, step: Step | None) -> tuple[str, dict[str, Any]]:  # noqa: ARG001
    return act, {"version": entity.version}


def _version(entity: Any) -> int:
    version: int = entity.version
    return version


def _anybody(_entity: Any, _body: Any) -> None:
    return None


def nothing(_entity: Any, _step: Step, _body: Any) -> None:
    """The table says all there is."""


@dataclass(kw_only=True)
class Workflow(Generic[E]):
    """A noun with its table, conditions, acts and port.

    `noun` begins its audit lines, `title` is its name in sentences, `at` the path of its
    collection (`/routing/v1/cases`). `states` and `positions` are the words of its states and of
    who acts. `beside` are acts of organs that do not have the entity: their drafts keep nobody
    from acting in it. `illegal` is the error of an act that is not possible now, `foreign` what is
    said to who may see but not act, `counter` what answers call the version. `audit` gives the
    action and detail of an audit line, `tables` is None where nothing is journaled."""

    noun: str
    title: str
    at: str
    table: Table[Any]
    guards: Guards[E]
    states: Mapping[Any, str]
    positions: Mapping[Any, str]
    entities: Entities[E]
    tables: WorkflowTables | None
    beside: frozenset[StrEnum] = frozenset()
    illegal: type[IllegalStep] = IllegalStep
    foreign: str = "该步骤应由其他机关办理"
    counter: str = "version"
    audit: Audit = _plain_audit
    acts: dict[str, ActSpec] = field(default_factory=dict)

    def act(
        self, path: str, title: str, body: type[ActIn], *acts: StrEnum, sample: Mapping[str, Any],
        choose: Callable[[Any, Any], StrEnum] | None = None,
        whose: Callable[[Any, Any], str | None] = _anybody,
        says: Callable[[Any], dict[str, Any]] = said, finds: Finds | None = None,
        after: After | None = None, already: Already | None = None,
        seen: Callable[[Any], int] = _version, bulk: bool = False,
        refuses: tuple[type[DomainError], ...] = (), caller: Any = None, method: str = "POST",
        status: int = 200,
    ) -> Callable[[Run], Run]:  # fmt: skip
        """Register a function as an act under `<at>/{id}/<path>`; see ActSpec."""

        def register(run: Run) -> Run:
            key = path if method == "POST" else f"{method} {path}"
            if key in self.acts or (choose is None and len(acts) != 1):
                raise TableInvalid(f"act {path}: registered twice, or nothing chooses its act")
            self.acts[key] = ActSpec(
                path=path, title=title, body=body, acts=acts, run=run,
                choose=choose or (lambda _entity, _body: acts[0]), whose=whose, says=says,
                finds=finds, after=after, already=already, seen=seen, sample=sample, bulk=bulk,
                refuses=refuses, caller=caller, method=method, status=status,
            )  # fmt: skip
            return run

        return register

    def plain(
        self, path: str, title: str, body: type[ActIn], act: StrEnum, *,
        sample: Mapping[str, Any] = _NOTHING, bulk: bool = False,
    ) -> None:  # fmt: skip
        """Register an act of which the table says all there is."""
        self.act(path, title, body, act, sample=sample, bulk=bulk)(nothing)

    @property
    def approves(self) -> bool:
        """Whether acts can wait for approval here."""
        return self.tables is not None and self.tables.proposal is not None

    def check(self) -> None:
        """Raises TableInvalid where table, conditions and acts do not belong together."""
        self.guards.check_names(self.table.guards)
        named = {act for spec in self.acts.values() for act in spec.acts}
        if faults := sorted({row.act for row in self.table.rows if row.states} ^ named):
            raise TableInvalid(f"acts of the table or of the code alone: {faults}")

    def spec_of(self, act: StrEnum) -> ActSpec:
        """What clients call to do an act of the table."""
        return next(spec for spec in self.acts.values() if act in spec.acts)

    def rows_of(self, spec: ActSpec) -> list[Row]:
        """The rows a path may mean."""
        return [row for row in self.table.rows if row.act in spec.acts]

    def allowed(self, entity: E, law: Law | None = None) -> tuple[Any, ...]:
        """Acts that table and entity and, with `law`, the rules in force allow now."""
        rows = self.table.fitting(entity)
        free = (r.act for r in rows if self.guards.broken(entity, r.guards, law) is None)
        return tuple(dict.fromkeys(free))

    def actions(self, entity: E, law: Law) -> list[Action]:
        """Every act of the state the entity is in, and what stands against it.

        What needs the body or the database is not asked."""
        found: dict[StrEnum, Action] = {}
        for row in self.table.fitting(entity):
            before = found.get(row.act)
            if before is None or before.blocked_by is not None:
                found[row.act] = self._action(entity, row, law)
        return list(found.values())

    def path_of(self, spec: ActSpec, entity_id: UUID | str) -> str:
        """Where an act is posted to."""
        return f"{self.at}/{entity_id}/{spec.path}"

    def _action(self, entity: E, row: Row, law: Law) -> Action:
        broken = self.guards.broken(entity, row.guards, law)
        blocked = None
        if broken is not None:
            guard, error = broken
            blocked = (
                Blocked(error.code, error.detail)
                if error
                else Blocked(self.illegal.code, f"须{guard.words}")
            )
        spec = self.spec_of(row.act)
        path = self.path_of(spec, entity.entity_id)
        return Action(row.act, row.name, spec.method, path, row.approval, blocked)
