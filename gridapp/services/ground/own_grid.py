"""A phone's offline map: the own grid, what lies in it and what touches it, as GeoJSON whose text PostGIS makes."""

from __future__ import annotations

from gridapp.access import Principal
from gridapp.db import hot
from gridapp.timesource import now

MINE = """
with own as (
  select g.id, g.level, b.geom from grid g join boundary b on b.grid_id = g.id and b.during @> %(now)s
  where g.id = any(%(grids)s)
), shown as (
  select id, 'own' as part, 0 as rank from own
  union all select g.id, 'child', 1 from grid g where g.parent_id in (select id from own)
  union all select b.grid_id, 'neighbour', 2 from own
    join boundary b on b.level = own.level and b.during @> %(now)s and ST_Intersects(b.geom, own.geom)
), once as (
  select distinct on (id) id, part, rank from shown order by id, rank
)
select json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(json_build_object(
  'type', 'Feature', 'id', g.id, 'geometry', ST_AsGeoJSON(b.geom, 7)::json,
  'properties', json_build_object('part', o.part, 'level', g.level, 'code', g.code, 'name', g.name,
                                  'name_en', g.name_en, 'kind', g.kind, 'boundary_version', b.id)
) order by o.rank, g.code collate "C"), '[]'))::text
from once o join grid g on g.id = o.id join boundary b on b.grid_id = g.id and b.during @> %(now)s
"""


def mine(who: Principal) -> bytes:
    """A FeatureCollection with ``part`` own, child or neighbour; the grids of the posts, else the area in scope.

    A neighbour shows its outline, code and name although it lies outside of the scope: a map needs them to say where
    the own grid ends.
    """
    grids = list(who.post_grid_ids or who.scope_ids)
    with hot() as connection:
        row = connection.execute(MINE, {"grids": grids, "now": now()}).fetchone()
    text: str = row[0] if row else ""
    return text.encode()
