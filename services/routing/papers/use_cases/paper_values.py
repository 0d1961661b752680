"""What each paper owed to a petitioner says: its template, and the values of all slots but name and
address, which intake fills in (decisions 9).

Days come from the limit table, organs from the tree, everything else from what the acts said. What
the law wants on paper and nobody said makes the paper one to be written by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.referral import Done, Notice
from services.routing.cases.domain.said import (
    Accepted,
    Agreed,
    Extended,
    ReviewAsked,
    Suspended,
    WithReasons,
)
from services.routing.papers.use_cases.paper_owed import Owed
from shared.papers.errors import NotPrintable
from shared.papers.filling import Value
from shared.papers.kinds import packaged_kinds
from shared.papers.numbers import chinese_date
from shared.reference.editions import Reference
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import Opinion, ReferralKind

Values = dict[str, Value]
Paper = tuple[str, Values]
RESULTS: Final[Mapping[Opinion, str]] = {
    Opinion.SUPPORTED: "support",
    Opinion.PARTLY_SUPPORTED: "part",
    Opinion.EXPLAINED: "explain",
    Opinion.NOT_SUPPORTED: "refuse",
    Opinion.ADOPTED: "adopt",
    Opinion.PARTLY_ADOPTED: "part",
    Opinion.NOT_ADOPTED: "decline",
    Opinion.UPHELD: "uphold",
    Opinion.REVOKED: "revoke",
    Opinion.CHANGED: "change",
    Opinion.REDO: "redo",
}
ON_REVIEW: Final = {ReferralKind.REVIEW: "review", ReferralKind.RE_REVIEW: "rereview"}
OPINION_PARTS: Final = {"request": "请求", "facts": "事实", "reasons": "理由"}


def paper_of(case: Case, notice: Notice, words: Any, reference: Reference) -> Paper:
    """Template and values of a paper owed. Raises NotPrintable for one to be written by hand."""
    owed = Owed(case, notice, words, reference)
    kind, values = MAKERS[notice.kind](owed)
    common: Values = {
        "organ": owed.organ(notice.organ_code),
        "number": notice.number,
        "issued_on": notice.owed_on,
        "petition_number": case.number,
        "received_on": case.received_on,
    }
    slots = packaged_kinds()[kind].slots
    return kind, {name: value for name, value in common.items() if name in slots} | values


def template_of(case: Case, notice: Notice) -> str:
    """The template a paper is printed with, whether or not all was said that it needs."""
    if notice.kind == "opinion":
        plain = "suggestion_reply" if case.purpose == "suggestion" else "opinion"
        return ON_REVIEW.get(case.referrals[notice.referral - 1].kind, plain)
    if notice.kind == "agreement":
        made = case.journal.last(Act.AGREE)
        return "mediation" if made and made.said(Agreed).kind == "mediation" else "reconciliation"
    return {"route": "guidance"}.get(notice.kind, notice.kind)


def _acceptance(owed: Owed) -> Paper:
    case, held, accepted = owed.case, owed.held, owed.notice.owed_on
    simple = case.journal.last(Act.ACCEPT, referral=held.ordinal)
    values: Values = {
        "accepted_on": accepted,
        "route": "信访程序（简易办理）" if simple and simple.said(Accepted).simple else "信访程序",
    }
    if case.purpose == "claim":  # the law sets no days for the others (Art. 29, 30)
        values["due_on"] = owed.handled_by(accepted)
    return "acceptance", values


def _extension(owed: Owed) -> Paper:
    accepted, done = owed.held.accepted_on, owed.done(Act.EXTEND)
    if accepted is None:
        raise NotPrintable("尚未受理")
    said = done.said(Extended)
    return "extension", {
        "accepted_on": accepted,
        "former_due_on": owed.handled_by(accepted, seen=done.on),
        "due_on": owed.handled_by(accepted, extension=said.days, seen=done.on),
        "reason": said.reasons,
    }


def _suspension(owed: Owed) -> Paper:
    done = owed.done(Act.SUSPEND)
    said = done.said(Suspended)
    return "suspension", {
        "article": said.article,
        "reason": said.reasons,
        "suspended_on": done.on,
        "until": said.until,
    }


def _opinion(owed: Owed) -> Paper:
    held = owed.held
    if held.opinion is None:
        raise NotPrintable("尚未作出意见")
    kind, text = template_of(owed.case, owed.notice), held.answer_text or ""
    values: Values = {"result": RESULTS[held.opinion]}
    if kind == "suggestion_reply":
        return kind, values | {"suggestion": owed.words.title, "reasons": text}
    if not held.legal_basis:
        raise NotPrintable("没有写明依据，请手工制作")
    values["basis"] = held.legal_basis
    if held.is_review:
        return kind, values | _review(owed, text)
    return kind, values | owed.said(Act.ANSWER, OPINION_PARTS) | {
        "opinion": text,
        "accepted_on": held.accepted_on or held.referred_on,
        **_remedy(owed, "D6"),
    }


def _review(owed: Owed, text: str) -> Values:
    """What a review or a re-review says beside its result: what it is about, and what comes next
    (Art. 35, 36)."""
    case, held = owed.case, owed.held
    before = [each for each in case.referrals if each.ordinal < held.ordinal]
    former = next((each for each in reversed(before) if each.answered_on), None)
    papers = (each for each in reversed(case.notices) if each.kind == "opinion")
    paper = next((each for each in papers if former and each.referral == former.ordinal), None)
    asked = case.journal.last(Act.REQUEST_REVIEW)
    if former is None or paper is None or asked is None:
        raise NotPrintable("没有可供复查、复核的书面意见，请手工制作")
    values: Values = owed.said(Act.REVIEW, OPINION_PARTS) | {
        "former_organ": owed.organ(former.organ_code),
        "former_number": paper.number,
        "requested_on": asked.said(ReviewAsked).requested_on,
    }
    changed = held.opinion is Opinion.CHANGED
    values |= {"changed" if changed else "opinion": text}
    if held.opinion is Opinion.REDO:
        day = owed.said(Act.REVIEW, {"redo_by": "重新办理的期限"})["redo_by"]
        values["redo_by"] = date.fromisoformat(day)
    heard = case.journal.last(Act.CLOSE_HEARING, referral=held.ordinal)
    if held.kind is ReferralKind.RE_REVIEW:
        return values | ({"hearing_on": heard.on} if heard else {})
    return values | _remedy(owed, "D8")


def _remedy(owed: Owed, kind: str) -> Values:
    held = owed.held
    return {
        "remedy_organ": owed.superior(held.organ_code),
        "remedy_days": owed.limit(kind, held.answered_on or owed.notice.owed_on).length or 0,
    }


def _guidance(owed: Owed) -> Paper:
    held = owed.held
    name = owed.organ(held.guided_to) or "有权处理的机关"
    return "guidance", {
        "route": held.route.label if held.route else "法定途径",
        "basis": "《信访工作条例》第三十一条",
        "competent_organ": name,
        "how": f"请向{name}提出，期限和所需材料以该机关告知为准。",
    }


def _refusal(owed: Owed) -> Paper:
    data = owed.done(Act.REFUSE_ACCEPTANCE).data
    return "refusal", {
        "reason": data["reasons"],
        "basis": "《信访工作条例》第十九条第三款",
        "right_route": f"同一事项（信访编号：{data['same_as']}）正在办理，请等候办理结果。",
    }


def _no_further(owed: Owed) -> Paper:
    final = {"final_organ": "复核机关", "final_number": "复核意见书文号", "final_on": "复核日期"}
    said = owed.said(Act.NO_FURTHER_ACCEPTANCE, final | {"reasons": "理由"})
    return "no_further", {
        "final_organ": owed.organ(said["final_organ"]),
        "final_number": said["final_number"],
        "final_on": date.fromisoformat(said["final_on"]),
        "reason": said["reasons"],
    }


def _review_refusal(owed: Owed) -> Paper:
    held = owed.held
    asked = owed.done(Act.REQUEST_REVIEW)
    again = held.kind is ReferralKind.RE_REVIEW
    return "review_refusal", {
        "former_organ": owed.organ(held.from_organ),
        "requested_on": asked.said(ReviewAsked).requested_on,
        "step": "复核" if again else "复查",
        "reason": owed.done(Act.REFUSE_REVIEW).said(WithReasons).reasons,
        "basis": f"《信访工作条例》第三十{'六' if again else '五'}条",
    }


def _supplement(owed: Owed) -> Paper:
    wanted = {"reason": "需要的理由", "wanted_by": "建议提交日期", "hand_in": "提交方式"}
    said = owed.said(Act.REQUEST_SUPPLEMENT, wanted | {"wanted": "需要补充的材料"})
    return "supplement", {
        "materials": said["wanted"],
        "reason": said["reason"],
        "wanted_by": date.fromisoformat(said["wanted_by"]),
        "hand_in": said["hand_in"],
    }


def _hearing(owed: Owed) -> Paper:
    wanted = {"held_at": "听证时间", "place": "听证地点", "presided_by": "主持人"}
    return "hearing", owed.said(Act.OPEN_HEARING, wanted | {"subject": "听证事项"})


def _agreement(owed: Owed) -> Paper:
    kind = template_of(owed.case, owed.notice)
    done = owed.done(Act.AGREE)
    wanted = {"other_party": "对方当事人", "dispute": "争议事项", "terms": "协议内容"}
    said = owed.said(Act.AGREE, wanted)
    agreed = done.said(Agreed)
    how = agreed.performance or _promised(owed, done)
    day = chinese_date(agreed.fulfil_by)
    said["performance"] = f"{how}\n履行期限：{day}。"
    by = owed.said(Act.OPEN_MEDIATION, {"mediator": "调解员"}) if kind == "mediation" else {}
    return kind, said | by


def _promised(owed: Owed, done: Done) -> str:
    """What each side undertakes, for an agreement that says nothing else of how it is fulfilled."""
    made = (each for each in owed.case.undertakings if each.agreement == done.ordinal)
    words = "\n".join(f"{u.who}（期限：{chinese_date(u.due_on)}）：{u.duty}" for u in made)
    if not words:
        raise NotPrintable("没有分项写明履行方式，请手工制作")
    return words


MAKERS: Final[Mapping[str, Callable[[Owed], Paper]]] = {
    "acceptance": _acceptance,
    "agreement": _agreement,
    "extension": _extension,
    "hearing": _hearing,
    "no_further": _no_further,
    "opinion": _opinion,
    "refusal": _refusal,
    "review_refusal": _review_refusal,
    "route": _guidance,
    "supplement": _supplement,
    "suspension": _suspension,
}
"""Kind of notice -> what its paper says; a kind for each that the table of procedure owes."""
