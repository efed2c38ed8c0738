"""Hand-overs: who is new in a post reads the list of open tasks that came with the grid, and says so once."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.errors import Problem
from gridapp.models import HandOver
from gridapp.services.moments import stamp
from gridapp.services.tasking import task_view
from gridapp.timesource import now

RECENT_DAYS = 60

# A post that began lately in a grid where somebody else stood before, the deputy of a day apart.
WAITING = f"""
select po.id, lower(po.during) as since, g.code, g.name, g.name_en,
  array_agg(distinct old.id) as before, array_agg(distinct pe.name) as names
from post po join grid g on g.id = po.grid_id
join post old on old.grid_id = po.grid_id and old.kind = po.kind and old.person_id <> po.person_id
  and not old.deputy and upper(old.during) <= lower(po.during) + interval '1 day'
join person pe on pe.id = old.person_id
where po.id = any(%(posts)s::uuid[]) and not po.deputy
  and lower(po.during) > %(now)s - interval '{RECENT_DAYS} days'
  and not exists (select 1 from hand_over h where h.post_id = po.id)
group by po.id, g.id order by lower(po.during)
"""


def waiting(who: Principal) -> list[dict[str, Any]]:
    """Hand-overs that the person has not confirmed, each with the open tasks of its grid that a post there holds."""
    values = {"posts": list(who.post_ids), "now": now()}
    rows = session.connection().exec_driver_sql(WAITING, values).mappings().all()
    return [
        {
            "post": str(row["id"]),
            "since": stamp(row["since"]),
            "grid": {"code": row["code"], "name": row["name"], "name_en": row["name_en"]},
            "previous": row["names"],
            "tasks": _tasks(who, [row["id"], *row["before"]]),
        }
        for row in rows
    ]


def confirm(who: Principal, post_id: uuid.UUID) -> None:
    """Say that the list was read; once more is harmless.

    Raises:
        Problem: ``not_found`` where it is no post of one's own.
    """
    if post_id not in who.post_ids:
        raise Problem("not_found")
    listed = [one for one in waiting(who) if one["post"] == str(post_id)]
    count = len(listed[0]["tasks"]) if listed else 0
    values = {"post_id": post_id, "confirmed_by": who.person_id, "confirmed_at": now(), "tasks": count}
    session.execute(insert(HandOver).values(**values).on_conflict_do_nothing())
    flush()


def _tasks(who: Principal, posts: list[uuid.UUID]) -> list[dict[str, Any]]:
    where = "t.outcome is null and t.assignee_post_id = any(%(held_by)s::uuid[])"
    rows = task_view.rows_of(where, who, {"held_by": posts}, "order by t.due_at nulls last, t.id limit 200")
    return [task_view.summary(row) for row in rows]
