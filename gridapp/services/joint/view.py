"""The parts of a joint task as both doors show them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from gridapp.clocks import Lamp
from gridapp.clocks.calendar import worked_between
from gridapp.db import session
from gridapp.models import Assist, Person, Task
from gridapp.services.clockwork import calendars
from gridapp.services.moments import stamp
from gridapp.timesource import now


def shown(task: Task) -> list[dict[str, Any]]:
    """Each unit's part in the order in which they were asked, with its own clock and its own result."""
    query = select(Assist).where(Assist.task_id == task.id).options(joinedload(Assist.unit))
    parts = session.scalars(query.order_by(Assist.asked_at, Assist.id)).all()
    people = {person for part in parts for person in (part.asked_by, part.accepted_by, part.ended_by)}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(people - {None})))
    names = {person: name for person, name in rows}  # noqa: C416  # rows are no pairs to the type checker
    return [_part(task, part, names) for part in parts]


def _part(task: Task, part: Assist, names: dict[Any, str]) -> dict[str, Any]:
    until = part.ended_at or task.closed_at
    limit, used = (part.clock or {}).get("handle"), until or now()
    calendar = calendars.frozen((part.clock or {}).get("calendar"))
    urgent = bool(limit and str(limit[1]).startswith("urgent"))
    return {
        "id": str(part.id),
        "unit": {
            "unit": str(part.unit.id),
            "code": part.unit.code,
            "name": part.unit.name,
            "name_en": part.unit.name_en,
        },
        "state": _state(task, part),
        "words": part.words,
        "asked_at": stamp(part.asked_at),
        "asked_by": names.get(part.asked_by),
        "answer_due_at": stamp(part.answer_due_at),
        "accepted_at": stamp(part.accepted_at),
        "accepted_by": names.get(part.accepted_by),
        "due_at": stamp(part.due_at),
        "limit": {"amount": limit[0], "unit": limit[1]} if limit else None,
        "unknown_years": [] if urgent else list(calendar.unknown_years(part.asked_at, part.due_at)),
        "natural_minutes": _minutes(used - part.asked_at),
        "working_minutes": _minutes(worked_between(part.asked_at, used, calendar)),
        "ended_at": stamp(part.ended_at),
        "ended_by": names.get(part.ended_by),
        "result": part.result,
        "late": part.due_at < used,
        "lamp": None if until else _lamp(part, now()),
    }


def _state(task: Task, part: Assist) -> str:
    """``asked``, ``assisting``, how it ended, or ``open`` where the task ended before it."""
    if part.outcome is not None:
        return part.outcome
    if task.outcome is not None:
        return "open"
    return "assisting" if part.accepted_at else "asked"


def _lamp(part: Assist, at: dt.datetime) -> str:
    """The lamp by the clock that was frozen when the unit was asked."""
    if at >= part.due_at:
        return Lamp.RED.value
    return (Lamp.YELLOW if part.yellow_at is not None and at >= part.yellow_at else Lamp.GREEN).value


def _minutes(span: dt.timedelta) -> int:
    return int(span.total_seconds() // 60)
