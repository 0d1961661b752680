"""Which organ is competent, and why: 属地管理、分级负责，谁主管、谁负责 (条例 Art. 5, 22, 23).

The automatic decision never assigns (交办 sets a period and asks for a report: a person's act,
Art. 22(3)), never refuses, never guides anybody away on a machine's category, and hands nothing
over while place or purpose is in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.routing.jurisdiction.domain.decision import Decision, Option, Step
from services.routing.jurisdiction.domain.matter import Matter
from services.routing.places.domain.place import CERTAIN, LIKELY
from shared.reference.cadres import discipline_body
from shared.reference.casework import CadreRules
from shared.reference.categories import Categories
from shared.reference.competence import Competence, CompetentDepartment
from shared.reference.divisions import Division, Divisions
from shared.reference.organs import Organ, Organs
from shared.vocabulary.cases import Confidence, DecisionKind, DecisionReason
from shared.vocabulary.petitions import Purpose
from shared.vocabulary.places import Level, PlaceBasis

PLACE, TIER, COMPETENCE, PROTECTION = "属地管理", "分级负责", "谁主管、谁负责", "保护信访人"
ART_22, ART_23 = "《信访工作条例》第二十二条", "《信访工作条例》第二十三条"
ART_29_31, ART_30 = "《信访工作条例》第二十九条至第三十一条", "《信访工作条例》第三十条"
ART_31 = "《信访工作条例》第三十一条"
OFFICE_DETERMINES = "由其确定承办单位"
"""How the step ends that hands a matter to a petition office to say who handles it."""


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The decision over one set of editions. `root` is the deployment's division."""

    divisions: Divisions
    organs: Organs
    categories: Categories
    competence: Competence
    cadres: CadreRules
    root: str
    editions: Mapping[str, str]

    def decide(self, matter: Matter, on: date) -> Decision:
        """Where the matter goes on a day."""
        place = matter.place
        trail = [Step(PLACE, text, ART_22) for text in place.reasons]
        doubt = self._doubt(matter)
        division = self.divisions.get(place.code)
        if doubt is not None or division is None:
            reason = doubt or DecisionReason.PLACE_UNKNOWN
            return self._needs_person(matter, reason, trail, self._proposal(matter, on))
        if matter.category_sureness < LIKELY:
            return self._to_petition_office(matter, division, trail, "内容分类把握不足")
        department = self.competence.department(matter.category_code, division.level)
        organ = self._organ(division, department, on) if department else None
        if department is None or organ is None:
            why = "职责分工表没有这一分类的承办单位"
            return self._to_petition_office(matter, division, trail, why)
        trail.append(self._competence_step(matter, department))
        return self._to_competent(matter, division, department, organ, trail)

    def _to_competent(
        self,
        matter: Matter,
        division: Division,
        department: CompetentDepartment,
        organ: Organ,
        trail: list[Step],
    ) -> Decision:
        """To the organ the table names, unless something speaks against it."""
        if matter.complained_organ in self.organs.at_or_above(organ.code):
            words = f"来信反映的就是{organ.name}或其上级，不得径行转给该单位"
            trail.append(Step(PROTECTION, words, ART_30))
            above = self.not_accused(organ, matter.complained_organ)
            option = Option(above.code, above.name, "被反映单位的上一级") if above else None
            return self._needs_person(matter, DecisionReason.COMPLAINED_OF, trail, option)
        if organ.guided or department.guide is not None:
            return self._guide(matter, organ, department, trail)
        if not matter.confirms(organ, department.kind):
            why = "标题用词没有印证机器建议的分类"
            option = Option(organ.code, organ.name, "按机器建议的分类推算")
            return self._to_petition_office(matter, division, trail, why, option)
        return self._hand_over(matter, organ, trail)

    def competent(
        self, division_code: str | None, category_code: str | None, on: date
    ) -> Organ | None:
        """The competent organ for a division and a category; its petition office where the table
        of competence has no answer; None for an unknown division."""
        division = self.divisions.current(division_code, on) if division_code else None
        if division is None:
            return None
        department = self.competence.department(category_code, division.level)
        organ = self._organ(division, department, on) if department else None
        return organ or self.organs.petition_office(division.code)

    def not_accused(self, organ: Organ, accused: str | None) -> Organ | None:
        """The organ itself, or the nearest above it that is neither complained of nor under who is:
        nobody judges their own matter. None when there is none inside the deployment."""
        found: Organ | None = organ
        while found is not None and accused in self.organs.at_or_above(found.code):
            found = self.organs.superior(found.code, root=self.root)
        return found

    def _doubt(self, matter: Matter) -> DecisionReason | None:
        place = matter.place
        if matter.purpose is Purpose.UNCERTAIN:
            return DecisionReason.PURPOSE_UNCERTAIN
        if matter.purpose is Purpose.ACCUSATION:
            return DecisionReason.ACCUSATION
        if place.basis is PlaceBasis.AMBIGUOUS:
            return DecisionReason.PLACE_AMBIGUOUS
        if place.code is None:
            return DecisionReason.PLACE_UNKNOWN
        if not self.divisions.contains(self.root, place.code):
            return DecisionReason.OUTSIDE_ROOT
        return DecisionReason.PLACE_UNSURE if place.confidence < LIKELY else None

    def _competence_step(self, matter: Matter, department: CompetentDepartment) -> Step:
        names = "—".join(self.categories.path_names(matter.category_code or ""))
        how = "登记分类" if matter.category_confidence is None else "机器建议分类"
        note = f"；{department.note}" if department.note else ""
        return Step(
            COMPETENCE, f"{how}为“{names or matter.category_code}”{note}", department.source
        )

    def _organ(self, division: Division, department: CompetentDepartment, on: date) -> Organ | None:
        at = self.divisions.at_level(division.code, Level(department.handled_at)) or division
        return self.organs.resolve(at.code, department.kind, on=on)

    def _hand_over(self, matter: Matter, organ: Organ, trail: list[Step]) -> Decision:
        office = self.organs.petition_office(organ.division_code)
        copied_to = None
        own = organ.code == matter.received_by
        if own:
            trail.append(Step(TIER, f"属于本机关职权范围，由{organ.name}直接办理", ART_23))
        else:
            trail.append(Step(TIER, f"转送有权处理的{organ.name}", ART_22))
            if office is not None and office.code not in (matter.received_by, organ.code):
                copied_to = office.code
                trail.append(Step(TIER, f"抄送{office.name}", ART_22))
        sure = min(matter.place.confidence, matter.category_sureness)
        runner_up = self._runner_up(matter, organ, office)
        return self._decision(
            DecisionKind.OWN if own else DecisionKind.TRANSFER,
            matter, organ, trail, confidence=_class(sure), runner_up=runner_up, copied_to=copied_to,
        )  # fmt: skip

    def _to_petition_office(
        self,
        matter: Matter,
        division: Division,
        trail: list[Step],
        why: str,
        option: Option | None = None,
    ) -> Decision:
        """The petition office of the place is the competent receiving office in any case."""
        office = self.organs.petition_office(division.code)
        if office is None:
            return self._needs_person(matter, DecisionReason.NO_ORGAN, trail, None)
        if office.code == matter.received_by:
            trail.append(Step(COMPETENCE, f"{why}，由{office.name}工作人员确定承办单位", ART_22))
            return self._needs_person(matter, DecisionReason.CATEGORY_UNSURE, trail, option)
        if matter.complained_organ in self.organs.at_or_above(office.code):
            return self._needs_person(matter, DecisionReason.COMPLAINED_OF, trail, None)
        trail.append(Step(TIER, f"{why}，先转送{office.name}，{OFFICE_DETERMINES}", ART_22))
        return self._decision(
            DecisionKind.TRANSFER, matter, office, trail,
            confidence=_class(matter.place.confidence), runner_up=option,
        )  # fmt: skip

    def _guide(
        self, matter: Matter, organ: Organ, department: CompetentDepartment, trail: list[Step]
    ) -> Decision:
        trail.append(Step(COMPETENCE, f"属于{organ.name}的法定途径，告知信访人向其提出", ART_31))
        option = Option(organ.code, organ.name, department.note or "法定途径")
        if matter.category_confidence is not None:
            return self._needs_person(matter, DecisionReason.STATUTORY_ROUTE, trail, option)
        teller = self.organs.get(matter.received_by)
        if teller is None:
            return self._needs_person(matter, DecisionReason.NO_ORGAN, trail, option)
        return self._decision(
            DecisionKind.GUIDE, matter, teller, trail,
            confidence=_class(matter.place.confidence), guided_to=organ.code,
        )  # fmt: skip

    def _needs_person(
        self, matter: Matter, reason: DecisionReason, trail: list[Step], proposal: Option | None
    ) -> Decision:
        source = ART_30 if reason is DecisionReason.ACCUSATION else ART_29_31
        trail.append(Step("待人工核定", reason.label, source))
        if proposal is not None:
            trail.append(Step("参考", f"如核定无误，可考虑{proposal.organ_name}：{proposal.why}"))
        known = matter.place.confidence >= LIKELY and reason is not DecisionReason.OUTSIDE_ROOT
        return Decision(
            kind=DecisionKind.NEEDS_PERSON,
            confidence=Confidence.UNSURE,
            division_code=matter.place.code if known else None,
            category_code=matter.category_code,
            reason=reason,
            trail=tuple(trail),
            runner_up=proposal,
            editions=self.editions,
        )

    def _decision(
        self,
        kind: DecisionKind,
        matter: Matter,
        organ: Organ,
        trail: list[Step],
        *,
        confidence: Confidence,
        runner_up: Option | None = None,
        guided_to: str | None = None,
        copied_to: str | None = None,
    ) -> Decision:
        return Decision(
            kind=kind,
            confidence=confidence,
            organ_code=organ.code,
            organ_division=organ.division_code,
            division_code=matter.place.code,
            category_code=matter.category_code,
            guided_to=guided_to,
            copied_to=copied_to,
            trail=tuple(trail),
            runner_up=runner_up,
            editions=self.editions,
        )

    def _proposal(self, matter: Matter, on: date) -> Option | None:
        """The first candidate's organ, or the discipline body of an accused organ, for the person
        to look at; never acted upon."""
        if matter.purpose is Purpose.ACCUSATION and matter.complained_organ is not None:
            body = discipline_body(self.organs, self.cadres, matter.complained_organ, on)
            return Option(body.code, body.name, "按干部管理权限") if body else None
        codes = [code for code in (matter.place.code, *matter.place.candidates) if code]
        found = [organ for code in codes if (organ := self._possible(code, matter, on))]
        if not found:
            return None
        others = "、".join(dict.fromkeys(each.name for each in found[1:]))
        why = (
            f"按第一个可能的地点推算；如涉及多地，由其牵头，{others}协办"
            if others
            else ("按第一个可能的地点推算")
        )
        return Option(found[0].code, found[0].name, why)

    def _possible(self, code: str, matter: Matter, on: date) -> Organ | None:
        if not self.divisions.contains(self.root, code):
            return None
        organ = self.competent(code, matter.category_code, on)
        if organ is None or organ.code == matter.received_by:
            return None
        return self.not_accused(organ, matter.complained_organ)

    def _runner_up(self, matter: Matter, organ: Organ, office: Organ | None) -> Option | None:
        for code in matter.place.candidates:
            other = self.organs.organ(code, organ.kind)
            if other is not None and other.code != organ.code:
                return Option(other.code, other.name, "文中还写到该地")
        if office is None or office.code == organ.code:
            return None
        return Option(office.code, office.name, "所在地信访部门")


def _class(sureness: float) -> Confidence:
    if sureness >= CERTAIN:
        return Confidence.CERTAIN
    return Confidence.LIKELY if sureness >= LIKELY else Confidence.UNSURE
