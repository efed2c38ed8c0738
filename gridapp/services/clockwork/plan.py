"""The steps of a task's clock as rows: written anew whenever an event moves the clock, so that no old one is left."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from gridapp.clocks import Due, steps_of, steps_of_part
from gridapp.db import session
from gridapp.models import Assist, ClockStep, Task
from gridapp.services.tasking import deadlines

SET = 2_000
MOVED_BY = frozenset(
    {
        "stage",
        "outcome",
        "clock",
        "due_at",
        "yellow_at",
        "answer_due_at",
        "held_at",
        "review_on",
        "returned_at",
        "assist",
    }
)
"""Of what an event sets, that by which a clock is planned anew; ``assist`` is a unit's part."""


def follow(task: Task) -> None:
    """Bring the waiting steps of a task, locked, in line with it as it stands; those done stay as they are."""
    session.execute(delete(ClockStep).where(ClockStep.task_id == task.id, ClockStep.done_at.is_(None)))
    rows = [_row(task, due) for due in planned(task)]
    if rows:
        session.execute(insert(ClockStep).values(rows).on_conflict_do_nothing())


def begin(at: dt.datetime) -> None:
    """Plan the clocks of tasks that were written in sets, as far as they have something to do after a moment.

    What was due before the program looked at it stays as it was told.
    """
    running = (Task.outcome.is_(None), Task.clock.is_not(None), Task.fed_back_at.is_(None))
    session.execute(
        delete(ClockStep).where(ClockStep.done_at.is_(None), ClockStep.task_id.in_(select(Task.id).where(*running)))
    )
    tasks = session.scalars(select(Task).where(*running).execution_options(yield_per=SET))
    for some in tasks.partitions():
        parts = _open_parts([task.id for task in some])
        rows = [_row(task, due) for task in some for due in _planned(task, parts.get(task.id, ())) if due.at > at]
        if rows:
            session.execute(insert(ClockStep).on_conflict_do_nothing(), rows)


def _row(task: Task, due: Due) -> dict[str, Any]:
    return {"task_id": task.id, "step": due.step.value, "since": due.since, "due_at": due.at}


def _open_parts(task_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[Assist]]:
    found: dict[uuid.UUID, list[Assist]] = defaultdict(list)
    for part in session.scalars(select(Assist).where(Assist.task_id.in_(task_ids), Assist.outcome.is_(None))):
        found[part.task_id].append(part)
    return found


def planned(task: Task) -> tuple[Due, ...]:
    """What the clock of a task will do, by the calendar frozen with its limit.

    The units that assist have clocks of their own, as long as the task is open. A check on the spot has one end, its
    due time, and nobody above it: ``services/checks`` ends it.
    """
    if task.outcome is not None:
        return ()
    return _planned(task, _open_parts([task.id]).get(task.id, ()))


def _planned(task: Task, parts: Iterable[Assist]) -> tuple[Due, ...]:
    if task.check_of is not None:
        return ()
    assisting = [due for part in parts for due in steps_of_part(part, deadlines.calendar_of(part.clock))]
    return (*steps_of(task, deadlines.calendar_of(task.clock)), *assisting)


def waiting(task: Task) -> list[ClockStep]:
    """Steps of a task that are not done, by their time."""
    query = select(ClockStep).where(ClockStep.task_id == task.id, ClockStep.done_at.is_(None))
    query = query.order_by(ClockStep.due_at, ClockStep.id).execution_options(populate_existing=True)
    return list(session.scalars(query))
