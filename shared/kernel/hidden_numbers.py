"""Hiding numbers that lead to a person, by one rule for words of petitioners and of staff."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared.kernel.identity_numbers import numbers_in
from shared.kernel.plain_text import Folded, fold

Span = tuple[int, int, str]
"""Where something stands in a folded text, [start, end), and what is shown instead."""

NOTHING = "***"
"""What stands in a text for any number or address: kept digits would narrow a person down for
everybody who handles the case. Only intake's own forms show more."""


def hide_numbers(text: str) -> str:
    """The text with numbers of persons (citizen, phone, card, plate, e-mail, …) as `***`; the rest
    as it was typed. Hiding twice changes nothing."""
    folded = fold(text)
    return replaced(text, folded, number_spans(folded))


def number_spans(folded: Folded) -> Iterator[Span]:
    """Numbers of persons in a folded text."""
    return ((start, end, NOTHING) for start, end in numbers_in(folded.text))


def replaced(text: str, folded: Folded, spans: Iterable[Span]) -> str:
    """The original text with each span exchanged; spans that overlap become one `***`."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        if merged and span[0] < merged[-1][1]:
            before = merged[-1]
            inside = span[1] <= before[1]
            merged[-1] = before if inside else (before[0], span[1], NOTHING)
        else:
            merged.append(span)
    parts: list[str] = []
    done = 0
    for start, end, shown in merged:
        first, last = folded.span(start, end)
        # Two spans may share one original character that is read as several (⑩).
        parts += [text[done : max(first, done)], shown]
        done = max(done, last)
    return "".join((*parts, text[done:]))
