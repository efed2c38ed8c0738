"""Vector tiles straight from PostGIS: the grids that somebody may see, and the base map of our own data.

A tile is asked for twice: first its fingerprint, an index scan that draws nothing, then, where no blob of that
fingerprint is kept, the drawing. The fingerprint is made of the very rows that the tile shows to this person now, so
a redraw, a boundary that comes into force by itself and another scope all make another blob, and two people who see
the same share one.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import Any

from geodata.crs import WEB_MERCATOR, WGS84
from gridapp.access import Principal
from gridapp.db import hot
from gridapp.errors import Problem
from gridapp.models import LEVELS
from gridapp.services import scope
from gridapp.services.ground.layers_cache import BlobCache
from gridapp.timesource import now

MAX_ZOOM = 15
"""Deepest zoom with tiles of its own; maps enlarge these beyond. One unit of a tile is 0.3 m then."""

CACHE_BYTES = 64_000_000
GZIP_LEVEL = 5
EXTENT = 4096
BUFFER = 64

_LEVEL_FROM_ZOOM = ((15, "building"), (12, "group"), (10, "community"), (9, "street"), (0, "district"))
_LEVELS_ABOVE = 2
_RANK_BY_ZOOM = ((13, 9), (12, 3), (11, 2), (0, 1))
_BUILDINGS_FROM_ZOOM = 14
_NAMES_FROM_ZOOM = 15

_DEGREES, _METRES = WGS84.partition(":")[2], WEB_MERCATOR.partition(":")[2]
_cache = BlobCache(CACHE_BYTES)


@dataclass(frozen=True)
class Tile:
    """A tile: the gzipped bytes and the strong entity tag, quotes left out."""

    body: bytes
    etag: str


_FRAME = f"""frame as (
  select ST_TileEnvelope(%(z)s, %(x)s, %(y)s) as e,
    ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {BUFFER / EXTENT}), {_DEGREES}) as box,
    40075016.68 / (512 * 2 ^ %(z)s) / 4 as quarter_pixel
)"""


def _drawn(geom: str, buffer: int = BUFFER) -> str:
    """SQL that puts a geometry in degrees on the tile, simplified by a quarter of a pixel (tiles of 512)."""
    return (
        f"ST_AsMVTGeom(ST_Simplify(ST_Transform({geom}, {_METRES}), quarter_pixel, true), e, {EXTENT}, {buffer}, true)"
    )


def _layer(rows: str, name: str) -> str:
    """SQL for one layer of a tile out of the rows of a CTE."""
    return f"(select ST_AsMVT({rows}, '{name}', {EXTENT}, 'geom', 'id') from {rows} where geom is not null)"


def _seen(zoom: int) -> str:
    """SQL for the boundaries in force that the tile shows: the level that suits the zoom and two above, in scope.

    Where the scope itself lies deeper, its own outline is shown. Each level is an arm of its own, because each has
    its own index.
    """
    depth = LEVELS.index(level_of(zoom))
    shown = LEVELS[max(0, depth - _LEVELS_ABOVE) : depth + 1]
    deeper = "', '".join(LEVELS[depth + 1 :])
    arms = [f"b.level = '{level}'" for level in shown]
    if deeper:
        arms.append(f"b.level in ('{deeper}') and b.grid_id = any(%(scope_ids)s)")
    return " union all ".join(
        f"select b.id, b.grid_id, b.geom from frame, boundary b where {arm} and b.geom && frame.box "
        f"and b.during @> %(now)s and {scope.SQL.format(column='b.grid_id')}"
        for arm in arms
    )


def level_of(zoom: int) -> str:
    """The level of grids that suits a tile's zoom."""
    return next(level for least, level in _LEVEL_FROM_ZOOM if zoom >= least)


def _grids_sql(zoom: int) -> tuple[str, str]:
    """SQL for the fingerprint and for the drawing of a tile of grids."""
    seen = f"with {_FRAME}, seen as ({_seen(zoom)})"
    depth = LEVELS.index(level_of(zoom))
    named = LEVELS[max(0, depth - 1) : depth + 1]
    mark = f"""{seen}
      select md5(string_agg(concat_ws('|', s.id, g.name, g.name_en, g.kind), ';' order by s.id))
      from seen s join grid g on g.id = s.grid_id"""
    draw = f"""{seen},
      areas as (
        select g.id, g.code, g.name, g.name_en, g.level, g.kind, {_drawn("s.geom")} as geom
        from frame, seen s join grid g on g.id = s.grid_id
      ),
      names as (
        select g.id, g.code, g.name, g.name_en, g.level, {_drawn("ST_PointOnSurface(s.geom)", 0)} as geom
        from frame, seen s join grid g on g.id = s.grid_id
        where g.level in ('{"', '".join(named)}')
      )
      select {_layer("areas", "grids")} || {_layer("names", "grid_names")}"""
    return mark, draw


