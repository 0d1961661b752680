"""Types of members that bodies of several nouns have."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from shared.web.bodies import StaffText

OrganCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}-[A-Z_]{2,24}$")]
DivisionCode = Annotated[
    str, StringConstraints(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")
]
CategoryCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
CaseNumber = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
ShortLine = Annotated[str, StaffText(200, lines=False)]
ShortText = Annotated[str, StaffText(2_000)]
LongText = Annotated[str, StaffText(20_000)]
