"""A service knows its database and its keys again: one of another deployment, an empty one, or one
with other keys is refused, wherever the database runs."""

from __future__ import annotations

import base64
import os
import uuid
from pathlib import Path
from typing import Any

import pytest

from services.analytics.main import SPEC as ANALYTICS
from services.intake.main import SPEC as INTAKE
from services.routing.main import SPEC as ROUTING
from shared.kernel.keys import KeyRefused, new_key_text
from shared.runtime.exchange import Side, compare, pairs, words
from shared.runtime.inspection import inspect
from shared.runtime.installation import whole_deployment
from shared.runtime.marks import UnsafeToStart
from shared.runtime.migrate import migrate_service
from shared.runtime.service import ServiceSpec
from tests.conftest import MakeService
from tests.db.test_migrations import EMPTY, leave_empty
from tests.runtime.folders import petition
from tests.support.backends import Backend, test_settings
from tests.support.service import ServiceUnderTest


def keys(**changed: str) -> dict[str, str]:
    drawn = base64.b64encode(os.urandom(32)).decode()
    return {"vault_keys": new_key_text("k1"), "query_code_key": drawn} | changed


async def owned(backend: Backend, spec: ServiceSpec, folder: Path) -> str:
    """A database of a deployment of its own."""
    url = await backend.database_url(spec)
    settings = test_settings(folder, database_url=url)
    await migrate_service(spec, settings, deployment=uuid.uuid4().hex)
    return url


async def refused(spec: ServiceSpec, url: str, folder: Path, *said: str, **settings: Any) -> None:
    again = ServiceUnderTest(spec, url, folder, **settings)
    try:
        with pytest.raises((UnsafeToStart, KeyRefused)) as caught:
            await again.start()
    finally:
        await again.close()
    assert all(word in str(caught.value) for word in said), caught.value


@pytest.mark.parametrize("spec", [INTAKE, ROUTING, ANALYTICS], ids=lambda spec: spec.name)
async def test_a_database_of_another_deployment_or_an_empty_one(
    backend: Backend, make_service: MakeService, tmp_path: Path, spec: ServiceSpec
) -> None:
    url = await owned(backend, spec, tmp_path)
    await make_service(spec, url=url)
    await make_service(spec, url=url)  # again, and at once
    await refused(spec, await owned(backend, spec, tmp_path), tmp_path, "另一个部署", "从备份恢复")
    await refused(spec, await backend.database_url(EMPTY, leave_empty), tmp_path, "空的", "备份")


async def test_a_database_of_another_service(
    backend: Backend, tmp_path: Path, make_service: MakeService
) -> None:
    await refused(INTAKE, await owned(backend, ROUTING, tmp_path), tmp_path, "routing", "intake")


async def test_other_keys_than_those_of_the_data(
    backend: Backend, make_service: MakeService, tmp_path: Path
) -> None:
    url, first = await owned(backend, INTAKE, tmp_path), keys()
    intake = await make_service(INTAKE, url=url, **first)
    answer = await intake.client.post(
        "/intake/v1/petitions",
        json=petition(1),
        headers={"Idempotency-Key": "the-first-petition-1"},
    )
    assert answer.status_code == 201
    await refused(
        INTAKE, url, tmp_path, "k1", "身份", **keys(query_code_key=first["query_code_key"])
    )
    await refused(INTAKE, url, tmp_path, "查询码", **keys(vault_keys=first["vault_keys"]))
    gone = keys(vault_keys=new_key_text("k2"), query_code_key=first["query_code_key"])
    await refused(INTAKE, url, tmp_path, "缺少", "k1", **gone)
    both = first | {"vault_keys": f"{new_key_text('k2')},{first['vault_keys']}"}
    await make_service(INTAKE, url=url, **both)
    swapped = both | {"vault_keys": f"{new_key_text('k2')},{first['vault_keys']}"}
    await refused(INTAKE, url, tmp_path, "k2", **swapped)


