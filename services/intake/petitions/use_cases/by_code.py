"""One petition by the number and the query code of its receipt."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.desk.use_cases import Desk
from services.intake.petitions.domain.numbers import NumberUnreadable, hash_query_code, read_number
from services.intake.petitions.store.petitions import by_number
from shared.kernel.codes import NO_HASH, same_hash
from shared.kernel.errors import NotFound


async def by_code(session: AsyncSession, desk: Desk, *, number: str, code: str) -> dict[str, Any]:
    """The petition with this number, if the code is its code.

    A wrong code and an unknown number get the same answer, NotFound, and leave nothing: 100 random
    bits are not guessed, and what others type must not keep the right code waiting.
    """
    try:
        number = read_number(number)
    except NumberUnreadable as error:
        raise NotFound("编号或者查询码不正确") from error
    petition = await by_number(session, number)
    expected = (petition and petition["code_hash"]) or NO_HASH
    given = hash_query_code(desk.query_key, number=number, code=code)
    if not same_hash(expected, given) or petition is None:
        raise NotFound("编号或者查询码不正确")
    return petition
