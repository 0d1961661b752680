"""Types of members and parameters that take what the interface says and nothing like it.

Left alone, pydantic reads `"3"` and `true` as whole numbers, `0` and `"yes"` as booleans, any
number as an instant since 1970 and an instant as a day: a client's mistake would become a fact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BeforeValidator, GetJsonSchemaHandler, Strict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

from shared.kernel.hidden_numbers import hide_numbers
from shared.kernel.plain_text import says_something
from shared.papers.text import is_no_character, is_unseen

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BREAKS = frozenset("\u2028\u2029")

HIDES_NUMBERS: Final = "x-hides-numbers"
"""Stands in the OpenAPI document at each member of the type StaffText."""
KEPT: Final[Mapping[str, bool]] = {"kept": True}
"""Context of validation for words that were taken before: nothing is refused any more."""


def _written(value: Any) -> Any:
    """Refuse numbers, in digits too, where an instant is written out (RFC 3339)."""
    if isinstance(value, int | float) or (isinstance(value, str) and "-" not in value[1:]):
        raise ValueError("not an instant")
    return value


def _day(value: Any) -> Any:
    """Refuse what is more or less than a day (RFC 3339 full-date): an instant is another day in
    another zone."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("not a day")


Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Day = Annotated[date, BeforeValidator(_day)]
Instant = Annotated[AwareDatetime, BeforeValidator(_written)]


@dataclass(frozen=True)
class StaffText:
    """Words that staff type, as metadata of a `str`: judged as they are typed, kept without blanks
    around and without numbers of persons (documents, phones, accounts, …). Names stay: no rule
    tells them from other words.

    At most `most` characters as typed, blanks included, and at least `least` that are left; on one
    line unless `lines`; with `numbers` False such a number is refused instead of hidden. A
    character a paper cannot show is refused with its place, counted from 1.
    """

    most: int
    least: int = 1
    lines: bool = True
    numbers: bool = True

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        """What pydantic checks."""
        return core_schema.with_info_after_validator_function(self._taken, core_schema.str_schema())

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """What clients are told."""
        told = handler(schema)
        told |= {"maxLength": self.most, HIDES_NUMBERS: True}
        told |= {"minLength": self.least} if self.least else {}
        how = "隐去后保存" if self.numbers else "不予接受"
        told["description"] = f"能识别的证件、电话、账号等号码{how}；请勿写入个人姓名"
        return told

    def _taken(self, text: str, info: core_schema.ValidationInfo) -> str:
        if info.context == KEPT:
            return hide_numbers(text)
        if len(text) > self.most:
            raise PydanticKnownError("string_too_long", {"max_length": self.most})
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        for place, character in enumerate(text, start=1):
            self._judge(place, character)
        text = text.strip()
        if len(text) < self.least or (self.least and not says_something(text)):
            raise PydanticCustomError("text_blank", "没有可见的文字，请填写")
        hidden = hide_numbers(text)
        if hidden != text and not self.numbers:
            raise PydanticCustomError("text_number", "像是证件号、电话或者账号，请改写")
        return hidden

    def _judge(self, place: int, character: str) -> None:
        if character == "\n" and not self.lines:
            raise PydanticCustomError(
                "text_lines", "第 {place} 个字符是换行，此处只能有一行", {"place": place}
            )
        if is_unseen(character) or is_no_character(character) or character in _BREAKS:
            raise PydanticCustomError(
                "text_character",
                "第 {place} 个字符（{character}）不可显示，请删除后重试",
                {"place": place, "character": f"U+{ord(character):04X}"},
            )
