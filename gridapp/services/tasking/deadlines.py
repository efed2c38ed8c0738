"""Due times of a holder, computed and frozen at assignment: what changes in the catalogue or a calendar moves nothing.

A task's ``clock`` keeps the limit with which its holder began: ``period``, the number of the event that gave it to
them; ``since``, the number of the event from which the present due time counts; ``answer`` and ``handle``, the limits;
``calendar``, the edition of the calendar; ``pauses``, the holds and reviews that are over; ``hold``, the event of the
present hold.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from gridapp.clocks import Limit, TimeUnit, WorkCalendar, due_after_hold, due_at, elapsed, lamp_times
from gridapp.models import Assist, Task
from gridapp.services.clockwork import calendars
from gridapp.services.editions import categories
from gridapp.services.tasking import on_the_spot
from gridapp.services.tasking.assignees import Assignee

_BEGUN: dict[str, Any] = dict.fromkeys(("accepted_at", "asked_due_at", "asked_by", "held_at", "review_on"))
"""What is not yet where somebody's time begins."""


def limits_from(
    task: Task, assignee: Assignee, start: dt.datetime, condition_code: str | None = None
) -> dict[str, Any]:
    """Columns that a new holder's clock sets: class, condition, limits, and the due times from ``start`` on.

    A check on the spot has one end and no lamps: its own limit, or the time that the asker chose where that is later.

    Args:
        task: the task.
        assignee: who holds it from now on; a unit may have a calendar of its own.
        start: when the clock begins.
        condition_code: the filing condition chosen with it; the task's own where None.
    """
    if task.check_kind is not None:
        due = max(on_the_spot.due(start), task.due_at or start)
        return {**_BEGUN, "assigned_at": start, "answer_due_at": due, "due_at": due}
    known = categories.facts(task.category_code, task.edition)
    condition = known.chosen(condition_code or task.condition_code)
    calendar = calendars.of_unit(assignee.unit_id)
    clock = {
        "period": task.version + 1,
        "since": task.version + 1,
        "hold": None,
        "answer": list(condition.answer),
        "handle": list(condition.handle),
        "calendar": calendars.freeze(calendar, start),
        "pauses": [],
    }
    due = due_at(start, _limit(condition.handle), calendar)
    return {
        "condition_code": condition.code,
        "task_class": condition.task_class,
        "assigned_at": start,
        "answer_due_at": due_at(start, _limit(condition.answer), calendar),
        "due_at": due,
        "yellow_at": _yellow(start, due, clock),
        "clock": clock,
        **_BEGUN,
    }


def part_from(task: Task, unit_id: uuid.UUID | None, start: dt.datetime, due: dt.datetime | None) -> dict[str, Any]:
    """Columns of a unit's part in a joint task: its own limit from ``start`` on, by its own calendar.

    Args:
        task: the joint task.
        unit_id: the unit that assists.
        start: when its clock begins.
        due: the dispatcher's choice; the limit of the category where None.
    """
    limits = limits_from(task, Assignee(unit_id=unit_id), start)
    clock = {name: limits["clock"][name] for name in ("since", "answer", "handle", "calendar")}
    chosen = due or limits["due_at"]
    return {
        "answer_due_at": min(limits["answer_due_at"], chosen),
        "due_at": chosen,
        "yellow_at": _yellow(start, chosen, {**clock, "pauses": []}),
        "clock": clock,
    }


def handed_over(task: Task, assignee: Assignee, at: dt.datetime) -> dict[str, Any]:
    """Columns of a holder who takes over in the stage in which the task is: the full limit again.

    A hold goes on; what was accepted stays so; what is fed back already has no clock that runs.
    """
    if task.stage not in {"assign", "handle"}:
        return {}
    columns = limits_from(task, assignee, at)
    if task.stage == "handle":
        columns["accepted_at"] = at
    if task.held_at is not None:
        clock = {**columns["clock"], "hold": task.version + 1}
        columns |= {"held_at": at, "review_on": task.review_on, "clock": clock}
    return columns


