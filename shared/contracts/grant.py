"""The case grant (授权凭据): what routing signs and intake checks before it opens anything.

A JWS in compact form, `alg` Ed25519, `typ` grant+jwt, `kid` of a published key. The person carries
it from routing to intake; neither service calls the other (decisions 7).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from shared.contracts.envelope import Facts
from shared.vocabulary.posts import GrantPurpose

ALGORITHM: Final = "Ed25519"
TYPE: Final = "grant+jwt"
LIFETIME: Final = timedelta(seconds=60)
"""How long a grant holds (decisions 7)."""

CasePurpose = Literal[
    GrantPurpose.IDENTITY, GrantPurpose.CONTACT, GrantPurpose.DELIVER, GrantPurpose.SAME_MATTER
]
"""What a grant about a case may be for: each shows something of who a petitioner is."""
SealedPurpose = Literal[GrantPurpose.OPEN_SEALED, GrantPurpose.UNSEAL]
"""What a grant about a sealed item may be for."""


class Grant(Facts):
    """The claims. `item` is `petition/<id>` or `sealed/<id>`; `case_epoch` and `case_version` are
    the rank of the case when it was granted: a newer fact about the case ends the grant."""

    iss: Literal["xinfang-routing"] = "xinfang-routing"
    aud: Literal["xinfang-intake"] = "xinfang-intake"
    jti: UUID
    sub: str
    iat: datetime
    exp: datetime
    purpose: GrantPurpose
    reason: str
    item: str
    case_id: UUID | None = None
    case_epoch: int = 0
    case_version: int = 0
    post_id: UUID
    post_version: int

    @property
    def case_rank(self) -> tuple[int, int]:
        """Rank of the newest fact about the case that routing knew."""
        return (self.case_epoch, self.case_version)
