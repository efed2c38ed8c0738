"""Limits, due times and lamps of one holder's clock, in the four units of the catalogue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gridapp.clocks.calendar import (
    CalendarError,
    WorkCalendar,
    add_working,
    aware,
    same_clock_later,
    worked_between,
)

YELLOW_SHARE = 0.75
ESCALATION_PAUSE = timedelta(hours=4)
MOST_UNITS = 9999


class TimeUnit(StrEnum):
    """The four units of a limit."""

    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"
    URGENT_HOUR = "urgent_hour"
    URGENT_DAY = "urgent_day"

    @property
    def urgent(self) -> bool:
        """Whether it runs day and night (紧急)."""
        return self in {TimeUnit.URGENT_HOUR, TimeUnit.URGENT_DAY}


@dataclass(frozen=True)
class Limit:
    """So many units of time, 1 to 9999."""

    amount: int
    unit: TimeUnit

    def __post_init__(self) -> None:
        if not 1 <= self.amount <= MOST_UNITS:
            raise CalendarError(f"a limit is 1 to {MOST_UNITS} units, not {self.amount}")


class Lamp(StrEnum):
    """Green, yellow from 75 % of the limit on, red from its end on."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True)
class LampTimes:
    """When the lamp turns, and when the task escalates because nothing happened."""

    yellow: datetime
    red: datetime
    escalation: datetime


def due_at(start: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """When a limit that begins at ``start`` ends.

    n 工作日 end at the same clock time n working days later, a start outside every period counting from the next one;
    n 工作时 at the first moment when so much is worked (12:00, not 14:00); n 紧急工作时 and n 紧急工作日 run through.
    """
    if limit.unit is TimeUnit.WORKING_HOUR:
        return add_working(start, timedelta(hours=limit.amount), calendar)
    if limit.unit is TimeUnit.WORKING_DAY:
        return same_clock_later(start, limit.amount, calendar)
    hours = limit.amount * (24 if limit.unit is TimeUnit.URGENT_DAY else 1)
    return aware(start) + timedelta(hours=hours)


def elapsed(start: datetime, end: datetime, unit: TimeUnit, calendar: WorkCalendar) -> timedelta:
    """Time used between two moments: working time, or natural time for urgent units; negative where end is first."""
    if unit.urgent:
        return aware(end) - aware(start)
    return worked_between(start, end, calendar)


def add(start: datetime, span: timedelta, unit: TimeUnit, calendar: WorkCalendar) -> datetime:
    """The inverse of `elapsed`: moves on by natural time for urgent units, else by working time."""
    return aware(start) + span if unit.urgent else add_working(start, span, calendar)


def due_after_hold(
    due: datetime, held_from: datetime, resumed: datetime, unit: TimeUnit, calendar: WorkCalendar
) -> datetime:
    """The due time moved on by what a hold took from the clock: a hold over a holiday takes nothing."""
    return add(due, elapsed(held_from, resumed, unit, calendar), unit, calendar)


def share_used(
    start: datetime,
    due: datetime,
    now: datetime,
    unit: TimeUnit,
    calendar: WorkCalendar,
    held: timedelta = timedelta(0),
) -> float:
    """How much of the limit is used, 1.0 from the due time on; ``held`` is what finished holds took, by `elapsed`."""
    whole = elapsed(start, due, unit, calendar) - held
    if aware(now) >= aware(due):
        return 1.0
    return (elapsed(start, now, unit, calendar) - held) / whole if whole > timedelta(0) else 0.0


def lamp(
    start: datetime,
    due: datetime,
    now: datetime,
    unit: TimeUnit,
    calendar: WorkCalendar,
    held: timedelta = timedelta(0),
) -> Lamp:
    """The lamp of one holder's clock at a moment; during a hold ask with the moment at which it began."""
    if aware(now) >= aware(due):
        return Lamp.RED
    whole = elapsed(start, due, unit, calendar) - held
    used = elapsed(start, now, unit, calendar) - held
    return Lamp.YELLOW if timedelta(0) < whole * YELLOW_SHARE <= used else Lamp.GREEN


def lamp_times(
    start: datetime, due: datetime, unit: TimeUnit, calendar: WorkCalendar, held: timedelta = timedelta(0)
) -> LampTimes:
    """When each step of one holder's clock is due; asked again after a hold or an extension.

    A hold that began after yellow gives a yellow time that is past, for it was told then. The escalation always waits
    four working hours after red, for an urgent task too: nobody is there to take it before.
    """
    whole = elapsed(start, due, unit, calendar) - held
    if whole <= timedelta(0):
        yellow = aware(due)
    else:
        yellow = min(add(start, held + whole * YELLOW_SHARE, unit, calendar), aware(due))
    return LampTimes(yellow, aware(due), add_working(due, ESCALATION_PAUSE, calendar))
