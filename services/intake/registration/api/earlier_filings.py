"""How releases before decision 0045 told one filing from another: by the digest of what their model
read out of the body, every member and default written out.

The models are frozen copies: nobody edits them, they go with the last answer kept so (400 days).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date
from hashlib import sha256
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from shared.vocabulary.petitions import Channel, Origin, Purpose
from shared.web.bodies import Flag, Whole

_Text = Annotated[str, StringConstraints(strip_whitespace=True)]


class _Petitioner(BaseModel):
    name: _Text
    id_number: _Text = ""
    phone: _Text = ""
    email: _Text = ""
    address: _Text = ""


class _Filing(BaseModel):
    channel: Channel = Channel.ONLINE
    purpose: Purpose = Purpose.UNCERTAIN
    subject: str
    text: str
    place: _Text = ""
    division_code: str | None = None
    category_code: str | None = None
    complained_organ: str | None = None
    complained: _Text = ""
    petitioners: list[_Petitioner] = Field(default_factory=list)
    anonymous: Flag = False
    head_count: Whole = 0
    representatives: Whole = 0
    repeat: Flag = False
    received_on: date | None = None
    origin: Origin = Origin.OWN
    received_by: str | None = None
    retaliation_for: _Text | None = None


_ADDED = ({"retaliation_for"}, set[str]())
"""Members that were not there yet, oldest release first."""


def earlier_digests(body: bytes) -> Collection[str]:
    """What earlier releases stored for this body; nothing for one they could not read."""
    try:
        filing = _Filing.model_validate(json.loads(body))
    except (ValueError, ValidationError):
        return ()
    return {
        sha256(filing.model_dump_json(exclude=missing).encode()).hexdigest()
        for missing in _ADDED
        if not missing & filing.model_fields_set
    }
