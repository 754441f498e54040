"""Business hours: how they are written, and when staff are there, on the days when clocks change too."""

from datetime import datetime, timedelta, timezone

import pytest

from bot.domain.business_hours import Hours
from bot.settings import Settings, SettingsError

# 2026: 4 March is a Wednesday; London's clocks skip 01:00 to 02:00 on Sunday 29 March and repeat it on 25 October.


def hours(text: str, zone: str = "UTC") -> Hours:
    return Hours.of(Settings.read({"BUSINESS_HOURS": text, "TIME_ZONE": zone, "DATABASE_URL": "sqlite://"}))


def utc(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=timezone.utc)


WEEK = "Mon-Fri 09:00-17:00; Sat 10:00-12:30"


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (utc(3, 4, 9), True),
        (utc(3, 4, 8, 59), False),
        (utc(3, 4, 16, 59), True),
        (utc(3, 4, 17), False),
        (utc(3, 7, 12, 29), True),
        (utc(3, 7, 12, 30), False),
        (utc(3, 8, 12), False),
    ],
)
def test_staff_are_there_from_the_first_minute_until_before_the_last(at: datetime, is_open: bool) -> None:
    assert hours(WEEK).is_open(at) is is_open


def test_without_hours_staff_are_always_there() -> None:
    always = hours("")
    assert always.is_open(utc(3, 8, 3))
    assert always.next_opening(utc(3, 8, 3)) is None
    assert always.open_time(utc(3, 1), utc(3, 3)) == timedelta(days=2)


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        (utc(3, 4, 12), None),
        (utc(3, 4, 8), utc(3, 4, 9)),
        (utc(3, 4, 17), utc(3, 5, 9)),
        (utc(3, 6, 20), utc(3, 7, 10)),
        (utc(3, 7, 13), utc(3, 9, 9)),
    ],
)
def test_the_next_opening(at: datetime, opening: datetime | None) -> None:
    assert hours(WEEK).next_opening(at) == opening


def test_one_opening_a_week_is_found_from_its_own_end() -> None:
    assert hours("Wed 09:00-10:00").next_opening(utc(3, 4, 10)) == utc(3, 11, 9)


def test_hours_go_by_the_clock_of_the_place() -> None:
    tokyo = hours("Mon-Fri 09:00-17:00", "Asia/Tokyo")
    assert tokyo.is_open(utc(3, 4, 0))
    assert not tokyo.is_open(utc(3, 4, 8))
    # Sunday evening in UTC is Monday morning in Tokyo.
    assert tokyo.next_opening(utc(3, 8, 20)) == utc(3, 9, 0)


def test_the_clock_on_the_wall_counts_when_clocks_change() -> None:
    london = hours("Mon-Sun 09:00-17:00", "Europe/London")
    assert london.next_opening(utc(3, 28, 20)) == utc(3, 29, 8)
    assert london.next_opening(utc(10, 24, 20)) == utc(10, 25, 9)
    assert london.open_time(utc(3, 28, 12), utc(3, 29, 12)) == timedelta(hours=9)


def test_a_day_when_clocks_change_has_23_or_25_hours() -> None:
    sundays = hours("Sun 00:00-24:00", "Europe/London")
    assert sundays.open_time(utc(3, 28), utc(3, 31)) == timedelta(hours=23)
    assert sundays.open_time(utc(10, 24), utc(10, 27)) == timedelta(hours=25)


def test_an_opening_in_the_hour_that_does_not_exist_is_left_out() -> None:
    london = hours("Sun 01:00-02:00", "Europe/London")
    assert not london.is_open(utc(3, 29, 1))
    assert london.next_opening(utc(3, 28)) == utc(4, 5, 0)


def test_midnight_is_no_gap() -> None:
    night = hours("Mon 22:00-24:00; Tue 00:00-06:00")
    assert night.is_open(utc(3, 2, 23, 59))
    assert night.is_open(utc(3, 3, 0))
    assert night.open_time(utc(3, 2), utc(3, 4)) == timedelta(hours=8)


def test_time_counts_while_staff_are_there() -> None:
    week = hours(WEEK)
    assert week.open_time(utc(3, 6, 16, 50), utc(3, 7, 10, 5)) == timedelta(minutes=15)
    assert week.open_time(utc(3, 8), utc(3, 9)) == timedelta()
    assert week.open_time(utc(3, 4, 12), utc(3, 4, 11)) == timedelta()


def test_openings_that_overlap_count_once() -> None:
    assert hours("Mon-Wed 09:00-12:00; Wed 10:00-14:00").open_time(utc(3, 4), utc(3, 5)) == timedelta(hours=5)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("mon,wed 9:00 - 17:00", "Mon 09:00-17:00;Wed 09:00-17:00;"),
        ("Sat-Mon 10:00-12:00", "Mon 10:00-12:00; Sat 10:00-12:00; Sun 10:00-12:00"),
        ("Mon 09:00-12:00; Mon 12:00-15:00", "Mon 09:00-15:00"),
    ],
)
def test_there_are_several_ways_to_write_it(text: str, same: str) -> None:
    assert hours(text).openings == hours(same).openings


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("9 to 5", "must look like 'Mon-Fri 09:00-17:00"),
        ("Mon-Fri 09:00-17:00, Sat 10:00-12:00", "must look like"),
        ("Mon-Fri 09:00-17:00-18:00", "must look like"),
        ("Lun-Fri 09:00-17:00", "is no day"),
        ("Mon 17:00-09:00", "ends before it begins"),
        ("Mon 09:00-09:00", "ends before it begins"),
        ("Mon 09:00-25:00", "a day ends at 24:00"),
        ("Mon 09:60-17:00", "names a time that there is not"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=f"^BUSINESS_HOURS.*{says}"):
        hours(text)


@pytest.mark.parametrize("zone", ["Mars/Base", "Europe", "../etc/passwd", "GMT+1h"])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(SettingsError, match="TIME_ZONE must be a time zone such as Europe/London"):
        hours(WEEK, zone)
