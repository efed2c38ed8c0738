"""The statements of an import of orders, in the order in which they run; ``incoming_order`` holds the rows."""

from __future__ import annotations

# The task of each order, whether the source says the same as the last time, and whether anybody acted on it here.
MATCH = """
update incoming_order i set task_id = t.id,
  fate = case when last.content_hash = i.digest then 'same' else 'changed' end,
  untouched = not exists (select 1 from task_event e where e.task_id = t.id and e.action <> 'import')
from task t cross join lateral (
  select e.content_hash from task_event e where e.task_id = t.id and e.action = 'import' order by e.seq desc limit 1
) last
where t.origin = %(origin)s and t.origin_number = i.number
"""

# The filing condition that the source names, where the edition of the task has it for the category.
_CONDITION = """
  from filing_condition fc where fc.edition = {edition} and fc.code = i.condition and fc.category_code = i.category"""
_FILED_UNDER = _CONDITION.format(edition="%(edition)s")

FILE = f"""
with filed as (
  insert into task (id, version, stage, outcome, source, origin, origin_number, origin_status, edition, category_code,
    condition_code, task_class,
    description, geom, raw_x, raw_y, raw_crs, address, grid_id, boundary_id, located, nearest_grid_id, nearest_m,
    due_at, reported_at, received_at, closed_at)
  select gen_random_uuid(), 1, case when i.closed then 'review' else 'report' end,
    case when i.closed then 'resolved' end, 'import', %(origin)s, i.number, i.status, %(edition)s, i.category,
    (select fc.code {_FILED_UNDER}), (select fc.task_class {_FILED_UNDER}),
    i.description, i.geom, i.raw_x, i.raw_y, case when i.geom is not null then %(crs)s end, i.address, p.grid_id,
    p.boundary_id, p.located, p.nearest_grid_id, p.nearest_m, i.target, i.opened, %(at)s, i.closed_at
  from incoming_order i join placed p using (row) where i.fate = 'new' order by i.row
  returning *
)
insert into task_event (id, task_id, seq, action, actor_kind, at, device_at, geom, to_stage, content_hash, changes)
select gen_random_uuid(), f.id, 1, 'import', 'system', %(at)s, f.reported_at, f.geom, f.stage, i.digest,
  to_jsonb(f) - 'version'
from filed f join incoming_order i on i.number = f.origin_number
"""

LOCK = """
select t.id from task t join incoming_order i on i.task_id = t.id where i.fate = 'changed' order by t.id for update of t
"""

_EDITION = "case when i.category = t.category_code then t.edition else %(edition)s end"
_FOLLOWED_UNDER = _CONDITION.format(edition=_EDITION)
_FACTS = f"""
  select i.category as category_code, {_EDITION} as edition, (select fc.code {_FOLLOWED_UNDER}) as condition_code,
    (select fc.task_class {_FOLLOWED_UNDER}) as task_class,
    i.description, i.address, i.target as due_at, i.opened as reported_at"""
_PLACE = """
  select i.geom, i.raw_x, i.raw_y, case when i.geom is not null then %(crs)s end as raw_crs, p.grid_id, p.boundary_id,
    p.located, p.nearest_grid_id, p.nearest_m"""
_CLOSING = """
  select 'review' as stage, 'resolved' as outcome, i.closed_at, null::timestamptz as held_at, null::date as review_on,
    null::timestamptz as asked_due_at, null::uuid as asked_by"""
_OPENING = "select 'report' as stage, null::text as outcome, null::timestamptz as closed_at"


def _object(query: str) -> str:
    return f"(select to_jsonb(each) from ({query}) each)"


CHANGE = f"""
create temporary table amended on commit drop as
select t.id, t.version + 1 as seq, t.stage as from_stage, i.digest, i.opened, told.changes
from incoming_order i join placed p using (row) join task t on t.id = i.task_id
cross join lateral (
  select jsonb_build_object('origin_status', i.status)
    || case when i.untouched then {_object(_FACTS)} else '{{}}' end
    || case when i.untouched and i.geom is distinct from t.geom then {_object(_PLACE)} else '{{}}' end
    || case when i.closed and (t.outcome is null or i.untouched) then {_object(_CLOSING)}
            when not i.closed and i.untouched then {_object(_OPENING)} else '{{}}' end as wanted
) w
cross join lateral (
  select coalesce(jsonb_object_agg(key, value), '{{}}') as changes
  from jsonb_each(w.wanted) where value is distinct from to_jsonb(t) -> key
) told
where i.fate = 'changed'
"""

TELL = """
insert into task_event (id, task_id, seq, action, actor_kind, at, device_at, from_stage, to_stage, content_hash,
  changes)
select gen_random_uuid(), id, seq, 'import', 'system', %(at)s, opened, from_stage,
  coalesce(changes ->> 'stage', from_stage), digest, changes
from amended
"""

_FOLLOWING = (
    "stage",
    "outcome",
    "origin_status",
    "edition",
    "category_code",
    "condition_code",
    "task_class",
    "description",
    "address",
    "due_at",
    "reported_at",
    "closed_at",
    "geom",
    "raw_x",
    "raw_y",
    "raw_crs",
    "grid_id",
    "boundary_id",
    "located",
    "nearest_grid_id",
    "nearest_m",
    "held_at",
    "review_on",
    "asked_due_at",
    "asked_by",
)

FOLLOW = f"""
update task t set version = a.seq, {", ".join(f"{name} = r.{name}" for name in _FOLLOWING)}
from amended a join task before on before.id = a.id cross join lateral jsonb_populate_record(before, a.changes) r
where t.id = a.id
"""

# What is another matter now, lies elsewhere or is open again goes where the rules say, as when it came: by the clock.
ROUTE = """
insert into clock_step (task_id, step, since, due_at)
select a.id, 'route', a.seq, %(at)s from amended a join task t on t.id = a.id
where t.stage = 'report' and t.outcome is null
  and a.changes ?| array['category_code', 'condition_code', 'grid_id', 'outcome']
  and (exists (select from routing_rule where enabled) or exists (select from category_routing where to_worker))
  and not exists (select from clock_step s where s.task_id = a.id and s.step = 'route' and s.done_at is null)
"""

# Tasks that the source has just closed and that somebody here works on, waits for or was told of.
ENDED = """
select a.id from amended a where a.changes ->> 'outcome' = 'resolved' and (
  exists (select from task_event e where e.task_id = a.id and e.action <> 'import')
  or exists (select from clock_step s where s.task_id = a.id and s.done_at is null)
  or exists (select from task other where other.master_id = a.id)
  or exists (select from task other where other.check_of = a.id)
) order by a.id
"""

FATES = "select fate, count(*) from incoming_order group by fate"
COUNT = """
select count(*) filter (where t.located), count(*) filter (where not t.located)
from incoming_order i join task t on t.origin = %(origin)s and t.origin_number = i.number
"""
