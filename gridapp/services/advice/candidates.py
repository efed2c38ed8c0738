"""Who could take a task: workers standing in grids of the scope with duty, last position, load and experience."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from gridapp.access import Principal
from gridapp.db import session
from gridapp.models import Task
from gridapp.services import scope
from gridapp.timesource import now

AT_MOST = 60
EXPERIENCE = dt.timedelta(days=365)

# The own grid's people first, then those on duty, the nearest by their last position first.
QUERY = f"""
with place as (select geom as p from task where id = %(task)s)
select po.id as post, p.id as person, p.name, g.code as grid, g.name as grid_name,
  coalesce(g.name_en, g.name) as grid_name_en, po.deputy,
  po.grid_id = any(%(path)s) as own,
  g.path && %(community)s::bigint[] as community,
  exists (select from shift s where s.person_id = p.id and s.during @> %(now)s) as on_duty,
  l.lon, l.lat, l.at as seen_at, coalesce(l.mock, false) as mock,
  work.load, work.overdue, done.count as experience, done.quality
from post po join person p on p.id = po.person_id join grid g on g.id = po.grid_id
left join last_position l on l.person_id = p.id and l.at > %(fresh)s
cross join lateral (
  select count(*) as load, count(*) filter (where t.due_at < %(now)s and t.held_at is null) as overdue
  from task t where t.assignee_post_id = po.id and t.outcome is null and t.stage in ('assign', 'handle')
) work
cross join lateral (
  select count(*), round(avg(t.score_quality), 1)::float8 as quality from task t
  where t.assignee_post_id in (select own.id from post own where own.person_id = p.id) and t.outcome = 'resolved'
    and t.check_of is null and t.category_code = %(category)s and t.closed_at > %(experience)s
) done
where po.kind = 'worker' and po.during @> %(now)s and p.retired_at is null
  and not exists (select from leave v where v.post_id = po.id and v.during @> %(now)s)
  and {scope.SQL.format(column="po.grid_id")}
  and (po.grid_id = any(%(path)s) or exists (select from shift s where s.person_id = p.id and s.during @> %(now)s))
order by po.grid_id = any(%(path)s) desc,
  case when l.lon is null or (select p from place) is null then 1e9
       else ST_DistanceSphere(ST_SetSRID(ST_MakePoint(l.lon, l.lat), 4326), (select p from place)) end, g.code
limit %(limit)s
"""


@dataclass(frozen=True)
class Candidate:
    """A worker as the database knows them now; positions older than the limit are left out."""

    post: uuid.UUID
    person: uuid.UUID
    name: str
    grid: str
    grid_name: str
    grid_name_en: str
    deputy: bool
    own: bool
    community: bool
    on_duty: bool
    lon: float | None
    lat: float | None
    seen_at: dt.datetime | None
    mock: bool
    load: int
    overdue: int
    experience: int
    quality: float | None


def find(who: Principal, task: Task, path: list[int], community: int | None, *, fresh: dt.timedelta) -> list[Candidate]:
    """Workers of the task's own grids, on duty or not, and those on duty elsewhere in scope.

    Args:
        who: who asks.
        task: the task.
        path: ids of the areas from the root down to its grid.
        community: the community among them.
        fresh: how old a position may be.
    """
    at = now()
    values = {
        "task": task.id,
        "category": task.category_code,
        "path": path,
        "community": [community] if community else [],
        "now": at,
        "fresh": at - fresh,
        "experience": at - EXPERIENCE,
        "limit": AT_MOST,
        **scope.params(who),
    }
    rows = session.connection().exec_driver_sql(QUERY, values)
    return [Candidate(**row) for row in rows.mappings()]
