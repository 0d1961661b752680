"""Accounts of messengers and e-mail addresses in a folded text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.kernel.digit_chains import DIGIT, SOFT


def _word(*words: str) -> str:
    """One of these words in any case, written so that the engine, which passes over characters no
    match can begin with, sees which they are."""
    begin = "".join(dict.fromkeys(word[0] + word[0].upper() for word in words))
    ends = "|".join(f"(?<={word[0]}){word[1:]}" for word in words)
    return rf"[{begin}](?<![A-Za-z][A-Za-z])(?i:{ends})"


_MESSENGERS = (
    "微信", "威信", "薇信", "维信", "徽信", "微号", "加微", "加v", "v信", "vx", "wx", "wechat",
    "weixin", "qq", "q号", "扣扣", "企鹅号", "抖音号", "快手号", "支付宝", "钉钉",
)  # fmt: skip
_ACCOUNT = re.compile(
    rf"{_word(*_MESSENGERS)}(?:[账帐]?号码?|同号|名|id|ID)?[:是为=\-—_(\s]{{0,4}}"
    rf"(?P<value>[A-Za-z0-9][A-Za-z0-9_\-]{{4,19}}|[{DIGIT}](?:[{SOFT}]{{0,2}}[{DIGIT}]){{4,10}})"
)
_LOCAL = re.compile(r"[A-Za-z0-9._%+\-]")
_DOMAIN = re.compile(r"\s?[A-Za-z0-9\-]{1,63}(?:[.。·点][A-Za-z0-9\-]{1,63}){1,5}")
_TOP = re.compile(r"[.。·点][A-Za-z]{2,}")
_SPELT_AT = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9][A-Za-z0-9._%+\-]{2,63}\s?(?:#|[(\[]at[)\]]|艾特)\s?"
    r"(?:qq|vip|foxmail|163|126|139|189|sina|sohu|gmail|outlook|hotmail|yahoo|aliyun)[.。·点][A-Za-z.]{2,12}",
    re.ASCII,
)


def accounts_in(text: str) -> Iterator[tuple[int, int]]:
    """Where accounts and addresses stand."""
    yield from (found.span("value") for found in _ACCOUNT.finditer(text))
    at = text.find("@")
    while at >= 0:
        if place := _address(text, at):
            yield place
        at = text.find("@", at + 1)
    if "#" in text or "at" in text or "艾特" in text:
        yield from (found.span() for found in _SPELT_AT.finditer(text))


def _address(text: str, at: int) -> tuple[int, int] | None:
    """The e-mail address around a sign at; of what stands before it each character is looked at
    once, as no sign is among them."""
    domain = _DOMAIN.match(text, at + 1)
    if domain is None:
        return None
    tops = list(_TOP.finditer(text, domain.start(), domain.end()))
    start = at - (at > 0 and text[at - 1].isspace())
    while start and _LOCAL.match(text, start - 1):
        start -= 1
    while start < at and not text[start].isalnum():
        start += 1
    return (start, tops[-1].end()) if tops and start < at else None
