"""Which grids hold a point: the deepest one by the GiST index, its chain by the path on the leaf, in one round trip.

A point gets exactly one grid: on a shared edge the grid with the lowest code. ``ST_Covers`` is true on both sides of a
shared edge, so the order by code decides.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridapp import access
from gridapp.db import hot
from gridapp.models import LEVELS
from gridapp.services import auth
from gridapp.services.statement import Statement
from gridapp.timesource import now

# ``is true`` keeps the planner off the exclusion's index on ``during``, which nearly every row satisfies.
_COVERING = """(
  select b.id from boundary b where b.level = '{level}' and ST_Covers(b.geom, {point}) and (b.during @> {at}) is true
  order by b.code collate "C" limit 1)"""

_GROUP_AND_BELOW = """(
  select coalesce((
    select i.id from (
      select b.id, b.code, b.grid_id from boundary b
      where b.level = 'building' and ST_Covers(b.geom, {point}) and (b.during @> {at}) is true offset 0) i
    where (select k.parent_id from grid k where k.id = i.grid_id) = u.grid_id
    order by i.code collate "C" limit 1), u.id)
  from (
    select b.id, b.grid_id from boundary b where b.level = 'group' and ST_Covers(b.geom, {point})
      and (b.during @> {at}) is true order by b.code collate "C" limit 1) u)"""

_DOWN = """(
  with recursive down as (
    (select b.grid_id, b.geom from boundary b join grid g on g.id = b.grid_id
     where g.{start} and (b.during @> {at}) is true order by b.geom <-> {point}, b.code collate "C" limit 1)
    union all
    select child.grid_id, child.geom from down cross join lateral (
      select b.grid_id, b.geom from grid g join boundary b on b.grid_id = g.id
      where g.parent_id = down.grid_id and (b.during @> {at}) is true
      order by b.geom <-> {point}, b.code collate "C" limit 1) child)
  select grid_id, ST_Distance(geom::geography, {point}::geography) as metres from down
  order by array_position(array[{deepest_first}], (select level from grid where id = grid_id)) limit 1)"""


def group_sql(point: str, at: str) -> str:
    """SQL for what ``leaf_sql`` finds where there are group grids, and null elsewhere: half of the plan."""
    return _GROUP_AND_BELOW.format(point=point, at=at)


def leaf_sql(point: str, at: str) -> str:
    """SQL for the id of the boundary version of the deepest grid that covers ``point`` (EPSG:4326) at ``at``.

    The group grid is chosen first and a building grid only below it, so that a point on the edge of two groups goes to
    the one with the lower code even where only the other has building grids.
    """
    levels = ("building", "community", "street", "district")
    others = ", ".join(_COVERING.format(level=level, point=point, at=at) for level in levels)
    return f"coalesce({group_sql(point, at)}, {others})"


def nearest_sql(point: str, at: str, start: str) -> str:
    """SQL for one row ``(grid_id, metres)``: the deepest grid nearest to ``point``, metres on the spheroid.

    From the nearest area of ``start`` (a condition on the grid) down through the nearest child of each: children tile
    their parent, so this is the nearest of all with a few distances instead of one a grid.
    """
    deepest_first = ", ".join(repr(level) for level in reversed(LEVELS))
    return _DOWN.format(point=point, at=at, start=start, deepest_first=deepest_first)


CHAIN = """(
  select json_agg(json_build_object('id', c.id, 'level', c.level, 'code', c.code, 'name', c.name, 'name_en', c.name_en,
                                    'kind', c.kind) order by array_position({path}, c.id))
  from grid c where c.id = any({path}) and ({limit}))"""

_SEEN = "c.path && {scope} or c.id = any(select unnest(path) from grid where id = any({scope}))"

_CANDIDATES = """(select json_agg(near) from (
   select g.id, g.code, g.name, g.name_en, g.level, round(ST_Distance(b.geom::geography, p::geography)::numeric, 1)
     as distance_m
   from boundary b join grid g on g.id = b.grid_id
   where (b.during @> a.at) is true and b.level = 'group' and g.path && {scope}
     and ST_DWithin(b.geom, p, a.radius_deg) and ST_DWithin(b.geom::geography, p::geography, a.radius)
   order by distance_m, g.code collate "C" limit 8) near)"""

_LOCATE = f"""
select
  {CHAIN.format(path="held.path", limit=_SEEN)} as chain,
  held.path && {{scope}} as inside,
  case when a.radius > 0 then {_CANDIDATES} end as candidates,
  {{columns}}
