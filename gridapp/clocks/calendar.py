"""Working calendars: which moments count, how much was worked between two of them, when so much will be worked.

Pure: no clock is read and nothing is stored here. Times go in with a zone (any) and come out in UTC.

A calendar is laid out once a year as a table of its working periods in true seconds with a running sum, so that
every question is two look-ups, adding and measuring are exact inverses, and a change to summer time loses no hour.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Self
from zoneinfo import ZoneInfo

from gridapp.clocks import library

Period = tuple[time, time]

OFFICE_HOURS: tuple[Period, ...] = ((time(8), time(12)), (time(14), time(18)))
WHOLE_DAY: tuple[Period, ...] = ((time(0), time(0)),)
FIRST_YEAR, LAST_YEAR = 1970, 2200
_MIDNIGHT = time(0)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class CalendarError(ValueError):
    """A calendar, a limit or a time that cannot be counted with; the text names the value and the remedy."""


class CalendarKind(StrEnum):
    """Which days work before the overrides are looked at; ``KEPT`` has what the library said among its overrides."""

    CHINA = "china"
    KEPT = "kept"
    WEEKENDS = "weekends"
    ALWAYS = "always"


@dataclass(frozen=True)
class WorkCalendar:
    """Which days work, and from when to when; compared by value, so that equal ones share their year tables.

    Periods are wall-clock times in ``zone``, ascending and apart; an end at 00:00 is the midnight that ends the day.
    """

    kind: CalendarKind = CalendarKind.CHINA
    zone: str = "Asia/Shanghai"
    periods: tuple[Period, ...] = OFFICE_HOURS
    overrides: tuple[tuple[date, bool], ...] = ()
    declared_years: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        _check_zone(self.zone)
        _check_periods(self.periods)

    @classmethod
    def china(
        cls,
        overrides: Mapping[date, bool] | None = None,
        *,
        periods: tuple[Period, ...] = OFFICE_HOURS,
        declared_years: frozenset[int] = frozenset(),
    ) -> Self:
        """Public holidays and make-up workdays (调休) of the library, then the overrides (day: works or not).

        ``declared_years`` are years that the library lacks and whose overrides an admin says are complete.
        """
        return cls(CalendarKind.CHINA, "Asia/Shanghai", periods, _pairs(overrides), declared_years)

    @classmethod
    def weekends(
        cls, zone: str, overrides: Mapping[date, bool] | None = None, *, periods: tuple[Period, ...] = OFFICE_HOURS
    ) -> Self:
        """Monday to Friday work, public holidays only as far as the overrides name them."""
        return cls(CalendarKind.WEEKENDS, zone, periods, _pairs(overrides))

    @classmethod
    def always(cls, zone: str = "Asia/Shanghai") -> Self:
        """Day and night, every day (a watch post); with it working and urgent hours are the same."""
        return cls(CalendarKind.ALWAYS, zone, WHOLE_DAY)

    def kept(self, since: int) -> WorkCalendar:
        """The same calendar with what the library says of the years from one on written out in it.

        What it says then is there whatever a later library says; years that this one does not know stay unknown.
        """
        if self.kind is not CalendarKind.CHINA:
            return self
        years = frozenset(year for year in library.YEARS if year >= since)
        days = {day: works for year in years for day, works in library.differing(year)}
        told = _pairs(days | dict(self.overrides))
        return WorkCalendar(CalendarKind.KEPT, self.zone, self.periods, told, years | self.declared_years)

    def knows(self, year: int) -> bool:
        """Whether the holidays of this year are known; where not, weekends and overrides alone decide."""
        if self.kind is CalendarKind.CHINA and year in library.YEARS:
            return True
        return self.kind not in {CalendarKind.CHINA, CalendarKind.KEPT} or year in self.declared_years

    def works(self, day: date) -> bool:
        """Whether this day works."""
        return _year_table(self, day.year).works(day)

    def unknown_years(self, start: datetime, end: datetime) -> tuple[int, ...]:
        """The years between two times whose holidays are not known, for whoever shows a due time to say so."""
        first, last = _local(start, self).year, _local(end, self).year
        return tuple(year for year in range(first, last + 1) if not self.knows(year))


@dataclass(frozen=True)
class _YearTable:
    """One year of a calendar; ticks are microseconds since 1970, in ascending lists of equal length a pair."""

    days: tuple[int, ...]
    """Ordinals of the working days."""
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    """Working ticks of the year before each period; one more entry: the whole year."""

    @property
    def total(self) -> int:
        return self.before[-1]

    def works(self, day: date) -> bool:
        place = bisect_left(self.days, day.toordinal())
        return place < len(self.days) and self.days[place] == day.toordinal()

    def worked(self, tick: int) -> int:
        """Working ticks from the start of the year to this one."""
        place = bisect_right(self.starts, tick) - 1
        if place < 0:
            return 0
        return self.before[place] + min(tick, self.ends[place]) - self.starts[place]

    def reached(self, worked: int) -> int:
        """The first tick at which so much of the year is worked (more than 0, at most the total)."""
        place = bisect_left(self.before, worked) - 1
        return self.starts[place] + worked - self.before[place]


def worked_between(start: datetime, end: datetime, calendar: WorkCalendar) -> timedelta:
    """Working time between two moments; negative where the end is first."""
    if end < start:
        return -worked_between(end, start, calendar)
    first, last = _local(start, calendar).year, _local(end, calendar).year
    whole_years = sum(_year_table(calendar, year).total for year in range(first, last))
    worked_before = _year_table(calendar, first).worked(_tick(start))
    return (whole_years + _year_table(calendar, last).worked(_tick(end)) - worked_before) * _TICK


def add_working(start: datetime, span: timedelta, calendar: WorkCalendar) -> datetime:
    """The first moment at which ``span`` of working time has passed since ``start``; ``start`` itself for none."""
    if span < timedelta(0):
        raise CalendarError(f"working time is added, not taken away: {span}")
    if not span:
        return aware(start)
    year = _local(start, calendar).year
    table = _year_table(calendar, year)
    wanted = table.worked(_tick(start)) + span // _TICK
    while wanted > table.total:
        wanted -= table.total
        year += 1
        table = _year_table(calendar, year)
    return _moment(table.reached(wanted))


def next_working(moment: datetime, calendar: WorkCalendar) -> datetime:
    """The moment itself inside a period, else the start of the next period."""
    tick, year = _tick(moment), _local(moment, calendar).year
    table = _year_table(calendar, year)
    place = bisect_right(table.ends, tick)
    while place == len(table.starts):
        year += 1
        table, place = _year_table(calendar, year), 0
    return _moment(max(tick, table.starts[place]))


def same_clock_later(start: datetime, days: int, calendar: WorkCalendar) -> datetime:
    """The same clock time so many working days later; a start outside every period counts from the next one."""
    begun = _local(next_working(start, calendar), calendar)
    year = begun.year
    table = _year_table(calendar, year)
    place = bisect_left(table.days, begun.date().toordinal()) + days
    while place >= len(table.days):
        place -= len(table.days)
        year += 1
        table = _year_table(calendar, year)
    day = date.fromordinal(table.days[place])
    return datetime.combine(day, begun.time(), ZoneInfo(calendar.zone)).astimezone(UTC)


def aware(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is refused, for nobody can know what it means."""
    if moment.tzinfo is None:
        raise CalendarError(f"{moment.isoformat()} has no time zone: give one with an offset")
    _check_year(moment.year)
    return moment.astimezone(UTC)


