"""The number of a paper (文号): the organ's mark, the kind's word, the year and a serial."""

from __future__ import annotations

from itertools import islice

from services.routing.papers.domain.packaged_marks import packaged_kind_marks
from services.routing.papers.domain.paper_marks import marks_for
from services.routing.papers.store.papers import give_mark, mark_of, next_serial
from shared.db.unit_of_work import UnitOfWork
from shared.papers.kinds import paper_kind
from shared.papers.numbers import document_number, is_mark
from shared.reference import place_words

MOST_TRIED = 1_000


async def next_number(uow: UnitOfWork, organ_code: str, kind: str, year: int) -> str:
    """The organ's next number of the year for a kind of paper. No two papers of a deployment have
    the same: the mark is the organ's alone, and no mark ends so that two kinds could be mixed up.
    """
    pattern = paper_kind(kind).number
    mark = await _mark(uow, organ_code)
    serial = await next_serial(uow, organ_code, pattern, year)
    return document_number(pattern, mark=mark, year=year, serial=serial)


async def _mark(uow: UnitOfWork, organ_code: str) -> str:
    """The organ's mark; given with its first paper and kept whatever names change, until the
    edition names one for it that nobody else has."""
    reference = uow.reference
    organ = reference.organs.get(organ_code)
    own = organ.mark if organ and is_mark(organ.mark) else ""
    held = await mark_of(uow, organ_code)
    if held is not None and own in ("", held):
        return held
    marks = marks_for(
        organ_code, reference.organs, place_words.packaged(), packaged_kind_marks(),
        root=reference.root_division,
    )  # fmt: skip
    tried = (own,) if held is not None else islice(marks, MOST_TRIED)
    given = await give_mark(uow, organ_code, tried)
    if given is not None or held is not None:
        return given or held or ""
    raise RuntimeError(f"no mark is left for {organ_code}")
