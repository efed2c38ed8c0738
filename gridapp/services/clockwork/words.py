"""What the clock says: to the holder, to the chief, to the desk; rows of the transaction that does the step."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select

from gridapp.access import CHIEF, DISPATCHER, REVIEWER, Principal, may_act
from gridapp.db import session
from gridapp.models import Change, Grid, Leave, Person, Post, Task
from gridapp.services import notices
from gridapp.services.moments import stamp
from gridapp.timesource import now


def tell_holder(task: Task, kind: str) -> None:
    """A word to whoever has the task, with its due time."""
    notices.tell(notices.holders_of(task), kind, task, due_at=stamp(task.due_at))


def tell_chief(task: Task, kind: str) -> None:
    """A word to the chief of the community, or to the desk where there is none."""
    notices.tell(chiefs_of(task) or desk_of(task), kind, task, due_at=stamp(task.due_at))


def tell_desk(task: Task, kind: str) -> None:
    """A word to those who assign: the dispatchers nearest to the task and the chief."""
    notices.tell(desk_of(task) | chiefs_of(task), kind, task)


def tell_judges(task: Task) -> None:
    """A word to those who may review it, that it waits for them."""
    notices.tell(judges_of(task), "task_feedback", task)


def show(task: Task) -> None:
    """Let screens and phones fetch the task again: its lamp has changed, though nothing happened to it."""
    session.add(Change(kind="task", key=str(task.id), grid_id=task.grid_id))


def chiefs_of(task: Task) -> set[uuid.UUID | None]:
    """Chiefs who stand in the areas of the task now, save those on leave."""
    away = select(Leave.post_id).where(Leave.during.contains(now()))
    query = (
        select(Post.person_id)
        .join(Person, Person.id == Post.person_id)
        .where(Post.kind == CHIEF, Post.grid_id.in_(_path(task)), Post.during.contains(now()), Post.id.not_in(away))
        .where(Person.retired_at.is_(None))
    )
    return set(session.scalars(query))


def desk_of(task: Task) -> set[uuid.UUID | None]:
    """Dispatchers in whose scope the task lies, those with the smallest scope."""
    path = _path(task)
    query = (
        select(Person.id, func.array_position(path, Person.scope_grid_id))
        .where(Person.role == DISPATCHER, Person.retired_at.is_(None), Person.scope_grid_id.in_(path))
        .order_by(Person.id)
    )
    found = session.execute(query).all()
    nearest = max((place for _, place in found), default=0)
    return {person for person, place in found if place == nearest}


def judges_of(task: Task) -> set[uuid.UUID | None]:
    """Those who may review a task that was fed back: reviewers in whose scope it lies, and its chiefs, by their roles.

    Nobody who handled it or fed it back.
    """
    query = select(Person.id).where(
        Person.role == REVIEWER, Person.retired_at.is_(None), Person.scope_grid_id.in_(_path(task))
    )
    found = [*((one, REVIEWER) for one in session.scalars(query)), *((one, CHIEF) for one in chiefs_of(task))]
    return {one for one, role in found if may_act(Principal(person_id=one, role=role), "pass", task)}


def _path(task: Task) -> list[int]:
    return session.scalar(select(Grid.path).where(Grid.id == task.grid_id)) or []
