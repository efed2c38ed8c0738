"""What is wrong with a drawing: faults that stop a plan, hints that do not, and plans that were quicker."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely
from sqlalchemy import text

from geodata import coverage
from geodata.coverage import Finding
from geodata.crs import WGS84
from gridapp.db import session
from gridapp.models import LEVELS, Plan
from gridapp.services.plans import drawing, households
from gridapp.services.plans.drawing import Shape

BLOCKING = frozenset(
    {
        "overlap",
        "gap",
        "sliver",
        "edge_mismatch",
        "outside_parent",
        "not_covered",
        "multipart",
        "self_intersection",
        "duplicate",
        "empty",
    }
)
"""Kinds that no new boundary may have; those that were there before the plan are nobody's fault and stay."""
TOLERANCE_M = 0.01
"""Forgiven between levels, whose edges are made by different hands."""
ENOUGH, TOO_MANY = 300, 500
"""Households of a group grid, GB/T 34300-2017."""
MOST_BUILDINGS = 20_000
ABOUT_BUILDINGS = frozenset({"cut_building", "homeless_building"})
"""Kinds of which only new ones are told: a city's old borders cut many houses."""
GRAIN = 1e-9
"""Degrees to which ground is rounded when grids are taken together."""

OVERTAKEN = f"""
with {drawing.DRAWN}
select g.id, g.code, g.name, coalesce(g.name_en, g.name), coalesce(p.name, '')
from drawn d join grid g on g.id = d.grid_id join boundary base on base.id = d.base_boundary_id
left join boundary next on next.grid_id = d.grid_id and lower(next.during) = upper(base.during)
left join plan p on p.id = next.plan_id
where not upper_inf(base.during) order by g.code limit 1
"""

BUILDINGS = text("""
select ST_AsBinary(b.geom) from (select ST_GeomFromWKB(:ground, 4326) as geom offset 0) g
join building b on b.geom && g.geom and ST_Intersects(b.geom, g.geom) where ST_Dimension(b.geom) = 2 limit :most
""")


def overtaken(plan: Plan) -> dict[str, Any] | None:
    """The first grid of a draft that somebody has redrawn meanwhile, and the plan that did; None where nobody has."""
    values = {"plan": plan.id, "step": plan.step}
    row = session.connection().exec_driver_sql(OVERTAKEN, values).first()
    return dict(zip(("grid_id", "code", "grid", "grid_en", "plan"), row, strict=True)) if row else None


def find(plan: Plan, changed: list[Shape] | None = None) -> list[dict[str, Any]]:
    """The findings of a plan: those of ``geodata.coverage`` about the grids that it changes, faults first, then hints.

    Returns:
        Each with ``kind grids names area_m2 length_m geometry blocking``; ``households_few`` and ``households_many``
        carry ``households`` and, as geometry, a point inside the grid.
    """
    changed = drawing.changed(plan) if changed is None else changed
    parents = {shape.parent_id for shape in changed} | {shape.parent_before for shape in changed}
    above = {shape.id: shape for shape in drawing.of_grids(plan, [p for p in parents if p is not None])}
    below = drawing.children(plan, [shape.id for shape in changed])
    everyone = {shape.id: shape for shape in (*below, *drawing.children(plan, list(above)))}
    names = {shape.code: shape for shape in (*everyone.values(), *above.values(), *changed)}
    faults = _faults(everyone, {**above, **{shape.id: shape for shape in changed}})
    told = [_told(finding, names, blocking=is_new) for finding, is_new in faults]
    return sorted(told, key=lambda finding: not finding["blocking"]) + _crowds(changed)


def _faults(everyone: dict[int, Shape], above: dict[int, Shape]) -> list[tuple[Finding, bool]]:
    """Findings of each level with whether they block: a blocking kind that was not there before the plan."""
    found: list[tuple[Finding, bool]] = []
    told: set[bytes] = set()
    for level in LEVELS:
        grids = [shape for shape in everyone.values() if shape.level == level]
        if not grids:
            continue
        parents = [above[key] for key in {shape.parent_id for shape in grids} if key in above]
        buildings = buildings_on([shape for shape in grids if shape.drawn])
        now, before = (
            coverage.check(
                drawing.layer(grids, before=then), drawing.layer(parents, before=then), buildings, tolerance=TOLERANCE_M
            )
            for then in (False, True)
        )
        old = {(str(finding.kind), finding.grids): finding.area_m2 for finding in before}
        for finding in now:
            was_there = _was_there(finding, old)
            if finding.kind in ABOUT_BUILDINGS and (was_there or _again(finding, told)):
                continue
            found.append((finding, finding.kind in BLOCKING and not was_there))
    return found


def _was_there(finding: Finding, old: dict[tuple[str, tuple[str, ...]], float]) -> bool:
    area = old.get((finding.kind, finding.grids))
    return area is not None and finding.area_m2 <= area + 1


def _again(finding: Finding, told: set[bytes]) -> bool:
    """Whether an upper level has told of this building: what the border of a group cuts is cut below as well."""
    building = shapely.to_wkb(finding.geometry) or b""
    known = building in told
    told.add(building)
    return known


def buildings_on(grids: list[Shape]) -> gpd.GeoDataFrame | None:
    """Buildings on the ground of some grids; None where there are none, or too many to look at one by one."""
    if not grids:
        return None
    ground = shapely.union_all([shape for grid in grids for shape in (grid.geom, grid.base)], grid_size=GRAIN)
    values = {"ground": shapely.to_wkb(ground), "most": MOST_BUILDINGS + 1}
    rows = session.execute(BUILDINGS, values).scalars().all()
    if not rows or len(rows) > MOST_BUILDINGS:
        return None
    return gpd.GeoDataFrame(geometry=shapely.from_wkb(rows), crs=WGS84)


def _told(finding: Finding, names: dict[str, Shape], *, blocking: bool) -> dict[str, Any]:
    grids = [names[code] for code in finding.grids if code in names]
    return {**finding.as_dict(), **_names(grids), "blocking": blocking}


def _names(grids: list[Shape]) -> dict[str, list[str]]:
    return {"names": [grid.name for grid in grids], "names_en": [grid.name_en or grid.name for grid in grids]}


def _crowds(changed: list[Shape]) -> list[dict[str, Any]]:
    """Group grids that the plan leaves with too few or too many households."""
    groups = [shape for shape in changed if shape.level == "group" and shape.kind == "normal"]
    counts = households.after(groups)
    return [
        {
            "kind": f"households_{fit(counts[shape.id])}",
            "grids": [shape.code],
            **_names([shape]),
            "households": counts[shape.id],
            "area_m2": 0.0,
            "length_m": 0.0,
            "geometry": shapely.geometry.mapping(shapely.point_on_surface(shape.geom)),
            "blocking": False,
        }
        for shape in groups
        if fit(counts[shape.id]) in ("few", "many")
    ]


def fit(count: int | None) -> str | None:
    """Whether a group grid has ``few``, ``enough`` or ``many`` households; None where nobody knows."""
    if count is None:
        return None
    return "few" if count < ENOUGH else "many" if count > TOO_MANY else "enough"
