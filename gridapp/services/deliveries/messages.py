"""What receivers are told, written as rows in the transaction that hands the outbox on.

A message's id is made of what it tells, so that the same thing is never queued twice for a receiver, and a receiver
that gets it twice can tell. It names no persons; who may know more asks the API.
"""

from __future__ import annotations

import uuid
from typing import Any

from psycopg import Connection

from gridapp.timesource import now
from gridapp.workflow import RULES

ENDED, EVERY, SEALED, MASTER = "task.ended", "task.*", "record.sealed", "task.master_ended"
TYPES: tuple[str, ...] = (EVERY, ENDED, *(f"task.{rule.action}" for rule in RULES), MASTER, SEALED)
"""What a receiver may ask for: every event of a task, the one that ended it, one kind of event, a day's head.

Who asks for ends hears of the end of the master, too, into which a task was merged.
"""

_STAMP = "to_char({} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"

EVENTS = f"""
insert into delivery (receiver_id, message_id, type, task_id, body, next_at, created_at)
select r.id, 'evt_' || replace(e.id::text, '-', ''), 'task.' || e.action, t.id, jsonb_build_object(
    'type', 'task.' || e.action, 'timestamp', {_STAMP.format("e.at")},
    'data', jsonb_build_object(
      'event', jsonb_build_object('id', e.id, 'seq', e.seq, 'action', e.action, 'role', e.actor_kind,
        'from', e.from_stage, 'to', e.to_stage, 'reason', e.reason, 'note', e.note),
      'task', jsonb_build_object('id', t.id, 'number', t.number, 'origin', t.origin,
        'origin_number', t.origin_number, 'source', t.source, 'category', t.category_code, 'edition', t.edition,
        'description', t.description, 'address', t.address, 'grid', g.code, 'stage', e.to_stage,
        'outcome', case when e.changes ? 'outcome' then e.changes ->> 'outcome'
                        when e.to_stage = t.stage then t.outcome end,
        'reported_at', {_STAMP.format("t.reported_at")})))::text, %(at)s, %(at)s
from unnest(%(events)s::uuid[]) with ordinality as o (id, n) join task_event e on e.id = o.id
join task t on t.id = e.task_id join grid g on g.id = t.grid_id
join receiver r on r.active and r.scope_grid_id = any(g.path) and (r.origin is null or r.origin = t.origin)
where (r.origin is null or e.action <> 'import') and (
  '{EVERY}' = any(r.events) or 'task.' || e.action = any(r.events)
  or '{ENDED}' = any(r.events) and e.changes ->> 'outcome' is not null)
order by o.n, r.id
on conflict (receiver_id, message_id) do nothing
"""

# Each task that was merged into one that ended now, however deep: whoever gave it to us is told of the end.
MERGED = f"""
with recursive below as (
  select e.id as event_id, o.n, e.at, e.changes ->> 'outcome' as outcome, m.id as master_id, m.number, t.id as task_id,
    1 as depth
  from unnest(%(events)s::uuid[]) with ordinality as o (id, n) join task_event e on e.id = o.id
  join task m on m.id = e.task_id join task t on t.master_id = m.id
  where e.changes ->> 'outcome' in ('resolved', 'dismissed', 'withdrawn')
  union all
  select b.event_id, b.n, b.at, b.outcome, b.master_id, b.number, t.id, b.depth + 1
  from below b join task t on t.master_id = b.task_id
)
insert into delivery (receiver_id, message_id, type, task_id, body, next_at, created_at)
select r.id, 'evt_' || replace(b.event_id::text, '-', '') || '_' || t.number, '{MASTER}', t.id, jsonb_build_object(
    'type', '{MASTER}', 'timestamp', {_STAMP.format("b.at")},
    'data', jsonb_build_object(
      'master', jsonb_build_object('id', b.master_id, 'number', b.number, 'outcome', b.outcome),
      'task', jsonb_build_object('id', t.id, 'number', t.number, 'origin', t.origin,
        'origin_number', t.origin_number, 'source', t.source, 'category', t.category_code, 'edition', t.edition,
        'description', t.description, 'address', t.address, 'grid', g.code, 'stage', t.stage, 'outcome', t.outcome,
        'reported_at', {_STAMP.format("t.reported_at")})))::text, %(at)s, %(at)s
from below b join task t on t.id = b.task_id join grid g on g.id = t.grid_id
join receiver r on r.active and r.scope_grid_id = any(g.path) and (r.origin is null or r.origin = t.origin)
where r.events && array['{EVERY}', '{ENDED}', '{MASTER}']::text[] order by b.n, b.depth, t.number, r.id
on conflict (receiver_id, message_id) do nothing
"""

HEADS = f"""
insert into delivery (receiver_id, message_id, type, body, next_at, created_at)
select r.id, 'head_' || to_char(s.day, 'YYYYMMDD'), '{SEALED}', jsonb_build_object(
    'type', '{SEALED}', 'timestamp', {_STAMP.format("s.at")},
    'data', jsonb_build_object('day', s.day, 'number', s.number, 'head', encode(s.head, 'hex')))::text, %(at)s, %(at)s
from seal s join receiver r on r.active and '{SEALED}' = any(r.events)
where s.number = (select max(number) from seal where day = any(%(days)s::date[]))
on conflict (receiver_id, message_id) do nothing
"""


def write_events(connection: Connection[Any], events: list[uuid.UUID]) -> None:
    """Queue these events, in their order, for every receiver that wants them.

    A receiver for orders of one origin is not told what that origin itself has told here.
    """
    connection.execute(EVENTS, {"events": events, "at": now()})
    connection.execute(MERGED, {"events": events, "at": now()})


def write_heads(connection: Connection[Any], days: list[str]) -> None:
    """Queue the heads of these days of the chained record."""
    for day in days:
        connection.execute(HEADS, {"days": [day], "at": now()})
