"""The acts of relief: apply, approve or refuse, pay, cancel. The case stays as it is."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field, StringConstraints

from services.routing.cases.domain.accused import is_hidden_from
from services.routing.cases.store import cases
from services.routing.casework.use_cases.acting import has_to_do_with, involved
from services.routing.common.use_cases.posts import Head
from services.routing.relief.domain.procedure import GUARDS, TABLE
from services.routing.relief.domain.relief import (
    IllegalReliefStep,
    Payment,
    Relief,
)
from services.routing.relief.domain.relief_ledger import MOST_FEN, Entry, FundShort, KeyReused
from services.routing.relief.store import relief as store
from services.routing.relief.store.tables import RELIEF_WORKFLOW
from services.routing.relief.use_cases.relief_funds import enter
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.reference.editions import Reference
from shared.vocabulary.relief import ReliefAct, ReliefBy, ReliefKind, ReliefState
from shared.web.bodies import Day, StaffText, Whole
from shared.workflow.acts import Workflow
from shared.workflow.bodies import ActIn, ReasonsIn, Request, Words
from shared.workflow.entities import Actor, Quiet
from shared.workflow.guards import Step
from shared.workflow.pipeline import begin

NO_RELIEF: Final = "没有这项救助申请"
Fen = Annotated[Whole, Field(ge=1, le=MOST_FEN, description="金额，单位：分")]
SourceCode = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,24}$"), Field(description="资金来源代码")
]
WayCode = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,24}$"), Field(description="发放方式代码")
]
OnceKey = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._-]{8,64}$"),
    Field(description="客户端给出的编号；重复提交同一编号只记一次"),
]
Voucher = Annotated[
    str,
    StaffText(80, lines=False, numbers=False),
    Field(description="凭证号；账号、证件号、电话不予接受，请勿写入姓名"),
]


class ReliefIn(Request):
    """救助申请：救助金，或者实物、服务及其估值。"""

    fund_id: UUID
    kind: ReliefKind
    amount_fen: Fen
    reasons: Words
    description: Words | None = Field(default=None, description="实物或服务的内容；实物须填")


class ReliefApprovalIn(ActIn):
    """批准；不写金额即全额批准。"""

    amount_fen: Fen | None = None


class PaymentIn(ActIn):
    """发放，全部或者部分。"""

    key: OnceKey
    amount_fen: Fen
    paid_on: Day
    way: WayCode
    reference: Voucher | None = None
    received: Words | None = Field(default=None, description="救助对象得到了什么；实物须填")

    @property
    def payment(self) -> Payment:
        """As the ledger keeps it."""
        return Payment(
            self.key, self.amount_fen, self.paid_on, self.way, self.reference, self.received
        )


class Reliefs(Quiet):
    """Applications for the pipeline."""

    async def load(self, uow: UnitOfWork, entity_id: UUID) -> Relief | None:
        """The application with its case, locked."""
        return await store.load(uow.session, entity_id, lock=True)

    def admit(self, entity: Relief, actor: Actor, reference: Reference) -> None:
        """Raises NotFound for organs that neither ask nor keep the fund, and for who must not know
        of the case."""
        case, desks = entity.case, actor.organs | actor.held
        if (
            case is None
            or not actor.organs & {entity.organ_code, entity.keeper}
            or any(is_hidden_from(reference.organs, case, each) for each in desks)
        ):
            raise NotFound(NO_RELIEF)

    def organs(self, entity: Relief, by: ReliefBy) -> frozenset[str]:
        """The organs in a position."""
        asks, keeps = entity.organ_code, entity.keeper
        return frozenset(
            {ReliefBy.APPLICANT: (asks,), ReliefBy.KEEPER: (keeps,)}.get(by, (asks, keeps))
        )

    def at_hand(self, entity: Relief) -> frozenset[str]:
        """Both organs are told."""
        return frozenset((entity.organ_code, entity.keeper))

    async def save(self, uow: UnitOfWork, entity: Relief, *, proposed_by: str | None) -> None:  # noqa: ARG002
        """Store it with its new acts."""
        await store.save(uow, entity)


def _audit(entity: Relief, act: str, step: Step | None) -> tuple[str, dict[str, Any]]:
    return act, {
        "case": entity.case_id, "fund": entity.fund_id, "version": entity.version,
        "amount_fen": step.said.get("amount_fen", 0) if step else 0,
    }  # fmt: skip


RELIEF: Final = Workflow[Relief](
    noun="relief",
    title="项救助申请",
    at="/routing/v1/relief/applications",
    table=TABLE,
    guards=GUARDS,
    states={state: state.label for state in ReliefState},
    positions={by: by.label for by in ReliefBy},
    entities=Reliefs(),
    tables=RELIEF_WORKFLOW,
    illegal=IllegalReliefStep,
    foreign="该步骤由管理资金的机关办理",
    audit=_audit,
)


async def apply(
    uow: UnitOfWork, case_id: UUID, actor: Actor, body: ReliefIn, *, on: date
) -> Relief:
    """Ask for relief in a case, open or closed (Art. 37(3)).

    Raises NotFound for a case the actor's organs have nothing to do with, and what the conditions
    of the table raise."""
    case = await cases.load(uow.session, case_id)
    if case is None or not has_to_do_with(case, actor, uow.reference):
        raise NotFound("没有这个办件")
    parts, fund = involved(case), await store.fund(uow.session, body.fund_id)
    relief = Relief.in_case(
        new_id(), case, fund, kind=body.kind, amount=body.amount_fen,
        description=body.description, reasons=body.reasons, organs=actor.organs & parts,
        by=actor.person, on=on,
    )  # fmt: skip
    await begin(
        RELIEF, uow, relief, actor, relief.organ_code, ReliefAct.APPLY, on=on, body=body,
        found=(fund, parts), said=_amount(body),
    )  # fmt: skip
    return relief


def _amount(body: Any) -> dict[str, Any]:
    """Words stand on the application itself, a payment on its own row."""
    return {"amount_fen": body.amount_fen}


def _no_words(_body: Any) -> dict[str, Any]:
    return {}


async def _into_ledger(uow: UnitOfWork, relief: Relief, step: Step, entry: Entry | None) -> None:
    """The fund takes the entry of an act; decided by one statement, whoever comes beside."""
    if entry is not None:
        await enter(
            uow, relief.fund_id, entry, by=step.person, application_id=relief.application_id
        )


async def _paid(uow: UnitOfWork, relief: Relief, step: Step, entry: Entry | None) -> None:
    await store.add_payment(uow, relief, by=step.person)
    await _into_ledger(uow, relief, step, entry)


async def _has(_uow: UnitOfWork, relief: Relief, body: PaymentIn) -> bool:
    return relief.has(body.payment)


@RELIEF.act(
    "approval", "批准救助", ReliefApprovalIn, ReliefAct.APPROVE, sample={"amount_fen": 50_000},
    says=_no_words, after=_into_ledger, refuses=(FundShort,), caller=Head,
)  # fmt: skip
def approve_relief(relief: Relief, step: Step, body: ReliefApprovalIn) -> Entry | None:
    """The money is reserved at once."""
    entry = relief.approve(body.amount_fen, by=step.person, on=step.on)
    step.note(amount_fen=relief.approved)
    return entry


@RELIEF.act(
    "refusal", "不予批准救助", ReasonsIn, ReliefAct.REFUSE, sample={"reasons": "已享受同类救助"},
    says=_no_words, caller=Head,
)  # fmt: skip
def refuse_relief(relief: Relief, step: Step, body: ReasonsIn) -> None:
    """No money moves."""
    relief.refuse(body.reasons, by=step.person, on=step.on)


@RELIEF.act(
    "payments", "发放救助", PaymentIn, ReliefAct.PAY,
    sample={"key": "voucher-1", "amount_fen": 100, "paid_on": "2026-03-02", "way": "bank"},
    says=_amount, after=_paid, already=_has, refuses=(KeyReused, Invalid),
)  # fmt: skip
def pay_relief(relief: Relief, step: Step, body: PaymentIn) -> Entry | None:
    """Whole or in part; the reserved money is paid."""
    return relief.pay(body.payment, on=step.on)


@RELIEF.act(
    "cancellation", "撤销救助", ReasonsIn, ReliefAct.CANCEL, sample={"reasons": "已由民政救助"},
    says=_no_words, after=_into_ledger,
)  # fmt: skip
def cancel_relief(relief: Relief, step: Step, body: ReasonsIn) -> Entry | None:
    """What was reserved and not paid goes back into the fund."""
    entry = relief.cancel(body.reasons, on=step.on)
    step.note(amount_fen=entry.amount if entry else 0)
    return entry
