"""Whose tokens a deployment believes."""

from __future__ import annotations

from shared.kernel.clock import SystemClock
from shared.runtime.settings import Settings
from shared.web.jwks import IssuerKeys
from shared.web.tokens import OPERATOR_PERSON, OWN_ISSUER, SERVICE_PERSON, TokenChecker, Trust


def make_token_checker(settings: Settings) -> TokenChecker:
    """Believes the identity provider, beside it the deployment's own issuer about its own persons;
    or, where no provider is named, the built-in issuer about everybody."""

    def trust(issuer: str, source: str, persons: frozenset[str] | None = None) -> Trust:
        return Trust(issuer, IssuerKeys(source, issuer=issuer, clock=SystemClock()), persons)

    if settings.has_built_in_issuer:
        trusts = [trust(OWN_ISSUER, str(settings.data_dir / "keys" / "jwks.json"))]
    else:
        trusts = [trust(settings.token_issuer, settings.jwks)]
        if settings.own_jwks not in {"", settings.jwks}:
            own = frozenset({SERVICE_PERSON, OPERATOR_PERSON})
            trusts.insert(0, trust(OWN_ISSUER, settings.own_jwks, own))
    return TokenChecker(trusts, audience=settings.token_audience)
