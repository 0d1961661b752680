"""Whose key a request has, and how the answer under it is kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from shared.web.security import Caller


class AnswerCipher(Protocol):
    """How a service keeps answers: intake's may hold an identity and lie encrypted."""

    def digest(self, *parts: str) -> str:
        """A digest of a caller's key: at most 64 characters."""
        ...

    def conceal(self, key: str, text: str) -> str:
        """The text as it is stored under this digest."""
        ...

    def reveal(self, key: str, stored: str) -> str:
        """The text again."""
        ...


class PlainAnswers:
    """Answers without identity are kept as they are."""

    def digest(self, *parts: str) -> str:
        """SHA-256 of the parts."""
        return sha256("\n".join(parts).encode()).hexdigest()

    def conceal(self, key: str, text: str) -> str:  # noqa: ARG002
        """The text itself."""
        return text

    def reveal(self, key: str, stored: str) -> str:  # noqa: ARG002
        """The text itself."""
        return stored


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Whose key it is, and the key."""

    space: str
    key: str

    def digest(self, cipher: AnswerCipher) -> str:
        """Under which the answer is kept."""
        return cipher.digest("key", self.space, self.key)


ANONYMOUS_SPACE = "anonymous"


def space_of(caller: Caller) -> str:
    """Where a caller's keys are: each person has a space, everybody without a login share one.

    In the shared one the key is the secret: whoever shows it with the same body gets the answer,
    so a client must draw it at random. No account is named so that its keys lie in the shared space
    or in a partner's."""
    if caller.is_anonymous:
        return ANONYMOUS_SPACE
    person = caller.person
    reserved = person.startswith(("partner:", "person:"))
    is_odd = person == ANONYMOUS_SPACE or reserved or "\n" in person
    return f"person:{json.dumps(person)}" if is_odd else person


def cipher_of(service: Any) -> AnswerCipher:
    """How this service keeps first answers."""
    make = service.spec.answers
    cipher: AnswerCipher = make(service.resources) if make else PlainAnswers()
    return cipher
