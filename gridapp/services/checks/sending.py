"""Sending somebody to look: the worker of the grid, or who stands above, but nobody who reported or handled it."""

from __future__ import annotations

import datetime as dt
import uuid

from gridapp.access import Principal
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Post, Task
from gridapp.services import notices
from gridapp.services.editions import categories
from gridapp.services.tasking import on_the_spot
from gridapp.timesource import now

FILE = """
with filed as (
  insert into task (id, version, stage, source, edition, category_code, condition_code, task_class, description,
    severity, fields, geom, raw_x, raw_y, raw_crs, accuracy, mock, address, grid_id, boundary_id, located,
    nearest_grid_id, nearest_m, reporter_id, assignee_post_id, assigned_at, answer_due_at, due_at, reported_at,
    received_at, check_of, check_kind)
  select %(id)s, 1, 'assign', 'check', t.edition, t.category_code, %(condition)s, %(class)s, t.description,
    t.severity, t.fields, t.geom, t.raw_x, t.raw_y, t.raw_crs, t.accuracy, t.mock, t.address, t.grid_id,
    t.boundary_id, t.located, t.nearest_grid_id, t.nearest_m, %(asker)s, %(post)s, %(at)s, %(due)s, %(due)s,
    %(at)s, %(at)s, t.id, %(kind)s
  from task t where t.id = %(task)s
  returning *
)
insert into task_event (id, task_id, seq, action, actor_id, actor_kind, at, geom, to_stage, note, changes)
select %(event)s, filed.id, 1, 'check', %(asker)s, %(role)s, %(at)s, filed.geom, filed.stage, %(note)s,
  to_jsonb(filed) - 'version'
from filed
"""


def send(task: Task, kind: str, who: Principal, *, due: dt.datetime | None = None, note: str | None = None) -> Task:
    """File the check of a task that the caller has locked.

    Args:
        task: the task to be looked at.
        kind: ``verify`` or ``inspect``.
        who: who asks for it.
        due: until when; by default so many working hours as the settings say.
        note: what to look at.

    Raises:
        Problem: ``nobody_to_check``.
    """
    post, at = checker(task), now()
    condition = categories.condition_of(task)
    values = {
        "id": uuid.uuid4(),
        "event": uuid.uuid4(),
        "task": task.id,
        "kind": kind,
        "condition": condition.code,
        "class": condition.task_class,
        "asker": who.person_id,
        "role": who.role,
        "post": post.id,
        "at": at,
        "due": due or on_the_spot.due(at),
        "note": note,
    }
    session.flush()
    session.connection().exec_driver_sql(FILE, values)
    check = session.get_one(Task, values["id"])
    session.expire(task, ["checks"])
    notices.tell([post.person_id], "task_check", check, of=task.number)
    return check


def checker(task: Task) -> Post:
    """Who is sent to look at a task.

    Raises:
        Problem: ``nobody_to_check``.
    """
    post = on_the_spot.checker(task)
    if post is None:
        raise Problem("nobody_to_check")
    return post
