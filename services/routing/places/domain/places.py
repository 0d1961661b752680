"""Place of the matter from a declared code or from words, with reasons a clerk can check.

Order of trust: declared code, the place as written, the subject line, the text. Several
candidates stay several unless what stands beside them, a region named elsewhere or the
registrar's own region decides: never a silent guess (属地管理, 条例 Art. 5 and 22).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.routing.places.domain.place import (
    DECLARED,
    NAMED,
    NARROWED,
    ONLY_PART_OF_A_NAME,
    ONLY_WIDER,
    OPPOSED,
    Evidence,
    Place,
    Query,
)
from services.routing.places.domain.place_names import Form, Gazetteer, Mention
from services.routing.places.domain.place_reading import Context, Reading, read, regions_named
from shared.kernel.plain_text import joined
from shared.reference.divisions import Divisions, Kind
from shared.vocabulary.places import Level, PlaceBasis, PlaceField


@dataclass(slots=True)
class _Search:
    """One search under way: the region a trusted field has named, the counties named in full
    outside it, what was passed over, why."""

    context: Context
    subject_alone: bool = False
    scope: str | None = None
    scope_field: PlaceField = PlaceField.TEXT
    outright: dict[str, None] = field(default_factory=dict)
    several: dict[str, None] = field(default_factory=dict)
    passed: dict[str, None] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


class Places:
    """Finds places with one gazetteer; keeps nothing between calls."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._names = gazetteer
        self._divisions: Divisions = gazetteer.divisions

    def find(self, query: Query) -> Place:
        """The place of a matter, or why a person must say it."""
        typed = {PlaceField.SUBJECT: query.subject}
        if not query.subject_alone:
            typed = {PlaceField.PLACE: query.place, **typed, PlaceField.TEXT: query.text}
        read_as = {where: joined(text) for where, text in typed.items()}
        fields = {where: each.text for where, each in read_as.items()}
        mentions = {where: self._names.mentions(text) for where, text in fields.items() if text}
        near = self._lineage(query.near) or self._lineage(query.root)
        regions = {
            where: regions_named(self._divisions, found) for where, found in mentions.items()
        }
        search = _Search(Context(regions, near), query.subject_alone)
        place = self._declared(query.declared, search)
        if place is None:
            place = self._from_words(mentions, fields, search)
        if place.code is not None:
            place = self._deeper(place, fields)
        evidence = tuple(
            Evidence(where, *read_as[where].span(m.start, m.end), m.surface, m.codes)
            for where, found in mentions.items()
            for m in found
        )
        return replace(place, evidence=evidence)

    def _declared(self, code: str | None, search: _Search) -> Place | None:
        if not code:
            return None
        chosen = self._divisions.get(code)
        division = self._names.current(code)
        if division is not None and division.kind is Kind.PLACEHOLDER:
            division = self._divisions.visible_parent(division.code)
        if division is None:
            search.reasons.append(f"登记的区划代码{code}不在现行区划表中，改按文字判断")
            return None
        reason = f"登记时已选定属地：{self.path(division.code)}"
        if chosen is not None and chosen.kind is not Kind.PLACEHOLDER and chosen != division:
            gone = f"{chosen.name}（{chosen.code}）"
            reason = f"登记时选定的{gone}已撤并，由{self.path(division.code)}承接"
        return Place(division.code, DECLARED, PlaceBasis.DECLARED, reasons=(reason,))

    def _from_words(
        self,
        mentions: Mapping[PlaceField, list[Mention]],
        fields: Mapping[PlaceField, str],
        search: _Search,
    ) -> Place:
        for where, found in mentions.items():
            reading = read(
                self._divisions, where, found, context=search.context, scope=search.scope
            )
            reading.settle(self._divisions, search.context)
            place = self._from_reading(reading, search) or self._beside_the_way(
                reading, fields, search
            )
            if place is not None and not (search.subject_alone and place.candidates):
                return place
            if place is not None:
                search.several = dict.fromkeys((place.code or "", *place.candidates))
        if search.several:
            return self._ambiguous(search)
        if search.scope is not None and search.outright:
            names = self._names_of((search.scope, *search.outright))
            search.reasons.append(f"既写到{names}，都可能是事项发生地")
            search.several = dict.fromkeys((search.scope, *search.outright))
            return self._ambiguous(search)
        if search.scope is not None:
            return self._only_wider(search)
        searched = "标题" if search.subject_alone else "标题和正文都"
        search.reasons.append(f"{searched}没有写明可以辨认的县（市、区）")
        own = tuple(search.context.near[:1])
        if own:
            search.reasons.append(f"登记地为{self.path(own[0])}，仅供参考，不据此推定")
        return Place(None, 0.0, PlaceBasis.NONE, own, reasons=tuple(search.reasons))

    def _from_reading(self, reading: Reading, search: _Search) -> Place | None:
        """The place if this field decides it; otherwise what it adds to the search."""
        chosen = self._chosen(reading, search)
        if len(chosen) == 1 and not reading.unclear:
            return self._place(reading, chosen, search)
        several = [*chosen, *(code for m in reading.unclear for code in m.codes)]
        if search.scope is not None:
            search.passed |= dict.fromkeys(several)
        elif several:
            if not search.several:
                words = "、".join(m.surface for m in (*chosen.values(), *reading.unclear))
                search.reasons.append(
                    f"{reading.where.label}写到“{words}”，可能是{self._names_of(several)}"
                )
                search.several = dict.fromkeys(several)
        elif len(reading.wider) > 1 and not search.several:
            search.several = dict.fromkeys(reading.wider)
            names = self._names_of(reading.wider)
            search.reasons.append(f"{reading.where.label}写到多个地区：{names}")
        elif reading.wider and not search.several:
            search.scope, search.scope_field = reading.wider[0], reading.where
            search.passed |= dict.fromkeys((*several, *reading.foreign))
        return None

    def _beside_the_way(
        self, reading: Reading, fields: Mapping[PlaceField, str], search: _Search
    ) -> Place | None:
        """The one county named in full, with a township of it, beside a wider region that does not
        hold it (我在长沙打工，老家攸县网岭镇…): where somebody works, comes from or passes through
        is not the place of the matter. Without a township a person decides."""
        if search.several or search.scope is None:
            return None
        search.outright |= {code: None for code, m in reading.elsewhere.items() if m.begins}
        deeper = {
            code: mention
            for code, mention in reading.elsewhere.items()
            if any(self._names.below(code, text) for text in fields.values())
        }
        named = search.outright.keys() | deeper.keys()
        if len(deeper) != 1 or len(named) > 1 or search.subject_alone:
            return None
        search.passed |= {search.scope: None}
        search.reasons.append("先写到的地区可能是信访人工作、来自或者途经之地")
        return self._place(reading, deeper, search)

    def _chosen(self, reading: Reading, search: _Search) -> dict[str, Mention]:
        chosen = dict(reading.counties)
        if len(chosen) > 1:
            addressed = {code: m for code, m in chosen.items() if m.addressed}
            if len(addressed) == 1 and reading.where is PlaceField.TEXT:
                search.passed |= {code: None for code in chosen if code not in addressed}
                chosen = addressed
        if search.several:
            # A more trusted field named several: only a full address may pick one of them.
            return {c: m for c, m in chosen.items() if c in search.several and m.addressed}
        if not chosen and len(reading.weak) == 1 and search.scope is None:
            return dict(reading.weak)
        return chosen

    def _place(self, reading: Reading, chosen: Mapping[str, Mention], search: _Search) -> Place:
        code, mention = next(iter(chosen.items()))
        where = reading.where.label
        confidence = NAMED[reading.where]
        short = "以简称" if mention.form is Form.SHORT else ""
        search.reasons.append(f"{where}{short}写明“{mention.surface}”，即{self.path(code)}")
        division = self._divisions.get(code)
        if division is not None and mention.form is Form.FULL and division.name != mention.surface:
            search.reasons.append(f"{mention.surface}已撤并，由{self.path(code)}承接")
        if division is not None and division.kind is Kind.DEVELOPMENT_ZONE:
            search.reasons.append(f"{division.name}不是一级行政区划，由所在地信访部门承接")
        if code in reading.weak:
            confidence -= ONLY_PART_OF_A_NAME
            search.reasons.append(f"“{mention.surface}”可能只是路名或楼盘名的一部分")
        if len(mention.codes) > 1:
            confidence -= NARROWED
            search.reasons.append(
                f"同名的共{len(mention.codes)}处，按文中或登记地所在地区确定为{self.path(code)}"
            )
        opposed = dict.fromkeys((*search.several, *reading.weak, *reading.foreign, *search.passed))
        opposed |= dict.fromkeys(reading.wider)
        opposed = {c: None for c in opposed if not self._divisions.contains(c, code)}
        if opposed:
            confidence -= OPPOSED
            search.reasons.append(f"还出现{self._names_of(opposed)}字样，未采用")
        return Place(
            code,
            round(confidence, 2),
            PlaceBasis(reading.where.value),
            tuple(opposed),
            reasons=tuple(search.reasons),
        )

    def _ambiguous(self, search: _Search) -> Place:
        search.reasons.append("不能确定是哪一个，不作推定")
        return Place(
            None, 0.0, PlaceBasis.AMBIGUOUS, tuple(search.several), reasons=tuple(search.reasons)
        )

    def _only_wider(self, search: _Search) -> Place:
        code = search.scope or ""
        division = self._divisions.get(code)
        confidence = ONLY_WIDER[division.level] if division else 0.0
        below = self._divisions.children(code, visible=True)
        where = search.scope_field.label
        search.reasons.append(f"{where}写明{self.path(code)}")
        if any(child.level is Level.COUNTY for child in below):
            search.reasons.append("没有写明其中哪一个县（市、区）")
        if search.passed:
            confidence -= OPPOSED
            search.reasons.append(f"还写到{self._names_of(search.passed)}，不足以确定")
        if search.scope_field is PlaceField.TEXT:
            confidence -= OPPOSED
        return Place(
            code,
            round(confidence, 2),
            PlaceBasis(search.scope_field.value),
            tuple(search.passed),
            reasons=tuple(search.reasons),
        )

    def _deeper(self, place: Place, fields: Mapping[PlaceField, str]) -> Place:
        """The township or village named in full inside the place found, if exactly one is."""
        for where, text in fields.items():
            found = self._names.below(place.code or "", text)
            if len(found) == 1:
                division = found[0][0]
                reason = f"{where.label}写明其中的{division.name}"
                deeper = replace(place, code=division.code, reasons=(*place.reasons, reason))
                return self._deeper(deeper, fields)
            if len(found) > 1:
                names = "、".join(division.name for division, _ in found)
                reason = f"{where.label}写到{names}，属地仍定在{self.path(place.code or '')}"
                return replace(place, reasons=(*place.reasons, reason))
        return place

    def path(self, code: str) -> str:
        """Full name of a division from the top, without placeholders (西地省A市A3区)."""
        return "".join(self._divisions.path_names(code)) or code

    def _names_of(self, codes: Iterable[str]) -> str:
        return "、".join(self.path(code) for code in codes)

    def _lineage(self, code: str | None) -> Sequence[str]:
        division = self._divisions.nearest(code) if code else None
        if division is None:
            return ()
        above = self._divisions.ancestors(division.code)
        return tuple(d.code for d in (division, *above) if d.kind is not Kind.PLACEHOLDER)
