"""Schemathesis over every service's OpenAPI document, one Hypothesis run per operation and mode.

The same seed makes the same choices; ids in them are those of the world at hand.
"""

from __future__ import annotations

import asyncio
import copy
import json
import random
from collections.abc import Coroutine
from typing import Any
from urllib.parse import quote

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.errors import FailureGroup
from schemathesis.specs.openapi import checks

from tests.fuzz.tally import Asked, Tally
from tests.fuzz.world import World
from tests.intake.test_verification import sign
from tests.support.hostile import SOME_ID
from tests.test_hostile_input import A_FILING, BODIES, BY_A_CITIZEN

CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
A_PUSH = {name: value for name, value in A_FILING.items() if name not in {"origin", "received_by"}}
HONEST = {operation: [body] for operation, body in BODIES.items()} | {
    "intake_file_petition": [A_FILING, BY_A_CITIZEN],
    "intake_receive_push": [{"type": "petition.filed", "data": A_PUSH}],
}
"""Operation -> bodies that mean something."""
POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
PATH = ParameterLocation.PATH
SHARES = {POSITIVE: 0.65, NEGATIVE: 0.35}
WEBHOOK = "/intake/v1/webhooks/{partner}"
ALLOWED_SHARE = 0.75
GRANTED = {
    "/intake/v1/petitions/{number}/reveal": "contact",
    "/intake/v1/sealed/{sealed_id}": "open_sealed",
    "/intake/v1/sealed/{sealed_id}/release": "unseal",
}
"""Paths that want a case grant -> the purpose of one that fits."""
NOT_READY = ("/ready", 503)
"""Nothing runs in the background here, so a service is right to say so."""


