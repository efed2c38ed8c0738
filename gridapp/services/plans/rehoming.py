"""Putting a published plan in force: grids get their new parents and households, open tasks their new grids.

A report is one statement of its own, so one that was under way while a plan was published still carries the old grid.
Therefore a plan is looked after again for a while until it counts as settled; each pass is harmless to repeat.
"""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import select, text, update

from gridapp.db import flush, session
from gridapp.models import Grid, Plan, Post, Task
from gridapp.services import notices
from gridapp.services.admission.rules import ruling_at
from gridapp.services.ground.locate import leaf_sql
from gridapp.services.plans import drawing, households
from gridapp.services.plans.drawing import Shape
from gridapp.services.staff.standing import in_path
from gridapp.services.tasking import assignees, on_the_spot, tasks
from gridapp.services.words.overtaking import overtake
from gridapp.timesource import now

SETTLES_AFTER = dt.timedelta(minutes=10)
"""No statement that files a report runs for so long."""

STRAYED = f"""
with redrawn as (select b.grid_id, b.geom from boundary b where b.plan_id = %(plan)s),
near as (
  select t.id from redrawn r join task t on t.grid_id = r.grid_id where t.outcome is null and t.geom is not null
  union
  select t.id from redrawn r join task t on t.geom && r.geom where t.outcome is null
)
select t.id, home.grid_id from near join task t on t.id = near.id
cross join lateral (select {leaf_sql("t.geom", "%(at)s")} as boundary_id offset 0) leaf
join boundary home on home.id = leaf.boundary_id
where home.grid_id <> t.grid_id or not t.located
order by t.id
"""


def rehome_due() -> int:
    """Put in force what is due and move the open tasks of every plan that has not settled; how many tasks moved.

    Idempotent, and right after a stop of any length. Plans that another process is at are left to it. Called by the
    clock each minute, which commits.
    """
    at = now()
    due = (
        select(Plan)
        .where(Plan.status == "published", Plan.effective_from <= at, Plan.settled_at.is_(None))
        .order_by(Plan.effective_from, Plan.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    moved = 0
    for plan in session.scalars(due).all():
        moved += put_in_force(plan, at)
        if plan.in_force_at is not None and at - plan.in_force_at >= SETTLES_AFTER:
            plan.settled_at = at
    flush()
    return moved


def put_in_force(plan: Plan, at: dt.datetime) -> int:
    """Carry a plan out whose start has come, and move open tasks that lie in another grid now; how many moved."""
    moved = 0
    if plan.in_force_at is None:
        moved = _update_grids(plan)
        plan.in_force_at = at
        flush()
    strayed = session.connection().exec_driver_sql(STRAYED, {"plan": plan.id, "at": at}).all()
    return moved + sum(_rehome(task_id, grid_id, plan.name) for task_id, grid_id in strayed)


def _update_grids(plan: Plan) -> int:
    """New households and parents; the feed hears of every redrawn grid at the time from which it holds.

    Returns:
        How many open tasks came to another worker because their grid went over as a whole.
    """
    shapes = drawing.changed(plan)
    counts = households.after(shapes)
    for shape in shapes:
        session.execute(update(Grid).where(Grid.id == shape.id).values(households=counts[shape.id]))
    gone_over = [shape for shape in shapes if shape.parent_id != shape.parent_before]
    return sum(_hang_below(shape, plan.name) for shape in gone_over)


HANG = text("""
update grid g set path = above.path || g.path[array_position(g.path, :grid) :],
  parent_id = case when g.id = :grid then :parent else g.parent_id end
from grid above where above.id = :parent and g.path @> array[cast(:grid as bigint)]
""")


def _hang_below(shape: Shape, plan_name: str) -> int:
    """Hang a grid and what lies under it below its new parent; the old workers above it hand their tasks over."""
    held = session.execute(
        select(Task.id, Task.grid_id)
        .join(Grid, Grid.id == Task.grid_id)
        .join(Post, Post.id == Task.assignee_post_id)
        .where(Task.outcome.is_(None), Grid.path.contains([shape.id]), Post.kind == "worker")
        .where(Post.grid_id.in_(shape.path[:-1]))
        .order_by(Task.id)
    ).all()
    session.execute(HANG, {"grid": shape.id, "parent": shape.parent_id})
    session.expire_all()
    return sum(_rehome(task_id, grid_id, plan_name, shape.path) for task_id, grid_id in held)


def _rehome(task_id: uuid.UUID, grid_id: int, plan_name: str, old_path: list[int] | None = None) -> bool:
    """Move a task, locked, unless it is closed by now; the old grid's worker hands it to the new one's, who is told.

    Returns:
        Whether it moved.
    """
    query = select(Task).where(Task.id == task_id, Task.outcome.is_(None)).with_for_update(of=Task)
    task = session.scalar(query.execution_options(populate_existing=True))
    grid = session.get(Grid, grid_id)
    if task is None or grid is None:
        return False
    before = notices.holders_of(task)
    old_path = old_path or session.scalar(select(Grid.path).where(Grid.id == task.grid_id)) or []
    tasks.rehome(task, grid, _heir(task, grid, old_path), why=plan_name)
    overtake(task)
    notices.tell(notices.holders_of(task) - before, "task_rehome", task, plan=plan_name)
    flush()
    return True


def _heir(task: Task, grid: Grid, old_path: list[int]) -> uuid.UUID | None:
    """Who takes over where a worker of the old grid holds the task; None where it stays with its holder.

    The worker of the new grid; its chief where the item is not admitted for workers there.
    """
    held = session.get(Post, task.assignee_post_id) if task.assignee_post_id else None
    if held is None or held.kind != "worker" or held.grid_id in grid.path or held.grid_id not in old_path:
        return None
    worker = assignees.worker_of(grid.path)
    if task.check_kind:
        fits = worker and session.get_one(Post, worker).person_id not in on_the_spot.partial(task)
        return worker if fits else in_path(grid.path, "chief")
    return worker if ruling_at(task, grid.path).admitted else in_path(grid.path, "chief")
