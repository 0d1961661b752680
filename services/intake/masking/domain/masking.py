"""Hiding who wrote from what was written (decisions 16; PIPL Art. 6, 28, 51).

Masked text goes to routing and the topic worker. Hidden are the identities of the structured
petitioner fields wherever they occur, names the text itself introduces (then wherever else they
stand), and numbers that lead to a person. What is promised and what is not: docs/masking.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.intake.masking.domain.finding import Finder, Identity, skeleton
from services.intake.masking.domain.form_fields import value_identity
from services.intake.masking.domain.names import introduced
from services.intake.masking.domain.shown import shown_name
from shared.kernel.hidden_numbers import Span, number_spans, replaced
from shared.kernel.plain_text import fold


class Mask:
    """Hides the identities of one filing, made once for all its texts."""

    def __init__(self, identities: Iterable[Identity]) -> None:
        self._known = Finder(identities)

    def __call__(self, text: str) -> str:
        """The text with every identity replaced by its display form. Masking a masked text changes
        nothing. Takes time in proportion to the length of the text, whatever is in it."""
        folded = fold(text)
        spans: list[Span] = []
        shown: dict[str, str] = {}
        said: dict[str, Identity] = {}
        for name in introduced(folded.text):
            written = folded.text[name.start : name.end]
            if written not in shown:
                shown[written] = shown_name(written)
            spans.append((name.start, name.end, shown[written]))
            if name.is_sure and written not in said:
                said[written] = Identity(skeleton(written), shown[written])
        for finder in (self._known, Finder(said.values())) if said else (self._known,):
            spans += finder.spans(folded)
        spans += number_spans(folded)
        return replaced(text, folded, spans) if spans else text


def mask(text: str, *, identities: Sequence[str]) -> str:
    """The text without these values, each taken as it stands; see `Mask`. Values of fewer than two
    characters are ignored, they would hide ordinary words."""
    return Mask(map(value_identity, identities))(text)