def hold(task: Task, at: dt.datetime) -> dict[str, Any]:
    """Columns that stop the clock."""
    return {"held_at": at, "clock": {**clock_of(task), "hold": task.version + 1}}


def go_on(task: Task, stood_from: dt.datetime, until: dt.datetime) -> dict[str, Any]:
    """Columns that let the clock go on: the due time, and one that is asked for, move by what it stood still."""
    if task.due_at is None or task.assigned_at is None:
        return {}
    clock = clock_of(task)
    until = max(until, stood_from)
    pauses = [*clock["pauses"], [stood_from.isoformat(), until.isoformat()]]
    clock = {**clock, "hold": None, "pauses": pauses}
    due, asked = (
        due_after_hold(at, stood_from, until, unit_of(clock), calendar_of(clock)) if at else None
        for at in (task.due_at, task.asked_due_at)
    )
    return {
        "due_at": due,
        "yellow_at": _yellow(task.assigned_at, due, clock) if due else None,
        "clock": clock,
        "asked_due_at": asked,
    }


def extend(task: Task) -> dict[str, Any]:
    """Columns of a granted extension: a due time that is never earlier, whose lamps are still to come."""
    if task.asked_due_at is None or task.assigned_at is None:
        return {}
    due = max(task.asked_due_at, task.due_at or task.asked_due_at)
    clock = {**clock_of(task), "since": task.version + 1}
    return {"due_at": due, "yellow_at": _yellow(task.assigned_at, due, clock), "clock": clock}


def written_down(task: Task) -> dict[str, Any]:
    """Columns that freeze the limit of a holder who began before limits or their calendars were kept."""
    if task.assigned_at is None or task.due_at is None:
        return {}
    calendar = calendars.freeze(calendars.of_unit(task.assignee_unit_id), task.assigned_at)
    clock = {**clock_of(task), "calendar": calendar}
    if task.clock is None:
        began = task.version + 1
        clock |= {"period": began, "since": began, "hold": began if task.held_at else None}
    return {"clock": clock, "yellow_at": task.yellow_at or _yellow(task.assigned_at, task.due_at, clock)}


def part_written_down(task: Task, part: Assist) -> dict[str, Any]:
    """The same of a unit's part in a joint task."""
    limits = part_from(task, part.unit_id, part.asked_at, part.due_at)
    clock = {**limits["clock"], **(part.clock or {}), "calendar": limits["clock"]["calendar"]}
    return {"clock": clock, "yellow_at": part.yellow_at or limits["yellow_at"]}


def clock_of(task: Task) -> dict[str, Any]:
    """The frozen limit; of a task assigned before limits were kept, the category's with the house's calendar."""
    if task.clock is not None:
        return task.clock
    condition = categories.condition_of(task)
    handle, answer = list(condition.handle), list(condition.answer)
    return {
        "period": task.version,
        "since": task.version,
        "hold": None,
        "answer": answer,
        "handle": handle,
        "calendar": None,
        "pauses": [],
    }


def calendar_of(clock: dict[str, Any] | None) -> WorkCalendar:
    """The calendar by which a frozen limit counts."""
    return calendars.frozen(clock["calendar"] if clock else None)


def unit_of(clock: dict[str, Any]) -> TimeUnit:
    """The unit of time in which handling is counted."""
    return TimeUnit(clock["handle"][1])


def _yellow(start: dt.datetime, due: dt.datetime, clock: dict[str, Any]) -> dt.datetime:
    calendar, unit = calendar_of(clock), unit_of(clock)
    pauses = [(dt.datetime.fromisoformat(a), dt.datetime.fromisoformat(b)) for a, b in clock["pauses"]]
    stood = sum((elapsed(a, b, unit, calendar) for a, b in pauses), dt.timedelta(0))
    return lamp_times(start, due, unit, calendar, stood).yellow


def _limit(limit: tuple[int, str]) -> Limit:
    return Limit(limit[0], TimeUnit(limit[1]))
