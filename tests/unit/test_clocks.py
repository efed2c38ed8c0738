"""Due times, lamps and used time, by hand to the minute and by invariants."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from gridapp.clocks import (
    CalendarError,
    Lamp,
    Limit,
    TimeUnit,
    WorkCalendar,
    add_working,
    due_after_hold,
    due_at,
    elapsed,
    lamp,
    lamp_times,
    share_used,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BOSTON = ZoneInfo("America/New_York")
CHINA = WorkCalendar.china()
EASTERN = WorkCalendar.weekends("America/New_York", periods=((time(9), time(17)),))
WATCH = WorkCalendar.always()
# Friday 2026-03-06 is an ordinary day; Sunday the 8th is made a workday for a holiday on Monday and Tuesday
BRIDGE = WorkCalendar.china({date(2026, 3, 8): True, date(2026, 3, 9): False, date(2026, 3, 10): False})
MONDAY_OFF = WorkCalendar.china({date(2026, 3, 9): False})
SATURDAY_ON = WorkCalendar.china({date(2026, 3, 7): True})

WH, WD, UH, UD = TimeUnit.WORKING_HOUR, TimeUnit.WORKING_DAY, TimeUnit.URGENT_HOUR, TimeUnit.URGENT_DAY
HOURS = timedelta(hours=1)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "calendar", "due"),
    [
        # the four units over an ordinary weekend: Friday 17:30 has half an hour left
        ("2026-03-06 17:30", 4, WH, CHINA, "2026-03-09 11:30"),
        ("2026-03-06 17:30", 4, UH, CHINA, "2026-03-06 21:30"),
        ("2026-03-06 17:30", 1, WD, CHINA, "2026-03-09 17:30"),
        ("2026-03-06 17:30", 1, UD, CHINA, "2026-03-07 17:30"),
        # a holiday on Monday, a make-up Saturday
        ("2026-03-06 17:30", 4, WH, MONDAY_OFF, "2026-03-10 11:30"),
        ("2026-03-06 17:30", 4, WH, SATURDAY_ON, "2026-03-07 11:30"),
        ("2026-03-06 17:30", 3, WD, MONDAY_OFF, "2026-03-12 17:30"),
        # inside one day: lunch does not count, a limit ends when the period ends
        ("2026-03-04 08:00", 4, WH, CHINA, "2026-03-04 12:00"),
        ("2026-03-04 11:00", 2, WH, CHINA, "2026-03-04 15:00"),
        ("2026-03-04 14:00", 4, WH, CHINA, "2026-03-04 18:00"),
        ("2026-03-04 08:00", 8, WH, CHINA, "2026-03-04 18:00"),
        # a start outside every period counts from the next one
        ("2026-03-04 12:30", 1, WH, CHINA, "2026-03-04 15:00"),
        ("2026-03-04 12:30", 2, WD, CHINA, "2026-03-06 14:00"),
        ("2026-03-04 12:00", 1, WD, CHINA, "2026-03-05 14:00"),
        ("2026-03-06 18:00", 1, WD, CHINA, "2026-03-10 08:00"),
        ("2026-03-07 10:00", 1, WH, CHINA, "2026-03-09 09:00"),
        ("2026-03-04 05:00", 1, WD, CHINA, "2026-03-05 08:00"),
        # Friday 16:30, 8 working hours, holiday on Monday and Tuesday, Sunday made up
        ("2026-03-06 16:30", 8, WH, BRIDGE, "2026-03-08 16:30"),
        ("2026-03-06 16:30", 8, UH, BRIDGE, "2026-03-07 00:30"),
        ("2026-03-06 16:30", 2, WD, BRIDGE, "2026-03-11 16:30"),
        # ... transferred on Wednesday at 10:00: the next holder has all 8; returned at 11:00: again all 8
        ("2026-03-11 10:00", 8, WH, BRIDGE, "2026-03-12 10:00"),
        ("2026-03-11 11:00", 8, WH, BRIDGE, "2026-03-12 11:00"),
        ("2026-03-11 11:00", 8, UH, BRIDGE, "2026-03-11 19:00"),
        # New Year 2026: 1-3 January off, Sunday the 4th made up
        ("2025-12-31 17:00", 2, WH, CHINA, "2026-01-04 09:00"),
        ("2025-12-31 17:00", 1, WD, CHINA, "2026-01-04 17:00"),
        ("2025-12-31 23:30", 1, UH, CHINA, "2026-01-01 00:30"),
        # Spring Festival 2026: 15-23 February off, Saturdays the 14th and the 28th made up
        ("2026-02-13 17:00", 10, WH, CHINA, "2026-02-24 09:00"),
        ("2026-02-14 16:00", 1, WD, CHINA, "2026-02-24 16:00"),
        ("2026-02-16 10:00", 3, WD, CHINA, "2026-02-27 08:00"),
        ("2026-02-27 17:00", 2, WH, CHINA, "2026-02-28 09:00"),
        ("2026-02-14 16:00", 2, UD, CHINA, "2026-02-16 16:00"),
        # National Day 2026: 1-7 October off, Sunday 20 September and Saturday 10 October made up
        ("2026-09-30 15:00", 3, WD, CHINA, "2026-10-10 15:00"),
        ("2026-09-30 15:00", 24, WH, CHINA, "2026-10-10 15:00"),
        # the end of 2026: of 2027 only weekends are known, and 1 January is a Friday
        ("2026-12-31 17:00", 2, WH, CHINA, "2027-01-01 09:00"),
        # a consultation, 3 working days, asked on a Thursday night
        ("2026-03-05 22:00", 3, WD, CHINA, "2026-03-11 08:00"),
        # a watch post works day and night
        ("2026-02-14 16:00", 10, WH, WATCH, "2026-02-15 02:00"),
        ("2026-02-14 16:00", 2, WD, WATCH, "2026-02-16 16:00"),
    ],
)
def test_due_time_by_hand(start: str, amount: int, unit: TimeUnit, calendar: WorkCalendar, due: str) -> None:
    assert due_at(at(start), Limit(amount, unit), calendar) == at(due)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        ("2011-07-01 16:00", 2, WH, "2011-07-04 10:00"),  # no holiday table: Independence Day works unless overridden
        ("2011-11-04 16:00", 10, WH, "2011-11-08 10:00"),  # summer time ends on the Sunday between
        ("2011-11-04 16:00", 1, WD, "2011-11-07 16:00"),
        ("2011-11-05 16:00", 1, UD, "2011-11-06 15:00"),  # 24 true hours, an hour less on the clock
    ],
)
def test_another_city_counts_by_its_own_clock(start: str, amount: int, unit: TimeUnit, due: str) -> None:
    assert due_at(at(start, BOSTON), Limit(amount, unit), EASTERN) == at(due, BOSTON)


def test_a_day_in_which_summer_time_begins_has_23_hours() -> None:
    post = WorkCalendar.always("America/New_York")
    assert elapsed(at("2011-03-13 00:00", BOSTON), at("2011-03-14 00:00", BOSTON), WH, post) == 23 * HOURS


def test_a_period_that_summer_time_skips_is_not_worked() -> None:
    night = WorkCalendar.weekends("America/New_York", {date(2011, 3, 13): True}, periods=((time(2, 30), time(3, 10)),))
    assert elapsed(at("2011-03-13 00:00", BOSTON), at("2011-03-14 00:00", BOSTON), WH, night) == timedelta(0)


def test_answers_are_in_utc() -> None:
    due = due_at(at("2026-03-04 11:00"), Limit(2, WH), CHINA)
    assert (due.tzinfo, due.hour) == (UTC, 7)


@pytest.mark.parametrize(
    ("start", "end", "unit", "hours"),
    [
        ("2026-03-06 16:30", "2026-03-09 09:00", WH, 2.5),
        ("2026-03-06 16:30", "2026-03-09 09:00", UH, 64.5),
        ("2026-03-07 00:00", "2026-03-08 23:59", WH, 0),
        ("2026-03-09 09:00", "2026-03-06 16:30", WH, -2.5),
        ("2026-02-14 08:00", "2026-02-24 18:00", WH, 16),
        ("2025-12-31 08:00", "2026-01-04 18:00", WD, 16),
        ("2025-01-01 00:00", "2026-01-01 00:00", WH, 248 * 8),
    ],
)
def test_used_time_by_hand(start: str, end: str, unit: TimeUnit, hours: float) -> None:
    assert elapsed(at(start), at(end), unit, CHINA) == hours * HOURS


@pytest.mark.parametrize(
    ("due", "held_from", "resumed", "unit", "calendar", "moved"),
    [
        # held on Wednesday 14:00-16:00, due Thursday 11:00
        ("2026-03-12 11:00", "2026-03-11 14:00", "2026-03-11 16:00", WH, BRIDGE, "2026-03-12 15:00"),
        ("2026-03-11 19:00", "2026-03-11 14:00", "2026-03-11 16:00", UH, BRIDGE, "2026-03-11 21:00"),
        # over Spring Festival nine of ten days take nothing: an hour on the 14th, one on the 24th
        ("2026-02-24 12:00", "2026-02-14 17:00", "2026-02-24 09:00", WH, CHINA, "2026-02-24 16:00"),
        ("2026-02-24 12:00", "2026-02-14 18:00", "2026-02-24 08:00", WH, CHINA, "2026-02-24 12:00"),
        # three working days keep their clock time over a hold of one working day
        ("2026-03-09 10:00", "2026-03-04 15:00", "2026-03-05 15:00", WD, CHINA, "2026-03-10 10:00"),
    ],
)
def test_a_hold_gives_back_exactly_what_it_took(
    due: str, held_from: str, resumed: str, unit: TimeUnit, calendar: WorkCalendar, moved: str
) -> None:
    assert due_after_hold(at(due), at(held_from), at(resumed), unit, calendar) == at(moved)


def test_lamp_turns_yellow_at_three_quarters_and_red_at_the_end() -> None:
    start = at("2026-03-06 16:30")
    due = due_at(start, Limit(8, WH), CHINA)
    times = lamp_times(start, due, WH, CHINA)
    assert (times.yellow, times.red, times.escalation) == (
        at("2026-03-09 14:30"),
        at("2026-03-09 16:30"),
        at("2026-03-10 10:30"),
    )
    assert lamp(start, due, times.yellow - timedelta(seconds=1), WH, CHINA) is Lamp.GREEN
    assert lamp(start, due, times.yellow, WH, CHINA) is Lamp.YELLOW
    assert lamp(start, due, due - timedelta(seconds=1), WH, CHINA) is Lamp.YELLOW
    assert lamp(start, due, due, WH, CHINA) is Lamp.RED


def test_urgent_lamp_runs_at_night_and_escalates_in_working_hours() -> None:
    start = at("2026-03-06 20:00")
    times = lamp_times(start, due_at(start, Limit(4, UH), CHINA), UH, CHINA)
    assert (times.yellow, times.red) == (at("2026-03-06 23:00"), at("2026-03-07 00:00"))
    assert times.escalation == at("2026-03-09 12:00")


def test_a_hold_keeps_the_share_used() -> None:
    start, held_from, resumed = at("2026-03-04 08:00"), at("2026-03-04 10:00"), at("2026-03-05 10:00")
    due = due_after_hold(due_at(start, Limit(8, WH), CHINA), held_from, resumed, WH, CHINA)
    held = elapsed(held_from, resumed, WH, CHINA)
    assert due == at("2026-03-05 18:00")
    assert share_used(start, due, resumed, WH, CHINA, held) == 0.25
    assert lamp_times(start, due, WH, CHINA, held).yellow == at("2026-03-05 16:00")
    assert lamp(start, due, at("2026-03-05 15:59"), WH, CHINA, held) is Lamp.GREEN
    assert lamp(start, due, at("2026-03-05 16:00"), WH, CHINA, held) is Lamp.YELLOW


def test_a_due_time_before_any_working_time_is_green_until_it_is_red() -> None:
    start, due = at("2026-03-07 10:00"), at("2026-03-07 12:00")  # an extension to a Saturday noon
    assert lamp(start, due, at("2026-03-07 11:59"), WH, CHINA) is Lamp.GREEN
    assert lamp_times(start, due, WH, CHINA).yellow == due
    assert lamp(start, due, due, WH, CHINA) is Lamp.RED


def test_the_library_knows_every_year_up_to_2026() -> None:
    assert all(CHINA.knows(year) for year in range(2004, 2027))


def test_years_that_the_library_lacks_are_said_and_count_by_weekends() -> None:
    start = at("2026-12-31 17:00")
    due = due_at(start, Limit(2, WD), CHINA)
    assert due == at("2027-01-04 17:00")
    assert CHINA.unknown_years(start, due) == (2027,)
    assert CHINA.unknown_years(start, start) == ()


def test_an_admin_supplies_a_missing_year() -> None:
    table = WorkCalendar.china({date(2027, 1, 1): False, date(2027, 1, 2): True}, declared_years=frozenset({2027}))
    start = at("2026-12-31 17:00")
    assert due_at(start, Limit(1, WD), table) == at("2027-01-02 17:00")
    assert table.unknown_years(start, at("2027-06-01 08:00")) == ()


def test_calendars_without_holiday_table_know_every_year() -> None:
    assert EASTERN.unknown_years(at("2011-07-01 16:00"), at("2150-07-01 16:00")) == ()


def test_a_day_can_be_asked_for() -> None:
    assert BRIDGE.works(date(2026, 3, 8))
    assert not BRIDGE.works(date(2026, 3, 9))
    assert not CHINA.works(date(2026, 2, 16))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: due_at(datetime(2026, 3, 4, 11), Limit(1, WH), CHINA),  # noqa: DTZ001
        lambda: elapsed(at("2026-03-04 11:00"), datetime(2026, 3, 4, 11), UH, CHINA),  # noqa: DTZ001
        lambda: lamp(at("2026-03-04 11:00"), at("2026-03-04 12:00"), datetime(2026, 3, 4, 11), WH, CHINA),  # noqa: DTZ001
        lambda: Limit(0, WH),
        lambda: Limit(10_000, WD),
        lambda: WorkCalendar(zone="Asia/Yibin"),
        lambda: WorkCalendar(zone="../etc/passwd"),
        lambda: WorkCalendar(zone="a\0b"),
        lambda: WorkCalendar.china(periods=()),
        lambda: WorkCalendar.china(periods=((time(14), time(18)), (time(8), time(12)))),
        lambda: WorkCalendar.china(periods=((time(8), time(12)), (time(11), time(18)))),
        lambda: WorkCalendar.china(periods=((time(20), time(4)),)),
        lambda: WorkCalendar.china(periods=((time(8), time(12, tzinfo=UTC)),)),
        lambda: add_working(at("2026-03-04 11:00"), timedelta(hours=-1), CHINA),
        lambda: due_at(datetime.max.replace(tzinfo=UTC), Limit(1, UH), CHINA),
        lambda: due_at(datetime.min.replace(tzinfo=BOSTON), Limit(1, WD), CHINA),
        lambda: due_at(at("2199-03-04 11:00"), Limit(9999, WD), CHINA),
    ],
)
def test_what_cannot_be_counted_is_refused_in_words(wrong) -> None:
    with pytest.raises(CalendarError, match=r"\w+ \w+"):
        wrong()
