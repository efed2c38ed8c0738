"""The golden path: five people take one matter from a report to its review, by whatever door."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from gridapp.db import session
from gridapp.models import Person, TaskEvent

WORDS = "路口垃圾成堆"
PATH = [
    ("report", "worker_a", None, "report"),
    ("assign", "dispatcher_a", "report", "assign"),
    ("urge", "chief_a", "assign", "assign"),
    ("accept", "handler_a", "assign", "handle"),
    ("feedback", "handler_a", "handle", "feedback"),
    ("pass", "reviewer_a", "feedback", "review"),
]


def told(task_id: uuid.UUID) -> list[tuple[str, str, str | None, str]]:
    """Events of a task as ``(action, user name, from, to)``."""
    rows = session.execute(
        select(TaskEvent.action, Person.username, TaskEvent.from_stage, TaskEvent.to_stage)
        .join(Person, Person.id == TaskEvent.actor_id)
        .where(TaskEvent.task_id == task_id)
        .order_by(TaskEvent.seq)
    )
    return [(action, name, before, after) for action, name, before, after in rows]
