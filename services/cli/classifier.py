"""`xinfang classifier train`: a development command over scripts/train_classifier.py."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from services.cli.app import new_app
from services.cli.options import DATA_DIR, AsJson, DataDir
from services.cli.output import fail, finish

app = new_app(help="内容分类模型。", no_args_is_help=True)

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "train_classifier.py"


@app.callback()
def classifier() -> None:
    """内容分类模型。"""


@app.command()
def train(
    tokens: Annotated[Path, typer.Argument(exists=True, help="分词样本，列 tokens,category")],
    messages: Annotated[
        Path, typer.Argument(exists=True, help="全文样本，列 subject,text,category")
    ],
    out: Annotated[Path | None, typer.Option(help="模型文件，默认为随代码发布的那一个")] = None,
    data_dir: DataDir = DATA_DIR,
    as_json: AsJson = False,
) -> None:
    """训练并评估内容分类模型（需要开发依赖：make setup）。"""
    del data_dir  # every command takes it; training needs no data folder
    module = _script(as_json=as_json)
    measured: dict[str, Any] = module.train(tokens, messages, out or module.OUT)
    finish(measured, lambda console: console.print_json(data=measured), as_json=as_json)


def _script(*, as_json: bool) -> ModuleType:
    """The training script; it and its libraries are part of a development checkout only."""
    spec = importlib.util.spec_from_file_location("train_classifier", SCRIPT)
    if not SCRIPT.is_file() or spec is None or spec.loader is None:
        fail("此安装不含训练脚本", "请在源代码目录中运行", as_json=as_json)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        fail(f"缺少开发依赖 {error.name}", "运行 make setup", as_json=as_json)
    return module
