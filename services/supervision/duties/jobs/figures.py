"""Supervision's gauges: overdue duties, the watchers' lateness, open alarms."""

from __future__ import annotations

from collections.abc import Sequence

from services.supervision.duties.store import figures
from shared.kernel.clock import SystemClock
from shared.runtime.service import Service
from shared.vocabulary.duties import AlarmCode
from shared.web.metrics import Gauge


async def gauges(service: Service) -> Sequence[Gauge]:
    """Read when Prometheus asks; the watchers' sign of life is in machine time."""
    now = service.clock.now()
    async with service.database.reading() as session:
        found = await figures.read(session, now)
    waited = (now - found.oldest_due).total_seconds() if found.oldest_due else 0.0
    silence = (SystemClock().now() - found.beaten_at).total_seconds() if found.beaten_at else -1.0
    return [
        Gauge("xinfang_duties_overdue", "Duties overdue and not met", found.overdue),
        Gauge("xinfang_duties_waiting", "Duties due and not yet looked at", found.waiting),
        Gauge("xinfang_duties_waiting_seconds", "How long the first of them waits", waited),
        Gauge("xinfang_watcher_late_seconds", "Worst lateness of the last day", found.late_seconds),
        Gauge("xinfang_watcher_silence_seconds", "Since a watcher's last beat; -1 never", silence),
        *(
            Gauge(
                "xinfang_alarms_open",
                "Alarms not cleared",
                found.alarms.get(code, 0),
                {"code": str(code)},
            )
            for code in AlarmCode
        ),
    ]
