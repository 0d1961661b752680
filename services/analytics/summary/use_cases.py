"""The summary of a period with the same period last year, for HTTP and the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.summary.domain.figures import Figures, Sight, Wanted, assemble
from services.analytics.summary.store.sums import summed
from shared.kernel.errors import Invalid
from shared.reference.divisions import Divisions, Kind
from shared.reference.editions import Reference


@dataclass(frozen=True, slots=True)
class Comparison:
    """Figures of a period and of the same period last year. `base` is the division whose parts
    `division` is split into."""

    wanted: Wanted
    base: str
    now: Figures
    before: Figures


async def summarise(
    session: AsyncSession, reference: Reference, wanted: Wanted, *, sight: Sight
) -> Comparison:
    """Raises Invalid for a period that ends before it begins or codes that are none, and
    FiguresDisagree when a split does not add up."""
    if wanted.period.first > wanted.period.last:
        raise Invalid("起始日期不能晚于截止日期")
    category = wanted.category
    if category is not None and reference.categories.get(category) is None:
        raise Invalid("没有这个内容分类")
    base = wanted.division or _common(sight, reference)
    divisions = _range(wanted.division, reference.divisions)
    root = reference.divisions.subtree_range(reference.root_division)
    coarser = {
        "division": below(base, reference.divisions),
        "category": _category_group(category),
    }
    figures = []
    for period in (wanted.period, wanted.period.year_before):
        rows = await summed(
            session, replace(wanted, period=period), divisions=divisions, sight=sight, root=root
        )
        figures.append(assemble(rows, coarser=coarser))
    return Comparison(wanted, base, *figures)


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
    codes = [each.code for each in chain if each.kind is not Kind.PLACEHOLDER]
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


def _common(sight: Sight, reference: Reference) -> str:
    """Without a division asked for: the reader's own one, or the deployment's root."""
    if len(sight.divisions) == 1:
        own = reference.divisions.get(sight.divisions[0][0])
        if own is not None:
            return own.code
    return reference.root_division
