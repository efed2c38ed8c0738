"""Working calendars of units and of the house, and their editions, in which a limit was frozen."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from flask import current_app, g
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from gridapp.clocks import CalendarKind, WorkCalendar, library
from gridapp.db import session
from gridapp.models import CalendarDay, CalendarEdition, CalendarYear, Unit
from gridapp.timesource import now

ZONE = "Asia/Shanghai"


@contextmanager
def unchanging() -> Iterator[None]:
    """Within, each calendar and its edition are read once: for a million limits that begin in one transaction."""
    g.calendars, g.editions = {}, {}
    try:
        yield
    finally:
        del g.calendars, g.editions


def of_unit(unit_id: uuid.UUID | None) -> WorkCalendar:
    """The calendar of a unit as it is now, or the default one of the house."""
    read: dict[uuid.UUID | None, WorkCalendar] = g.get("calendars", {})
    if unit_id not in read:
        read[unit_id] = _read(unit_id)
    return read[unit_id]


def _read(unit_id: uuid.UUID | None) -> WorkCalendar:
    unit = session.get(Unit, unit_id) if unit_id else None
    return from_setting(unit.calendar if unit else None)


def from_setting(data: dict[str, Any] | None) -> WorkCalendar:
    """A calendar from a unit's setting: ``{"kind", "zone", "periods": [["08:00", "12:00"], …]}``, all optional.

    The administrator's days and years go over it, save where it works day and night.
    """
    data = data or {}
    if data.get("kind") == "always":
        return WorkCalendar.always(str(data.get("zone", ZONE)))
    days = dict(session.execute(select(CalendarDay.day, CalendarDay.works)).all())
    given: dict[str, Any] = {}
    if "periods" in data:
        given["periods"] = tuple((dt.time.fromisoformat(a), dt.time.fromisoformat(b)) for a, b in data["periods"])
    if data.get("kind") == "weekends":
        return WorkCalendar.weekends(str(data.get("zone", ZONE)), days, **given)
    years = frozenset(session.scalars(select(CalendarYear.year)))
    return WorkCalendar.china(days, declared_years=years, **given)


def freeze(calendar: WorkCalendar, since: dt.datetime) -> str:
    """Keep a calendar as it is now, with all that the holiday library says of the time around ``since`` and later.

    Returns:
        The code of its edition, the same for the same calendar.
    """
    made: dict[tuple[WorkCalendar, int], str] = g.get("editions", {})
    if (calendar, since.year) not in made:
        made[calendar, since.year] = _keep(calendar, since)
    return made[calendar, since.year]


def _keep(calendar: WorkCalendar, since: dt.datetime) -> str:
    definition = {**_definition(calendar.kept(since.year - 1)), **_sources(calendar)}
    code = hashlib.sha256(orjson.dumps(definition)).hexdigest()[:16]
    if session.get(CalendarEdition, code) is None:
        row = {"code": code, "definition": definition, "made_at": now()}
        session.execute(insert(CalendarEdition).values(row).on_conflict_do_nothing())
    return code


def told_of(code: str | None) -> dict[str, Any] | None:
    """By which calendar a limit counts, for people: its edition and the versions of what it was made from."""
    if not code:
        return None
    edition = _edition(code)
    return {"edition": edition.code, **{name: edition.definition.get(name) for name in SOURCES}}


SOURCES = ("library", "table", "own_days")


def _sources(calendar: WorkCalendar) -> dict[str, Any]:
    """The version of the library, and of the administrator's table with how many days it has; none where unused."""
    table = [[day.isoformat(), works] for day, works in calendar.overrides]
    years = sorted(calendar.declared_years)
    said = hashlib.sha256(orjson.dumps([table, years])).hexdigest()[:8] if table or years else None
    china = calendar.kind is CalendarKind.CHINA
    library_said = f"{library.NAME} {library.VERSION}" if china else None
    return {"library": library_said, "table": said, "own_days": len(table)}


def without_library() -> list[str]:
    """Codes of editions that were kept without what the holiday library said, and that nobody has completed since."""
    editions = select(CalendarEdition).where(CalendarEdition.definition["kind"].astext == CalendarKind.CHINA.value)
    there = set(session.scalars(select(CalendarEdition.code)))
    return [
        one.code for one in session.scalars(editions.order_by(CalendarEdition.code)) if _whole(one.code) not in there
    ]


def keep(code: str) -> None:
    """Complete such an edition by what the library says now: what is kept already is never rewritten."""
    edition = session.get_one(CalendarEdition, code)
    calendar = _calendar(edition.definition)
    definition = {**_definition(calendar.kept(edition.made_at.year - 1)), **_sources(calendar)}
    row = {"code": _whole(code), "definition": definition, "made_at": now()}
    session.execute(insert(CalendarEdition).values(row).on_conflict_do_nothing())


def _whole(code: str) -> str:
    """Code of the edition that completes another."""
    return f"{code}-whole"


def _edition(code: str) -> CalendarEdition:
    """An edition, completed where it was kept without the library."""
    return session.get(CalendarEdition, _whole(code)) or session.get_one(CalendarEdition, code)


def frozen(code: str | None) -> WorkCalendar:
    """The calendar of an edition; the default one of the house where a limit names none."""
    known: dict[str, WorkCalendar] = current_app.extensions.setdefault("calendar_editions", {})
    if code is None:
        return from_setting(None)
    found = known.get(code)
    if found is None:
        found = known[code] = _calendar(_edition(code).definition)
    return found


def _definition(calendar: WorkCalendar) -> dict[str, Any]:
    return {
        "kind": calendar.kind.value,
        "zone": calendar.zone,
        "periods": [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in calendar.periods],
        "days": [[day.isoformat(), works] for day, works in calendar.overrides],
        "years": sorted(calendar.declared_years),
    }


def _calendar(kept: dict[str, Any]) -> WorkCalendar:
    return WorkCalendar(
        CalendarKind(kept["kind"]),
        kept["zone"],
        tuple((dt.time.fromisoformat(a), dt.time.fromisoformat(b)) for a, b in kept["periods"]),
        tuple((dt.date.fromisoformat(day), works) for day, works in kept["days"]),
        frozenset(kept["years"]),
    )
