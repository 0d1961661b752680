"""Rows and cases as answers, with the names people read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.due import objection_window
from services.routing.cases.domain.referral import Done, Notice, Referral
from services.routing.cases.domain.rules import due_of
from services.routing.cases.store.lists import LINE
from services.routing.cases.store.tables import NO_DUE
from services.routing.casework.acts import CASES
from services.routing.casework.api.schemas import (
    CaseAfter,
    CaseDetail,
    CrossingOut,
    DecisionOut,
    DoneOut,
    EvidenceOut,
    NoticeOut,
    OptionOut,
    ProposalOut,
    ReferralOut,
    StepOut,
    WaitingOut,
    WaitingProposal,
    WithdrawnOut,
)
from services.routing.casework.domain.crossing import crossings, home_of
from services.routing.jurisdiction.domain.decision import BY_RULES
from shared.db.unit_of_work import UnitOfWork
from shared.reference.editions import Reference
from shared.vocabulary.cases import CaseState, DecisionKind, DecisionReason
from shared.workflow.guards import Law
from shared.workflow.page import action_out

_PLAIN = (
    *("case_id", "number", "state", "version", "purpose", "category_code", "division_code"),
    *("received_by", "received_on", "decision_kind", "decision_confidence"),
    *("needs_person_reason", "organ_code", "next_organ", "due_limit", "closed_on"),
    *("closing_kind", "awaits"),
)


class Names:
    """Names of codes in one set of editions, each put together once."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self.organ = cache(self._organ)
        self.division = cache(self._division)
        self.category = cache(self._category)

    def _organ(self, code: str | None) -> str | None:
        """Name of an organ, None when unknown."""
        organ = self._reference.organs.get(code) if code else None
        return organ.name if organ else None

    def _division(self, code: str | None) -> str | None:
        """Full name of a division, None when unknown."""
        return "".join(self._reference.divisions.path_names(code)) or None if code else None

    def _category(self, code: str | None) -> str | None:
        """Path of a category, None when unknown."""
        return "—".join(self._reference.categories.path_names(code)) or None if code else None


@lru_cache(maxsize=1)
def names_in(reference: Reference) -> Names:
    """The names of the editions in force; codes come from rows, so as many as organs and places."""
    return Names(reference)


def act_name(act: str) -> str:
    """What people call an act: its first name in the table of procedure."""
    return CASES.table.name_of(act)


def line(row: Any, names: Names) -> dict[str, Any]:
    """One line of a list by the names of CaseSummary; without title where the row has none."""
    found: dict[str, Any] = dict(zip(LINE, row, strict=False))
    found["state_name"] = CaseState(row.state).label
    found["category_name"] = names.category(row.category_code)
    found["division_name"] = names.division(row.division_code)
    found["organ_name"] = names.organ(row.organ_code)
    found["due_on"] = _due(row)
    found.setdefault("title", None)
    return found


def detail(
    row: Any, case: Case, reference: Reference, *, today: date, with_words: bool
) -> CaseDetail:
    """A whole case; its words only when `with_words`."""
    names = names_in(reference)
    words = {
        name: getattr(row, name) if with_words else None for name in ("title", "text", "place")
    }
    referrals = [
        _referral(r, case, reference, names, with_words=with_words) for r in case.referrals
    ]
    return CaseDetail(
        **_summary(row, names),
        **words,
        channel=row.channel,
        origin=row.origin,
        objections_upheld=row.objections_upheld,
        petition_ids=case.petition_ids,
        referrals=referrals,
        **_actions(case, Law(reference, today)),
        acts=[_done(each, names, with_words=with_words) for each in case.journal],
        notices=[notice(each) for each in case.notices],
        withdrawn=WithdrawnOut(**asdict(case.withdrawn)) if case.withdrawn else None,
        crossings=[
            CrossingOut(
                kind=str(each.kind),
                kind_name=each.kind.label,
                why=each.why,
                noted=each.noted,
            )
            for each in crossings(case, reference.organs)
        ],
        home_office=_home_office(case, reference),
    )


def _home_office(case: Case, reference: Reference) -> str | None:
    """The petition office of the home county where that is not the place of the matter."""
    home = home_of(case)
    if home is None or reference.divisions.contains(home, case.division_code or home):
        return None
    office = reference.organs.petition_office(home)
    return office.code if office else None


def _actions(case: Case, law: Law) -> dict[str, Any]:
    found = CASES.actions(case, law)
    return {
        "allowed": [str(each.act) for each in found if each.blocked_by is None],
        "actions": [action_out(each) for each in found],
    }