async def test_keys_of_a_database_of_the_release_before_are_tried_on_its_data(
    backend: Backend, make_service: MakeService, tmp_path: Path
) -> None:
    url, first = await owned(backend, INTAKE, tmp_path), keys()
    intake = await make_service(INTAKE, url=url, **first)
    await intake.client.post(
        "/intake/v1/petitions",
        json=petition(1),
        headers={"Idempotency-Key": "the-first-petition-1"},
    )

    async def forget() -> None:
        meta = intake.service.tables.meta
        async with intake.service.database.writing() as session:
            await session.execute(meta.delete().where(meta.c.key.like("check:%")))

    await forget()
    await refused(INTAKE, url, tmp_path, "k1", **keys(query_code_key=first["query_code_key"]))
    await refused(INTAKE, url, tmp_path, "查询码", **keys(vault_keys=first["vault_keys"]))
    await make_service(INTAKE, url=url, **first)


async def test_a_grant_key_of_the_same_id_is_refused(
    backend: Backend, make_service: MakeService, tmp_path: Path
) -> None:
    url = await owned(backend, ROUTING, tmp_path)
    await make_service(ROUTING, url=url, grant_keys=new_key_text("g1"))
    await refused(ROUTING, url, tmp_path, "g1", "凭据", grant_keys=new_key_text("g1"))
    await make_service(ROUTING, url=url, grant_keys=new_key_text("g2"))


async def test_the_migrate_job_makes_no_database_beside_those_in_use(
    backend: Backend, make_service: MakeService, tmp_path: Path
) -> None:
    """One template for all: `{service}` is where each database's name differs."""
    routing = await make_service(ROUTING, url=await owned(backend, ROUTING, tmp_path / "x"))
    empty = await backend.database_url(EMPTY, leave_empty)
    urls = {"routing": routing.settings.database_url, "intake": empty}

    class Two(type(routing.settings)):  # type: ignore[misc]
        def database(self, service: str) -> str:
            return urls[service]

    settings = Two(**test_settings(tmp_path / "y", database_url="{service}").model_dump())
    with pytest.raises(UnsafeToStart, match="不见了或者是空的"):
        await whole_deployment([INTAKE, ROUTING], settings)
    assert await whole_deployment([INTAKE, ROUTING], settings, new=["intake"])


async def test_one_database_older_than_the_other_shows(
    backend: Backend, make_service: MakeService, tmp_path: Path
) -> None:
    intake = await make_service(INTAKE)
    analytics = await make_service(ANALYTICS)
    await intake.client.post("/intake/v1/petitions", json=petition(1))
    sides = [Side(each.service.spec, each.service.database) for each in (intake, analytics)]
    ((one, two),) = [pair for pair in pairs(sides) if pair[0] is sides[0]]
    assert (await compare(one, two)).unsent == 1
    await intake.service.relay.work()  # a bus that delivers nothing
    found = await compare(one, two)
    assert (found.published, found.missing, found.unknown) == (1, 1, 0)
    assert "analytics 的数据库比 intake 的旧" in words(found)
    taken = ANALYTICS.subscriptions.types
    await analytics.deliver(*(each for each in await intake.recorded() if each.type in taken))
    assert words(await compare(one, two)) == ""

    async with intake.service.database.writing() as session:
        await session.execute(intake.service.tables.outbox.delete())
    for newest in (None, 200):
        found = await compare(one, two, newest=newest)
        assert (found.unknown, found.missing) == (1, 0)
        assert "intake 的数据库比 analytics 的旧" in words(found)


async def test_a_whole_look_tries_every_value(
    backend: Backend, make_service: MakeService, tmp_path: Path
) -> None:
    intake = await make_service(INTAKE)
    for number in range(2):
        await intake.client.post("/intake/v1/petitions", json=petition(number))
    found = await inspect(INTAKE, intake.settings)
    assert (found.findings, found.keys, found.values) == ([], True, 4)
    vault = INTAKE.metadata.tables["vault"]
    async with intake.service.database.writing() as session:
        await session.execute(
            vault.update().where(vault.c.field == "words").values(value="v1.k1.AAAA")
        )
    found = await inspect(INTAKE, intake.settings)
    assert (found.keys, found.values) == (False, 4)
    assert "2 个加密值打不开" in found.findings[0]
