"""`xinfang backup`, `xinfang restore`, `xinfang restored`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from filecmp import cmp
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.options import DATA_DIR, AsJson, DataDir, settings_for
from services.cli.output import fail, finish
from services.cli.running import run
from services.deployment import SPECS, migrate
from shared.db.engine import Database
from shared.db.files import copy_databases
from shared.kernel.clock import SystemClock
from shared.kernel.private import close_to_others, private_folder
from shared.messaging.in_process import InProcessBus
from shared.runtime.backup import forget_the_past, hand_over, keys_of, restored_services
from shared.runtime.folder_lock import FolderLock
from shared.runtime.service import ServiceSpec
from shared.runtime.settings import Settings

CONTENTS = "backup.json"
Folder = Annotated[Path, typer.Argument(help="备份目录", show_default=False)]


def backup(
    folder: Folder,
    data_dir: DataDir = DATA_DIR,
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="不含密钥；密钥须另行保管（keys 目录）")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """备份内嵌部署：四个数据库的同一时刻、审计锚点和全部密钥；运行中也可执行。"""
    settings = settings_for(data_dir, as_json=as_json)
    _refuse_servers(settings, as_json=as_json)
    if folder.exists() and any(folder.iterdir()):
        fail(f"{folder} 不是空目录", "每次备份用一个新目录", as_json=as_json)
    databases = {data_dir / f"{spec.name}.db": folder / f"{spec.name}.db" for spec in SPECS}
    if missing := [path.name for path in databases if not path.exists()]:
        fail(f"{data_dir} 中没有 {'、'.join(missing)}", as_json=as_json)
    private_folder(folder)
    # Anchors first: each is written after its seals, so that none is ahead of the copied chain.
    for spec in SPECS:
        if (anchor := settings.anchor(spec.name)).exists():
            kept = _anchor_of(folder, spec)
            kept.parent.mkdir(mode=0o700, exist_ok=True)
            shutil.copy2(anchor, kept)
    copy_databases({source.resolve(): target for source, target in databases.items()})
    keys = keys_of(data_dir)
    if not without_keys:
        private_folder(folder / "keys")
        for key in keys:
            shutil.copy2(key, folder / "keys" / key.name)
    close_to_others(folder)
    left_out = [key.name for key in keys] if without_keys else []
    contents = {
        "made_at": SystemClock().now().isoformat(),
        "keys_left_out": left_out,
        "files": _sums(folder),
    }
    (folder / CONTENTS).write_text(json.dumps(contents, indent=1), encoding="utf-8")
    for file in folder.rglob("*"):
        _sync(file)
    finish(
        {"backup": str(folder), **contents},
        lambda console: console.print(
            f"已备份到 {folder}（不含密钥：{data_dir / 'keys'} 须另行保管，缺了它备份无法使用）"
            if without_keys
            else f"已备份到 {folder}（含密钥，请妥善保管）"
        ),
        as_json=as_json,
    )


def restore(folder: Folder, data_dir: DataDir = DATA_DIR, as_json: AsJson = False) -> None:
    """把备份恢复到空的数据目录：不重发旧事件，新事件以更高的纪元发出。"""
    settings = settings_for(data_dir, as_json=as_json)
    _refuse_servers(settings, as_json=as_json)
    contents = _contents(folder, as_json=as_json)
    if any((data_dir / f"{spec.name}.db").exists() for spec in SPECS):
        fail(f"{data_dir} 中已有数据库", "恢复到空目录，或先移走原有数据", as_json=as_json)
    if left := [path for spec in SPECS if (path := settings.anchor(spec.name)).exists()]:
        fail(f"{left[0]} 是备份之后的审计锚点", "移到别处保存，再恢复", as_json=as_json)
    there = {key: data_dir / "keys" / key.name for key in keys_of(folder)}
    if other := [
        to for key, to in there.items() if to.exists() and not cmp(key, to, shallow=False)
    ]:
        fail(f"{other[0]} 是另一个密钥", "恢复到空目录，或先移走原有密钥", as_json=as_json)
    epochs = run(_restore(folder, settings), as_json=as_json)
    wanted = [data_dir / "keys" / name for name in contents.get("keys_left_out", ())]
    missing = [str(path) for path in wanted if not path.exists()]
    finish(
        {"restored": str(data_dir), "epochs": epochs, "missing_keys": missing},
        lambda console: console.print(
            f"数据库已恢复到 {data_dir}。备份不含密钥，启动之前须从密钥备份放回：\n"
            + "\n".join(missing)
            if missing
            else f"已恢复到 {data_dir}，用 xinfang serve 启动"
        ),
        as_json=as_json,
    )


async def _restore(folder: Path, settings: Settings) -> dict[str, int]:
    target = settings.data_dir
    with FolderLock(target):
        private_folder(target / "keys")
        for file in [*keys_of(folder), *(folder / f"{spec.name}.db" for spec in SPECS)]:
            shutil.copy2(file, target / file.relative_to(folder))
        for spec in SPECS:
            if (kept := _anchor_of(folder, spec)).exists():
                settings.anchor(spec.name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copy2(kept, settings.anchor(spec.name))
        await migrate(settings, with_keys=False)  # they may be put there afterwards
        services = restored_services(list(SPECS), settings, InProcessBus())
        try:
            await hand_over(services)
        finally:
            for service in services:
                await service.database.close()
        return {spec.name: await _forget(spec, settings) for spec in SPECS}


def restored(
    names: Annotated[list[str], typer.Argument(help="恢复了数据库的服务", show_default=False)],
    data_dir: DataDir = DATA_DIR,
    as_json: AsJson = False,
) -> None:
    """分开部署：数据库已由 pg_restore 恢复，启动服务之前执行；不重发旧事件，提高纪元。"""
    settings = settings_for(data_dir, as_json=as_json)
    specs = {spec.name: spec for spec in SPECS}
    if unknown := [name for name in names if name not in specs]:
        fail(f"没有服务 {'、'.join(unknown)}", "、".join(specs), as_json=as_json)
    epochs = {name: run(_forget(specs[name], settings), as_json=as_json) for name in names}
    finish(
        {"epochs": epochs},
        lambda console: console.print("\n".join(f"{k}：纪元 {v}" for k, v in epochs.items())),
        as_json=as_json,
    )


def _anchor_of(folder: Path, spec: ServiceSpec) -> Path:
    """Where a backup keeps the heads of one service's audit chain."""
    return folder / "anchors" / f"{spec.name}.log"


async def _forget(spec: ServiceSpec, settings: Settings) -> int:
    database = Database(settings.database(spec.name), pool_size=1)
    try:
        return await forget_the_past(database, spec)
    finally:
        await database.close()


def _refuse_servers(settings: Settings, *, as_json: bool) -> None:
    if settings.database_url:
        fail(
            "backup 和 restore 用于内嵌部署",
            "PostgreSQL 用 pg_dump，见 docs/operations.md",
            as_json=as_json,
        )


def _contents(folder: Path, *, as_json: bool) -> dict[str, Any]:
    """What the backup says of itself; ends the command unless every file is as it was written."""
    try:
        contents: dict[str, Any] = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        fail(f"{folder} 不是完整的备份：缺少 {CONTENTS}", as_json=as_json)
    if contents["files"] != _sums(folder):
        fail(f"{folder} 中的文件与备份时不同", as_json=as_json)
    return contents


def _sums(folder: Path) -> dict[str, str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != CONTENTS]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
