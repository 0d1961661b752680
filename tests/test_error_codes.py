"""Every error a service may raise has a code, a status that fits its kind, a title of its own."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import services
import shared
from services.deployment import SPECS
from shared.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Unavailable
from shared.web.problems import KNOWN, register_problems

STATUSES = {
    NotFound: {404},
    Forbidden: {403},
    Conflict: {409},
    Invalid: {400, 422},
    Unavailable: {503},
}
NOT_FOR_HTTP = (
    "services.cli.",  # answered on a terminal
    "shared.reference.",  # routing turns them into `invalid`, a bad package never starts
)


def errors() -> list[type[DomainError]]:
    """All kinds of error in the house that can reach a client."""
    for package in (services, shared):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(("services.cli", "services.__main__")):
                importlib.import_module(module.name)
    return [kind for kind in below(DomainError) if not kind.__module__.startswith(NOT_FOR_HTTP)]


def below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for inner in kind.__subclasses__():
        if inner.__module__.startswith(("services.", "shared.")):
            yield inner
            yield from below(inner)


@pytest.mark.parametrize("kind", errors(), ids=lambda kind: kind.__name__)
def test_an_error_is_registered_with_a_fitting_status(kind: type[DomainError]) -> None:
    for spec in SPECS:
        register_problems(spec.problems)
    assert kind.code in KNOWN, "add it to the service's SPEC.problems"
    fitting = [statuses for base, statuses in STATUSES.items() if issubclass(kind, base)]
    for statuses in fitting:
        assert KNOWN[kind.code][0] in statuses


def test_different_errors_have_different_codes() -> None:
    codes = [kind.code for kind in errors() if "code" in vars(kind)]
    assert sorted(codes) == sorted(set(codes))
