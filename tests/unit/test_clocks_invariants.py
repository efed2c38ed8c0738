"""What holds for every start, limit and calendar, however odd."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridapp.clocks import (
    CalendarKind,
    Lamp,
    Limit,
    TimeUnit,
    WorkCalendar,
    add,
    add_working,
    due_after_hold,
    due_at,
    elapsed,
    lamp,
    lamp_times,
    next_working,
)
from tests.unit.test_clocks import BRIDGE, CHINA, EASTERN, HOURS, SHANGHAI, WATCH, WD, WH

MOMENTS = st.datetimes(datetime(2004, 1, 1), datetime(2028, 12, 31), timezones=st.just(SHANGHAI))  # noqa: DTZ001
SPANS = st.timedeltas(timedelta(0), timedelta(hours=3000))
CALENDARS = st.sampled_from([CHINA, BRIDGE, EASTERN, WATCH])


@given(MOMENTS, SPANS, CALENDARS, st.sampled_from(TimeUnit))
def test_measuring_is_the_inverse_of_adding(
    start: datetime, span: timedelta, calendar: WorkCalendar, unit: TimeUnit
) -> None:
    assert elapsed(start, add(start, span, unit, calendar), unit, calendar) == span


@given(MOMENTS, SPANS, SPANS, CALENDARS)
def test_adding_in_two_steps_is_adding_at_once(
    start: datetime, first: timedelta, then: timedelta, calendar: WorkCalendar
) -> None:
    assert add_working(add_working(start, first, calendar), then, calendar) == add_working(
        start, first + then, calendar
    )


@given(MOMENTS, MOMENTS, MOMENTS, CALENDARS)
def test_used_time_adds_up_and_never_exceeds_natural_time(
    first: datetime, middle: datetime, last: datetime, calendar: WorkCalendar
) -> None:
    first, middle, last = sorted((first, middle, last))
    whole = elapsed(first, last, WH, calendar)
    assert elapsed(first, middle, WH, calendar) + elapsed(middle, last, WH, calendar) == whole
    assert timedelta(0) <= whole <= last - first
    assert elapsed(last, first, WH, calendar) == -whole


@given(MOMENTS, st.integers(1, 200), st.sampled_from(TimeUnit), CALENDARS)
def test_a_limit_ends_later_when_it_is_longer_or_begins_later(
    start: datetime, amount: int, unit: TimeUnit, calendar: WorkCalendar
) -> None:
    due = due_at(start, Limit(amount, unit), calendar)
    assert start < due < due_at(start, Limit(amount + 1, unit), calendar)
    assert due <= due_at(start + timedelta(minutes=90), Limit(amount, unit), calendar)


@given(MOMENTS, st.integers(1, 200))
def test_so_many_working_days_are_so_many_times_eight_hours(start: datetime, days: int) -> None:
    due = due_at(start, Limit(days, WD), CHINA)
    assert elapsed(start, due, WD, CHINA) == days * 8 * HOURS
    assert due.astimezone(SHANGHAI).time() == next_working(start, CHINA).astimezone(SHANGHAI).time()


@given(MOMENTS, st.integers(0, 400), st.sampled_from([CHINA, BRIDGE, WATCH]))
def test_used_time_is_what_counting_half_hours_gives(start: datetime, steps: int, calendar: WorkCalendar) -> None:
    half = timedelta(minutes=30)
    start = start.replace(minute=0, second=0, microsecond=0)
    counted = half * sum(_open(start + step * half, calendar) for step in range(steps))
    assert elapsed(start, start + steps * half, WH, calendar) == counted


def _open(moment: datetime, calendar: WorkCalendar) -> bool:
    if calendar.kind is CalendarKind.ALWAYS:
        return True
    return calendar.works(moment.date()) and moment.hour in {8, 9, 10, 11, 14, 15, 16, 17}


@given(MOMENTS, st.integers(1, 100), st.sampled_from(TimeUnit), MOMENTS, st.timedeltas(timedelta(0), timedelta(30)))
def test_a_hold_moves_the_due_time_and_leaves_the_rest_of_the_limit(
    start: datetime, amount: int, unit: TimeUnit, held_from: datetime, pause: timedelta
) -> None:
    due = due_at(start, Limit(amount, unit), CHINA)
    resumed = held_from + pause
    moved = due_after_hold(due, held_from, resumed, unit, CHINA)
    assert moved >= due
    assert elapsed(resumed, moved, unit, CHINA) == elapsed(held_from, due, unit, CHINA)


@given(MOMENTS, st.integers(1, 100), st.sampled_from(TimeUnit), CALENDARS)
def test_the_lamp_turns_exactly_when_its_times_say(
    start: datetime, amount: int, unit: TimeUnit, calendar: WorkCalendar
) -> None:
    due = due_at(start, Limit(amount, unit), calendar)
    times = lamp_times(start, due, unit, calendar)
    tick = timedelta(microseconds=1)
    assert start < times.yellow < times.red < times.escalation
    assert lamp(start, due, times.yellow - tick, unit, calendar) is Lamp.GREEN
    assert lamp(start, due, times.yellow, unit, calendar) is Lamp.YELLOW
    assert lamp(start, due, due, unit, calendar) is Lamp.RED
