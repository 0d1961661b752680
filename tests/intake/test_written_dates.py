"""Days as offices' programs write them; what needs a guess is no day."""

from contextlib import suppress
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.history.domain.written_dates import day_written

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    "written",
    [
        "2019-03-05", "2019-3-5", "2019/3/5", "2019/03/05", "2019.3.5", "2019年3月5日",
        "2019年03月05日", "2019 年 3 月 5 日", "2019年3月5号", "20190305", "２０１９／３／５",
        "2019/3/5 8:00", "2019/3/5  08:00:00", "2019-3-5 0:00", "2019/03/05 23:59:59",
        "2019-03-05 08:00:00.000", "2019年3月5日8时", "2019年3月5日 8时05分", "2019/3/5 下午3:00",
        "2019年03月05日08时05分06秒", "2019/3/5 8:00 PM", "20190305080000", "20190305T080000",
        "2019-03-05T08", "2019-03-05T08:00:00+08:00", "2019-03-05T15:59:59Z",
        "2019-03-04T16:30:00Z", "20190304T163000Z", "2019-3-4 16:30:00 +0000",
        "2019-03-05T23:30:00.5+14:00", " 2019-03-05\t",
    ],
)  # fmt: skip
def test_the_fifth_of_march(written: str) -> None:
    assert day_written(written, SHANGHAI) == date(2019, 3, 5)


@pytest.mark.parametrize(
    "written",
    [
        "43529", "43529.5", "3/5/2019", "05.03.2019", "19-3-5", "2019-W10-2", "2019-064", "2019-03",
        "2019", "201903", "201903051", "2019030508", "1551744000", "1551744000000", "2019-02-29",
        "2019年2月29日", "2019/2/30", "20190229", "2019-13-01", "2019-00-05", "2019/3-5",
        "2019-3-5 25:00", "2019-3-5 8:61", "2019-03-05T24:00", "2019-03-05+08:00", "2019-03-05T",
        "2019-03-05T08:00:00+99:00", "2019-03-05 8", "2019/3/5 下午3:00Z", "2019/3/155",
        "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+08:00", "1900-01-01",
        "二〇一九年三月五日",
        "Mar 5, 2019", "3月5日", "gestern", "2019-03-05 u. a.", "2019-03-05\n2020-01-01",
    ],
)  # fmt: skip
def test_no_day(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  it has no words, the row gets them
        day_written(written, SHANGHAI)


@given(st.dates(min_value=date(1949, 1, 1)), st.sampled_from(["-", "/", "."]), st.booleans())
def test_every_day_in_every_separator(day: date, mark: str, padded: bool) -> None:
    month, number = (f"{day.month:02}", f"{day.day:02}") if padded else (day.month, day.day)
    assert day_written(f"{day.year}{mark}{month}{mark}{number}", SHANGHAI) == day
    assert day_written(f"{day:%Y}年{month}月{number}日 23:59", SHANGHAI) == day


@given(st.text(max_size=30))
def test_any_text_is_a_day_or_none(written: str) -> None:
    with suppress(ValueError):
        assert day_written(written, SHANGHAI).year >= 1949
