"""The acts of casework, one module a theme. Importing it registers them all."""

from importlib import import_module
from pkgutil import iter_modules

from services.routing.casework.use_cases.flow import CASES

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

ACTS = CASES.acts
"""By path."""

__all__ = ["ACTS", "CASES"]
