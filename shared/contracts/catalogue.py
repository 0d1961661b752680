"""All event contracts there are: type -> class. docs/events.md is generated from this."""

from __future__ import annotations

from typing import Final

from shared.contracts import digest, intake, papers, routing, supervision
from shared.contracts.envelope import EventData

CONTRACTS: Final[tuple[type[EventData], ...]] = (
    intake.PetitionRegisteredV1,
    intake.HistoryImportedV1,
    intake.PetitionContentV1,
    intake.PetitionSealedV1,
    intake.PetitionWithdrawnV1,
    papers.PaperDeliveredV1,
    routing.CaseOpenedV1,
    routing.CaseReferredV1,
    routing.CaseAcceptedV1,
    routing.CaseObjectedV1,
    routing.CaseObjectionDecidedV1,
    routing.CaseAnsweredV1,
    routing.CaseDeliveredV1,
    routing.CaseProgressedV1,
    routing.CaseImportedV1,
    papers.NoticeOwedV1,
    papers.NoticeToldV1,
    routing.PostChangedV1,
    routing.EditionPublishedV1,
    routing.GrantKeyPublishedV1,
    routing.QueueUnattendedV1,
    supervision.DutyStartedV1,
    supervision.DutyWarnedV1,
    supervision.DutyOverdueV1,
    supervision.DutyEndedV1,
    supervision.DutyJudgedV1,
    digest.IntakeDigestV1,
    digest.RoutingDigestV1,
    digest.SupervisionDigestV1,
)

BY_TYPE: Final[dict[str, type[EventData]]] = {contract.TYPE: contract for contract in CONTRACTS}

CASE_EVENTS: Final = tuple(c for c in CONTRACTS if issubclass(c, routing.CaseEvent))
DUTY_EVENTS: Final = tuple(c for c in CONTRACTS if issubclass(c, supervision.DutyEvent))
DIGESTS: Final[dict[str, type[digest.HourlyDigest]]] = {
    "intake": digest.IntakeDigestV1,
    "routing": digest.RoutingDigestV1,
    "supervision": digest.SupervisionDigestV1,
}