from {{asked}} cross join lateral (select ST_SetSRID(ST_MakePoint(a.lon, a.lat), 4326) as p offset 0) place
left join lateral (
  select g.path from boundary b join grid g on g.id = b.grid_id
  where b.id = {leaf_sql("place.p", "a.at")} limit 1) held on true"""

PLACE = {"lon": "float8", "lat": "float8", "at": "timestamptz", "radius": "float8", "radius_deg": "float8"}


def _text(scope: str, columns: str, asked: str) -> str:
    return _LOCATE.replace("{scope}", scope).replace("{columns}", columns).replace("{asked}", asked)


LOCATE = Statement({**PLACE, "scope_ids": "bigint[]"}, _text("a.scope_ids", "a.nth", "asked a"))
"""For persons who are known already."""
SIGNED = Statement(
    {**auth.TOKEN, **PLACE},
    f", {auth.SIGNED} {_text('who.scope_ids', auth.COLUMNS, 'asked a join who on who.nth = a.nth')}",
)
"""For tokens: it finds the person behind each, and counts them by the way."""

NEAREST = f"""
with place as (select ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) as p)
select json_build_object('id', g.id, 'code', g.code, 'name', g.name, 'name_en', g.name_en, 'level', g.level,
                         'distance_m', round(n.metres::numeric, 1))
from place cross join lateral {nearest_sql("place.p", "%(at)s", "id = any(%(scope_ids)s)")} n
join grid g on g.id = n.grid_id
"""

METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True)
class Located:
    """Where a point lies, as far as the asker may know.

    Attributes:
        chain: grids from the top down that hold it: those in scope and the areas above the scope.
        inside: whether the deepest grid lies in scope.
        candidates: group grids in scope within the accuracy, nearest first, with ``distance_m``.
        nearest: where it is not inside, the nearest grid in scope with ``distance_m``; None where there is none.
    """

    chain: list[dict[str, Any]]
    inside: bool
    candidates: list[dict[str, Any]]
    nearest: dict[str, Any] | None


def locate(
    who: access.Principal, lon: float, lat: float, *, accuracy: float = 0.0, at: dt.datetime | None = None
) -> Located:
    """Find the grids that hold a point.

    Args:
        who: the asker; grids outside the scope do not exist for them.
        lon: degrees east, WGS 84.
        lat: degrees north, WGS 84.
        accuracy: metres within which other group grids are named as candidates; capped at 1,000.
        at: the time at which boundaries are asked for; now where None.
    """
    values = {**values_of(lon, lat, accuracy, at), "scope_ids": list(who.scope_ids)}
    with hot() as connection:
        found = LOCATE.row(connection, values) or {}
    return located(values, found)


def values_of(lon: float, lat: float, accuracy: float, at: dt.datetime | None) -> dict[str, Any]:
    """The parameters of the statements, but for the scope."""
    radius = min(max(accuracy, 0.0), 1000.0)
    return {"lon": lon, "lat": lat, "at": at or now(), "radius": radius, "radius_deg": degrees(radius, lat)}


def located(values: Mapping[str, Any], found: Mapping[str, Any]) -> Located:
    """What a statement found, with the nearest grid where that is not in scope."""
    inside, nearest = bool(found.get("inside")), None
    if not inside:
        with hot() as connection:
            nearest = connection.execute(NEAREST, values).fetchone()
    return Located(found.get("chain") or [], inside, found.get("candidates") or [], nearest[0] if nearest else None)


def degrees(metres_wide: float, lat: float) -> float:
    """Degrees that are at least ``metres_wide`` in every direction at this latitude: a coarse window for the index."""
    return metres_wide / METRES_A_DEGREE / max(math.cos(math.radians(min(abs(lat), 89.0))), 0.02)


def metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Distance of two points in metres on a sphere, to 0.1 m; good to 0.5 % for words like “120 m away”."""
    east = math.radians(other_lon - lon) * math.cos(math.radians((lat + other_lat) / 2))
    return round(math.hypot(east, math.radians(other_lat - lat)) * 6_371_008.8, 1)
