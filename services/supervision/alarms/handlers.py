"""Something waits on which nobody may decide: operators see an alarm, and not what it is."""

from __future__ import annotations

from services.supervision.alarms import store as alarms
from services.supervision.alarms.store import Alarm
from services.supervision.subscriptions import SUBSCRIPTIONS
from shared.contracts.routing import QueueUnattendedV1
from shared.db.unit_of_work import UnitOfWork
from shared.messaging.subscriptions import Received
from shared.vocabulary.duties import AlarmCode

DETAIL = "按规定应当回避的机关之外，目前没有在岗人员可以决定；处理办法见运维手册"


@SUBSCRIPTIONS.on(QueueUnattendedV1)
async def note_unattended(event: Received[QueueUnattendedV1], uow: UnitOfWork) -> None:
    """Raise the alarm, or clear it; told again it changes nothing."""
    now = uow.clock.now()
    if not event.data.waits:
        await alarms.clear(uow.session, AlarmCode.NOBODY_MAY_DECIDE, at=now)
        return
    alarm = Alarm(AlarmCode.NOBODY_MAY_DECIDE, "queue", detail=DETAIL)
    await alarms.sound(uow.session, [alarm], at=now, standing=True)
