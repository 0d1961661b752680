"""The summary of a period with the same period last year, for HTTP and the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.projection.domain import ProjectionState
from services.analytics.projection.store import projection_lock
from services.analytics.registry.domain.definition import definition
from services.analytics.registry.domain.period import Period
from services.analytics.summary.domain.figures import Figures, assemble
from services.analytics.summary.domain.query import SummaryQuery, Visibility
from services.analytics.summary.store.sums import ReadFrom, summed
from shared.kernel.errors import Invalid, Unavailable
from shared.reference.divisions import Divisions
from shared.reference.editions import Reference
from shared.vocabulary.places import DivisionKind


@dataclass(frozen=True, slots=True)
class Comparison:
    """Figures of a period and of the same period last year. `base` is the division whose parts
    `division` is split into."""

    query: SummaryQuery
    base: str
    now: Figures
    before: Figures


async def summarise(
    session: AsyncSession, reference: Reference, query: SummaryQuery, *, visible: Visibility
) -> Comparison:
    """Raises Invalid for a period that ends before it begins or codes that are none, Unavailable
    for a period that is being counted anew, and FiguresDisagree when a split does not add up."""
    if query.period.first > query.period.last:
        raise Invalid("起始日期不能晚于截止日期")
    category = query.category
    if category is not None and reference.categories.get(category) is None:
        raise Invalid("没有这个内容分类")
    base = query.division or _common(visible, reference)
    divisions = _range(query.division, reference.divisions)
    root = reference.divisions.subtree_range(reference.root_division)
    coarser = {
        "division": below(base, reference.divisions),
        "category": _category_group(category),
    }
    state = await projection_lock.read_state(session)
    figures = []
    for period in (query.period, query.period.year_before):
        rows = await summed(
            session,
            replace(query, period=period),
            divisions=divisions,
            visible=visible,
            root=root,
            read_from=source_for(state, period),
        )
        figures.append(assemble(rows, coarser=coarser))
    return Comparison(query, base, *figures)


def source_for(state: ProjectionState, period: Period) -> ReadFrom:
    """The tables that answer for a period by this program's definition of the figures, while
    figures are counted anew too. Raises Unavailable when none does."""
    wanted = definition()
    if state.definition == wanted and state.is_complete:
        return ReadFrom.DOCUMENTS
    if state.definition.facts == wanted.facts and state.facts_hold:
        return ReadFrom.FACTS
    if state.definition == wanted and state.covers(period):
        return ReadFrom.CELLS
    raise Unavailable("统计口径已更新，这个时期正在重新统计，请稍后再查")


def below(base: str, divisions: Divisions) -> Callable[[str], str]:
    """Function from a division code to the visible division directly below `base` it lies in, to
    `base` for what lies in none, and for places outside to the highest one known."""
    known: dict[str, str] = {}

    def group(code: str) -> str:
        if code not in known:
            known[code] = _child(base, code, divisions)
        return known[code]

    return group


def _child(base: str, code: str, divisions: Divisions) -> str:
    nearest = divisions.nearest(code)
    if nearest is None:
        return code
    chain = [nearest, *divisions.ancestors(nearest.code)]
    codes = [each.code for each in chain if each.kind is not DivisionKind.PLACEHOLDER]
    if base not in codes:
        return codes[-1] if codes else code
    at = codes.index(base)
    return codes[at - 1] if at else base


def _category_group(category: str | None) -> Callable[[str], str]:
    """First-level categories, or with a category asked for those directly below it."""
    stem = category.rstrip("0") if category else ""
    width = min(6, len(stem) + len(stem) % 2 + 2)
    return lambda code: code[:width].ljust(6, "0") if code else code


def _range(division: str | None, divisions: Divisions) -> tuple[str, str] | None:
    return None if division is None else divisions.subtree_range(division)


def _common(visible: Visibility, reference: Reference) -> str:
    """Without a division asked for: the reader's own one, or the deployment's root."""
    if len(visible.divisions) == 1:
        own = reference.divisions.get(visible.divisions[0][0])
        if own is not None:
            return own.code
    return reference.root_division