def _base_sql(zoom: int) -> tuple[str, str]:
    """SQL for the fingerprint and for the drawing of a tile of the base map: surfaces, streets, buildings, names."""
    rank = next(rank for least, rank in _RANK_BY_ZOOM if zoom >= least)
    wheres = {"surface": "true", "street": f"rank <= {rank}"}
    if zoom >= _BUILDINGS_FROM_ZOOM:
        wheres["building"] = "true"
    marks = " union all ".join(
        f"select '{table}' || count(*) || ':' || sum(id) || ':' || max({table}.xmin::text::bigint) as mark "
        f"from frame, {table} where geom && box and {where}"
        for table, where in wheres.items()
    )
    columns = {
        "surface": ", kind, name",
        "street": ", kind, name, rank, oneway",
        "building": ", floors",
    }
    rows = [
        f"{table}s as (select id{columns[table]}, {_drawn('geom')} as geom "
        f"from frame, {table} where geom && box and {where}{' order by rank desc' if table == 'street' else ''})"
        for table, where in wheres.items()
    ]
    layers = [_layer(f"{table}s", f"{table}s") for table in wheres]
    if zoom >= _NAMES_FROM_ZOOM:
        rows.append(
            f"building_names as (select id, name, {_drawn('ST_PointOnSurface(geom)', 0)} as geom "
            "from frame, building where geom && box and name is not null)"
        )
        layers.append(_layer("building_names", "building_names"))
    return (
        f"with {_FRAME} select md5(string_agg(mark, ';')) from ({marks}) m",
        f"with {_FRAME}, {', '.join(rows)} select {' || '.join(layers)}",
    )


_LAYERS = {"grids": _grids_sql, "base": _base_sql}
_SQL = {(layer, zoom): make(zoom) for layer, make in _LAYERS.items() for zoom in range(MAX_ZOOM + 1)}


def tile(who: Principal, layer: str, z: int, x: int, y: int) -> Tile:
    """A vector tile (MVT 2.1, gzipped): ``grids`` in scope, of the level that suits the zoom, or the ``base`` map.

    Layers of ``grids``: ``grids`` (id, code, name, name_en, level, kind) and ``grid_names``, one point a grid; of
    ``base``: ``surfaces streets buildings building_names``. XYZ numbering, y from the top.

    Raises:
        Problem: ``not_found`` for a layer or a tile that there is not.
    """
    if (layer, z) not in _SQL or not (0 <= x < 2**z and 0 <= y < 2**z):
        raise Problem("not_found")
    mark_sql, draw_sql = _SQL[layer, z]
    values = {"z": z, "x": x, "y": y, "now": now(), **scope.params(who)}
    with hot() as connection:
        mark = _one(connection.execute(mark_sql, values).fetchone()) or "empty"
        key = (layer, z, x, y, mark)
        body = _cache.get(key)
        if body is None:
            drawn = bytes(_one(connection.execute(draw_sql, values).fetchone()) or b"")
            body = gzip.compress(drawn, GZIP_LEVEL, mtime=0)
            _cache.put(key, body)
    return Tile(body, f"{layer}-{z}-{x}-{y}-{mark}")


def bounds(who: Principal) -> list[float] | None:
    """West, south, east and north of the scope in degrees; None where nothing of it has a boundary."""
    own = "select ST_Extent(geom) from boundary where during @> %(now)s and grid_id = any(%(scope_ids)s)"
    under = f"select ST_Extent(geom) from boundary b where during @> %(now)s and {scope.SQL.format(column='b.grid_id')}"
    sql = f"""select ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
      from (select coalesce(({own}), ({under})) as box) extent where box is not null"""
    with hot() as connection:
        row = connection.execute(sql, {"now": now(), **scope.params(who)}).fetchone()
    return list(row) if row else None


def _one(row: tuple[Any, ...] | None) -> Any:
    return row[0] if row else None
