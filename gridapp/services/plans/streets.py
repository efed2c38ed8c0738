"""Street centre lines that a border may snap to while it is dragged."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import text

from gridapp.access import Principal
from gridapp.db import session
from gridapp.services.plans import drawing
from gridapp.services.plans.drafts import grid_of_plan, plan_in_scope

MOST_STREETS = 3000

STREETS = text("""
select ST_AsGeoJSON(geom, 7)::json from street
where geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) and ST_Dimension(geom) = 1
order by rank, id limit :most
""")


def streets(who: Principal, plan_id: uuid.UUID, parent: int | None = None) -> dict[str, Any]:
    """Streets around the grids under one parent, the main ones first where there are too many.

    Returns:
        A GeometryCollection in WGS 84.

    Raises:
        Problem: ``not_found``.
    """
    plan = plan_in_scope(who, plan_id)
    shapes = drawing.children(plan, [grid_of_plan(who, plan, parent or plan.scope_grid_id).id])
    if not shapes:
        return {"type": "GeometryCollection", "geometries": []}
    window = dict(zip(("west", "south", "east", "north"), drawing.extent(shapes), strict=True))
    lines = session.scalars(STREETS, {**window, "most": MOST_STREETS}).all()
    return {"type": "GeometryCollection", "geometries": list(lines)}
