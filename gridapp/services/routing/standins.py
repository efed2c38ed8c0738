"""Work goes over at the hour: to the deputy when leave begins, back when it ends, and on when a post ends.

Found anew each minute from who stands where, so that it is right after a stop of any length. A hold stays with its
holder until it ends. Where nobody stands in the grid, or the item is not admitted for workers any more, the
task goes one level up.
"""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import suppress

from sqlalchemy import select

from gridapp.access import SYSTEM
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Post, Task
from gridapp.services.staff import standing
from gridapp.services.tasking import assignees, on_the_spot, tasks
from gridapp.services.tasking.assignees import Assignee
from gridapp.services.tasking.task_effects import Given
from gridapp.timesource import now

AWAY = """
select t.id, gone.since
from post p join person r on r.id = p.person_id
join task t on t.assignee_post_id = p.id and t.outcome is null and t.stage in ('assign', 'handle') and t.held_at is null
cross join lateral (
  select min(since) as since from (
    select upper(p.during) as since where upper(p.during) <= %(at)s
    union all select r.retired_at where r.retired_at is not null
    union all select lower(l.during) from leave l where l.post_id = p.id and l.during @> %(at)s
    union all select lower(d.during) from post d join person dr on dr.id = d.person_id
      where not p.deputy and d.deputy and d.grid_id = p.grid_id and d.kind = p.kind and d.person_id <> p.person_id
        and d.during @> %(at)s and dr.retired_at is null
        and not exists (select from leave l where l.post_id = d.id and l.during @> %(at)s)
  ) reasons
) gone
where gone.since is not null
"""


def waiting() -> list[uuid.UUID]:
    """Open tasks whose holder is not there, those that wait longest first."""
    rows = session.connection().exec_driver_sql(f"{AWAY} order by gone.since, t.id", {"at": now()})
    return [row[0] for row in rows]


def hand_over(task_id: uuid.UUID) -> bool:
    """Give a task to whoever stands in for its holder now, as a holder with a clock of their own; whether it moved.

    A task that somebody acts on meanwhile is left for the next time.
    """
    query = select(Task).where(Task.id == task_id).with_for_update(of=Task, skip_locked=True)
    task = session.scalar(query.execution_options(populate_existing=True))
    values = {"at": now(), "id": task_id}
    found = session.connection().exec_driver_sql(f"{AWAY} and t.id = %(id)s", values).first()
    if task is None or found is None:
        return False
    post = session.get_one(Post, task.assignee_post_id)
    return _to_standin(task, post, found.since)


def _to_standin(task: Task, post: Post, since: dt.datetime) -> bool:
    """To whoever stands in, else up: also where the item is not admitted for workers any more."""
    fits = post.kind != "worker" or assignees.fit_for_workers(task)
    heir = _heir(task, post) if fits else None
    if heir is not None and heir != post.id:
        given = Given(who=SYSTEM, at=now(), assignee=Assignee(post_id=heir))
        tasks.by_system(task, "transfer", given, reason="stand_in", true_at=since)
        return True
    with suppress(Problem):
        tasks.by_system(task, "escalate", reason="nobody_there" if fits else "not_admitted", true_at=since)
        return True
    return False


def _heir(task: Task, post: Post) -> uuid.UUID | None:
    """Who stands in the grid; for a check on the spot whoever of it neither reported nor handled the matter."""
    if task.check_kind:
        looker = on_the_spot.checker(task)
        return looker.id if looker else None
    return standing.in_path([post.grid_id], post.kind)
