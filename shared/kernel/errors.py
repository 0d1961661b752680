"""The one base of errors a rule may raise. HTTP knows the status, the rule does not."""

from __future__ import annotations

from math import ceil
from typing import Any, ClassVar


class DomainError(Exception):
    """A rule was broken. `code` is stable and public; `detail` is Chinese text without identity.

    `extra` becomes members of the problem document (for example the steps allowed instead).
    """

    code: ClassVar[str] = "rule_broken"

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.extra = extra


class NotFound(DomainError):
    """The object does not exist, or the caller may not know that it does."""

    code = "not_found"


class Forbidden(DomainError):
    """The caller's posts do not allow this route."""

    code = "forbidden"


class Conflict(DomainError):
    """The object is not in a state that allows this step."""

    code = "conflict"


class Invalid(DomainError):
    """Well-formed input that breaks a rule about its values."""

    code = "invalid"


class TooOften(DomainError):
    """Asked for too often, and would be again until `wait` seconds are over.

    `retry_after` in `extra` is that wait in whole seconds, rounded up: who waits so long is let in.
    """

    code = "rate_limited"

    def __init__(self, detail: str, *, wait: float) -> None:
        super().__init__(detail, retry_after=ceil(wait))


class Unavailable(DomainError):
    """Something needed is down or still starting; try again later."""

    code = "unavailable"


def kind_and_place(error: BaseException) -> str:
    """Kind of an error and the line that raised it, never its message: messages quote values."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__module__}.{type(error).__name__}{place}"[:300]