async def after_act(uow: UnitOfWork, case: Case, proposal_id: UUID | None) -> CaseAfter:
    """A case after a step, or with the proposal that waits."""
    return after(case, uow.reference, today=uow.clock.today(), proposal_id=proposal_id)


def after(
    case: Case, reference: Reference, *, today: date, proposal_id: UUID | None = None
) -> CaseAfter:
    """A case after a step."""
    due = due_of(reference, case)
    last = case.referrals[-1] if case.referrals else None
    return CaseAfter(
        case_id=case.case_id,
        number=case.number,
        state=str(case.state),
        state_name=case.state.label,
        version=case.version,
        organ_code=last.organ_code if last else None,
        next_organ=case.next_organ,
        due_on=due.on if due else None,
        **_actions(case, Law(reference, today)),
        awaits=case.awaits,
        proposal_id=proposal_id,
    )


def notice(found: Notice) -> NoticeOut:
    """A paper owed, without its proof."""
    return NoticeOut(**{name: getattr(found, name) for name in NoticeOut.model_fields})


def proposal(row: Any) -> ProposalOut:
    """A stored proposal."""
    return ProposalOut(**{name: getattr(row, name) for name in ProposalOut.model_fields})


def waiting_proposal(row: Any) -> WaitingProposal:
    """A line of the head's list."""
    plain = {n: getattr(row, n) for n in WaitingProposal.model_fields if n != "act_name"}
    return WaitingProposal(**plain, act_name=act_name(row.act))


def decision(row: Any, names: Names, *, with_words: bool) -> DecisionOut:
    """One stored decision; places found in the words only when `with_words`."""
    return DecisionOut(
        ordinal=row.ordinal,
        kind=row.kind,
        kind_name=DecisionKind(row.kind).label,
        confidence=row.confidence,
        organ_code=row.organ_code,
        organ_name=names.organ(row.organ_code),
        guided_to=row.guided_to,
        division_code=row.division_code,
        division_name=names.division(row.division_code),
        category_code=row.category_code,
        category_name=names.category(row.category_code),
        reason=row.reason,
        reason_text=DecisionReason(row.reason).label if row.reason else None,
        trail=[StepOut(**step) for step in row.trail],
        runner_up=OptionOut(**row.runner_up) if row.runner_up else None,
        evidence=list(_evidence(row.evidence, names)) if with_words else [],
        editions=row.editions,
        by_person=row.decided_by != BY_RULES,
        decided_at=row.decided_at,
    )


def waiting(row: Any) -> WaitingOut:
    """One item of the needs-a-person queue."""
    return WaitingOut(
        item_id=row.item_id,
        kind=row.kind,
        organ_code=row.organ_code,
        reason=row.reason,
        reason_text=DecisionReason(row.reason).label,
        detail=row.detail,
        opened_at=row.opened_at,
    )


def _done(done: Done, names: Names, *, with_words: bool) -> DoneOut:
    return DoneOut(
        ordinal=done.ordinal,
        act=str(done.act),
        act_name=act_name(str(done.act)),
        on=done.on,
        organ_code=done.organ,
        organ_name=names.organ(done.organ),
        referral=done.referral,
        data=dict(done.data) if with_words else None,
    )


def _summary(row: Any, names: Names) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _PLAIN} | {
        "state_name": CaseState(row.state).label,
        "category_name": names.category(row.category_code),
        "division_name": names.division(row.division_code),
        "organ_name": names.organ(row.organ_code),
        "due_on": _due(row),
    }


def _due(row: Any) -> date | None:
    due: date = row.due_on
    return None if due == NO_DUE or row.closed_on is not None else due


def _referral(
    referral: Referral, case: Case, reference: Reference, names: Names, *, with_words: bool
) -> ReferralOut:
    window = objection_window(case, referral, limits=reference.limits, calendar=reference.calendar)
    written = ("objection_reasons", "verdict_reasons", "answer_text", "legal_basis")
    plain = {
        name: getattr(referral, name)
        for name in ReferralOut.model_fields
        if hasattr(referral, name)
    }
    if not with_words:
        plain |= dict.fromkeys(written)
    return ReferralOut(
        **plain,
        organ_name=names.organ(referral.organ_code),
        from_organ_name=names.organ(referral.from_organ),
        guided_to_name=names.organ(referral.guided_to),
        objection_until=window.on if window else None,
    )


def _evidence(rows: Iterable[dict[str, Any]], names: Names) -> Iterable[EvidenceOut]:
    for row in rows:
        divisions = [names.division(code) or code for code in row["codes"]]
        yield EvidenceOut(
            field=row["field"], start=row["start"], end=row["end"],
            surface=row["surface"], divisions=divisions,
        )  # fmt: skip