@lru_cache(maxsize=1024)
def _year_table(calendar: WorkCalendar, year: int) -> _YearTable:
    _check_year(year)
    overrides = dict(calendar.overrides)
    year_days = (date.fromordinal(n) for n in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()))
    days = [day for day in year_days if overrides.get(day, _works_by_kind(day, calendar))]
    starts: list[int] = []
    ends: list[int] = []
    before = [0]
    for opens, closes in _stretches(days, calendar):
        starts.append(max(opens, ends[-1]) if ends else opens)  # an hour that summer time skips
        ends.append(max(closes, starts[-1]))
        before.append(before[-1] + ends[-1] - starts[-1])
    return _YearTable(tuple(day.toordinal() for day in days), tuple(starts), tuple(ends), tuple(before))


def _stretches(days: list[date], calendar: WorkCalendar) -> Iterator[tuple[int, int]]:
    zone = ZoneInfo(calendar.zone)
    for day in days:
        for opens, closes in calendar.periods:
            last_day = day + timedelta(days=1) if closes == _MIDNIGHT else day
            yield _tick(datetime.combine(day, opens, zone)), _tick(datetime.combine(last_day, closes, zone))


def _works_by_kind(day: date, calendar: WorkCalendar) -> bool:
    if calendar.kind is CalendarKind.ALWAYS:
        return True
    if calendar.kind is CalendarKind.CHINA and day.year in library.YEARS:
        return library.works(day)
    return day.weekday() < library.SATURDAY


def _pairs(overrides: Mapping[date, bool] | None) -> tuple[tuple[date, bool], ...]:
    return tuple(sorted((overrides or {}).items()))


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CalendarError(f"year {year} is outside {FIRST_YEAR} to {LAST_YEAR}: check the date or the limit")


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise CalendarError(f"{zone!r} is no time zone: use a name such as Asia/Shanghai") from error


def _check_periods(periods: tuple[Period, ...]) -> None:
    """Ascending, apart and none empty, so that the running sum of a year never steps back."""
    flat = [bound for opens, closes in periods for bound in (opens, time.max if closes == _MIDNIGHT else closes)]
    plain = all(bound.tzinfo is None for bound in flat)
    if not flat or not plain or any(later <= earlier for earlier, later in pairwise(flat)):
        raise CalendarError("working periods must be given in order and apart, such as 08:00-12:00 and 14:00-18:00")


def _local(moment: datetime, calendar: WorkCalendar) -> datetime:
    return aware(moment).astimezone(ZoneInfo(calendar.zone))


def _tick(moment: datetime) -> int:
    return (aware(moment) - _EPOCH) // _TICK


def _moment(tick: int) -> datetime:
    return _EPOCH + tick * _TICK
