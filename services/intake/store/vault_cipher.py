"""Encryption of petitioner identity and of stored answers: AES-256-GCM with a key id.

The stored text is `v1.<key id>.<base64url(nonce + ciphertext)>`; the object and field it belongs
to are bound in as associated data, so a value moved to another row or column no longer opens.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.kernel.errors import DomainError

KEY_BYTES = 32
NONCE_BYTES = 12
MIN_DISTINCT_BYTES = 16
"""A random key of 32 bytes has about 30 distinct ones; a typed or default key has few."""


class KeyRefused(ValueError):
    """A vault key is missing, short, default-like or named badly; the service must not start."""


class VaultSealed(DomainError):
    """A stored value does not open: unknown key, moved, or changed."""

    code = "vault_sealed"


@dataclass(frozen=True, slots=True)
class VaultCipher:
    """Encrypts with the current key, opens with any of them."""

    keys: Mapping[str, AESGCM]
    current: str

    def encrypt(self, text: str, *, owner: str, field: str) -> str:
        """The stored form of `text` for one field of one object (`owner` is its id)."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self.keys[self.current].encrypt(nonce, text.encode(), _bound(owner, field))
        return f"v1.{self.current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, stored: str, *, owner: str, field: str) -> str:
        """The text again. Raises VaultSealed."""
        try:
            version, key_id, body = stored.split(".", 2)
            raw = base64.urlsafe_b64decode(body)
            if version != "v1":
                raise VaultSealed
            opened = self.keys[key_id].decrypt(
                raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(owner, field)
            )
        except (ValueError, KeyError, InvalidTag, binascii.Error) as error:
            raise VaultSealed from error
        return opened.decode()

    def is_current(self, stored: str) -> bool:
        """Whether a stored value already has the current key (for rotation)."""
        return stored.startswith(f"v1.{self.current}.")


def cipher_from_text(setting: str) -> VaultCipher:
    """Keys from a setting `id:base64,id:base64`; the first one is current.

    Raises KeyRefused for an empty setting, a bad id, a key that is not 32 bytes, or one that
    nobody can have drawn at random.
    """
    keys: dict[str, AESGCM] = {}
    current = ""
    for part in filter(None, (part.strip() for part in setting.split(","))):
        key_id, _, encoded = part.partition(":")
        if not key_id.isalnum() or not key_id.isascii() or key_id in keys:
            raise KeyRefused("vault keys: each needs its own id of letters and digits")
        keys[key_id] = AESGCM(random_key(f"vault key {key_id}", encoded))
        current = current or key_id
    if not keys:
        raise KeyRefused("no vault key: set XINFANG_VAULT_KEYS to id:base64 of 32 random bytes")
    return VaultCipher(keys, current)


def random_key(name: str, encoded: str) -> bytes:
    """The 32 bytes of a base64 key. Raises KeyRefused when they can't have been drawn at random."""
    try:
        key = base64.b64decode(encoded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyRefused(f"{name}: not base64") from error
    if len(key) != KEY_BYTES:
        raise KeyRefused(f"{name}: {len(key)} bytes instead of {KEY_BYTES}")
    if len(set(key)) < MIN_DISTINCT_BYTES:
        raise KeyRefused(f"{name}: not random")
    return key


def new_key_text(key_id: str = "k1") -> str:
    """A fresh random key in the form of the setting."""
    return f"{key_id}:{base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()}"


def key_file_text(folder: Path, name: str) -> str:
    """The keys in a file of an embedded data folder, as in the setting.

    Drawn at random and kept (mode 0600) at first use.
    """
    path = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = folder / f"{name}.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(new_key_text() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # whole or not at all, and never over another's key
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _bound(owner: str, field: str) -> bytes:
    return f"{owner}\n{field}".encode()
