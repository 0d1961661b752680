"""Received dates, head-counts and words of a filing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.intake.petitions.domain.filing import (
    FilingInvalid,
    ReceivedDateRefused,
    check_words,
    count_heads,
    received_date,
)
from shared.vocabulary.petitions import Channel

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


@pytest.mark.parametrize("channel", [Channel.ONLINE, Channel.PHONE])
def test_web_and_phone_have_the_servers_day(channel: Channel) -> None:
    assert received_date(None, channel, today=TODAY, entered=False) == TODAY
    assert received_date(TODAY, channel, today=TODAY, entered=False) == TODAY
    with pytest.raises(ReceivedDateRefused):
        received_date(TODAY - DAY, channel, today=TODAY, entered=False)


@pytest.mark.parametrize(
    ("declared", "imported", "allowed"),
    [
        (TODAY, False, True),
        (TODAY - 366 * DAY, False, True),
        (TODAY - 367 * DAY, False, False),
        (TODAY - 3670 * DAY, True, True),
        (TODAY + DAY, False, False),
        (TODAY + DAY, True, False),
        (None, False, False),
    ],
)
def test_what_is_entered_is_checked(declared: date | None, imported: bool, allowed: bool) -> None:
    for channel in Channel:
        if allowed:
            assert declared == received_date(
                declared, channel, today=TODAY, entered=True, imported=imported
            )
        else:
            with pytest.raises(ReceivedDateRefused):
                received_date(declared, channel, today=TODAY, entered=True, imported=imported)


@pytest.mark.parametrize(
    ("channel", "told", "signed", "speak", "person_times", "batch"),
    [
        (Channel.VISIT, 12, 5, 5, 12, True),  # 1 batch, 12 person-times
        (Channel.VISIT, 1, 1, 0, 1, True),
        (Channel.VISIT, 5, 5, 0, 5, True),
        (Channel.VISIT, 0, 1, 0, 1, True),
        (Channel.LETTER, 0, 7, 0, 7, False),
        (Channel.LETTER, 30, 7, 0, 30, False),
        (Channel.ONLINE, 0, 0, 0, 1, False),
        (Channel.PHONE, 0, 1, 0, 1, False),
    ],
)
def test_heads_are_counted(
    channel: Channel, told: int, signed: int, speak: int, person_times: int, batch: bool
) -> None:
    heads = count_heads(channel, head_count=told, signed=signed, representatives=speak)
    assert (heads.person_times, heads.batch) == (person_times, batch)


@pytest.mark.parametrize(("told", "signed", "speak"), [(6, 1, 0), (12, 5, 6), (12, 6, 5)])
def test_of_more_than_five_visitors_at_most_five_speak(told: int, signed: int, speak: int) -> None:
    with pytest.raises(FilingInvalid):
        count_heads(Channel.VISIT, head_count=told, signed=signed, representatives=speak)


def test_words_are_trimmed_and_bounded() -> None:
    assert check_words(" 路灯\n不亮 ", " 很黑 \n") == ("路灯 不亮", "很黑")
    assert len(check_words("标题", "字" * 20_000)[1]) == 20_000
    for subject, text in ((" ", "x"), ("x", " \n"), ("x" * 201, "x"), ("x", "字" * 20_001)):
        with pytest.raises(FilingInvalid):
            check_words(subject, text)
