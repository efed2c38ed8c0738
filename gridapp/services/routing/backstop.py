"""The district as the backstop (兜底): what units said twice is not theirs comes to the district's unit and stays."""

from __future__ import annotations

from sqlalchemy import select

from gridapp.db import session
from gridapp.models import Grid, Task
from gridapp.services.editions import categories
from gridapp.services.routing import chain
from gridapp.services.tasking import first_answerable
from gridapp.services.tasking.assignees import Assignee
from gridapp.workflow import REFUSALS_UNTIL_BACKSTOP


def due(task: Task) -> bool:
    """Whether units have said "not mine" often enough."""
    return (task.declined_count or 0) >= REFUSALS_UNTIL_BACKSTOP


def refuses(task: Task) -> str | None:
    """Why the unit that has a task cannot say that it is not theirs: it is the backstop, or said so before; else None.

    Where there is a district's unit to take it, saying so a second time brings it there.
    """
    there = unit_for(task) is not None
    if there:
        return "backstop_holds" if due(task) else None
    return "first_answerable_holds" if first_answerable.said_not_mine(task) else None


def unit_for(task: Task) -> Assignee | None:
    """The district's unit for a task, by the chain of its area; None where there is none."""
    path = session.scalar(select(Grid.path).where(Grid.id == task.grid_id)) or []
    preferred = categories.condition_of(task).unit_code
    unit = chain.unit_at(path, "district", preferred, chain.links(path)["district"].unit_id)
    return Assignee(unit_id=unit) if unit else None
