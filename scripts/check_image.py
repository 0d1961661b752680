"""Runs the Dockerfile's steps as they are, without an engine, in a clean folder.

The build context is what .dockerignore lets through; /src, /opt/xinfang and the rest become folders
below a temporary one. Ends with the image's own command answering `--help` and every service's app
importing from the installed package alone. `python scripts/check_image.py [FOLDER]`
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SERVICES = ("intake", "routing", "supervision", "analytics")


def steps(dockerfile: str) -> list[tuple[str, str]]:
    """(instruction, arguments) with continued lines joined and comments dropped."""
    text = re.sub(r"\\\n\s*", " ", dockerfile)
    lines = [line.strip() for line in text.splitlines()]
    return [
        (word.upper(), rest.strip())
        for word, _, rest in (line.partition(" ") for line in lines if line and line[0] != "#")
    ]


def context(target: Path) -> None:
    """Copy what `docker build` would send: here .dockerignore names what is let through."""
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").split():
        if line.startswith("!"):
            source = ROOT / line[1:]
            if source.is_dir():
                skip = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, target / line[1:], ignore=skip)
            else:
                shutil.copy(source, target)


def main(folder: Path) -> None:
    sent, root = folder / "context", folder / "root"
    sent.mkdir()
    context(sent)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    environment |= {k: v for k, v in os.environ.items() if k.startswith("PIP_")}
    place = root

    def here(text: str) -> str:
        names = "src|opt/xinfang|var/lib/xinfang|issuer|public|definitions"
        return re.sub(rf"(?<![\w/.])/({names})\b", rf"{root}/\1", text)

    for word, rest in steps((ROOT / "Dockerfile").read_text(encoding="utf-8")):
        if word == "ENV":
            for pair in shlex.split(here(rest)):
                name, _, value = pair.partition("=")
                environment[name] = value.replace("$PATH", environment["PATH"])
        elif word == "WORKDIR":
            place = Path(here(rest))
            place.mkdir(parents=True, exist_ok=True)
        elif word == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            for source in sources:
                if (sent / source).is_dir():
                    shutil.copytree(sent / source, place / target)
                else:
                    shutil.copy(sent / source, place / target)
        elif word == "RUN" and not rest.startswith("useradd"):  # users are the engine's business
            print("RUN", rest, flush=True)
            subprocess.run(["sh", "-c", here(rest)], cwd=place, env=environment, check=True)
    python = root / "opt/xinfang/bin/python"
    subprocess.run([python.with_name("xinfang"), "--help"], cwd=place, env=environment, check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    code = "".join(f"import services.{name}.main as m; m.SPEC.name;" for name in SERVICES)
    code += "import shared.runtime.spans;"
    where = "import shared; assert '/opt/xinfang/' in shared.__file__"
    subprocess.run([python, "-c", code + where], cwd=place, env=environment, check=True)
    data = folder / "data"
    migrate = [python.with_name("xinfang"), "migrate", "--data-dir", data]
    subprocess.run(
        migrate, cwd=place, env=environment | {"XINFANG_ROOT_DIVISION": "43"}, check=True
    )
    print("the image's steps work", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).mkdir(parents=True)
        main(Path(sys.argv[1]).resolve())
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(made))
