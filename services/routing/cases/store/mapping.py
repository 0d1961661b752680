"""Case and referral between domain and rows: one place, tested as a round trip."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from sqlalchemy import Row

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.due import Due
from services.routing.cases.domain.journal import Journal
from services.routing.cases.domain.referral import Done, History, Notice, Referral
from services.routing.cases.store.tables import NO_DUE
from services.routing.jurisdiction.domain.decision import Decision
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import (
    CaseState,
    ClosingKind,
    Confidence,
    DecisionKind,
    DecisionReason,
    Opinion,
    ReferralKind,
    ReferralState,
    Route,
)

_OWN_COLUMNS = (
    *("matter_id", "number", "purpose", "category_code", "division_code", "received_by"),
    *("received_by_petition_office", "received_on", "opened_on", "decider", "notice_owed"),
    *("copied_to", "complained_organ", "also_accused", "suspected_organ"),
    *("decided_on", "answered_on", "delivered_on", "closed_on", "objections_upheld"),
)
_NOTICE_FIELDS = tuple(f.name for f in fields(Notice))
_REFERRAL_FIELDS = tuple(f.name for f in fields(Referral))


def case_values(case: Case, due: Due | None) -> dict[str, Any]:
    """Columns of `case_file` that the domain decides."""
    values: dict[str, Any] = {name: getattr(case, name) for name in _OWN_COLUMNS}
    return values | {
        "state": str(case.state),
        "version": case.version,
        "decision_kind": str(case.decision_kind),
        "decision_confidence": str(case.decision_confidence),
        "needs_person_reason": case.needs_person_reason and str(case.needs_person_reason),
        "closing_kind": case.closing_kind and str(case.closing_kind),
        "awaits": case.awaits,
        "next_organ": case.next_organ,
        "organ_code": case.current.organ_code if case.current else None,
        "due_on": due.on if due else NO_DUE,
        "due_limit": due.limit_id if due else None,
        "history": _history_values(case.history),
        "editions": dict(case.editions),
    }


def case_of(
    row: Row[Any],
    petitions: Iterable[Any],
    referrals: Iterable[Row[Any]],
    acts: Iterable[Row[Any]] = (),
    notices: Iterable[Row[Any]] = (),
) -> Case:
    """The case of its rows."""
    values = {name: getattr(row, name) for name in _OWN_COLUMNS}
    reason = row.needs_person_reason
    return Case(
        case_id=row.case_id,
        petition_ids=list(petitions),
        state=CaseState(row.state),
        version=row.version,
        decision_kind=DecisionKind(row.decision_kind),
        decision_confidence=Confidence(row.decision_confidence),
        needs_person_reason=DecisionReason(reason) if reason else None,
        closing_kind=ClosingKind(row.closing_kind) if row.closing_kind else None,
        journal=Journal([done_of(each) for each in acts]),
        notices=[notice_of(each) for each in notices],
        awaits=row.awaits,
        referrals=[referral_of(each) for each in referrals],
        history=_history(row.history),
        editions=row.editions,
        **values,
    )


def referral_values(referral: Referral) -> dict[str, Any]:
    """Columns of `referral`, without the case."""
    values = {name: getattr(referral, name) for name in _REFERRAL_FIELDS}
    return values | {
        "kind": str(referral.kind),
        "state": str(referral.state),
        "opinion": referral.opinion and str(referral.opinion),
        "route": referral.route and str(referral.route),
    }


def referral_of(row: Row[Any]) -> Referral:
    """The referral of its row."""
    values = {name: getattr(row, name) for name in _REFERRAL_FIELDS}
    return Referral(
        **values
        | {
            "kind": ReferralKind(row.kind),
            "state": ReferralState(row.state),
            "opinion": Opinion(row.opinion) if row.opinion else None,
            "route": Route(row.route) if row.route else None,
        }
    )


def notice_values(notice: Notice) -> dict[str, Any]:
    """Columns of `notice`, without the case."""
    return {name: getattr(notice, name) for name in _NOTICE_FIELDS}


def notice_of(row: Row[Any]) -> Notice:
    """The notice of its row."""
    return Notice(**{name: getattr(row, name) for name in _NOTICE_FIELDS})


def done_of(row: Row[Any]) -> Done:
    """The act of its row."""
    return Done(
        row.ordinal, Act(row.act), row.done_on, row.organ_code, row.person,
        referral=row.referral, data=row.data,
    )  # fmt: skip


def decision_values(decision: Decision, evidence: list[dict[str, Any]]) -> dict[str, Any]:
    """Columns of `decision`, without case, ordinal and time."""
    return {
        "kind": str(decision.kind),
        "confidence": str(decision.confidence),
        "organ_code": decision.organ_code,
        "division_code": decision.division_code,
        "category_code": decision.category_code,
        "reason": decision.reason and str(decision.reason),
        "guided_to": decision.guided_to,
        "trail": [plain(step) for step in decision.trail],
        "evidence": evidence,
        "runner_up": plain(decision.runner_up) if decision.runner_up else None,
        "editions": dict(decision.editions),
        "decided_by": decision.decided_by,
    }


def plain(record: Any) -> dict[str, Any]:
    """A flat dataclass as JSON keeps it; `asdict` would copy every text in depth."""
    return {each.name: getattr(record, each.name) for each in fields(record)}


def _history_values(history: History | None) -> dict[str, Any] | None:
    if history is None:
        return None
    answered = history.answered_on
    return asdict(history) | {"answered_on": answered.isoformat() if answered else None}


def _history(values: dict[str, Any] | None) -> History | None:
    if values is None:
        return None
    answered = values["answered_on"]
    return History(
        values["source"], values["source_id"], date.fromisoformat(answered) if answered else None
    )
