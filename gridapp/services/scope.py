"""The scope rule as SQL: what lies outside does not exist. Every query on tasks, grids, posts and persons uses it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import InstrumentedAttribute

from gridapp.access import Principal
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Assist, Grid, Task

T = TypeVar("T")

SQL = "exists (select 1 from grid sg where sg.id = {column} and sg.path && %(scope_ids)s::bigint[])"


TASK_SQL = (
    "({grid}.path && %(scope_ids)s::bigint[] or {task}.assignee_post_id = any(%(scope_posts)s::uuid[]) "
    "or {task}.assignee_unit_id = %(scope_unit)s::uuid or {task}.first_unit_id = %(scope_unit)s::uuid "
    "or {task}.id in (select sa.task_id from assist sa where sa.unit_id = %(scope_unit)s::uuid))"
)


def params(who: Principal) -> dict[str, Any]:
    """Parameters that ``SQL`` and ``TASK_SQL`` need."""
    return {"scope_ids": list(who.scope_ids), "scope_posts": list(who.post_ids), "scope_unit": who.unit_id}


def task_seen(who: Principal) -> ColumnElement[bool]:
    """Tasks that exist for a person: those in scope, and those outside it that they handle, assist in or answer for."""
    seen = in_scope(Task.grid_id, who) | Task.assignee_post_id.in_(who.post_ids)
    if who.unit_id is None:
        return seen
    assists = Task.id.in_(select(Assist.task_id).where(Assist.unit_id == who.unit_id))
    return seen | (Task.assignee_unit_id == who.unit_id) | (Task.first_unit_id == who.unit_id) | assists


def in_scope(column: InstrumentedAttribute[Any] | ColumnElement[Any], who: Principal) -> ColumnElement[bool]:
    """Whether the grid in ``column`` lies in one of the person's areas; everything does for the system."""
    if who.role == "system":
        return true()
    return column.in_(select(Grid.id).where(Grid.path.overlap(list(who.scope_ids))))


def the_one(query: Select[T], kind: type[T], *, lock: bool = False) -> T:
    """The thing of that kind that a query in scope finds, as it stands now and locked against others where asked.

    Raises:
        Problem: ``not_found``.
    """
    if lock:
        query = query.with_for_update(of=kind).execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise Problem("not_found")
    return found


def task_in_scope(who: Principal, task_id: uuid.UUID, *, lock: bool = False) -> Task:
    """The task, locked against others where asked.

    Raises:
        Problem: ``not_found`` where it is not there or not in scope.
    """
    return the_one(select(Task).where(Task.id == task_id, task_seen(who)), Task, lock=lock)


def lock_in_order(who: Principal, task_ids: Iterable[uuid.UUID]) -> None:
    """Lock tasks in scope in the order of their ids, so that two who lock the same ones never wait for each other."""
    query = select(Task.id).where(Task.id.in_(list(task_ids)), task_seen(who)).order_by(Task.id)
    session.execute(query.with_for_update(of=Task))


def grid_in_scope(who: Principal, grid_id: int) -> Grid:
    """The grid.

    Raises:
        Problem: ``not_found`` where it is not there or not in scope.
    """
    return the_one(select(Grid).where(Grid.id == grid_id, in_scope(Grid.id, who)), Grid)
