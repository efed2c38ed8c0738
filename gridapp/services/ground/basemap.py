"""The base map that a phone keeps: streets, buildings, surfaces of the own grid and 200 m around, as small GeoJSON."""

from __future__ import annotations

from gridapp.access import Principal
from gridapp.db import hot
from gridapp.timesource import now

AROUND_M = 200
MOST_FEATURES = 20_000
"""Beyond it the map of a whole district would be no small one: what lies nearest to the own grid is shown."""

_TINY_DEGREES = 0.000005
"""Half a metre: corners that nobody sees on a phone are left out."""

MINE = f"""
with own as (
  select ST_Union(b.geom) as geom from boundary b where b.grid_id = any(%(grids)s) and b.during @> %(now)s
), area as (
  select own.geom as inner_geom, ST_Buffer(own.geom::geography, {AROUND_M})::geometry as geom from own
), found as (
  select 0 as layer, s.id, s.geom, json_build_object('layer', 'surface', 'kind', s.kind, 'name', s.name) as said
  from area join surface s on ST_Intersects(s.geom, area.geom)
  union all
  select 1, s.id, s.geom, json_build_object('layer', 'street', 'kind', s.kind, 'name', s.name, 'rank', s.rank,
    'oneway', case when s.oneway then true end)
  from area join street s on ST_Intersects(s.geom, area.geom)
  union all
  select 2, b.id, b.geom, json_build_object('layer', 'building', 'name', b.name, 'use', b.use, 'floors', b.floors)
  from area join building b on ST_Intersects(b.geom, area.geom)
), nearest as (
  select found.*, count(*) over () as total from found, area
  order by ST_Distance(found.geom, area.inner_geom), found.layer, found.id limit %(most)s
), drawn as (
  select layer, id, said, total, ST_SimplifyPreserveTopology(
    case when layer = 2 or ST_Covers(area.geom, n.geom) then n.geom
         else ST_CollectionExtract(ST_Intersection(ST_MakeValid(n.geom), area.geom),
                                   case layer when 0 then 3 else 2 end)
    end, {_TINY_DEGREES}) as geom
  from nearest n, area
)
select json_build_object('type', 'FeatureCollection', 'complete', coalesce(max(total), 0) <= %(most)s,
  'features', coalesce(json_agg(json_build_object('type', 'Feature', 'id', id, 'geometry', ST_AsGeoJSON(geom, 6)::json,
    'properties', json_strip_nulls(said)) order by layer, id), '[]'))::text
from drawn where not ST_IsEmpty(geom)
"""


def mine(who: Principal) -> bytes:
    """A FeatureCollection whose ``properties.layer`` is surface, street or building, in the order of drawing.

    Streets and surfaces end 200 m outside of the grid, buildings are whole. It is around the grids of the posts, else
    around the area in scope; ``complete`` is false where that is too much for a phone.
    """
    values = {"grids": list(who.post_grid_ids or who.scope_ids), "now": now(), "most": MOST_FEATURES}
    with hot() as connection:
        row = connection.execute(MINE, values).fetchone()
    text: str = row[0] if row else ""
    return text.encode()
