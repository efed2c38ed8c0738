"""The holiday library: which days of a year work otherwise than its weekday says, and which version says so."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from importlib.metadata import version

import chinese_calendar

NAME = "chinesecalendar"
VERSION = version(NAME)
YEARS = frozenset(day.year for day in chinese_calendar.holidays)
"""Years whose public holidays (法定节假日) and make-up workdays (调休) it knows."""
SATURDAY = 5


def works(day: date) -> bool:
    """Whether a day of one of ``YEARS`` works."""
    return bool(chinese_calendar.is_workday(day))


@lru_cache(maxsize=64)
def differing(year: int) -> tuple[tuple[date, bool], ...]:
    """Days of a year that work though they lie on a weekend, or do not though they lie in the week."""
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    return tuple((day, works(day)) for day in days if works(day) != (day.weekday() < SATURDAY))
