"""Encryption of identity: known answer, swaps, rotation, keys that are refused."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.intake.desk.use_cases import make_desk
from services.intake.vault.store.cipher import VaultSealed, cipher_from_text
from shared.kernel.keys import KeyRefused, key_file_text, new_key_text

KEY = "k1:" + base64.b64encode(bytes(range(32))).decode()
GOOD = base64.b64encode(bytes(range(40, 72))).decode()
OTHER = "k2:" + base64.b64encode(bytes(range(100, 132))).decode()


def test_the_stored_form_is_what_it_says() -> None:
    """AES-256-GCM with key id, nonce in front, owner and field as associated data."""
    cipher = cipher_from_text(KEY)
    stored = cipher.encrypt("张三", owner="p", field="name")
    version, key_id, body = stored.split(".")
    raw = base64.urlsafe_b64decode(body)
    assert (version, key_id) == ("v1", "k1")
    assert AESGCM(bytes(range(32))).decrypt(raw[:12], raw[12:], b"p\nname") == "张三".encode()


def test_a_known_answer_opens() -> None:
    """Fixed vector: a change of format would make every stored value unreadable."""
    stored = "v1.k1.AAECAwQFBgcICQoLor52_31sC-EA383CGLPsPWc_tjj5Ig=="
    sealed = AESGCM(bytes(range(32))).encrypt(bytes(range(12)), "张三".encode(), b"p\nname")
    made = "v1.k1." + base64.urlsafe_b64encode(bytes(range(12)) + sealed).decode()
    assert made == stored
    assert cipher_from_text(KEY).decrypt(stored, owner="p", field="name") == "张三"


def test_no_two_stored_forms_are_alike() -> None:
    cipher = cipher_from_text(KEY)
    assert len({cipher.encrypt("张三", owner="p", field="f") for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("owner", "field"), [("q", "name"), ("p", "phone"), ("p\nname", ""), ("", "p\nname")]
)
def test_a_value_moved_to_another_place_does_not_open(owner: str, field: str) -> None:
    cipher = cipher_from_text(KEY)
    stored = cipher.encrypt("张三", owner="p", field="name")
    with pytest.raises(VaultSealed):
        cipher.decrypt(stored, owner=owner, field=field)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s[:-4] + "AAAA",
        lambda s: s.replace("k1", "k9"),
        lambda s: "v2" + s[2:],
        lambda s: s[:20],
        lambda s: "",
        lambda s: "...",
    ],
)
def test_what_was_changed_does_not_open(spoil: object) -> None:
    cipher = cipher_from_text(KEY)
    stored = cipher.encrypt("张三", owner="p", field="name")
    with pytest.raises(VaultSealed):
        cipher.decrypt(spoil(stored), owner="p", field="name")  # type: ignore[operator]


def test_after_rotation_the_old_values_still_open() -> None:
    old = cipher_from_text(KEY).encrypt("张三", owner="p", field="name")
    rotated = cipher_from_text(f"{OTHER},{KEY}")
    assert rotated.decrypt(old, owner="p", field="name") == "张三"
    assert not rotated.is_current(old)
    assert rotated.is_current(rotated.encrypt("李四", owner="p", field="name"))


@pytest.mark.parametrize(
    "setting",
    [
        "",
        "k1:",
        "k1:not base64!",
        "k1:" + base64.b64encode(b"short").decode(),
        "k1:" + base64.b64encode(bytes(32)).decode(),
        "k1:" + base64.b64encode(b"changemechangemechangemechangeme").decode(),
        ":" + GOOD,
        "k 1:" + GOOD,
        f"{KEY},{KEY}",
    ],
)
def test_a_key_nobody_drew_at_random_is_refused(setting: str) -> None:
    with pytest.raises(KeyRefused):
        cipher_from_text(setting)


def test_outside_embedded_mode_a_missing_key_is_refused() -> None:
    for vault, code in ((None, GOOD), (new_key_text(), None), (new_key_text(), "c2hvcnQ=")):
        with pytest.raises(KeyRefused):
            make_desk(vault_keys=vault, query_code_key=code, keys_folder=None)


def test_the_embedded_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = key_file_text(tmp_path / "keys", "vault.key")
    file = tmp_path / "keys" / "vault.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert key_file_text(tmp_path / "keys", "vault.key") == first
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["vault.key"]
    cipher_from_text(first)
