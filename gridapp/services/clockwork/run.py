"""Doing what is due: one task at a time, each with all its due steps, in one transaction with their marks.

Processes share the work by taking tasks that nobody else has locked. What is done is marked in the same transaction, so
a process that is killed has done a step or has not. A step that is overtaken, or that no longer fits the task as it
stands, is dropped without a word. What fails is tried again after growing pauses, then put aside and shown to the
administrator.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

from sqlalchemy import select, text

from gridapp.access import SYSTEM
from gridapp.clocks import PARTS_RUNNING_OUT, Due, Step, overtaken
from gridapp.db import flush, session
from gridapp.errors import Problem
from gridapp.models import ClockStep, Task
from gridapp.services import notices
from gridapp.services.clockwork import assisting, plan, words
from gridapp.services.routing import apply
from gridapp.services.tasking import tasks
from gridapp.services.tasking.first_answerable import heard_by, tell_first
from gridapp.services.tasking.task_effects import Given
from gridapp.timesource import now

PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 240))
"""Before each further try; after the last one the step is put aside."""

CLAIM = text("""
select t.id from clock_step s join task t on t.id = s.task_id
where s.done_at is null and s.parked_at is null and coalesce(s.try_at, s.due_at) <= :at
order by coalesce(s.try_at, s.due_at), s.id limit 1 for update of t skip locked
""")


def claim() -> uuid.UUID | None:
    """Lock the task whose step is due longest, among those that nobody else is at."""
    found: uuid.UUID | None = session.scalar(CLAIM, {"at": now()})
    return found


def perform(task_id: uuid.UUID) -> int:
    """Do what is due on a task that ``claim`` locked; how many steps came to an end.

    A step may plan the clocks of the task anew, so what is due is looked up again before each.
    """
    task = session.get_one(Task, task_id, populate_existing=True)
    late: set[Due] = set()
    count = 0
    while ripe := _ripe(task):
        late |= overtaken([_due(row) for row in ripe])
        _come_to_an_end(task, ripe[0], late)
        flush()
        count += 1
    return count


def _ripe(task: Task) -> list[ClockStep]:
    """What is due now and was not put aside, by its time."""
    at = now()
    return [row for row in plan.waiting(task) if row.parked_at is None and (row.try_at or row.due_at) <= at]


def _due(row: ClockStep) -> Due:
    return Due(Step(row.step), row.since, row.due_at)


def _come_to_an_end(task: Task, row: ClockStep, late: set[Due]) -> None:
    step = Step(row.step)
    if step is not Step.ROUTE and (step, row.since) not in {(due.step, due.since) for due in plan.planned(task)}:
        session.delete(row)
    elif _due(row) in late:
        _mark(row, "overtaken")
    else:
        _mark(row, "done")
        row.result = _DEEDS[step](task, row) or "done"


def failed(task_id: uuid.UUID, words_of_it: str) -> None:
    """Note that the due steps of a task failed: another try after a pause, or aside after the last."""
    at = now()
    query = select(ClockStep).where(ClockStep.task_id == task_id, ClockStep.done_at.is_(None))
    for row in session.scalars(query.with_for_update()):
        if row.parked_at is not None or (row.try_at or row.due_at) > at:
            continue
        row.failure = words_of_it[:500]
        row.tries += 1
        if row.tries > len(PAUSES):
            row.parked_at = at
        else:
            row.try_at = at + PAUSES[row.tries - 1]
    flush()


def _mark(row: ClockStep, result: str) -> None:
    row.done_at, row.result = now(), result
    flush()


def _answer(task: Task, _row: ClockStep) -> None:
    words.tell_holder(task, "clock_answer", empty="clock_empty_answer")
    tell_first(task, "first_answer")


def _yellow(task: Task, _row: ClockStep) -> None:
    words.tell_holder(task, "clock_yellow", empty="clock_empty_yellow")
    tell_first(task, "first_yellow")
    words.show(task)


def _red(task: Task, _row: ClockStep) -> None:
    words.tell_chief(task, "clock_red")
    tell_first(task, "first_red")
    words.show(task)


def _escalate(task: Task, row: ClockStep) -> str | None:
    """One level up; the next holder's clock begins now, for they could not have the task before."""
    before = notices.holders_of(task)
    try:
        tasks.by_system(task, "escalate", reason="overdue", true_at=row.due_at)
    except Problem as problem:
        if problem.code != "nobody_above":
            raise
        words.tell_desk(task, "clock_nobody_above")
        return "nobody"
    gone = before - notices.holders_of(task)
    notices.tell(gone - heard_by(task), "task_taken", task)
    return None


def _resume(task: Task, row: ClockStep) -> None:
    """The hold was over at its date, also where that was noticed late."""
    over = row.due_at
    tasks.by_system(task, "resume", Given(who=SYSTEM, at=over), reason="review_date", true_at=over)


def _returned(task: Task, _row: ClockStep) -> None:
    words.tell_desk(task, "clock_returned")
    tell_first(task, "first_returned")


def _route(task: Task, row: ClockStep) -> str | None:
    return None if apply.route(task, true_at=row.due_at) else "nobody"


_DEEDS: dict[Step, Callable[[Task, ClockStep], str | None]] = {
    Step.ROUTE: _route,
    Step.ANSWER: _answer,
    Step.YELLOW: _yellow,
    Step.RED: _red,
    Step.ESCALATE: _escalate,
    Step.RESUME: _resume,
    Step.RETURNED: _returned,
    **dict.fromkeys(PARTS_RUNNING_OUT, assisting.do),
}
