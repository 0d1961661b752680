"""Chinese words of the codes figures are split by; the codes are those of the contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

UNDECIDED: Final = "未确定"

CHANNELS: Final[Mapping[str, str]] = {
    "letter": "来信",
    "visit": "来访",
    "phone": "电话",
    "fax": "传真",
    "online": "网上信访",
}
PURPOSES: Final[Mapping[str, str]] = {
    "suggestion": "建议意见",
    "accusation": "检举控告",
    "claim": "申诉求决",
    "uncertain": "目的待定",
}
ORIGINS: Final[Mapping[str, str]] = {
    "own": "本级登记",
    "handed_down": "上级转交",
    "leader": "领导批示",
    "dispute_check": "矛盾纠纷排查",
    "partner": "外部系统推送",
}
TIERS: Final[Mapping[str, str]] = {
    "1": "省级",
    "2": "市级",
    "3": "县级",
    "4": "乡级",
    "5": "村级",
}
