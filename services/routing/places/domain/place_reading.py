"""What the names in one field mean together: one county, several, only a wider region."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.routing.places.domain.place_names import Form, Mention, Standing
from shared.reference.divisions import Divisions
from shared.vocabulary.places import Level, PlaceField


@dataclass(frozen=True, slots=True)
class Context:
    """What narrows a name that several divisions bear: regions named per field, and the
    registrar's own division with everything above it, nearest first."""

    regions: Mapping[PlaceField, Sequence[str]]
    near: Sequence[str]


@dataclass(slots=True)
class Reading:
    """One field. `counties` were named outright, `weak` as part of another name, `foreign` lie
    outside the region named before them, `unclear` stay several, `wider` are provinces and cities.
    """

    where: PlaceField
    counties: dict[str, Mention] = field(default_factory=dict)
    weak: dict[str, Mention] = field(default_factory=dict)
    foreign: dict[str, Mention] = field(default_factory=dict)
    unclear: list[Mention] = field(default_factory=list)
    wider: list[str] = field(default_factory=list)

    @property
    def elsewhere(self) -> dict[str, Mention]:
        """Counties named by their full name outside the region named before them: where somebody
        works or comes from may stand first, the place of the matter behind it."""
        return {
            code: mention
            for code, mention in self.foreign.items()
            if mention.form is Form.FULL and mention.standing is Standing.STRONG
        }

    def settle(self, divisions: Divisions, context: Context) -> None:
        """Of several counties keep the ones in a region named elsewhere, or near the registrar;
        what is left out becomes foreign."""
        groups = [[code] for regions in context.regions.values() for code in regions]
        groups += [[code] for code in context.near]
        for group in groups:
            kept = inside(divisions, self.counties, group)
            if len(self.counties) > 1 and len(kept) == 1:
                self.foreign |= {c: m for c, m in self.counties.items() if c not in kept}
                self.counties = {code: self.counties[code] for code in kept}


def regions_named(divisions: Divisions, mentions: Iterable[Mention]) -> list[str]:
    """Provinces and cities named outright, without those another one lies in."""
    codes = [
        mention.codes[0]
        for mention in mentions
        if len(mention.codes) == 1
        and mention.standing is Standing.STRONG
        and _level(divisions, mention.codes[0]) < Level.COUNTY
    ]
    unique = list(dict.fromkeys(codes))
    return [c for c in unique if not any(o != c and divisions.contains(c, o) for o in unique)]


def read(
    divisions: Divisions,
    where: PlaceField,
    mentions: Iterable[Mention],
    *,
    context: Context,
    scope: str | None,
) -> Reading:
    """Sort the mentions of one field. `scope` is the region a more trusted field has named."""
    reading = Reading(where, wider=list(context.regions.get(where, ())))
    before: dict[str, None] = {}
    for mention in mentions:
        before |= {code: None for code in mention.codes if code in reading.wider}
        here = [scope] if scope else list(before)
        codes = narrowed(divisions, mention.codes, context, where)
        counties = [code for code in codes if _level(divisions, code) >= Level.COUNTY]
        if not counties:
            if len(codes) > 1:
                reading.unclear.append(mention)
            continue
        if len(codes) > 1:
            reading.unclear.append(mention)
        elif here and not inside(divisions, codes, here):
            reading.foreign[codes[0]] = mention
        elif mention.standing is Standing.WEAK:
            reading.weak.setdefault(codes[0], mention)
        else:
            reading.counties.setdefault(codes[0], mention)
    for code in reading.counties:
        reading.weak.pop(code, None)
    reading.unclear = [m for m in reading.unclear if not set(m.codes) & reading.counties.keys()]
    if reading.counties:
        reading.unclear = [m for m in reading.unclear if m.standing is not Standing.WEAK]
    return reading


def narrowed(
    divisions: Divisions, codes: Sequence[str], context: Context, where: PlaceField
) -> Sequence[str]:
    """Of several divisions of one name, those in the region named here, elsewhere, or near."""
    if len(codes) == 1:
        return codes
    groups = [
        context.regions.get(where, ()),
        [code for regions in context.regions.values() for code in regions],
        *([code] for code in context.near),
    ]
    for group in groups:
        kept = inside(divisions, codes, group)
        if kept:
            return kept
    return codes


def inside(divisions: Divisions, codes: Iterable[str], regions: Sequence[str]) -> list[str]:
    """Those of `codes` that lie in one of `regions`."""
    return [code for code in codes if any(divisions.contains(r, code) for r in regions)]


def _level(divisions: Divisions, code: str) -> Level:
    division = divisions.get(code)
    return division.level if division else Level.VILLAGE
