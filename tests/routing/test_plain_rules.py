"""Rules of posts, guides and words to search by, as functions of what they are given."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.routing.guides.domain import topics_above, topics_below
from services.routing.posts.domain import first_gap, same_person
from services.routing.search_index.domain import MOST_WORDS, folded, pairs, searched
from shared.kernel.errors import Invalid


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("spans", "gap"),
    [
        ([], day(5)),
        ([(day(1), None)], None),
        ([(day(6), None)], day(5)),
        ([(day(1), day(9))], day(9)),
        ([(day(8), None), (day(1), day(8))], None),
        ([(day(1), day(7)), (day(8), None)], day(7)),
        ([(day(1), day(9)), (day(2), day(3))], day(9)),
    ],
)
def test_first_gap_is_when_nobody_holds_a_post(
    spans: list[tuple[datetime, datetime | None]], gap: datetime | None
) -> None:
    assert first_gap(spans, day(5)) == gap


def test_subjects_that_look_alike_are_one_person() -> None:
    assert same_person("Wang Fang", "ｗａｎｇｆａｎｇ")
    assert not same_person("wangfang", "wangfeng")


def test_topics_above_and_below_follow_the_shape_of_the_code() -> None:
    assert topics_above("010203") == ["010203", "010200", "010000"]
    assert topics_above("010000") == ["010000"]
    assert [topics_below(code) for code in ("010000", "010200", "010203")] == [
        "019999",
        "010299",
        "010203",
    ]


def test_text_and_query_are_read_alike() -> None:
    assert folded("张 三", None, " ", "ＡＢ") == "张三\nab"
    assert pairs("张三，ab") == sorted(["5f20x4e09", "61x62"])
    assert searched("ＡＢ 张三 ab") == ["ab", "张三"]


@pytest.mark.parametrize(
    "query", ["", "张", "张三 ，", " ".join(f"词{n:02}" for n in range(MOST_WORDS + 1))]
)
def test_query_that_would_find_anything_is_refused(query: str) -> None:
    with pytest.raises(Invalid):
        searched(query)
