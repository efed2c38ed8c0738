"""Due times of a holder, computed and frozen at assignment by the unit's calendar."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gridapp.clocks import Limit, TimeUnit, WorkCalendar, due_after_hold, due_at
from gridapp.db import session
from gridapp.models import Task, Unit
from gridapp.services import categories
from gridapp.services.assignees import Assignee


def calendar_of(assignee: Assignee) -> WorkCalendar:
    """The calendar of the unit, or the default one of the house."""
    unit = session.get(Unit, assignee.unit_id) if assignee.unit_id else None
    return calendar_from(unit.calendar if unit else None)


def calendar_from(data: dict[str, Any] | None) -> WorkCalendar:
    """A calendar from a unit's setting: ``{"kind", "zone", "periods": [["08:00", "12:00"], …]}``, all optional."""
    if not data:
        return WorkCalendar.china()
    given: dict[str, Any] = {}
    if "periods" in data:
        given["periods"] = tuple((dt.time.fromisoformat(a), dt.time.fromisoformat(b)) for a, b in data["periods"])
    if data.get("kind") == "weekends":
        return WorkCalendar.weekends(str(data.get("zone", "Asia/Shanghai")), **given)
    if data.get("kind") == "always":
        return WorkCalendar.always(str(data.get("zone", "Asia/Shanghai")))
    return WorkCalendar.china(**given)


def limits_from(task: Task, assignee: Assignee, start: dt.datetime) -> dict[str, Any]:
    """Columns that a new holder's clock sets: class, condition, answer and handling due times from ``start``."""
    condition = categories.facts(task.category_code, task.edition).condition
    calendar = calendar_of(assignee)
    return {
        "condition_code": condition.code,
        "task_class": condition.task_class,
        "assigned_at": start,
        "answer_due_at": due_at(start, _limit(condition.answer), calendar),
        "due_at": due_at(start, _limit(condition.handle), calendar),
        "accepted_at": None,
        "asked_due_at": None,
        "asked_by": None,
        "held_at": None,
        "review_on": None,
    }


def due_after(task: Task, resumed: dt.datetime) -> dt.datetime | None:
    """The due time after a hold, which stops the clock."""
    if task.due_at is None or task.held_at is None:
        return task.due_at
    condition = categories.facts(task.category_code, task.edition).condition
    calendar = calendar_of(Assignee(task.assignee_post_id, task.assignee_unit_id))
    return due_after_hold(task.due_at, task.held_at, resumed, TimeUnit(condition.handle[1]), calendar)


def _limit(limit: tuple[int, str]) -> Limit:
    return Limit(limit[0], TimeUnit(limit[1]))
