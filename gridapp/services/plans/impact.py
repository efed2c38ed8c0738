"""What a plan brings about, in numbers, before anybody publishes it: households, open tasks, workers."""

from __future__ import annotations

import uuid
from typing import Any

from geodata.crs import area_m2
from gridapp.access import Principal
from gridapp.db import session
from gridapp.services.ground.locate import leaf_sql
from gridapp.services.plans import drawing, households
from gridapp.services.plans.drafts import plan_in_scope
from gridapp.services.plans.drawing import Shape
from gridapp.timesource import now

DRAWN_SHAPES = """
drawn as (
  select g.id as grid_id, g.code, g.level, s.parent_id, ST_GeomFromWKB(s.wkb, 4326) as geom
  from unnest(%(ids)s::bigint[], %(parents)s::bigint[], %(shapes)s::bytea[]) as s (id, parent_id, wkb)
  join grid g on g.id = s.id
)"""

MOVED = f"""
with {DRAWN_SHAPES},
was as (
  select b.grid_id, b.geom from boundary b where b.id = any(%(bases)s) and b.level = %(level)s
)
select coalesce(sum(h.households), 0), count(*) from was
join building h on h.geom && was.geom and ST_Covers(was.geom, ST_PointOnSurface(h.geom))
join drawn on drawn.level = %(level)s and drawn.grid_id <> was.grid_id
  and ST_Covers(drawn.geom, ST_PointOnSurface(h.geom))
where h.households > 0
"""

# A query named boundary stands before the table of that name: the one rule of who holds a point, asked of the drawing.
TASKS = f"""
with {DRAWN_SHAPES},
boundary as (
  select b.grid_id as id, b.grid_id, b.code, b.level, b.geom, b.during from public.boundary b
  where upper_inf(b.during) and b.grid_id <> all(%(ids)s)
    and b.geom && (select ST_SetSRID(ST_Extent(geom)::geometry, 4326) from drawn)
  union all
  select grid_id, grid_id, code, level, geom, '(,)'::tstzrange from drawn
),
grid as (
  select g.id, coalesce(d.parent_id, g.parent_id) as parent_id from public.grid g left join drawn d on d.grid_id = g.id
  where g.id in (select grid_id from boundary)
)
select t.grid_id, leaf.id, count(*) from task t
cross join lateral (select {leaf_sql("t.geom", "%(at)s")} as id offset 0) leaf
where t.outcome is null and t.grid_id = any(%(ids)s) and t.geom is not null and leaf.id <> t.grid_id
group by 1, 2
"""

WORKERS = """
select p.name, g.id from post po join person p on p.id = po.person_id join grid g on g.id = po.grid_id
where po.grid_id = any(%(ids)s) and po.kind = 'worker' and po.during @> %(at)s and p.retired_at is null
order by g.code, po.deputy, p.name
"""


def impact(who: Principal, plan_id: uuid.UUID) -> dict[str, Any]:
    """What a draft would change if it were in force now.

    Returns:
        ``grids`` (code, names, level, households and area before and after, tasks in and out, workers), ``households``
        and ``buildings`` that come to another grid of the uppermost level changed, ``tasks`` that do, ``workers`` whose
        grid changes.

    Raises:
        Problem: ``not_found``.
    """
    plan = plan_in_scope(who, plan_id)
    changed = drawing.changed(plan)
    if not changed:
        return {"grids": [], "households": 0, "buildings": 0, "tasks": 0, "workers": []}
    values = _values(changed)
    moved = session.connection().exec_driver_sql(MOVED, values).one()
    moves = session.connection().exec_driver_sql(TASKS, values).all()
    workers = session.connection().exec_driver_sql(WORKERS, values).all()
    return {
        "grids": _grids(changed, moves, workers),
        "households": int(moved[0]),
        "buildings": int(moved[1]),
        "tasks": sum(count for _, _, count in moves),
        "workers": sorted({name for name, _ in workers}),
    }


def _values(changed: list[Shape]) -> dict[str, Any]:
    return {
        "ids": [shape.id for shape in changed],
        "parents": [shape.parent_id for shape in changed],
        "shapes": [shape.geom.wkb for shape in changed],
        "bases": [shape.base_id for shape in changed],
        "level": changed[0].level,
        "at": now(),
    }


def _grids(changed: list[Shape], moves: Any, workers: Any) -> list[dict[str, Any]]:
    counts = households.after(changed)
    areas = area_m2([shape.geom for shape in changed])
    return [
        {
            "id": shape.id,
            "code": shape.code,
            "name": shape.name,
            "name_en": shape.name_en or shape.name,
            "level": shape.level,
            "households_before": shape.households,
            "households": counts[shape.id],
            "area_before_m2": round(shape.base_area),
            "area_m2": round(float(area)),
            "tasks_out": sum(count for old, _, count in moves if old == shape.id),
            "tasks_in": sum(count for _, new, count in moves if new == shape.id),
            "workers": [name for name, grid_id in workers if grid_id == shape.id],
        }
        for shape, area in zip(changed, areas, strict=True)
    ]
