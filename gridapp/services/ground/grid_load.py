"""Grids and boundary versions stored in sets: what is new begins, what changed ends and begins anew, the rest stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from psycopg import Connection

from gridapp.errors import Problem
from gridapp.services.bulk import fill, wire
from gridapp.services.ground.grid_rows import GridRow
from gridapp.timesource import now

WORTH_ANALYSING = 1000

COLUMNS = {
    "code": "text",
    "name": "text",
    "name_en": "text",
    "kind": "text",
    "households": "int",
    "parent_id": "bigint",
    "geom": "geometry(MultiPolygon, 4326)",
}
FOUND = "grid_id bigint, is_new bool not null default false, ends bigint, changed bool not null default true"

# Each grid of the file beside the one of its code and the boundary that has no end yet.
MATCH = """
update incoming_grid i set grid_id = g.id, ends = b.id, changed = b.id is null or not ST_Equals(b.geom, i.geom)
from grid g left join boundary b on b.grid_id = g.id and upper_inf(b.during)
where g.code = i.code
"""
NUMBER = """
update incoming_grid set grid_id = nextval(pg_get_serial_sequence('grid', 'id')), is_new = true where grid_id is null
"""
CLASHES = """
select i.code,
  case when g.retired_at is not null then 'retired' when g.level <> %(level)s then g.level
       when %(named)s and i.parent_id is not null and g.parent_id is distinct from i.parent_id then 'parent'
       else 'time' end
from incoming_grid i join grid g on g.id = i.grid_id left join boundary b on b.id = i.ends
where not i.is_new and (
  g.retired_at is not null or g.level <> %(level)s
  or (%(named)s and i.parent_id is not null and g.parent_id is distinct from i.parent_id)
  or (i.changed and lower(b.during) >= %(since)s))
order by i.code collate "C" limit 5
"""
ADD = """
insert into grid (id, code, name, name_en, level, kind, parent_id, path, households, created_at)
select i.grid_id, i.code, i.name, i.name_en, %(level)s, i.kind, i.parent_id, coalesce(p.path, '{}') || i.grid_id,
  i.households, %(now)s
from incoming_grid i left join grid p on p.id = i.parent_id where i.is_new
order by i.grid_id
"""
RENAME = """
update grid g set name = i.name, name_en = coalesce(i.name_en, g.name_en),
  households = coalesce(i.households, g.households), kind = i.kind
from incoming_grid i
where g.id = i.grid_id and not i.is_new and (g.name, g.name_en, g.households, g.kind) is distinct from
  (i.name, coalesce(i.name_en, g.name_en), coalesce(i.households, g.households), i.kind)
"""
END = """
update boundary b set during = tstzrange(lower(b.during), %(since)s)
from incoming_grid i where b.id = i.ends and i.changed
"""
BEGIN = """
insert into boundary (grid_id, code, level, geom, during, area_m2)
select grid_id, code, %(level)s, geom, tstzrange(%(since)s, null), ST_Area(geom::geography)
from incoming_grid where changed order by grid_id
"""
COUNT = """
select count(*) filter (where is_new), count(*) filter (where changed and not is_new),
  count(*) filter (where not changed)
from incoming_grid
"""

CLASH = {
    "parent": ("grid {code} has another parent and keeps it", "网格 {code} 已有其他上级，不能更改"),
    "retired": (
        "the code {code} belonged to a grid that is retired; choose another",
        "编码 {code} 属于已停用的网格，请更换",
    ),
}
LEVEL_CLASH = ("the code {code} belongs to a grid of level {why}", "编码 {code} 已属于 {why} 级网格")


@dataclass(frozen=True)
class Stored:
    """How many grids are new, have a new boundary, or stayed as they were."""

    created: int
    changed: int
    unchanged: int


def load(rows: Sequence[GridRow], level: str, since: dt.datetime, *, parents_named: bool = False) -> Stored:
    """Store grids of one level whose boundaries hold from ``since`` on.

    Args:
        rows: the grids.
        level: one of ``LEVELS``.
        since: from when they hold.
        parents_named: whether the file names the parents; a grid that is there keeps its parent, and where the file
            names another one it is refused.

    Raises:
        Problem: ``conflict`` where a code belongs to a retired grid or one of another level or parent,
            ``boundary_overlap`` where the present version began at that time or later.
    """
    values = {"level": level, "since": since, "now": now(), "named": parents_named}
    with wire() as connection:
        fill(connection, "incoming_grid", COLUMNS, map(_members, rows), FOUND)
        connection.execute("analyze incoming_grid")
        connection.execute(MATCH)
        connection.execute(NUMBER)
        _refuse_clashes(connection, values)
        for statement in (ADD, RENAME, END, BEGIN):
            connection.execute(statement, values)
        counts = connection.execute(COUNT).fetchone() or (0, 0, 0)
        if len(rows) >= WORTH_ANALYSING:
            connection.execute("analyze grid, boundary")
    return Stored(*counts)


def _members(row: GridRow) -> tuple[Any, ...]:
    shape = shapely.to_wkb(shapely.set_srid(row.shape, 4326), hex=True, include_srid=True)
    return row.code, row.name, row.name_en, row.kind, row.households, row.parent_id, shape


def _refuse_clashes(connection: Connection[Any], values: dict[str, Any]) -> None:
    clashes = connection.execute(CLASHES, values).fetchall()
    if not clashes:
        return
    code, why = clashes[0]
    if why == "time":
        raise Problem("boundary_overlap")
    en, zh = CLASH.get(why, LEVEL_CLASH)
    raise Problem("conflict", why=(en.format(code=code, why=why), zh.format(code=code, why=why)))
