"""The table of routing's reactions."""

from __future__ import annotations

from shared.messaging.common import react_to_common_events
from shared.messaging.subscriptions import Subscriptions

SUBSCRIPTIONS = Subscriptions(consumer="routing")
react_to_common_events(SUBSCRIPTIONS)