class Fuzzer:
    """Fuzzes a world from another thread than the one whose loop serves it.

    `documents`: service -> OpenAPI document to hold it against; its own when not told."""

    def __init__(self, world: World, documents: dict[str, Any] | None = None) -> None:
        self.world, self._loop = world, asyncio.get_running_loop()
        documents = documents or {
            name: sut.app.openapi() for name, sut in world.platform.services.items()
        }
        self.tally = Tally()
        self._operations = [
            (name, result.ok())
            for name, document in documents.items()
            for result in _schema(document).get_all_operations()
        ]

    async def run_beside(self, cases: int, first_seed: int) -> Tally:
        """`run`, while this loop goes on serving."""
        return await asyncio.to_thread(self.run, cases, first_seed)

    def run(self, cases: int, first_seed: int) -> Tally:
        """At least that many cases, spread evenly over the operations."""
        lap = 0
        while self.tally.cases < cases:
            share = (cases - self.tally.cases) / len(self._operations)
            for number, (service, operation) in enumerate(self._operations):
                for mode, part in SHARES.items():
                    drawn = f"{first_seed}/{lap}/{number}/{mode}"
                    self._batch(service, operation, mode, max(1, round(share * part)), drawn)
            lap += 1
        return self.tally

    def _batch(
        self, service: str, operation: Any, mode: GenerationMode, count: int, drawn: str
    ) -> None:
        @seed(random.Random(drawn).getrandbits(64))
        @settings(
            max_examples=count, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(
            case=operation.as_strategy(generation_mode=mode),
            chance=st.randoms(use_true_random=True),
        )
        def one(case: Case[Any], chance: random.Random) -> None:
            self._ask(service, case, chance)

        try:
            one()
        except Unsatisfiable:
            assert mode is NEGATIVE, f"{operation.label} takes no data"

    def _ask(self, service: str, case: Case[Any], chance: random.Random) -> None:
        _give_meaning(case, self.world.known, chance)
        mode = NEGATIVE if _is_broken(case) else POSITIVE
        callers = list(self.world.callers)
        allowed = [each for each in callers if _may(case.operation.definition.raw, each)]
        caller = chance.choice(allowed if chance.random() < ALLOWED_SHARE else callers)
        answer = self._wait(self._send(service, case, caller, chance))
        label = case.operation.label
        self.tally.asked[Asked(label, caller, mode.value, answer.status_code)] += 1
        if answer.status_code >= 500 and (case.path, answer.status_code) != NOT_READY:
            self.tally.find(label, f"answered {answer.status_code}", _told(case, caller, answer))
        if answer.is_success and caller not in allowed:
            self.tally.find(label, f"open to {caller}", _told(case, caller, answer))
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as found:
            for each in found.exceptions:
                what = f"{each.title} [{answer.status_code}]"
                self.tally.find(label, what, f"{each.message}\n{_told(case, caller, answer)}")

    async def _send(
        self, service: str, case: Case[Any], caller: str, chance: random.Random
    ) -> httpx.Response:
        headers = self.world.callers[caller]
        given = requests.Request(**case.as_transport_kwargs("http://test", headers)).prepare()
        body = given.body.encode() if isinstance(given.body, str) else given.body or b""
        sut = self.world.platform.services[service]
        if case.path == WEBHOOK and chance.random() < 0.7:
            now, name = str(int(sut.clock.now().timestamp())), f"msg_{chance.getrandbits(32)}"
            given.headers.update({
                "webhook-id": name, "webhook-timestamp": now,
                "webhook-signature": sign(self.world.secret, name, now, body),
            })  # fmt: skip
        if case.path in GRANTED and not _is_broken(case) and chance.random() < 0.7:
            path, purpose = self._grant_for(case)
            given.headers.update(await self.world.grant(path, purpose, caller))
        return await sut.client.request(
            given.method or "", given.url or "", headers=dict(given.headers), content=body
        )

    def _grant_for(self, case: Case[Any]) -> tuple[str, str]:
        """What a grant for this case is asked for, and its purpose."""
        if sealed := case.path_parameters.get("sealed_id"):
            return f"sealed/{quote(str(sealed), safe='')}", GRANTED[case.path]
        named = case.body.get("purpose") if isinstance(case.body, dict) else None
        held = self.world.case_of.get(str(case.path_parameters["number"]))
        return f"cases/{held}", str(named or GRANTED[case.path])

    def _wait(self, answer: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
        return asyncio.run_coroutine_threadsafe(answer, self._loop).result()


def _schema(document: dict[str, Any]) -> Any:
    schema = schemathesis.openapi.from_dict(document)
    # Tokens are ours to send; those that do not hold are the matter of tests/web/test_tokens.py.
    schema.config.generation.update(with_security_parameters=False)
    return schema


def _may(operation: dict[str, Any], caller: str) -> bool:
    return operation.get("x-scope") == "public" or caller in operation.get("x-roles", ())


def _is_broken(case: Case[Any]) -> bool:
    """Whether its data breaks the schema, as it is now."""
    return case.meta is not None and case.meta.generation.mode is NEGATIVE


def _mutations(case: Case[Any]) -> tuple[Any, ...]:
    """What was changed to break the schema, with its place."""
    return tuple(getattr(case.meta.phase.data, "mutations", None) or ()) if case.meta else ()


def _give_meaning(case: Case[Any], known: dict[str, list[Any]], chance: random.Random) -> None:
    """Put values that exist here in the place of most invented ones; what is invented to break the
    schema stays. One index for all, so that a number meets its own query code."""
    index = chance.randrange(720_720)

    def better(name: str, value: Any, share: float) -> Any:
        if name not in known or chance.random() >= share:
            return value
        return known[name][index % len(known[name])]

    broken = _is_broken(case)
    case.path_parameters = {
        name: better(name, value, 0.9) for name, value in case.path_parameters.items()
    }
    if broken and any(each.parameter_location is PATH for each in _mutations(case)):
        # The path is good again; parameters nobody declared break nothing alone, and the checks
        # would still take the case for one whose path is broken.
        declared = {each["name"] for each in case.operation.definition.raw.get("parameters", ())}
        case.query = {name: value for name, value in case.query.items() if name in declared}
    if broken:
        return
    case.query = {
        name: better(name, value, 0.8)
        for name, value in case.query.items()
        if name != "cursor" or chance.random() < 0.2
    }
    for name in case.headers:
        case.headers[name] = better(name, case.headers[name], 0.9)
    honest = HONEST.get(case.operation.definition.raw["operationId"])
    if isinstance(case.body, dict):
        body = {name: better(name, value, 0.8) for name, value in case.body.items()}
        if honest and chance.random() < 0.7:
            kept = {name: body[name] for name in body if chance.random() * len(body) < 1}
            whole = copy.deepcopy(chance.choice(honest))
            whole |= {name: better(name, value, 0.8) for name, value in whole.items()
                      if value == SOME_ID}  # fmt: skip
            body = whole | kept
        case.body = body


def _told(case: Case[Any], caller: str, answer: httpx.Response) -> str:
    """A case in words one can ask again with."""
    request = answer.request
    said = request.content.decode(errors="replace")[:600]
    return (
        f"  {caller}: {request.method} {request.url.raw_path.decode()}\n"
        f"  sent {json.dumps(dict(case.headers), ensure_ascii=False)[:600]} {said}\n"
        f"  got {answer.status_code} {answer.text[:300]}"
    )
