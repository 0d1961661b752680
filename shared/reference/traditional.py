"""Traditional ideographs read as simplified ones (data/traditional.toml), where rules read words.

Character by character, so that positions stay; a reading form, nothing that is shown to anybody.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache

from shared.reference.calendar import packaged_text


@cache
def _table() -> tuple[re.Pattern[str], dict[int, str]]:
    pairs = tomllib.loads(packaged_text("traditional.toml"))["pairs"].split()
    table = {ord(traditional): plain for traditional, plain in pairs}
    return re.compile(f"[{''.join(map(chr, table))}]"), table


def simplified(text: str) -> str:
    """The text in simplified characters, of the same length."""
    traditional, table = _table()
    return text.translate(table) if traditional.search(text) else text
