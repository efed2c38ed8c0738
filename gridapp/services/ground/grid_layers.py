"""Grids as layers: what holds, or held, at a time, as frames in EPSG:4326 for checking and writing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata import crs
from gridapp.models import LEVELS
from gridapp.services.bulk import wire

NAMES = ("id", "code", "name", "name_en", "level", "kind", "parent", "households", "valid_from", "valid_until", "path")

# The version at the time, or where a grid begins later its first one after it.
AT_OR_AFTER = """
select distinct on (g.id) g.id, g.code, g.name, g.name_en, g.level, g.kind, p.code, g.households, lower(b.during),
  upper(b.during), g.path, ST_AsBinary(b.geom)
from boundary b join grid g on g.id = b.grid_id left join grid p on p.id = g.parent_id
where g.level = %(level)s and (upper(b.during) is null or upper(b.during) > %(at)s) and g.retired_at is null
order by g.id, lower(b.during)
"""
AT = """
select g.id, g.code, g.name, g.name_en, g.level, g.kind, p.code, g.households, lower(b.during), upper(b.during),
  g.path, ST_AsBinary(b.geom)
from boundary b join grid g on g.id = b.grid_id left join grid p on p.id = g.parent_id
where b.during @> %(at)s and (%(level)s::text is null or b.level = %(level)s)
order by array_position(%(levels)s, g.level), g.code collate "C"
"""


def at(moment: dt.datetime, level: str | None = None) -> gpd.GeoDataFrame:
    """Grids in force at a time, of one level or of all, from the top down, with the columns of ``NAMES``."""
    return _frame(AT, {"at": moment, "level": level, "levels": list(LEVELS)})


def at_or_after(moment: dt.datetime, level: str) -> gpd.GeoDataFrame:
    """Grids of a level in their version at a time, or their first one after it."""
    return _frame(AT_OR_AFTER, {"at": moment, "level": level})


def above(moment: dt.datetime, level: str) -> gpd.GeoDataFrame:
    """Grids of the nearest level above that has any: missing levels are left out of the chain."""
    frame = _frame(AT_OR_AFTER, {"at": moment, "level": ""})
    for upper in reversed(LEVELS[: LEVELS.index(level)]):
        frame = at_or_after(moment, upper)
        if len(frame):
            break
    return frame


def _frame(sql: str, values: dict[str, Any]) -> gpd.GeoDataFrame:
    with wire() as connection:
        rows = connection.execute(sql, values).fetchall()
    columns = {name: [row[place] for row in rows] for place, name in enumerate(NAMES)}
    shapes = shapely.from_wkb(np.array([row[-1] for row in rows], dtype=object))
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs.wgs84())
