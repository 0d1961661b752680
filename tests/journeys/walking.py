"""Random walks of a case through the table of procedure, by routing's own acts."""

from __future__ import annotations

import copy
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import (
    CLAIM_OPINIONS,
    REVIEW_OPINIONS,
    SUGGESTION_OPINIONS,
)
from services.routing.cases.domain.parts import Part
from services.routing.cases.domain.procedure import Row
from services.routing.cases.domain.rules import due_of
from services.routing.cases.domain.withdrawal import Withdrawal
from services.routing.cases.outgoing import case_facts
from services.routing.cases.store.mapping import case_values
from services.routing.cases.store.tables import CaseRow
from services.routing.casework.acts import CASES
from services.routing.papers.use_cases.notices import owe, tell
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.routing import CaseFacts
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import DomainError
from shared.vocabulary.acts import Act, By
from shared.vocabulary.cases import PartState
from shared.workflow.guards import Law
from tests.routing.making import CHANGSHA, COUNTY, COUNTY_OFFICE, HOUSING, TODAY, a_case, facts
from tests.support.acts import take

DISCIPLINE, COURT = f"{COUNTY}-DISCIPLINE", f"{COUNTY}-COURT"
ASSISTING = (f"{COUNTY}-JUSTICE", f"{COUNTY}-WATER", f"{COUNTY}-AUDIT")
DESTINATIONS = (HOUSING, HOUSING, COUNTY_OFFICE, DISCIPLINE)
REFUSALS = (Act.REFUSE_ACCEPTANCE, Act.NO_FURTHER_ACCEPTANCE)
DULL = frozenset(
    (
        *(Act.SIGN, Act.RECUSE, Act.REQUEST_SUPPLEMENT, Act.TAKE_SUPPLEMENT, Act.ARCHIVE),
        *(Act.OPEN_MEDIATION, Act.FAIL_MEDIATION, Act.SOLVE, Act.SETTLE),
        *(Act.SUSPEND, Act.RESUME),
    )
)
"""Acts that no duty follows from; done seldom."""
ONWARD = frozenset(
    (
        *(Act.ACCEPT, Act.ANSWER_PART, Act.ANSWER, Act.DELIVER, Act.REPORT, Act.REQUEST_REVIEW),
        Act.REVIEW,
    )
)
"""The straight way to the end of Art. 36, which few would come to by chance."""


