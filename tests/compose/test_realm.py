"""The demonstration realm: accounts by role, public clients, tokens as the services read them.

Keycloak itself does not run here; what is checked is what its own sources and documentation say of
an import file: names of members and providers, references that lead somewhere.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.runtime.settings import Settings
from shared.vocabulary.posts import Role
from tests.compose.reading import ROOT, compose, environment

REALM: dict[str, Any] = json.loads((ROOT / "deploy/keycloak/realm.json").read_text("utf-8"))
MAPPERS = {
    "oidc-sub-mapper", "oidc-audience-mapper", "oidc-usersessionmodel-note-mapper",
    "oidc-acr-mapper", "oidc-amr-mapper",
}  # fmt: skip
AUTHENTICATORS = {
    "auth-cookie", "conditional-level-of-authentication", "auth-username-password-form",
    "auth-otp-form",
}  # fmt: skip


def test_there_is_an_account_per_role_that_logs_in() -> None:
    by_role = {user["username"]: user for user in REALM["users"]}
    assert set(by_role) == set(Role) - {Role.SERVICE, Role.PARTNER}  # these have keys, no accounts
    assert {role["name"] for role in REALM["roles"]["realm"]} == set(by_role)
    assert len({UUID(user["id"]) for user in REALM["users"]}) == len(REALM["users"])
    for role, user in by_role.items():
        assert user["realmRoles"] == [role]
        assert [each["value"] for each in user["credentials"]] == ["@PASSWORD@"]


def test_clients_are_public_with_pkce_and_exact_addresses() -> None:
    assert {client["clientId"] for client in REALM["clients"]} == {"xinfang-web", "xinfang-mobile"}
    for client in REALM["clients"]:
        assert client["publicClient"]
        assert "secret" not in client
        assert client["attributes"] == {"pkce.code.challenge.method": "S256"}
        flows = {name: value for name, value in client.items() if name.endswith("Enabled")}
        assert [name for name, value in flows.items() if value] == ["standardFlowEnabled"]
        assert not any("*" in uri for uri in client["redirectUris"] + client["webOrigins"])


def test_a_token_says_who_for_whom_when_and_how_and_no_name() -> None:
    for client in REALM["clients"]:
        assert client["defaultClientScopes"] == client["optionalClientScopes"] == []
        mappers = {each["protocolMapper"]: each["config"] for each in client["protocolMappers"]}
        assert set(mappers) == MAPPERS
        assert all(config["access.token.claim"] == "true" for config in mappers.values())
        audience = mappers["oidc-audience-mapper"]["included.custom.audience"]
        assert audience == Settings.model_fields["token_audience"].default
        login = mappers["oidc-usersessionmodel-note-mapper"]
        assert (login["user.session.note"], login["claim.name"]) == ("AUTH_TIME", "auth_time")


def test_the_flow_of_login_leads_somewhere_and_steps_up() -> None:
    flows = {flow["alias"]: flow for flow in REALM["authenticationFlows"]}
    configs = {each["alias"]: each["config"] for each in REALM["authenticatorConfig"]}
    assert flows[REALM["browserFlow"]]["topLevel"]
    used, configured = {REALM["browserFlow"]}, set()
    for flow in flows.values():
        for step in flow["authenticationExecutions"]:
            if step["authenticatorFlow"]:
                used.add(step["flowAlias"])
            else:
                assert step["authenticator"] in AUTHENTICATORS
            configured |= {step["authenticatorConfig"]} if "authenticatorConfig" in step else set()
    assert used == set(flows)
    assert configured == set(configs)
    levels = {
        each["loa-condition-level"] for each in configs.values() if "loa-condition-level" in each
    }
    mapping = json.loads(REALM["attributes"]["acr.loa.map"])
    assert {str(level) for level in mapping.values()} == levels
    assert int(configs["level 2"]["loa-max-age"]) <= 600


def test_the_imported_file_has_a_password_of_its_own(tmp_path: Path) -> None:
    subprocess.run(["sh", ROOT / "scripts/compose_env.sh", tmp_path], check=True)
    password = (tmp_path / "secrets/keycloak_password").read_text().strip()
    written = json.loads((tmp_path / "secrets/keycloak_realm").read_text())
    assert {user["credentials"][0]["value"] for user in written["users"]} == {password}
    assert len(password) >= 32


def test_the_provider_tells_the_issuer_that_the_documentation_sets() -> None:
    keycloak = compose()["services"]["keycloak"]
    host = environment(keycloak)["KC_HOSTNAME"]
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^(XINFANG_\w+)=(\S+)$", text, re.M))
    assert told["XINFANG_TOKEN_ISSUER"] == f"{host}/realms/{REALM['realm']}"
    internal = f"http://keycloak:8080/realms/{REALM['realm']}"
    assert told["XINFANG_JWKS"] == f"{internal}/protocol/openid-connect/certs"
