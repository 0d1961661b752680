"""Blanks beside ideographs are left out, and every character keeps its place in the text."""

from __future__ import annotations

import pytest

from shared.kernel.plain_text import joined


@pytest.mark.parametrize(
    ("text", "plain"),
    [("张 三", "张三"), ("no blanks lost", "no blanks lost"), ("李 四 is here", "李四is here")],
)
def test_blanks_beside_ideographs_are_left_out(text: str, plain: str) -> None:
    read = joined(text)
    assert read.text == plain
    assert [text[at] for at in read.positions][: len(plain)] == list(plain)