@dataclass
class Walk:
    """One case, walked at random from its opening; `haste` keeps it on the straight way."""

    uow: UnitOfWork
    random: Random
    case: Case = field(init=False)
    petition: PetitionRegisteredV1 = field(init=False)
    today: date = TODAY
    haste: float = 0.0

    def __post_init__(self) -> None:
        random = self.random
        self.haste = random.choice([0.0, 0.2, 0.7])
        office = random.random() < 0.55
        purpose = random.choice(["claim", "claim", "claim", "suggestion", "accusation"])
        receiver, petition_id = CHANGSHA if office else HOUSING, uuid.uuid4()
        decider = CHANGSHA if office else random.choice([HOUSING, COUNTY_OFFICE])
        notice_owed = random.random() < 0.7
        self.case = a_case(
            purpose=purpose, petition_ids=[petition_id], received_by=receiver, decider=decider,
            received_by_petition_office=office, notice_owed=notice_owed, category_code="030800",
        )  # fmt: skip
        self.petition = PetitionRegisteredV1(
            petition=facts(
                petition_id=petition_id, purpose=purpose, received_by=receiver,
                notice_owed=notice_owed,
            )
        )  # fmt: skip

        if random.random() < 0.35:  # long ago, so it can't be taken back any more
            self.case.withdrawn = Withdrawal(TODAY, TODAY)

    def told(self) -> CaseFacts:
        """The case as the next event tells it, through JSON and back."""
        return CaseFacts.model_validate(case_facts(self.case).model_dump(mode="json"))

    async def open(self) -> None:
        """Store the case, for what the acts store beside it."""
        words = {"title": "x", "text": "x", "place": None, "channel": "online", "origin": "own"}
        more = {"declared_division": None, "category_confidence": None}
        row = case_values(self.case, due_of(self.uow.reference, self.case)) | words | more
        ids = {"case_id": self.case.case_id, "changed_at": self.uow.clock.now()}
        await self.uow.insert_many(CaseRow, [row | ids])

    async def step(self) -> Row | None:
        """One act of those that are allowed now; None where there is none or it is refused."""
        held = self.case.current
        period = held is not None and held.assigned_due_on is not None
        allowed = [a for a in self.case.allowed if not (a is Act.EXTEND and period)]
        if not allowed:
            return None
        lively = [act for act in allowed if act not in DULL]
        onward = [act for act in allowed if act in ONWARD]
        if onward and self.random.random() < self.haste:
            lively = onward
        act = self.random.choice(lively if lively and self.random.random() < 0.9 else allowed)
        before = copy.deepcopy(self.case)
        self.today += timedelta(days=self.random.choice([0, 0, 1, 2, 4, 9]))
        try:
            return await self._take(act)
        except DomainError:
            self.case = before
            return None

    def hear_of_papers(self) -> int:
        """Tell one paper that is owed; how many were told."""
        owed = [each for each in self.case.notices if each.told_on is None]
        if owed:
            tell(self.case, owed[0].ordinal, method="post", proof=None, on=self.today)
        return min(1, len(owed))

    async def _take(self, act: Act) -> Row:
        case = self.case
        row = next(row for row in CASES.table.fitting(case) if row.act is act)
        organ = self._organ(row)
        rests_on = SimpleNamespace(last=None, notices=())  # another case, which there is none of
        row = await take(
            case, act, self._body(act), law=Law(self.uow.reference, self.today), organ=organ,
            person="a", uow=self.uow, found=rests_on if act in REFUSALS else None,
        )  # fmt: skip
        await owe(self.uow, case, row, organ=organ, on=self.today)
        case.version += 1
        return row

    def _organ(self, row: Row) -> str:
        case = self.case
        held = case.hold
        if row.by is By.DECIDER or held is None:
            return case.decider
        if row.by is By.ASSISTANT:
            return self._open_part().organ_code
        return held.organ_code if row.by is By.HOLDER else held.from_organ

    def _open_part(self) -> Part:
        return next(part for part in self.case.parts if part.is_open)

    def _body(self, act: Act) -> dict[str, Any]:
        random, case, day = self.random, self.case, self.today.isoformat()
        later = (self.today + timedelta(days=random.randint(1, 40))).isoformat()
        held = case.current
        fitting = SUGGESTION_OPINIONS if case.purpose == "suggestion" else CLAIM_OPINIONS
        if held is not None and held.is_review:
            fitting = REVIEW_OPINIONS
        reasons, opinion = {"reasons": "x"}, str(random.choice(sorted(fitting)))
        kind = random.choice(["transfer", "transfer", "assignment", "assignment", "own", "guide"])
        bodies: dict[Act, dict[str, Any]] = {
            Act.DECIDE: {
                "kind": kind, "note": "x",
                "organ_code": COURT if kind == "guide" else random.choice(DESTINATIONS),
                "assigned_due_on": later if kind == "assignment" else None,
                "purpose": random.choice(["claim", "suggestion", "accusation"])
                if case.purpose == "uncertain" else None,
            },
            Act.PUT_UP: {"proposal": "x"},
            Act.INSTRUCT: {"instruction": "x"},
            Act.PASS_ON: {"note": "x", "organ_code": random.choice(DESTINATIONS)},
            Act.REFUSE_ACCEPTANCE: {"same_as": "x"} | reasons,
            Act.NO_FURTHER_ACCEPTANCE: {"same_as": "x"} | reasons,
            Act.OBJECT: reasons,
            Act.UPHOLD: {"upheld": True},
            Act.REFUSE: {"upheld": False} | reasons,
            Act.ACCEPT: {"simple": random.random() < 0.5},
            Act.TO_ORDINARY: reasons,
            Act.REQUEST_SUPPLEMENT: {"wanted": "x"},
            Act.TAKE_SUPPLEMENT: {"received": "x"},
            Act.RECUSE: {"person": "b", "replaced_by": "c"} | reasons,
            Act.EXTEND: {"days": random.randint(1, 30)} | reasons,
            Act.SUSPEND: {"until": later} | reasons,
            Act.RESUME: reasons,
            Act.OPEN_HEARING: {"subject": "x", "participants": ["x"]},
            Act.CLOSE_HEARING: {"record": "x"},
            Act.OPEN_MEDIATION: {"mediator": "x", "parties": ["x"]},
            Act.FAIL_MEDIATION: reasons,
            Act.AGREE: {"kind": "mediation", "terms": "x", "fulfil_by": later} | random.choice(
                [{}, {"undertakings": [{"party": "person", "duty": "x", "due": later}]}]
            ),
            Act.FULFIL: {"outcome": "x"},
            Act.BREACH: reasons,
            Act.ANSWER: {"opinion": opinion, "text": "x", "legal_basis": "x"},
            Act.REVIEW: {"opinion": opinion, "text": "x", "legal_basis": "x"},
            Act.DELIVER: {"method": "post"},
            Act.TELL: {"method": "post"},
            Act.REPORT: {"report": "x"},
            Act.TAKE_REPORT: {"accepted": True},
            Act.RETURN_REPORT: {"accepted": False} | reasons,
            Act.CARRY_OUT: {"outcome": "x"},
            Act.REQUEST_REVIEW: {"requested_on": day},
            Act.REFUSE_REVIEW: reasons,
            Act.SHARE: {"parts": [
                {"organ_code": organ, "role": "examine", "task": "x", "due_on": later}
                for organ in random.sample(ASSISTING, random.randint(1, 2))
            ]},
            Act.SOLVE: {"how": "x", "consented": False},
            Act.SETTLE: reasons,
            Act.REOPEN: {"ground": "new_facts"} | reasons,
        }  # fmt: skip
        if act in (Act.ANSWER_PART, Act.EXCUSE_PART):
            words = {"opinion": "x"} if act is Act.ANSWER_PART else reasons
            return {"part": self._open_part().ordinal} | words
        if act is Act.KEEP_UNDERTAKING:
            promised = next(each for each in case.undertakings if each.is_open)
            return {"undertaking": promised.ordinal, "outcome": "x"}
        if act is Act.JUDGE_PART:
            given = next(part for part in case.parts if part.state is PartState.ANSWERED)
            return {"part": given.ordinal, "accepted": random.random() < 0.7} | reasons
        return bodies.get(act, {})
