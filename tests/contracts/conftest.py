"""Fixtures of the contract suites."""

from tests.messaging.conftest import toy_service

__all__ = ["toy_service"]
