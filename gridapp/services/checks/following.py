"""What an action brings about in checks: one is sent, its answer reaches the checked task, or it ends with that."""

from __future__ import annotations

import uuid
from typing import Protocol

from sqlalchemy import ColumnElement, select

from gridapp.access import SYSTEM, Principal
from gridapp.db import flush, session
from gridapp.models import Task, TaskEvent
from gridapp.services import notices
from gridapp.services.checks.sending import send
from gridapp.services.clockwork import words
from gridapp.services.scope import task_in_scope
from gridapp.services.tasking.task_effects import Given
from gridapp.timesource import now
from gridapp.workflow import CHECKS

UNANSWERED, TASK_ENDED = "unanswered", "task_ended"


class BySystem(Protocol):
    """Does a row of the table as the system."""

    def __call__(
        self, task: Task, action: str, given: Given | None = None, *, reason: str | None = None, note: str | None = None
    ) -> TaskEvent:
        """Write the event."""
        ...


def follow(task: Task, event: TaskEvent, who: Principal, given: Given, by_system: BySystem) -> None:
    """After an action on a task or on a check: send, tell, or end what is to be."""
    if event.action in CHECKS:
        send(task, event.action, who, due=given.due, note=given.note)
    elif task.check_of is not None and task.outcome is not None:
        _tell(task, event, by_system)
    elif task.outcome is not None:
        call_off(task.id, by_system)
    flush()


def call_off(task_id: uuid.UUID, by_system: BySystem) -> None:
    """End the checks of a task that has ended."""
    for check in _open_checks(task_id):
        by_system(check, "call_off", reason=TASK_ENDED)


def _open_checks(task_id: uuid.UUID) -> list[Task]:
    query = select(Task).where(Task.check_of == task_id, Task.outcome.is_(None)).with_for_update()
    return list(session.scalars(query))


def _tell(check: Task, event: TaskEvent, by_system: BySystem) -> None:
    """The answer, or that there is none, stands in the record of the task that was checked, and the asker is told.

    Where the system asked, for a sample, those who review by it are.
    """
    checked = task_in_scope(SYSTEM, check.check_of or check.id, lock=True)
    if checked.open:
        by_system(checked, "check_told", reason=event.reason or UNANSWERED, note=_words(check, event))
    kind = "check_answered" if check.check_result else "check_unanswered"
    asked = {check.reporter_id} if check.reporter_id else words.judges_of(checked)
    notices.tell(asked - {event.actor_id}, kind, checked, check=check.number)


def _words(check: Task, event: TaskEvent) -> str:
    return f"#{check.number} {event.note}" if event.note else f"#{check.number}"


def late() -> list[uuid.UUID]:
    """Checks that nobody answered in time, those that wait longest first."""
    return list(session.scalars(select(Task.id).where(*_late()).order_by(Task.due_at, Task.id)))


def expire(check_id: uuid.UUID, by_system: BySystem) -> bool:
    """End a check that nobody answered in time, unless somebody is at it; whether it still waited."""
    query = select(Task).where(Task.id == check_id, *_late()).with_for_update(skip_locked=True)
    check = session.scalar(query.execution_options(populate_existing=True))
    if check is None:
        return False
    _tell(check, by_system(check, "call_off", reason=UNANSWERED), by_system)
    flush()
    return True


def _late() -> tuple[ColumnElement[bool], ...]:
    return Task.check_of.is_not(None), Task.outcome.is_(None), Task.due_at <= now()
