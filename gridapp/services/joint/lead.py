"""What the lead and the dispatcher may do about those who assist."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from gridapp.access import SYSTEM, Principal
from gridapp.db import session
from gridapp.errors import Field
from gridapp.models import Assist, Grid, Task, TaskEvent, Unit
from gridapp.services.routing import chain
from gridapp.services.tasking import assignees
from gridapp.services.tasking.assignees import Assignee
from gridapp.services.tasking.task_effects import Given
from gridapp.timesource import now


def needs_reason(task: Task) -> bool:
    """Whether the lead feeds back only with a reason: a unit that assists is not done yet."""
    return bool(task.asked_units or task.assisting_units)


def units_to_involve(who: Principal, task: Task) -> list[dict[str, Any]]:
    """Units that can be asked to assist: those in scope apart from the lead and from those who assist already."""
    taken = {str(unit) for unit in (*task.asked_units, *task.assisting_units, task.assignee_unit_id)}
    return [choice for choice in assignees.unit_choices(who) if choice["unit"] not in taken]


def unit_above(task: Task, part: Assist) -> uuid.UUID | None:
    """The unit that assists instead of one that is late: the first above it that answers and has no part in it yet.

    None where nobody stands above.
    """
    path = session.scalar(select(Grid.path).where(Grid.id == task.grid_id)) or []
    taken = {*task.asked_units, *task.assisting_units, task.assignee_unit_id}
    return chain.unit_above(path, part.unit_id, taken)


def endings(task: Task, event: TaskEvent) -> Iterator[tuple[Given, str]]:
    """Parts that end because of what has just happened, with the reason.

    A unit that leads from now on assists no longer, for a holder has one clock. What was still open when the task ended
    does not begin anew when it is reopened: the dispatcher asks again.
    """
    open_parts = select(Assist.unit_id).where(Assist.task_id == task.id, Assist.outcome.is_(None))
    if event.action == "reopen":
        ending, reason = open_parts, "task_ended"
    elif task.assignee_unit_id is not None and "assignee_unit_id" in event.changes:
        ending, reason = open_parts.where(Assist.unit_id == task.assignee_unit_id), "leads_now"
    else:
        return
    for unit in session.scalars(ending.order_by(Assist.asked_at)).all():
        yield Given(who=SYSTEM, at=now(), assignee=Assignee(unit_id=unit)), reason


def units_to_release(task: Task) -> list[dict[str, Any]]:
    """Units that assist now."""
    ids = [*task.asked_units, *task.assisting_units]
    units = session.scalars(select(Unit).where(Unit.id.in_(ids)).order_by(Unit.code))
    return [assignees.unit_choice(unit) for unit in units]


def wrong_unit(who: Principal, task: Task, action: str, post: uuid.UUID | None, unit: uuid.UUID | None) -> Field | None:
    """What is wrong with the unit chosen for ``involve`` or ``release``; None where nothing is."""
    offered = units_to_involve(who, task) if action == "involve" else units_to_release(task)
    if post is None and any(choice["unit"] == str(unit) for choice in offered):
        return None
    return Field("unknown", "Choose a unit from the list.", "请从列表中选择单位。")
