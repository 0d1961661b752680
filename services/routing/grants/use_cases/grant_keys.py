"""Routing's own keys for case grants, and their public halves told to the others."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OKPKey

from services.routing.cases.outgoing import record_grant_key
from services.routing.grants.store import grant_keys
from shared.contracts.grant import ALGORITHM, LIFETIME, TYPE, Grant
from shared.contracts.routing import GrantKeyPublishedV1
from shared.db.engine import Database
from shared.db.key_checks import Found, KeyUse, bind, compare, kept_checks, lost, unreadable
from shared.db.tables import CommonTables
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.keys import KeyRefused, key_file_text, read_keys

FILE = "grant.key"
GRANTS = KeyUse(
    "grant", "查看凭据密钥", FILE, "XINFANG_GRANT_KEYS", "用别的密钥签发的凭据打不开身份"
)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Private keys by id; made once at the start. The current one signs, all are believed."""

    keys: Mapping[str, OKPKey]
    current: str

    @property
    def public_keys(self) -> dict[str, str]:
        """The public halves by id, base64url."""
        return {key_id: str(key.as_dict(private=False)["x"]) for key_id, key in self.keys.items()}

    def sign(self, grant: Grant) -> str:
        """The grant as its bearer carries it."""
        header = {"alg": ALGORITHM, "kid": self.current, "typ": TYPE}
        claims = grant.model_dump(mode="json", exclude={"iat", "exp"})
        claims |= {"iat": int(grant.iat.timestamp()), "exp": int(grant.exp.timestamp())}
        return jwt.encode(header, claims, self.keys[self.current], algorithms=[ALGORITHM])


def make_ring(setting: str | None, *, keys_folder: Path | None) -> KeyRing:
    """Keys from the setting or, where `keys_folder` is given, from a file made there. Raises
    KeyRefused."""
    if setting is None and keys_folder is not None:
        setting = key_file_text(keys_folder, FILE)
    return _ring(read_keys("grant key", setting or ""))


def _ring(seeds: Mapping[str, bytes]) -> KeyRing:
    return KeyRing({name: _key(seed) for name, seed in seeds.items()}, next(iter(seeds)))


async def bind_key(
    database: Database,
    tables: CommonTables,
    setting: str | None,
    *,
    keys_folder: Path | None,
    is_trial: bool = False,
) -> None:
    """See that a key under an id is still the one that was there, published or not. A file that is
    missing is made only while there never was one; a trial makes and keeps nothing. Raises
    KeyRefused, in a sentence."""
    async with database.reading() if is_trial else database.writing() as session:
        known = await grant_keys.published(session)
        file = keys_folder / FILE if setting is None and keys_folder is not None else None
        if file is not None and not file.exists():
            if is_trial or known or await kept_checks(session, tables, GRANTS):
                raise lost(GRANTS, str(file))
            key_file_text(file.parent, FILE)
        text = key_file_text(file.parent, FILE) if file else setting or ""
        try:
            seeds = read_keys("grant key", text)
        except KeyRefused as error:
            if file is None:
                raise
            raise unreadable(file, error) from error
        for key_id, key in _ring(seeds).public_keys.items():
            _refuse_other(known, key_id, key)

        async def look() -> Found:
            return Found(any_data=bool(known))

        if is_trial:
            compare(GRANTS, seeds, await kept_checks(session, tables, GRANTS), await look())
        else:
            await bind(session, tables, GRANTS, seeds, look)


def _refuse_other(known: Mapping[str, Any], key_id: str, public_key: str) -> None:
    if key_id in known and known[key_id].public_key != public_key:
        raise KeyRefused(
            f"{GRANTS.title} {key_id} 不是原来以此编号公布的那一个，{GRANTS.loss}：请把原来的密钥"
            f"放回 keys/{FILE} 或 {GRANTS.variable}；更换密钥须用新的编号"
        )


async def publish_keys(uow: UnitOfWork, ring: KeyRing) -> None:
    """Publish keys that are new, retire published ones that are gone from the setting.

    A retired key ends when the last grant it may have signed does. Raises KeyRefused for another
    key under an id that was used before: a key change needs a new id.
    """
    now = uow.clock.now()
    known = await grant_keys.published(uow.session)
    for key_id, public_key in ring.public_keys.items():
        row = known.get(key_id)
        _refuse_other(known, key_id, public_key)
        if row is None or row.valid_to is not None:
            key = GrantKeyPublishedV1(
                key_id=key_id, public_key=public_key, valid_from=now, valid_to=None
            )
            await _tell(uow, key, version=row.version + 1 if row else 1)
    for key_id, row in known.items():
        if key_id not in ring.keys and row.valid_to is None:
            key = GrantKeyPublishedV1(
                key_id=key_id,
                public_key=row.public_key,
                valid_from=row.valid_from,
                valid_to=now + LIFETIME,
            )
            await _tell(uow, key, version=row.version + 1)


async def _tell(uow: UnitOfWork, key: GrantKeyPublishedV1, *, version: int) -> None:
    if not await grant_keys.keep(uow.session, key.model_dump(), version=version):
        return  # another process of this service was first
    record_grant_key(uow, key, version=version)
    action = "grant_key.published" if key.valid_to is None else "grant_key.retired"
    uow.audit(action, f"grantkey/{key.key_id}", actor="routing")


def _key(seed: bytes) -> OKPKey:
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "d": _text(seed), "x": _text(public)})


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
