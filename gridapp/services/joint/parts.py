"""What the actions of joint work say of a unit's part, and how its row follows what was said.

An event carries the part in ``changes["assist"]``, beside the columns of the task. The row of the part is what these
members add up to; the database refuses any other.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from gridapp.db import flush, session
from gridapp.errors import Problem
from gridapp.models import Assist, Task, TaskEvent
from gridapp.services.tasking import deadlines
from gridapp.services.tasking.task_effects import Given

Members = dict[str, Any]
_TIMES = ("asked_at", "answer_due_at", "due_at", "yellow_at", "accepted_at", "ended_at")
_IDS = ("id", "task_id", "unit_id", "asked_by", "accepted_by", "ended_by")


def open_part(task: Task, unit_id: uuid.UUID | None) -> Assist:
    """The part that a unit has in the task now.

    Raises:
        Problem: ``not_found`` where it has none.
    """
    query = select(Assist).where(Assist.task_id == task.id, Assist.unit_id == unit_id, Assist.outcome.is_(None))
    part = session.scalar(query)
    if part is None:
        raise Problem("not_found")
    return part


def _involve(task: Task, given: Given) -> Members:
    unit = given.assignee.unit_id if given.assignee else None
    return {
        "id": uuid.uuid4(),
        "task_id": task.id,
        "unit_id": unit,
        "asked_by": given.who.person_id or given.asked_by,
        "asked_at": given.at,
        "words": given.note,
        **deadlines.part_from(task, unit, given.at, given.due),
    }


def _accept(task: Task, given: Given) -> Members:
    part = open_part(task, given.who.unit_id)
    return {"id": part.id, "accepted_at": given.at, "accepted_by": given.who.person_id}


def _ended(part: Assist, given: Given, outcome: str) -> Members:
    return {
        "id": part.id,
        "outcome": outcome,
        "result": given.note,
        "ended_at": given.at,
        "ended_by": given.who.person_id,
    }


def _done(task: Task, given: Given) -> Members:
    return _ended(open_part(task, given.who.unit_id), given, "done")


def _decline(task: Task, given: Given) -> Members:
    return _ended(open_part(task, given.who.unit_id), given, "declined")


def _named(task: Task, given: Given) -> Assist:
    return open_part(task, given.assignee.unit_id if given.assignee else None)


def _release(task: Task, given: Given) -> Members:
    return _ended(_named(task, given), given, "released")


def _freeze(task: Task, given: Given) -> Members:
    part = _named(task, given)
    return {"id": part.id, **deadlines.part_written_down(task, part)}


def _escalate(task: Task, given: Given) -> Members:
    return _ended(_named(task, given), given, "escalated")


_MEMBERS: dict[str, Callable[[Task, Given], Members]] = {
    "involve": _involve,
    "assist_accept": _accept,
    "assist_feedback": _done,
    "assist_decline": _decline,
    "assist_escalate": _escalate,
    "assist_pass_up": _involve,
    "assist_freeze": _freeze,
    "release": _release,
}


def _beside(members: Callable[[Task, Given], Members]) -> Callable[[Task, Given], Members]:
    def beside(task: Task, given: Given) -> Members:
        return {"assist": {name: _plain(value) for name, value in members(task, given).items()}}

    return beside


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


BESIDE: dict[str, Callable[[Task, Given], Members]] = {name: _beside(call) for name, call in _MEMBERS.items()}
"""What each action of joint work writes into its event beside the columns of the task."""


def follow(event: TaskEvent) -> None:
    """Let the row of the part follow the event that has just been written."""
    told = event.changes.get("assist")
    if told is None:
        return
    values = {name: _typed(name, value) for name, value in told.items()}
    part = session.get(Assist, values["id"])
    if part is None:
        session.add(Assist(**values))
    else:
        for name, value in values.items():
            setattr(part, name, value)
    flush()


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _TIMES:
        return dt.datetime.fromisoformat(value)
    return uuid.UUID(value) if name in _IDS else value
