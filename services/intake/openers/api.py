"""What a caller must not learn of: accusations of an organ of theirs, or of one it is under."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from services.intake.desk.use_cases import Desk
from services.intake.openers.use_cases import marks
from services.intake.petitions.store.petitions import not_hidden
from shared.reference.editions import Reference
from shared.web.security import Caller, organs_above


def not_hidden_from(caller: Caller, reference: Reference, desk: Desk) -> ColumnElement[bool]:
    """Condition on `petition`, sealed or not."""
    above = organs_above(caller, reference.organs)
    return not_hidden((*sorted(above), *marks(desk, above)))
