"""The calendar at the admin desk: which years are known, days over the library's, and the hours of units.

A change moves no due time that is frozen already; it holds for clocks that begin after it.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from gridapp.access import Principal
from gridapp.clocks import CalendarError, CalendarKind, WorkCalendar
from gridapp.db import flush, session
from gridapp.errors import invalid
from gridapp.models import CalendarDay, CalendarYear, Unit
from gridapp.services import audit, house
from gridapp.services.clockwork import calendars
from gridapp.services.drafts import Day, Draft, Line
from gridapp.services.editing import refuse_stale
from gridapp.services.moments import today
from gridapp.services.staff import units
from gridapp.timesource import now

YEARS_BACK, YEARS_AHEAD = 1, 3
ENTERED_BY = (12, 1)
"""Month and day of the year before: the holidays of a year are published in the autumn."""
PERIOD = re.compile(r"\A([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d\Z")


class DayDraft(Draft):
    """A day that works, or not, whatever the library says."""

    day: Day
    works: Literal["yes", "no"]
    name: Line


class YearDraft(Draft):
    """A year whose days are complete."""

    year: Annotated[int, Field(ge=2000, le=2199)]


class HoursDraft(Draft):
    """The hours of a unit; ``periods`` are like ``08:00-12:00 14:00-18:00``."""

    kind: Literal["house", "china", "weekends", "always"]
    periods: Line | None = None


@dataclass(frozen=True)
class Year:
    """What is known of a year: from the library, declared here, or not; how many days of it work, as it stands."""

    year: int
    known: str
    working_days: int
    days: int


def years() -> list[Year]:
    """The years around now; one that nobody knows is said, not guessed."""
    this, calendar = today().year, calendars.of_unit(None)
    plain = WorkCalendar.china()
    query = select(func.extract("year", CalendarDay.day), func.count()).group_by(func.extract("year", CalendarDay.day))
    counted = {int(year): count for year, count in session.execute(query)}
    return [
        Year(year, _known(year, plain, calendar), _working(year, calendar), counted.get(year, 0))
        for year in range(this - YEARS_BACK, this + YEARS_AHEAD + 1)
    ]


def unknown_ahead() -> list[int]:
    """This year and the next, where their holidays are not known."""
    this, calendar = today().year, calendars.of_unit(None)
    return [year for year in (this, this + 1) if not calendar.knows(year)]


def to_enter() -> list[int]:
    """Years whose holidays somebody should enter by now: this one, and the next from ``ENTERED_BY`` on."""
    at = today()
    return [year for year in unknown_ahead() if year <= at.year or (at.month, at.day) >= ENTERED_BY]


def days() -> list[CalendarDay]:
    """The administrator's days, the latest first."""
    return list(session.scalars(select(CalendarDay).order_by(CalendarDay.day.desc())))


def set_day(who: Principal, draft: DayDraft) -> None:
    """Say of a day whether it works.

    Raises:
        Problem: ``not_whole_house``.
    """
    house.refuse_others(who)
    works = draft.works == "yes"
    row = insert(CalendarDay).values(day=draft.day, works=works, name=draft.name)
    session.execute(row.on_conflict_do_update(index_elements=["day"], set_={"works": works, "name": draft.name}))
    _note(who, "edit", "calendar_day", draft.day.isoformat(), works=works, name=draft.name)


def drop_day(who: Principal, day: dt.date) -> None:
    """Let the library say again what a day is.

    Raises:
        Problem: ``not_whole_house``.
    """
    house.refuse_others(who)
    session.execute(delete(CalendarDay).where(CalendarDay.day == day))
    _note(who, "drop", "calendar_day", day.isoformat())


def declare(who: Principal, draft: YearDraft, *, complete: bool) -> None:
    """Say that the days of a year are complete, or that they are not after all.

    Raises:
        Problem: ``not_whole_house``.
    """
    house.refuse_others(who)
    if complete:
        row = insert(CalendarYear).values(year=draft.year, declared_at=now())
        session.execute(row.on_conflict_do_nothing())
    else:
        session.execute(delete(CalendarYear).where(CalendarYear.year == draft.year))
    _note(who, "edit", "calendar_year", str(draft.year), works=complete)


def set_hours(who: Principal, unit_id: uuid.UUID, version: int, draft: HoursDraft) -> Unit:
    """Set the calendar of a unit in scope.

    Raises:
        Problem: ``not_found``, ``changed_meanwhile``, ``invalid`` naming ``periods``.
    """
    unit = units.unit_in_scope(who, unit_id, lock=True)
    refuse_stale("unit", unit.id, unit.version, version)
    unit.calendar = _setting(draft)
    flush()
    audit.note(who, "edit", "unit", unit.id, unit.grid_id, hours=hours_of(unit))
    return unit


def hours_of(unit: Unit) -> str:
    """The periods of a unit as they are typed; empty where the house's own hold."""
    periods = (unit.calendar or {}).get("periods", ())
    return " ".join(f"{opens}-{closes}" for opens, closes in periods)


def _setting(draft: HoursDraft) -> dict[str, Any] | None:
    if draft.kind == "house":
        return None
    setting: dict[str, Any] = {"kind": draft.kind}
    if draft.periods and draft.kind != "always":
        parts = draft.periods.split()
        if not all(PERIOD.match(part) for part in parts):
            raise _wrong_periods()
        setting["periods"] = [part.split("-") for part in parts]
    try:
        calendars.from_setting(setting)
    except CalendarError as error:
        raise _wrong_periods() from error
    return setting


def _wrong_periods() -> Exception:
    en, zh = "Like 08:00-12:00 14:00-18:00, in order and apart.", "格式如 08:00-12:00 14:00-18:00，按顺序且不重叠。"
    return invalid(periods=("form", en, zh))


def _known(year: int, plain: WorkCalendar, calendar: WorkCalendar) -> str:
    if plain.knows(year):
        return "library"
    return "declared" if calendar.kind is CalendarKind.CHINA and calendar.knows(year) else "unknown"


def _working(year: int, calendar: WorkCalendar) -> int:
    first = dt.date(year, 1, 1).toordinal()
    last = dt.date(year + 1, 1, 1).toordinal()
    return sum(calendar.works(dt.date.fromordinal(day)) for day in range(first, last))


def _note(who: Principal, action: str, kind: str, subject: str, **detail: Any) -> None:
    flush()
    audit.note(who, action, kind, subject, who.scope_ids[0], **detail)
