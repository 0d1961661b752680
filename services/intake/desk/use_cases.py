"""What the use cases of intake need beside the open transaction: keys, rules, the classifier."""

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
class Desk:
    """Shared, immutable; made once at the start of the service."""

    cipher: VaultCipher
    query_key: bytes
    sealing: SealingRules
    offices: OfficeNames
    classifier: Callable[[], Classifier]
    protection: ProtectionRules
    strong_levels: frozenset[str] = frozenset()
    refusals: Counter[str] = field(default_factory=Counter)
    """How often the vault stayed shut since the start, by the code of the answer."""

    def lock(self, petition_id: UUID, field: str, value: Any) -> str:
        """A JSON value in its encrypted form for one field of one petition."""
        text = json.dumps(value, ensure_ascii=False, default=str)
        return self.cipher.encrypt(text, owner=str(petition_id), field=field)

    def unlock(self, petition_id: UUID, field: str, stored: str) -> Any:
        """The value again. Raises VaultSealed."""
        return json.loads(self.cipher.decrypt(stored, owner=str(petition_id), field=field))

    def digest(self, *parts: str) -> str:
        """Keyed digest under which something is found again without being readable."""
        message = "\n".join(parts).encode()
        return hmac.new(self.query_key, message, sha256).hexdigest()


def make_desk(
    *,
    vault_keys: str | None,
    query_code_key: str | None,
    keys_folder: Path | None,
    step_up_acr: str = "",
) -> Desk:
    """Keys from the settings, or, where `keys_folder` is given (embedded), from files made there.

    Raises KeyRefused (a ValueError) for a missing, short or default-like key: the service must not
    start with it.
    """
    if vault_keys is None and keys_folder is not None:
        vault_keys = key_file_text(keys_folder, "vault.key")
    if query_code_key is None and keys_folder is not None:
        query_code_key = key_file_text(keys_folder, "query-code.key").partition(":")[2]
    return Desk(
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
