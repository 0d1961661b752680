"""Encryption of petitioner identity and of stored answers: AES-256-GCM with a key id.

The stored text is `v1.<key id>.<base64url(nonce + ciphertext)>`; the object and field it belongs
to are bound in as associated data, so a value moved to another row or column no longer opens.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.kernel.errors import DomainError
from shared.kernel.keys import read_keys

NONCE_BYTES = 12


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
    """Keys from a setting `id:base64,id:base64`; the first one is current. Raises KeyRefused."""
    return cipher_of_keys(read_keys("vault key", setting))


def cipher_of_keys(keys: Mapping[str, bytes]) -> VaultCipher:
    """The same from keys by id, at least one."""
    return VaultCipher({key_id: AESGCM(key) for key_id, key in keys.items()}, next(iter(keys)))


def _bound(owner: str, field: str) -> bytes:
    return f"{owner}\n{field}".encode()
