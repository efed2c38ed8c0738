"""Rows that differ from their events brought back to them, by the same guard as every change.

Nothing is rewritten behind the guard: a row that lags behind follows its events one by one; what still differs is set
right by a further event, which says that the row was rebuilt and changes nothing of what the events add up to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from gridapp.models import Task
from gridapp.services.bulk import take_time, wire
from gridapp.services.doctor.tasks import DIFFERING, TOLD
from gridapp.timesource import now

COLUMNS = tuple(column.name for column in Task.__table__.columns if column.name not in ("id", "version"))
_SET = ", ".join(f"{name} = r.{name}" for name in COLUMNS)

LAGGING = f"""
update task t set version = e.seq, {_SET}
from task_event e join task before on before.id = e.task_id and e.seq = before.version + 1
cross join lateral jsonb_populate_record(before, e.changes) r
where t.id = before.id
"""
WRONG = f"""
create temporary table differing on commit drop as
select t.id, t.number, t.version + 1 as seq, t.stage as from_stage, told.told ->> 'stage' as to_stage, diff.changes
from ({TOLD}) told join task t using (id)
cross join lateral (
  select jsonb_object_agg(key, value) as changes from jsonb_each(told.told - 'version')
  where value is distinct from to_jsonb(t) -> key
) diff
where told.last = t.version and told.told <> to_jsonb(t)
"""
TELL = """
insert into task_event (id, task_id, seq, action, actor_kind, at, from_stage, to_stage, note, changes)
select gen_random_uuid(), id, seq, 'rebuild', 'system', %s, from_stage, to_stage, 'doctor', changes from differing
"""
FOLLOW = f"""
update task t set version = d.seq, {_SET}
from differing d join task before on before.id = d.id
cross join lateral jsonb_populate_record(before, d.changes) r
where t.id = d.id
"""


@dataclass(frozen=True)
class Rebuilt:
    """Numbers of the tasks that were rebuilt, and of those that could not be: their row is ahead of their events."""

    rebuilt: list[int]
    left: list[int]


def rebuild_tasks() -> Rebuilt:
    """Bring every task back to what its events add up to, in the running transaction."""
    with wire() as connection:
        take_time(connection)
        before = _differing(connection)
        while connection.execute(LAGGING).rowcount:
            pass
        connection.execute("drop table if exists differing")
        connection.execute(WRONG)
        connection.execute(TELL, (now(),))
        connection.execute(FOLLOW)
        left = _differing(connection)
    return Rebuilt([number for number in before if number not in set(left)], left)


def _differing(connection: Connection[Any]) -> list[int]:
    return [number for (number,) in connection.execute(DIFFERING)]
