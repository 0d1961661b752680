"""Secret keys of a service: read from a setting, or drawn once into a file of the data folder.

The form is the same everywhere: `id:base64` of 32 random bytes, several with commas between them,
the current one first; the others still open what they once closed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from pathlib import Path

from shared.kernel.private import write_private

KEY_BYTES = 32
MIN_DISTINCT_BYTES = 16
"""A random key of 32 bytes has about 30 distinct ones; a typed or default key has few."""


class KeyRefused(ValueError):
    """A key is missing, short, default-like or named badly; the service must not start."""


def read_keys(name: str, setting: str) -> dict[str, bytes]:
    """Keys by id in the order of the setting, the current one first.

    `name` says in errors which keys are meant. Raises KeyRefused for an empty setting, a bad or
    repeated id, a key that is not 32 bytes, or one that nobody can have drawn at random.
    """
    keys: dict[str, bytes] = {}
    for part in filter(None, (part.strip() for part in setting.split(","))):
        key_id, _, encoded = part.partition(":")
        if not key_id.isalnum() or not key_id.isascii() or key_id in keys:
            raise KeyRefused(f"{name}s: each needs its own id of letters and digits")
        keys[key_id] = random_key(f"{name} {key_id}", encoded)
    if not keys:
        variable = f"XINFANG_{name.replace(' ', '_').upper()}S"
        raise KeyRefused(f"no {name}: set {variable} to id:base64 of 32 random bytes")
    return keys


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


def check_value(use: str, key: bytes) -> str:
    """What may be stored beside the data of a key and tells it from every other key: a digest from
    which the key can't be had."""
    return hmac.new(key, f"xinfang check value: {use}".encode(), hashlib.sha256).hexdigest()


def new_key_text(key_id: str = "k1") -> str:
    """A fresh random key in the form of the setting."""
    return f"{key_id}:{base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()}"


def key_file_text(folder: Path, name: str) -> str:
    """The keys in a file of an embedded data folder, as in the setting.

    Drawn at random and kept (mode 0600) at first use.
    """
    path = folder / name
    if not path.exists():
        write_private(path, new_key_text() + "\n", over=False)
    try:
        return path.read_text(encoding="ascii").strip()
    except UnicodeDecodeError as error:
        raise KeyRefused(f"{path}: not base64") from error
