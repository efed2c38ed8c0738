"""The clocks of a task as people read them: the present limits with lamp, and what each holder used."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from gridapp.clocks import Period, periods
from gridapp.db import session
from gridapp.models import Post, Task, TaskEvent, Unit
from gridapp.services.clockwork import calendars
from gridapp.services.moments import stamp
from gridapp.timesource import now


def clocks_of(members: dict[str, Any], task: Task) -> list[dict[str, Any]]:
    """The clock for answering and the one for handling: limit, due time, when it was met, the lamp.

    ``calendar`` names the edition by which it counts, with the versions of the holiday library and of the house's own
    table that were kept with it: what a later one says moves nothing. ``unknown_years`` are years whose public
    holidays nobody knows yet: there the due time counts by weekends only.
    """
    clock = task.clock or {}
    calendar = calendars.frozen(clock.get("calendar"))
    found = []
    for name, due, met in (
        ("answer", task.answer_due_at, task.accepted_at),
        ("handle", task.due_at, task.fed_back_at),
    ):
        limit = clock.get(name)
        begun = task.assigned_at
        urgent = bool(limit and str(limit[1]).startswith("urgent"))
        found.append(
            {
                "name": name,
                "due_at": stamp(due),
                "met_at": stamp(met),
                "limit": {"amount": limit[0], "unit": limit[1]} if limit else None,
                "lamp": members["lamp"] if name == "handle" else None,
                "yellow_at": stamp(task.yellow_at) if name == "handle" else None,
                "calendar": calendars.told_of(clock.get("calendar")) if limit and not urgent else None,
                "unknown_years": list(calendar.unknown_years(begun, due)) if begun and due and not urgent else [],
            }
        )
    return found


def holders_of(events: Sequence[TaskEvent]) -> list[dict[str, Any]]:
    """Everybody who held the task, in order, with the natural and working time that they used and who was late."""
    found = periods(events)
    names = _names(found)
    return [_holder(period, names) for period in found]


def _holder(period: Period, names: dict[str, dict[str, Any]]) -> dict[str, Any]:
    at = now()
    clock = period.clock or {}
    limit = clock.get("handle")
    calendar = calendars.frozen(clock.get("calendar"))
    return {
        "holder": names.get(period.post or period.unit or ""),
        "from": stamp(period.start),
        "until": stamp(period.end),
        "ended_by": period.ended_by,
        "limit": {"amount": limit[0], "unit": limit[1]} if limit else None,
        "answer_due_at": stamp(period.answer_due_at),
        "answered_at": stamp(period.answered_at),
        "due_at": stamp(period.due_at),
        "on_hold": bool(period.pauses) and period.pauses[-1][1] is None,
        "late": period.late(at),
        "natural_minutes": _minutes(period.natural(at)),
        "working_minutes": _minutes(period.working(at, calendar)),
    }


def _minutes(span: dt.timedelta) -> int:
    return int(span.total_seconds() // 60)


def _names(found: list[Period]) -> dict[str, dict[str, Any]]:
    """Posts with their person and units, by id."""
    posts = [uuid.UUID(period.post) for period in found if period.post]
    units = [uuid.UUID(period.unit) for period in found if period.unit]
    names: dict[str, dict[str, Any]] = {}
    query = select(Post).where(Post.id.in_(posts)).options(joinedload(Post.person), joinedload(Post.grid))
    for post in session.scalars(query):
        names[str(post.id)] = {
            "post": str(post.id),
            "name": post.person.name,
            "name_en": post.person.name,
            "grid_name": post.grid.name,
            "deputy": post.deputy,
        }
    for unit in session.scalars(select(Unit).where(Unit.id.in_(units))):
        names[str(unit.id)] = {"unit": str(unit.id), "name": unit.name, "name_en": unit.name_en or unit.name}
    return names
