"""What the clock says: to the holder, to the chief, to the desk; rows of the transaction that does the step."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select

from gridapp.access import ADMIN, CHIEF, DISPATCHER, REVIEWER, Principal, may_act
from gridapp.db import session
from gridapp.models import Change, Grid, Leave, Person, Post, Task, Unit
from gridapp.services import notices
from gridapp.services.editions import categories
from gridapp.services.moments import stamp
from gridapp.services.routing import chain
from gridapp.services.staff import standing
from gridapp.timesource import now

WAITS_FOR_REVIEW = "task_feedback"


def tell_holder(task: Task, kind: str, *, empty: str) -> None:
    """A lamp to whoever has the task, with its due time; to who answers instead where nobody of them is there."""
    notices.tell(notices.holders_of(task), kind, task, due_at=stamp(task.due_at))
    if not _there(task):
        named = {**notices.named(_place_of_holder(task)), "due_at": stamp(task.due_at)}
        notices.tell(instead_of(task, holder_of(task)), empty, task, **named)


def tell_chief(task: Task, kind: str) -> None:
    """A word to the chief of the community, to the desk where there is none, or to who answers instead."""
    heard = chiefs_of(task) or desk_of(task) or instead_of(task, holder_of(task))
    notices.tell(heard, kind, task, due_at=stamp(task.due_at))


def tell_desk(task: Task, kind: str) -> None:
    """A word to those who assign."""
    notices.tell(deciders_of(task), kind, task)


def tell_judges(task: Task) -> None:
    """A word to those who may review it, that it waits for them; where there are none, to the desk."""
    judges = judges_of(task)
    notices.tell(judges, WAITS_FOR_REVIEW, task)
    if not judges:
        tell_desk(task, "review_nobody_there")


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
    return _nearest(task, DISPATCHER)


def deciders_of(task: Task) -> set[uuid.UUID | None]:
    """Those who assign: the dispatchers nearest to the task and the chief; the administrators where there are none."""
    return desk_of(task) | chiefs_of(task) or _nearest(task, ADMIN)


def _nearest(task: Task, role: str) -> set[uuid.UUID | None]:
    path = _path(task)
    query = (
        select(Person.id, func.array_position(path, Person.scope_grid_id))
        .where(Person.role == role, Person.retired_at.is_(None), Person.scope_grid_id.in_(path))
        .order_by(Person.id)
    )
    found = session.execute(query).all()
    nearest = max((place for _, place in found), default=0)
    return {person for person, place in found if place == nearest}


def hearers_of(task: Task) -> set[uuid.UUID | None]:
    """Whoever hears what is said to the holder: they, and where nobody of them is there, who answers instead."""
    return notices.holders_of(task) | (set() if _there(task) else instead_of(task, holder_of(task)))


def instead_of(task: Task, holder: chain.Holder) -> set[uuid.UUID | None]:
    """Who answers where nobody is there who has the task or a part of it.

    The chief, else whoever is there at the next level, else the dispatchers, and in the end the administrators.
    """
    path = _path(task)
    heard = chiefs_of(task)
    preferred = categories.condition_of(task).unit_code
    while not heard and (holder := chain.above(path, holder, preferred)) != chain.NOBODY:
        heard = notices.people_of(*holder)
    return heard or desk_of(task) or _nearest(task, ADMIN)


def holder_of(task: Task) -> chain.Holder:
    """The post or unit that has a task."""
    return task.assignee_post_id, task.assignee_unit_id


def _there(task: Task) -> bool:
    """Whether somebody in service has the task; also where it is nobody's, so that nobody need hear it instead."""
    if task.assignee_post_id is None:
        return task.assignee_unit_id is None or bool(notices.holders_of(task))
    held = select(Post.id).where(Post.id == task.assignee_post_id, standing.held_now())
    return session.scalar(held) is not None


def _place_of_holder(task: Task) -> Unit | Grid:
    """The unit that has a task, or the grid of its post."""
    unit = session.get(Unit, task.assignee_unit_id) if task.assignee_unit_id else None
    return unit or session.get_one(Post, task.assignee_post_id).grid


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
