"""The steps of a task's clock as rows: written anew whenever an event moves the clock, so that no old one is left."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from gridapp.clocks import Due, steps_of, steps_of_part
from gridapp.db import session
from gridapp.models import Assist, ClockStep, Task
from gridapp.services.tasking import deadlines

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


def follow(task: Task, after: dt.datetime | None = None) -> None:
    """Bring the waiting steps of a task, locked, in line with it as it stands; those done stay as they are.

    Args:
        task: the task.
        after: only steps that are due after it; all of them where None.
    """
    session.execute(delete(ClockStep).where(ClockStep.task_id == task.id, ClockStep.done_at.is_(None)))
    wanted = [due for due in planned(task) if after is None or due.at > after]
    rows = [{"task_id": task.id, "step": due.step.value, "since": due.since, "due_at": due.at} for due in wanted]
    if rows:
        session.execute(insert(ClockStep).values(rows).on_conflict_do_nothing())


def begin(at: dt.datetime) -> None:
    """Plan the clocks of tasks that were written in sets, those whose limit runs out after a moment.

    What was late before the program looked at it stays as it was told.
    """
    running = select(Task).where(Task.outcome.is_(None), Task.clock.is_not(None), Task.fed_back_at.is_(None))
    late = Task.held_at.is_(None) & (Task.due_at <= at)
    for task in session.scalars(running.where(~late)):
        follow(task, after=at)


def planned(task: Task) -> tuple[Due, ...]:
    """What the clock of a task will do, by the calendar frozen with its limit.

    The units that assist have clocks of their own, as long as the task is open. A check on the spot has one end, its
    due time, and nobody above it: ``services/checks`` ends it.
    """
    if task.check_of is not None or task.outcome is not None:
        return ()
    parts = session.scalars(select(Assist).where(Assist.task_id == task.id, Assist.outcome.is_(None)))
    assisting = [due for part in parts for due in steps_of_part(part, deadlines.calendar_of(part.clock))]
    return (*steps_of(task, deadlines.calendar_of(task.clock)), *assisting)


def waiting(task: Task) -> list[ClockStep]:
    """Steps of a task that are not done, by their time."""
    query = select(ClockStep).where(ClockStep.task_id == task.id, ClockStep.done_at.is_(None))
    query = query.order_by(ClockStep.due_at, ClockStep.id).execution_options(populate_existing=True)
    return list(session.scalars(query))
