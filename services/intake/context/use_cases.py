"""The keys, rules and classifier that intake's use cases need beside the unit of work."""

from __future__ import annotations

import base64
import hmac
import json
import os
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from services.intake.categories.domain.classifier import Classifier
from services.intake.sealing.domain.accused import OfficeNames
from services.intake.sealing.domain.protection import ProtectionRules, packaged_protection_rules
from services.intake.sealing.domain.sealing import SealingRules
from services.intake.vault.store.cipher import VaultCipher, cipher_from_text
from shared.kernel.keys import key_file_text, random_key
from shared.reference.calendar import packaged_text

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class IntakeContext:
    """Made once at the start of the service; immutable but for the counter."""

    cipher: VaultCipher
    query_key: bytes
    sealing: SealingRules
    offices: OfficeNames
    classifier: Callable[[], Classifier]
    protection: ProtectionRules
    strong_levels: frozenset[str] = frozenset()
    refusals: Counter[str] = field(default_factory=Counter)
    """Refused reveals since the start, by the code of the answer."""

    def encrypt(self, petition_id: UUID, field: str, value: Any) -> str:
        """Encrypts a JSON value, bound to one field of one petition."""
        text = json.dumps(value, ensure_ascii=False, default=str)
        return self.cipher.encrypt(text, owner=str(petition_id), field=field)

    def decrypt(self, petition_id: UUID, field: str, stored: str) -> Any:
        """Decrypts a value for the field and petition it is bound to. Raises VaultSealed."""
        return json.loads(self.cipher.decrypt(stored, owner=str(petition_id), field=field))

    def digest(self, *parts: str) -> str:
        """A keyed digest, by which a value is found again while it stays unreadable."""
        message = "\n".join(parts).encode()
        return hmac.new(self.query_key, message, sha256).hexdigest()


def make_context(
    *,
    vault_keys: str | None,
    query_code_key: str | None,
    keys_folder: Path | None,
    step_up_acr: str = "",
) -> IntakeContext:
    """Reads the keys from the settings or, embedded, from files it makes in `keys_folder`.

    Raises KeyRefused (a ValueError) for a missing, short or default-like key: the service must not
    start with it.
    """
    if vault_keys is None and keys_folder is not None:
        vault_keys = key_file_text(keys_folder, "vault.key")
    if query_code_key is None and keys_folder is not None:
        query_code_key = key_file_text(keys_folder, "query-code.key").partition(":")[2]
    return IntakeContext(
        cipher=cipher_from_text(vault_keys or ""),
        query_key=random_key("query code key", query_code_key or ""),
        sealing=SealingRules(tomllib.loads(packaged_text("sealing.toml"))),
        offices=OfficeNames(tomllib.loads(packaged_text("offices.toml"))),
        classifier=Classifier.load_packaged,
        protection=packaged_protection_rules(),
        strong_levels=frozenset(filter(None, map(str.strip, step_up_acr.split(",")))),
    )


def new_webhook_secret() -> str:
    """A `whsec_` secret of 32 random bytes (Standard Webhooks asks for 24 to 64)."""
    return "whsec_" + base64.b64encode(os.urandom(SECRET_BYTES)).decode()
