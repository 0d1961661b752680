"""`xinfang contracts`: frozen schemas of events and HTTP interfaces, and docs/events.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.compatibility import breaking_changes
from services.cli.event_docs import envelope_schema, events_markdown
from services.cli.options import DATA_DIR, AsJson, DataDir
from services.cli.output import fail, finish
from services.deployment import SPECS
from shared.contracts.catalogue import CONTRACTS
from shared.runtime.app import create_app
from shared.runtime.settings import Settings

HOME = Path(__file__).resolve().parents[2]
SAMPLES = HOME / "tests" / "contracts" / "samples"

Check = Annotated[bool, typer.Option("--check", help="只核对，不写；有差异时退出码为 1")]
Unreleased = Annotated[
    bool, typer.Option("--unreleased", help="允许改动尚未发布的契约中已有的字段")
]


def contracts(
    data_dir: DataDir = DATA_DIR,
    check: Check = False,
    unreleased: Unreleased = False,
    as_json: AsJson = False,
) -> None:
    """由代码生成并冻结事件契约、HTTP 接口描述与 docs/events.md。"""
    wanted = generated(Settings(data_dir=data_dir))
    changed = [name for name, text in wanted.items() if _stored(name) != text]
    gone = [name for name in stored_names() if name not in wanted]
    if check:
        if changed or gone:
            fail(
                f"与代码不一致：{'、'.join([*changed, *gone])}",
                "运行 make contracts 并检查差异",
                as_json=as_json,
            )
    else:
        broken = [] if unreleased else broken_promises(wanted)
        if broken:
            fail(
                "已冻结的契约只能增加可选字段：" + "；".join(broken),
                "另立新版本，或（尚未发布时）加 --unreleased",
                as_json=as_json,
            )
        for name in changed:
            path = HOME / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8")
        for name in gone:
            (HOME / name).unlink()
    verb = "核对一致" if check else f"写入 {len(changed)} 个文件"
    finish(
        {"files": len(wanted), "changed": [] if check else changed},
        lambda console: console.print(f"共 {len(wanted)} 个契约文件，{verb}。"),
        as_json=as_json,
    )


def generated(settings: Settings) -> dict[str, str]:
    """Path to text of every file that follows from the code."""
    files = {f"contracts/events/{c.TYPE}.json": _pretty(c.model_json_schema()) for c in CONTRACTS}
    files["contracts/events/envelope.json"] = _pretty(envelope_schema())
    for spec in SPECS:
        api = create_app(spec, settings).openapi()
        files[f"contracts/openapi/{spec.name}.json"] = _pretty(api)
    files["docs/events.md"] = events_markdown(samples())
    return files


def samples() -> dict[str, dict[str, Any]]:
    """Stored messages by type: one for each contract, never edited once released."""
    return {
        path.name.removesuffix(".json"): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(SAMPLES.glob("*.json"))
    }


def broken_promises(wanted: dict[str, str]) -> list[str]:
    """Frozen event schemas that the code no longer keeps."""
    return [
        f"{Path(name).stem}: {change}"
        for name, text in wanted.items()
        if name.startswith("contracts/events/") and (old := _stored(name)) is not None
        for change in breaking_changes(json.loads(old), json.loads(text))
    ]


def stored_names() -> list[str]:
    """Frozen files there are now."""
    return [path.relative_to(HOME).as_posix() for path in sorted(HOME.glob("contracts/*/*.json"))]


def _stored(name: str) -> str | None:
    path = HOME / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
