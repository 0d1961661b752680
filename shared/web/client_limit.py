"""How often one client may use a public route, with no trace of the client kept (decision 0070).

Counts live in the memory of this process under a hash of the address, salted at random; salt and
counts are gone after a day at most, a count as soon as it is an hour old. Nothing is written, so
several processes count each for itself. Addresses that stand for many people (the machine itself,
a proxy of ours) are not limited: one bucket for everybody would lock everybody out.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict, deque
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

from fastapi import Request

from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import TooOften

MINUTE: Final = 60.0
HOUR: Final = 3600.0
SALT_SECONDS: Final = 24 * HOUR
MOST_CLIENTS: Final = 50_000
HOME_PREFIX: Final = 64
"""Bits of an IPv6 address that name one subscriber."""

Address = IPv4Address | IPv6Address


class ClientLimit:
    """At most so many uses per minute and per hour; 0 means no limit. See the module."""

    def __init__(
        self,
        *,
        per_minute: int,
        per_hour: int,
        trusted_proxies: str = "",
        most_clients: int = MOST_CLIENTS,
        clock: Clock | None = None,
    ) -> None:
        self._limits = ((MINUTE, per_minute), (HOUR, per_hour))
        self._kept = max(per_minute, per_hour)
        self._trusted = networks(trusted_proxies)
        self._most = most_clients
        self._clock = clock or SystemClock()
        self._salt, self._salted_at = os.urandom(16), self._clock.monotonic()
        self._used: OrderedDict[bytes, deque[float]] = OrderedDict()

    def use(self, peer: str | None, forwarded: Iterable[str] = ()) -> None:
        """Count one use by the client behind `peer`; `forwarded` are X-Forwarded-For headers.

        Raises TooOften, and counts nothing then."""
        address = self.client_of(peer, forwarded)
        if address is None or not self._kept:
            return
        now = self._clock.monotonic()
        self._forget(now)
        key = self._key(address)
        used = self._used.setdefault(key, deque(maxlen=self._kept))
        wait = max(
            (
                used[-most] + seconds - now
                for seconds, most in self._limits
                if 0 < most <= len(used)
            ),
            default=0.0,
        )
        if wait > 0:
            raise TooOften("操作过于频繁，请稍后再试", wait=wait)
        used.append(now)
        self._used.move_to_end(key)

    def client_of(self, peer: str | None, forwarded: Iterable[str] = ()) -> Address | None:
        """The nearest address on the way that is no proxy of ours; None when there is none.

        Headers are believed only as far as trusted proxies wrote them."""
        hops = [hop for header in forwarded for hop in header.split(",")]
        for hop in (peer or "", *reversed(hops)):
            try:
                address = ip_address(hop.strip())
            except ValueError:
                return None
            if isinstance(address, IPv6Address) and address.ipv4_mapped:
                address = address.ipv4_mapped
            if not address.is_loopback and not any(address in each for each in self._trusted):
                return address
        return None

    def _key(self, address: Address) -> bytes:
        if isinstance(address, IPv6Address):
            home = IPv6Network((address, HOME_PREFIX), strict=False)
            address = home.network_address
        return hashlib.blake2b(address.packed, key=self._salt, digest_size=16).digest()

    def _forget(self, now: float) -> None:
        if now - self._salted_at > SALT_SECONDS:
            self._salt, self._salted_at = os.urandom(16), now
            self._used.clear()
        while self._used:
            oldest = next(iter(self._used.values()))
            if len(self._used) < self._most and oldest and oldest[-1] > now - HOUR:
                return
            self._used.popitem(last=False)


def networks(text: str) -> tuple[Any, ...]:
    """Networks from `10.0.0.0/8,192.168.1.7`. Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def slow_down(request: Request) -> None:
    """Count a use of this public route by the client that asks. Raises TooOften."""
    peer = request.client.host if request.client else None
    limit: ClientLimit = request.app.state.client_limit
    limit.use(peer, request.headers.getlist("x-forwarded-for"))
