"""The shapes as a plan has them: its own drawing over the newest boundary versions, as layers for ``geodata``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import delete

from geodata.crs import WGS84
from gridapp.db import flush, session
from gridapp.models import LEVELS, Plan, PlanChange
from gridapp.services.plans.drafts import last_step

COLUMNS = (
    "id",
    "code",
    "name",
    "name_en",
    "level",
    "kind",
    "households",
    "path",
    "parent_id",
    "base_id",
    "base_from",
    "base_area",
    "base",
    "newest",
    "drawn",
    "geom",
)

DRAWN = """
drawn as (
  select distinct on (c.grid_id) c.grid_id, c.parent_id, c.base_boundary_id, c.geom
  from plan_change c where c.plan_id = %(plan)s and c.step <= %(step)s order by c.grid_id, c.step desc
)"""

SHAPES = f"""
with {DRAWN}
select g.id, g.code, g.name, g.name_en, g.level, g.kind, g.households, g.path, coalesce(d.parent_id, g.parent_id),
  base.id, lower(base.during), base.area_m2, ST_AsBinary(base.geom), newest.id is not distinct from base.id,
  d.grid_id is not null, ST_AsBinary(coalesce(d.geom, base.geom))
from grid g left join drawn d on d.grid_id = g.id
left join boundary newest on newest.grid_id = g.id and upper_inf(newest.during)
join boundary base on base.id = coalesce(d.base_boundary_id, {{base}})
where g.retired_at is null and g.path @> array[%(area)s::bigint] and {{where}}
order by g.code
"""
NEWEST = "newest.id"
IN_FORCE = """(select b.id from boundary b where b.grid_id = g.id and b.during @> %(at)s::timestamptz)"""


@dataclass(frozen=True)
class Shape:
    """A grid as a plan has it.

    ``base`` is its polygon before the plan, ``base_id`` that boundary version, in force since ``base_from``; ``newest``
    says that no other has followed it; ``drawn`` that the plan changes it; ``geom`` is its polygon by the plan.
    """

    id: int
    code: str
    name: str
    name_en: str | None
    level: str
    kind: str
    households: int | None
    path: list[int]
    parent_id: int | None
    base_id: int
    base_from: Any
    base_area: float
    base: shapely.MultiPolygon
    newest: bool
    drawn: bool
    geom: shapely.MultiPolygon

    @property
    def parent_before(self) -> int | None:
        """The grid above before the plan."""
        return self.path[-2] if len(self.path) > 1 else None


def _shapes(plan: Plan, where: str, **values: Any) -> list[Shape]:
    """Rows of ``SHAPES``: of a draft over the newest versions, of a published plan over those from its start on."""
    published = plan.status == "published"
    sql = SHAPES.format(base=IN_FORCE if published else NEWEST, where=where)
    given = {"plan": plan.id, "step": plan.step, "area": plan.scope_grid_id, "at": plan.effective_from, **values}
    rows = session.connection().exec_driver_sql(sql, given).all()
    return [_shape(dict(zip(COLUMNS, row, strict=True))) for row in rows]


def _shape(row: dict[str, Any]) -> Shape:
    return Shape(**{**row, "base": shapely.from_wkb(row["base"]), "geom": shapely.from_wkb(row["geom"])})


def children(plan: Plan, parents: Iterable[int]) -> list[Shape]:
    """The grids below some grids, by the plan."""
    near = "select id from grid where parent_id = any(%(parents)s) union select grid_id from drawn"
    below = "coalesce(d.parent_id, g.parent_id) = any(%(parents)s)"
    return _shapes(plan, f"g.id in ({near}) and {below}", parents=list(parents))


def changed(plan: Plan) -> list[Shape]:
    """The grids that the plan changes, those drawn back to what they were left out, upper levels first."""
    drawn = [shape for shape in _shapes(plan, "d.grid_id is not null") if not unchanged(shape)]
    return sorted(drawn, key=lambda shape: (LEVELS.index(shape.level), shape.code))


def of_grids(plan: Plan, ids: Iterable[int]) -> list[Shape]:
    """Grids by their ids."""
    return _shapes(plan, "g.id = any(%(ids)s)", ids=list(ids))


def unchanged(shape: Shape) -> bool:
    """Whether a grid is drawn back to what it was."""
    same_ground = shapely.equals_exact(shape.geom, shape.base, normalize=True)
    return bool(same_ground) and shape.parent_id == shape.parent_before


def layer(shapes: list[Shape], *, before: bool = False) -> gpd.GeoDataFrame:
    """Grids as a layer with the columns ``code`` and ``parent``; grids of one part are polygons."""
    geometry = [whole(shape.base if before else shape.geom) for shape in shapes]
    codes, parents = [shape.code for shape in shapes], [shape.parent_id for shape in shapes]
    return gpd.GeoDataFrame({"code": codes, "parent": parents}, geometry=geometry, crs=WGS84)


def whole(shape: shapely.MultiPolygon) -> shapely.Polygon | shapely.MultiPolygon:
    """The polygon of a multipolygon of one part."""
    return shape.geoms[0] if len(shape.geoms) == 1 else shape


def keep_step(plan: Plan, shapes: Iterable[tuple[Shape, shapely.MultiPolygon, int | None]]) -> None:
    """Keep the next step of the drawing: grids with their new polygons and new parents; undone steps are dropped.

    Raises:
        Problem: whatever the database says against a shape.
    """
    if plan.step < last_step(plan):
        session.execute(delete(PlanChange).where(PlanChange.plan_id == plan.id, PlanChange.step > plan.step))
    plan.step += 1
    for shape, polygon, parent_id in shapes:
        session.add(
            PlanChange(
                plan_id=plan.id,
                step=plan.step,
                grid_id=shape.id,
                parent_id=parent_id if parent_id != shape.parent_before else None,
                base_boundary_id=shape.base_id,
                geom=from_shape(polygon, srid=4326),
            )
        )
    flush()


def multi(shape: Any) -> shapely.MultiPolygon:
    """A polygon as the database keeps it."""
    return shape if isinstance(shape, shapely.MultiPolygon) else shapely.MultiPolygon([shape])


def extent(shapes: list[Shape]) -> list[float]:
    """West, south, east, north of some grids, in degrees."""
    return [float(x) for x in shapely.total_bounds(np.array([shape.geom for shape in shapes], dtype=object))]
