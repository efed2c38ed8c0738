"""Who looks at a task on the spot, and until when: nobody who reported or handled it, by the limit of a check."""

from __future__ import annotations

import datetime as dt
import uuid

from flask import current_app
from sqlalchemy import case, func, select

from gridapp.clocks import Limit, TimeUnit, due_at
from gridapp.config import Settings
from gridapp.db import session
from gridapp.models import Grid, Post, Task
from gridapp.services.clockwork import calendars
from gridapp.services.staff import standing


def partial(task: Task) -> set[uuid.UUID]:
    """Who reported or handled a task, or what is looked at where it is a check."""
    matter = session.get_one(Task, task.check_of) if task.check_of else task
    return {*matter.handlers, *([matter.reporter_id] if matter.reporter_id else [])}


def checker(task: Task) -> Post | None:
    """The worker of the deepest grid, a deputy before the one on leave; the chief where that is who acted before.

    None where nobody stands there who could.
    """
    path = session.scalar(select(Grid.path).where(Grid.id == task.grid_id)) or []
    query = (
        select(Post)
        .where(Post.grid_id.in_(path), standing.held_now(), Post.person_id.not_in(partial(task)))
        .order_by(
            case((Post.kind == "worker", 0), else_=1),
            func.array_position(path, Post.grid_id).desc(),
            Post.deputy.desc(),
        )
    )
    return session.scalar(query.limit(1))


def due(at: dt.datetime) -> dt.datetime:
    """Until when a check that is given to somebody at a time is to be answered, where nobody chose a time."""
    settings: Settings = current_app.extensions["settings"]
    return due_at(at, Limit(settings.check_hours, TimeUnit.WORKING_HOUR), calendars.of_unit(None))
