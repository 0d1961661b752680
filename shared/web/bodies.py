"""Types of members and parameters that take what the interface says and nothing like it.

Left alone, pydantic reads `"3"` and `true` as whole numbers, `0` and `"yes"` as booleans, and any
number as an instant since 1970: a client's mistake would become a fact.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Strict


def _written(value: Any) -> Any:
    """Refuse numbers, in digits too, where a date is written out (RFC 3339)."""
    if isinstance(value, int | float) or (isinstance(value, str) and "-" not in value[1:]):
        raise ValueError("not a date")
    return value


Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Day = Annotated[date, BeforeValidator(_written)]
Instant = Annotated[AwareDatetime, BeforeValidator(_written)]
