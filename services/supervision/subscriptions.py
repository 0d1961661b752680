"""What supervision listens to."""

from __future__ import annotations

from shared.messaging.common import react_to_common_events
from shared.messaging.subscriptions import Subscriptions

SUBSCRIPTIONS = Subscriptions(consumer="supervision")
react_to_common_events(SUBSCRIPTIONS)
