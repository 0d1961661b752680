"""Write docs/decisions/README.md from the headings of the records."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.decision_rules import FOLDER, INDEX, index_of  # noqa: E402  from beside this folder

TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / FOLDER).glob("*.md")
}
(ROOT / INDEX).write_text(index_of(TEXTS), encoding="utf-8")
