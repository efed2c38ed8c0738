"""Sending reports where the rules say: in the request that files one, or by the clock where that was cut short."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import update

from gridapp.access import SYSTEM
from gridapp.clocks import Step
from gridapp.db import flush, session
from gridapp.models import ClockStep, Task
from gridapp.services.routing import rules
from gridapp.services.scope import task_in_scope
from gridapp.services.tasking import tasks
from gridapp.services.tasking.task_effects import Given
from gridapp.timesource import now


def route_new(task_id: uuid.UUID) -> bool:
    """Route a report that was just filed; whether a rule took it.

    Raises:
        Problem: as the assignment does; the clock tries again.
    """
    task = task_in_scope(SYSTEM, task_id, lock=True)
    waiting = (
        update(ClockStep)
        .where(ClockStep.task_id == task_id, ClockStep.step == Step.ROUTE.value, ClockStep.done_at.is_(None))
        .values(done_at=now(), result="done")
    )
    if not session.execute(waiting.returning(ClockStep.id)).all():
        return False
    return route(task)


def route(task: Task, true_at: dt.datetime | None = None) -> bool:
    """Assign a report, locked, by the rules as they are now and the time at which it came.

    Args:
        task: the report; one that somebody took meanwhile is left alone.
        true_at: when it should have been routed, where that is late.

    Returns:
        Whether a rule took it.
    """
    if task.stage != "report" or task.outcome is not None or task.returned_at is not None or task.return_count:
        return False
    found = rules.route_of(task, task.received_at)
    if found is None:
        return False
    given = Given(who=SYSTEM, at=now(), assignee=found.assignee, condition=task.condition_code or found.condition)
    tasks.by_system(task, "assign", given, reason=found.reason, note=found.rule, true_at=true_at)
    flush()
    return True
