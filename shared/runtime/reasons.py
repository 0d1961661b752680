"""Why a service says that it is not fit for work; docs/operations.md has a line for each."""

from enum import StrEnum


class Reason(StrEnum):
    """Reasons every service can have; a service's own checks add theirs."""

    DATABASE = "database"
    STORE_DAMAGED = "store_damaged"
    BUS = "bus"
    RELAY_LAG = "relay_lag"
    AUDIT_UNSEALED = "audit_unsealed"
    AUDIT_BROKEN = "audit_broken"
    WORKER = "worker"
    """With the loop's name behind it."""
