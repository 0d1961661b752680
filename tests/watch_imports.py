"""Run as a program: import modules and print what the import opened. Usage: PATH MODULE..."""

import gc
import importlib
import sys
import threading
from pathlib import Path
from typing import Any

WATCHED = (
    "socket.",
    "sqlite3.connect",
    "subprocess.Popen",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.system",
    "tempfile.",
)
CODE = {".py", ".pyc", ".pyi", ".so"}


def main(folder: Path, names: list[str]) -> None:
    """Print one line for each thing opened or left alive; nothing when the imports are idle."""
    ours = (str(folder / "services"), str(folder / "shared"), str(folder / "migrations"))
    own_folder = str(folder)
    opened: list[str] = []
    current = ""

    def watch(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            name, mode = str(args[0]), str(args[1] or "r")
            # A library may read its own tables; ours may read no file but code.
            mine = name.startswith(ours) or Path(name).parent == Path(own_folder)
            reads_data = mine and Path(name).suffix not in CODE
            if set(mode) & set("wax+") or reads_data:
                opened.append(f"{current}: open {name} {mode}")
        elif event.startswith(WATCHED):
            opened.append(f"{current}: {event}")

    sys.path.insert(0, own_folder)
    # What a library does for itself at its own import is not ours to judge.
    for library in ("fastapi", "sqlalchemy", "sqlmodel", "aio_pika", "httpx", "uvicorn", "typer"):
        importlib.import_module(library)
    sys.addaudithook(watch)
    for current in names:
        importlib.import_module(current)
    alive = {type(thing).__name__ for thing in gc.get_objects()} & {
        "Engine",
        "AsyncEngine",
        "FastAPI",
    }
    opened += sorted(alive)
    opened += [f"thread {thread.name}" for thread in threading.enumerate()[1:]]
    sys.stdout.writelines(f"{line}\n" for line in opened)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
