"""What analytics listens to."""

from __future__ import annotations

from shared.messaging.common import react_to_common_events
from shared.messaging.subscriptions import Subscriptions

SUBSCRIPTIONS = Subscriptions(consumer="analytics")
react_to_common_events(SUBSCRIPTIONS)
