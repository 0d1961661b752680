"""Whose tokens a deployment believes."""

from __future__ import annotations

from shared.kernel.clock import SystemClock
from shared.runtime.settings import Settings
from shared.web.jwks import IssuerKeys
from shared.web.tokens import OPERATOR_PERSON, OWN_ISSUER, SERVICE_PERSON, TokenChecker, Trust

OWN_PERSONS = frozenset({SERVICE_PERSON, OPERATOR_PERSON})


def make_token_checker(settings: Settings) -> TokenChecker:
    """Believes the identity provider, beside it the deployment's own issuer about its own persons;
    or, where no provider is named, the built-in issuer about everybody."""

    def keys(issuer: str, source: str) -> IssuerKeys:
        return IssuerKeys(source, issuer=issuer, clock=SystemClock())

    if settings.has_built_in_issuer:
        source = str(settings.data_dir / "keys" / "jwks.json")
        trusts = [Trust(OWN_ISSUER, keys(OWN_ISSUER, source))]
    elif settings.own_jwks in {"", settings.jwks}:
        trusts = [Trust(settings.token_issuer, keys(settings.token_issuer, settings.jwks))]
    else:
        own, provider = keys(OWN_ISSUER, settings.own_jwks), settings.token_issuer
        trusts = [
            Trust(OWN_ISSUER, own, only=OWN_PERSONS),
            Trust(provider, keys(provider, settings.jwks), never=OWN_PERSONS),
        ]
    return TokenChecker(trusts, audience=settings.token_audience)
