"""Users and permissions on the broker, as the definitions file it loads at its start.

One user per service. It configures nothing, writes to the one exchange with its own routing keys
only, and reads its own queues only, one a lane. The migrate job's user owns the topology
(decision 0064).
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from shared.messaging.topology import Topology

NOTHING = "^$"
SALT_BYTES = 4


@dataclass(frozen=True, slots=True)
class BrokerLogin:
    """Who logs in to which virtual host."""

    user: str
    password: str
    vhost: str

    @classmethod
    def of_url(cls, url: str) -> Self:
        """Read from a bus URL. Raises ValueError when something is missing."""
        parts = urlsplit(url.strip())
        if not (parts.username and parts.password):
            raise ValueError("a bus URL needs user and password")
        return cls(unquote(parts.username), unquote(parts.password), unquote(parts.path[1:]) or "/")


def definitions(
    topology: Topology,
    *,
    owner: BrokerLogin,
    services: Mapping[str, BrokerLogin],
    readers: Mapping[str, BrokerLogin],
) -> dict[str, Any]:
    """The document. `services` by name, which is also consumer and first part of routing keys;
    `readers` may log in and count what waits in queues, nothing else."""
    own = f"^{re.escape(topology.namespace)}\\."
    logins = (owner, *services.values(), *readers.values())
    permissions = [_permission(owner, configure=own, write=own, read=own)]
    topics = []
    for name, login in services.items():
        permissions.append(
            _permission(login, write=_only(topology.exchange), read=_lanes_of(topology.queue(name)))
        )
        topics.append(
            {
                "user": login.user,
                "vhost": login.vhost,
                "exchange": topology.exchange,
                "write": f"^{re.escape(name)}\\.",
                "read": NOTHING,
            }
        )
    permissions += [_permission(login) for login in readers.values()]
    return {
        "vhosts": [{"name": vhost} for vhost in sorted({login.vhost for login in logins})],
        "users": [_user(login) for login in logins],
        "permissions": permissions,
        "topic_permissions": topics,
    }


def _permission(
    login: BrokerLogin, *, configure: str = NOTHING, write: str = NOTHING, read: str = NOTHING
) -> dict[str, str]:
    rights = {"configure": configure, "write": write, "read": read}
    return {"user": login.user, "vhost": login.vhost} | rights


def _user(login: BrokerLogin) -> dict[str, Any]:
    """A user with the broker's own salted hash, so that the file holds no password."""
    salt = os.urandom(SALT_BYTES)
    digest = hashlib.sha256(salt + login.password.encode()).digest()
    return {
        "name": login.user,
        "password_hash": base64.b64encode(salt + digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "",
    }


def _lanes_of(queue: str) -> str:
    """The queues of all lanes, however many there are."""
    return f"^{re.escape(queue)}(\\.[0-9]+)?$"


def _only(name: str) -> str:
    return f"^{re.escape(name)}$"
