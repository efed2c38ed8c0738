"""First answerable (首接负责): the unit that took a task first answers for it until another unit accepts it.

It answers also while the task lies at the desk again, or with somebody who has not accepted it: it hears what its clock
says and when it is urged. Whoever of it says a second time that the matter is not theirs brings in the backstop; where
there is none, the second time is refused.
"""

from __future__ import annotations

import uuid

from sqlalchemy import select

from gridapp.db import session
from gridapp.models import Person, Task, TaskEvent, Unit
from gridapp.services import notices
from gridapp.workflow import NOT_MINE, Stage

WAITING = (Stage.REPORT, Stage.ASSIGN, Stage.HANDLE)


def accepted_by(task: Task) -> dict[str, uuid.UUID]:
    """The column that an acceptance sets: from then on the unit that accepted answers."""
    return {"first_unit_id": task.assignee_unit_id} if task.assignee_unit_id else {}


def recalled(task: Task) -> dict[str, None]:
    """The column that taking an assignment back sets: a unit that was first by that assignment alone never was."""
    since = select(TaskEvent.seq).where(TaskEvent.task_id == task.id, TaskEvent.changes.has_key("first_unit_id"))
    began = session.scalar(since.order_by(TaskEvent.seq.desc()).limit(1))
    return {"first_unit_id": None} if task.clock and began == task.clock["period"] else {}


def answers_without_it(task: Task) -> bool:
    """Whether a unit answers for a task that it does not have."""
    there = task.open and task.stage in WAITING
    return there and task.first_unit_id is not None and task.first_unit_id != task.assignee_unit_id


def heard_by(task: Task) -> set[uuid.UUID | None]:
    """The handlers of a unit that answers for a task without having it."""
    return notices.people_of(None, task.first_unit_id) if answers_without_it(task) else set()


def tell_first(task: Task, kind: str, besides: set[uuid.UUID | None] | None = None) -> None:
    """A word to the handlers of a unit that answers for a task without having it."""
    heard = heard_by(task) - (besides or set())
    if heard:
        notices.tell(heard, kind, task, **notices.named(session.get_one(Unit, task.first_unit_id)))


def tell_over(task: Task, unit_id: uuid.UUID) -> None:
    """A word to the handlers of a unit that need not answer any more."""
    unit = session.get_one(Unit, unit_id)
    notices.tell(notices.people_of(None, unit_id), "first_over", task, **notices.named(unit))


def said_not_mine(task: Task) -> bool:
    """Whether the unit that has a task, and answers for it first, said before that the matter is not its own."""
    if task.assignee_unit_id is None or task.assignee_unit_id != task.first_unit_id:
        return False
    said = (
        select(TaskEvent.id)
        .join(Person, Person.id == TaskEvent.actor_id)
        .where(TaskEvent.task_id == task.id, TaskEvent.action == "return", TaskEvent.reason.in_(NOT_MINE))
        .where(Person.unit_id == task.assignee_unit_id)
    )
    return session.scalar(said.limit(1)) is not None
