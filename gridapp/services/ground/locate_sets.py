"""Many points located at once, by the rules of ``locate``: the grids are the outer side, which is ten times faster.

The answer is a temporary table ``placed``: row, grid_id, boundary_id (in force when opened), located, nearest_grid_id,
nearest_m.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from psycopg import Connection

from gridapp.models import LEVELS

HITS = """
create temporary table hit on commit drop as
select p.row, p.opened, b.id as boundary_id, b.grid_id, b.level, b.code, b.during, g.parent_id
from boundary b join grid g on g.id = b.grid_id
cross join lateral (
  select i.row, i.opened from unplaced i where ST_Covers(b.geom, i.geom) offset 0
) p
where b.geom && (select ST_SetSRID(ST_Extent(geom)::geometry, 4326) from unplaced)
"""

# The group first, then a building grid only below it: as in locate.leaf_sql.
_DEPTH = """case when h.level = 'building' and h.parent_id = u.grid_id then 0 when h.level = 'group' then 1
  when h.level = 'building' then 2 when h.level = 'community' then 3 when h.level = 'street' then 4 else 5 end"""


def _leaf(at: str) -> str:
    return f"""
  select distinct on (h.row) h.row, h.boundary_id, h.grid_id, h.during, h.opened
  from hit h left join (
    select distinct on (h.row) h.row, h.grid_id from hit h where h.level = 'group' and h.during @> {at}
    order by h.row, h.code collate "C"
  ) u on u.row = h.row
  where h.during @> {at} order by h.row, {_DEPTH}, h.code collate "C" """


def _nearest(level: str) -> str:
    return f"""(
    select b.grid_id, b.code, b.geom <-> far.geom as degrees, {len(LEVELS) - LEVELS.index(level)} as depth,
      ST_Distance(b.geom::geography, far.geom::geography) as metres
    from boundary b where b.level = '{level}' and b.during @> %(at)s
    order by b.geom <-> far.geom, b.code collate "C" limit 1)"""


PLACED = f"""
create temporary table placed on commit drop as
with leaf as ({_leaf("%(at)s")}),
earlier as ({_leaf("h.opened")}),
far as (
  select distinct i.geom from unplaced i where i.geom is not null
    and not exists (select 1 from leaf where leaf.row = i.row)
),
near as (
  select far.geom, n.grid_id, n.metres, g.path[1] as root from far
  cross join lateral (
    select * from ({" union all ".join(_nearest(level) for level in LEVELS)}) each
    order by degrees, depth, code collate "C" limit 1
  ) n join grid g on g.id = n.grid_id
)
select i.row, coalesce(leaf.grid_id, near.root, %(root)s) as grid_id,
  case when leaf.during @> i.opened then leaf.boundary_id when leaf.row is not null then earlier.boundary_id end
    as boundary_id,
  leaf.row is not null as located, near.grid_id as nearest_grid_id, round(near.metres::numeric, 1) as nearest_m
from unplaced i left join leaf using (row) left join earlier using (row) left join near on near.geom = i.geom
"""

# Where a task waits of which nobody knows where it is: the topmost area, the first by its code.
ROOT = """
select g.id from grid g where g.parent_id is null and g.retired_at is null
order by array_position(%(levels)s, g.level), g.code collate "C" limit 1
"""


def first_root(connection: Connection[Any]) -> int | None:
    """The area that holds what has no place; None where there are no grids at all."""
    row = connection.execute(ROOT, {"levels": list(LEVELS)}).fetchone()
    return row[0] if row else None


def place(connection: Connection[Any], rows: str, at: dt.datetime, root: int) -> None:
    """Make ``placed``.

    Args:
        connection: of the transaction.
        rows: query for ``row``, ``geom`` (a point in EPSG:4326 or null) and ``opened``.
        at: the time at which grids are responsible.
        root: the area for what has no point.
    """
    connection.execute("drop table if exists unplaced, hit, placed")
    connection.execute(f"create temporary table unplaced on commit drop as {rows}".encode())
    connection.execute("create index on unplaced using gist (geom)")
    connection.execute("analyze unplaced")
    connection.execute(HITS)
    connection.execute("create index on hit (row)")
    connection.execute("analyze hit")
    connection.execute(PLACED, {"at": at, "root": root})
    connection.execute("analyze placed")
