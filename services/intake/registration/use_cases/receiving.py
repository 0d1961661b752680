"""Who receives what a citizen, a registrar or a partner files."""

from __future__ import annotations

from dataclasses import dataclass

from services.intake.petitions.domain.filing import CLOCKED, FilingInvalid
from services.intake.petitions.domain.petition import Receiver
from shared.kernel.errors import Forbidden
from shared.reference.editions import Reference
from shared.vocabulary.petitions import Channel, Origin
from shared.web.security import Caller


@dataclass(frozen=True, slots=True)
class HowItCame:
    """What the filer says about the way and the organ."""

    channel: Channel
    origin: Origin
    received_by: str | None
    uncounted: int = 0
    """People told of beyond those named."""


def citizen_receiver(reference: Reference, said: HowItCame) -> Receiver:
    """What arrives on the web is the root petition office's (decisions 6).

    Raises FilingInvalid for choices that only a registrar has.
    """
    if said.channel is not Channel.ONLINE:
        raise FilingInvalid("网上提交的信访形式只能是网上", field="channel")
    if said.uncounted > 0:
        raise FilingInvalid("网上提交的人数按署名人数计算", field="head_count")
    if said.origin is not Origin.OWN or said.received_by is not None:
        raise FilingInvalid("来源和登记机关由登记员填写", field="origin")
    return root_receiver(reference, entered=False)


def registrar_receiver(reference: Reference, said: HowItCame, caller: Caller) -> Receiver:
    """The registrar's own organ; the one named when there are several.

    Raises Forbidden for another's organ, FilingInvalid when none of several is named.
    """
    organs = sorted(caller.scope.organs)
    code = said.received_by or (organs[0] if len(organs) == 1 else None)
    if code is None:
        raise FilingInvalid("请填写登记机关", field="received_by")
    if code not in caller.scope.organs:
        raise Forbidden("只能以本人任职的机关登记")
    if said.origin is Origin.PARTNER:
        raise FilingInvalid("该来源只用于系统推送", field="origin")
    organ = reference.organs.get(code)
    if organ is None:
        raise FilingInvalid("登记机关不在机关单位表中", field="received_by")
    return Receiver(
        organ_code=organ.code,
        division_code=organ.division_code,
        tier=int(organ.level),
        petition_office=organ.petition_office,
        entered=said.channel not in CLOCKED,
    )


def root_receiver(
    reference: Reference, *, entered: bool, within: str | None = None, partner: str | None = None
) -> Receiver:
    """The petition office of the deployment's root division."""
    organ = reference.organs.get(reference.root_petition_office)
    if organ is None:
        raise FilingInvalid("本部署没有信访部门")
    return Receiver(
        organ_code=organ.code,
        division_code=organ.division_code,
        tier=int(organ.level),
        petition_office=organ.petition_office,
        entered=entered,
        within=within,
        partner=partner,
    )
