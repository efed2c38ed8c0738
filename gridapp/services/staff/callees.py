"""Whom the holder of a task may call about it, and their numbers: one at a time, and who looked is on record.

The holder sees names; a number is given when it is asked for, and that it was looked at is on record before.
It stands in no task, so no phone keeps it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from gridapp.access import Principal, is_assignee
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Person, Task
from gridapp.services import audit, scope
from gridapp.timesource import now

# Who reported it, who stands in the grids of its place (the chief before the worker), who gave it last; each once.
CALLEES = """
with held as (
  select t.id, t.reporter_id, g.path from task t join grid g on g.id = t.grid_id where t.id = any(%(ids)s::uuid[])
), named as (
  select h.id as task, h.reporter_id as person, 'reporter' as part, 1 as rank, null::text as kind, null::bigint as grid
  from held h
  union all
  select h.id, po.person_id, 'in_charge', case po.kind when 'chief' then 2 else 3 end, po.kind, po.grid_id
  from held h join post po on po.grid_id = any(h.path) and po.kind in ('chief', 'worker') and po.during @> %(now)s
  where not exists (select 1 from leave l where l.post_id = po.id and l.during @> %(now)s)
  union all
  select h.id, e.actor_id, 'sender', 4, null, null
  from held h cross join lateral (
    select actor_id from task_event
    where task_id = h.id and action in ('assign', 'transfer', 'escalate') order by seq desc limit 1) e
), each_once as (
  select distinct on (n.task, n.person) n.*, p.name, coalesce(n.kind, p.role) as role, g.code, g.name as grid_name,
    g.name_en
  from named n join person p on p.id = n.person left join grid g on g.id = n.grid
  where p.phone is not null and p.retired_at is null and p.id <> %(me)s
  order by n.task, n.person, n.rank
)
select * from each_once order by task, rank, name, person
"""


def of_tasks(who: Principal, task_ids: Sequence[uuid.UUID | str]) -> dict[str, list[dict[str, Any]]]:
    """Who can be called about tasks that one holds, by their ids; whether one holds them the caller has looked."""
    values = {"ids": list(task_ids), "now": now(), "me": who.person_id}
    found: dict[str, list[dict[str, Any]]] = {}
    for row in session.connection().exec_driver_sql(CALLEES, values).mappings():
        found.setdefault(str(row["task"]), []).append(_shown(row))
    return found


def of_task(who: Principal, task_id: uuid.UUID) -> list[dict[str, Any]]:
    """Who can be called about a task that one holds: who reported it, who stands in its grids, who gave it.

    Raises:
        Problem: ``not_found`` out of scope, ``forbidden`` for whoever does not hold it.
    """
    return of_tasks(who, [_held(who, task_id).id]).get(str(task_id), [])


def number_of(who: Principal, task_id: uuid.UUID, person_id: uuid.UUID) -> str:
    """The number of one of them in clear; who looked, and about which task, is on record before it is given away.

    Raises:
        Problem: as ``of_task``; ``not_found`` for a person who is none of them.
    """
    task = _held(who, task_id)
    named = {one["person"] for one in of_task(who, task_id)}
    person = session.get(Person, person_id) if str(person_id) in named else None
    if person is None or person.phone is None:
        raise Problem("not_found")
    audit.note_now(who, "reveal", "person", person.id, person.scope_grid_id, field="phone", task=f"#{task.number}")
    return person.phone


def _held(who: Principal, task_id: uuid.UUID) -> Task:
    task = scope.task_in_scope(who, task_id)
    if task.outcome is not None or not is_assignee(who, task):
        raise Problem("forbidden", why=("only who holds the task calls about it", "仅任务承办人可就该任务拨打电话"))
    return task


def _shown(row: Any) -> dict[str, Any]:
    grid = {"code": row["code"], "name": row["grid_name"], "name_en": row["name_en"]} if row["code"] else None
    return {"person": str(row["person"]), "name": row["name"], "role": row["role"], "part": row["part"], "grid": grid}
