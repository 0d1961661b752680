"""Character n-grams of a petition's text, the same for training and prediction.

Only Chinese characters count. Digits, letters and whatever tells who writes (name after 我叫, 姓名
and the like, sex, forms of address) are taken out first, so that they can't move a category.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from shared.kernel.plain_text import fold

LONGEST = 3
HEAD = 30
"""Length in characters of the beginning that counts twice: people say there what it is about."""
READ_AT_MOST = 6_000
"""Characters of the text looked at; 99.9 % of real messages are shorter."""

_NAME = re.compile(
    r"(?:我叫|姓名|反映人|投诉人|举报人|申请人|联系人|来信人|信访人|署名)[:：为是\s]{0,3}"
    r"[\u4e00-\u9fff·]{2,4}(?=[^\u4e00-\u9fff]|$)"
)
_CHILD = re.compile(r"女儿|儿子")
_SEX = re.compile(r"先生|女士|小姐|男|女")
_FORM = re.compile(r"身份证号码?|联系电话|手机号码?|联系方式")
"""Labels of fields people fill in about themselves."""
_PLACEHOLDER_PROVINCE = "西地省"
"""The training texts write this for the province; it says nothing about the content."""
_NOT_CHINESE = re.compile(r"[^\u4e00-\u9fff]+")
_BITS = 16


def neutral(text: str) -> str:
    """The beginning of a text as people read it, without what tells who writes."""
    text = _CHILD.sub("孩子", fold(text[:READ_AT_MOST]).text).replace("她", "他")
    return _FORM.sub(" ", _NAME.sub(" ", _SEX.sub(" ", text)))


def characters(text: str) -> str:
    """The Chinese characters of a text that may bear on its category."""
    return _NOT_CHINESE.sub("", neutral(text).replace(_PLACEHOLDER_PROVINCE, ""))


def gram_codes(chars: str) -> NDArray[np.int64]:
    """Codes of all 1- to 3-grams, in order of length: the characters' code points side by side,
    16 bits each. `chars` must be what `characters` returns."""
    return np.concatenate(_by_length(chars))


def counted(subject: str, text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Distinct gram codes of a petition, ascending, and how often each occurs; those in the first
    `HEAD` characters count twice."""
    codes = _by_length(characters(f"{subject}\n{text}"))
    head = [code[: HEAD - at] for at, code in enumerate(codes)]
    distinct, counts = np.unique(np.concatenate(codes + head), return_counts=True)
    return distinct, counts.astype(np.float32)


def _by_length(chars: str) -> list[NDArray[np.int64]]:
    points = np.frombuffer(chars.encode("utf-16-le"), dtype="<u2").astype(np.int64)
    codes = [points]
    for length in range(1, LONGEST):
        following = points[length:] << (_BITS * length)
        codes.append(codes[-1][: len(following)] | following)
    return codes
