"""The keys of intake bound to its data: which they are, and what the data says about them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.keys import store as locked_values
from services.intake.keys.store import Locked
from services.intake.petitions.domain.numbers import hash_query_code
from services.intake.petitions.domain.petition import Receipt
from services.intake.vault.store.cipher import VaultCipher, VaultSealed, cipher_of_keys
from shared.db.engine import Database
from shared.db.key_checks import Found, KeyUse, bind, compare, kept_checks, lost, unreadable
from shared.db.tables import CommonTables
from shared.kernel.codes import same_hash
from shared.kernel.keys import KeyRefused, key_file_text, random_key, read_keys

VAULT = KeyUse(
    "vault", "身份保险库密钥", "vault.key", "XINFANG_VAULT_KEYS", "没有它任何信访人身份都打不开"
)
CODES = KeyUse(
    "query-code", "查询码密钥", "query-code.key", "XINFANG_QUERY_CODE_KEY",
    "没有它已发出的查询码全部失效",
)  # fmt: skip
ONLY = "only"
"""Stands for the id of the one query-code key there can be."""
SAMPLES = 3
RECEIPTS = 20
_RECEIPT = TypeAdapter(Receipt)


async def bind_keys(
    database: Database,
    tables: CommonTables,
    *,
    vault_keys: str | None,
    query_code_key: str | None,
    keys_folder: Path | None,
    is_trial: bool = False,
) -> dict[str, int]:
    """See that these are the keys the database was written with, and keep their check values; where
    `keys_folder` is given (embedded), a file that is missing is made only while nothing needs it.

    A trial makes and keeps nothing and opens every stored value: how many there are, and how many
    don't open. Raises KeyRefused, in a sentence."""
    if is_trial and keys_folder is None and None in {vault_keys, query_code_key}:
        return {"not_here": 1}
    async with database.reading() if is_trial else database.writing() as session:
        vault = await _keys(session, tables, VAULT, vault_keys, keys_folder, is_trial=is_trial)
        codes = await _keys(session, tables, CODES, query_code_key, keys_folder, is_trial=is_trial)
        if is_trial:
            for use, keys, found in (
                (VAULT, vault, await _vault_data(session)),
                (CODES, codes, await _code_data(session, cipher_of_keys(vault))),
            ):
                compare(use, keys, await kept_checks(session, tables, use), found)
            return await _open_all(session, cipher_of_keys(vault))
        await bind(session, tables, VAULT, vault, lambda: _vault_data(session))
        await bind(
            session, tables, CODES, codes, lambda: _code_data(session, cipher_of_keys(vault))
        )
    return {}


async def _keys(
    session: AsyncSession,
    tables: CommonTables,
    use: KeyUse,
    setting: str | None,
    folder: Path | None,
    *,
    is_trial: bool,
) -> Mapping[str, bytes]:
    text = setting or ""
    if setting is None and folder is not None:
        place = folder / use.file
        if not place.exists() and (
            is_trial
            or await kept_checks(session, tables, use)
            or await (locked_values.has_codes if use is CODES else _has_values)(session)
        ):
            raise lost(use, str(place))
        text = key_file_text(folder, use.file)
        try:
            return _read(use, text.partition(":")[2] if use is CODES else text)
        except KeyRefused as error:
            raise unreadable(place, error) from error
    return _read(use, text)


def _read(use: KeyUse, text: str) -> Mapping[str, bytes]:
    if use is CODES:
        return {ONLY: random_key("query code key", text)}
    return read_keys("vault key", text)


async def _has_values(session: AsyncSession) -> bool:
    return await locked_values.not_under(session, ()) is not None


async def _vault_data(session: AsyncSession) -> Found:
    """What lies in the vault: ids in use, and a few values of each to try a key on."""
    samples: dict[str, list[Locked]] = {}
    while (other := await locked_values.not_under(session, samples)) is not None:
        key_id = locked_values.key_id_of(other.stored)
        if key_id in samples or not key_id.isalnum():
            break  # a value that is none; the full check counts those
        samples[key_id] = await locked_values.some_under(session, key_id, most=SAMPLES)

    def opens(key_id: str, key: bytes) -> bool | None:
        if not samples.get(key_id):
            return None
        cipher = cipher_of_keys({key_id: key})
        return any(_opened(cipher, each) is not None for each in samples[key_id])

    return Found(bool(samples), frozenset(samples), opens)


async def _code_data(session: AsyncSession, vault: VaultCipher) -> Found:
    """Codes themselves are stored nowhere; receipts kept for repeated requests still show some."""
    pairs: list[tuple[str, str, str]] = []
    for each in await locked_values.newest_answers(session, RECEIPTS):
        text = _opened(vault, each)
        try:
            receipt = _RECEIPT.validate_json(text or "")
        except ValidationError:
            continue
        kept = await locked_values.code_hash_of(session, receipt.number)
        if kept:
            pairs.append((receipt.number, receipt.query_code, kept))

    def opens(_: str, key: bytes) -> bool | None:
        if not pairs:
            return None
        return any(
            same_hash(kept, hash_query_code(key, number=number, code=code))
            for number, code, kept in pairs
        )

    return Found(await locked_values.has_codes(session), opens=opens)


async def _open_all(session: AsyncSession, vault: VaultCipher) -> dict[str, int]:
    counts = {"values": 0, "closed": 0}
    async for each in locked_values.all_locked(session):
        counts["values"] += 1
        counts["closed"] += _opened(vault, each) is None
    return counts


def _opened(vault: VaultCipher, each: Locked) -> str | None:
    try:
        return vault.decrypt(each.stored, owner=each.owner, field=each.field)
    except VaultSealed:
        return None
