"""The consumer of intake. All case events are wanted, so a gap in a case is held."""

from __future__ import annotations

from shared.messaging.common import react_to_common_events
from shared.messaging.subscriptions import Subscriptions

SUBSCRIPTIONS = Subscriptions(consumer="intake", contiguous=frozenset({("routing", "case")}))
react_to_common_events(SUBSCRIPTIONS)
