"""Words to persons about their tasks; rows of the same transaction, shown on screens and in the phone's feed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from gridapp.db import session
from gridapp.models import Notice, Person, Post, Task
from gridapp.timesource import now


def tell(persons: Iterable[uuid.UUID | None], kind: str, task: Task, **params: Any) -> None:
    """Leave a notice of ``kind`` about a task for each person once."""
    at = now()
    for person_id in sorted({p for p in persons if p is not None}):
        session.add(Notice(person_id=person_id, task_id=task.id, kind=kind, params=params, at=at))


def reporters_of(task: Task) -> set[uuid.UUID | None]:
    """Reporters of a task and of every task that was merged into it, however deep."""
    tree = select(Task.id, Task.reporter_id).where(Task.id == task.id).cte(recursive=True)
    child = aliased(Task)
    tree = tree.union(select(child.id, child.reporter_id).join(tree, child.master_id == tree.c.id))
    return set(session.scalars(select(tree.c.reporter_id)))


def holders_of(task: Task) -> set[uuid.UUID | None]:
    """The persons who hold a task now: who stands in the post, or the unit's handlers in whose scope it lies."""
    if task.assignee_post_id:
        return {session.scalar(select(Post.person_id).where(Post.id == task.assignee_post_id))}
    if task.assignee_unit_id:
        members = select(Person.id).where(Person.unit_id == task.assignee_unit_id, Person.retired_at.is_(None))
        return set(session.scalars(members))
    return set()
