"""A plan as the planner's desk shows it: the grids under one parent as GeoJSON, findings, what can be done."""

from __future__ import annotations

import uuid
from typing import Any

import shapely
from sqlalchemy import func, select

from geodata.crs import area_m2
from gridapp.access import Principal
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Grid, Plan
from gridapp.services.plans import drawing, findings, households
from gridapp.services.plans.drafts import grid_of_plan, last_step, overview, plan_in_scope
from gridapp.services.plans.drawing import Shape

MOST_GRIDS = 1000
"""Grids under one parent that one desk edits; more are no work for a hand."""


def desk(who: Principal, plan_id: uuid.UUID, parent: int | None = None) -> dict[str, Any]:
    """A plan with the grids under one parent.

    Args:
        who: the asker.
        plan_id: the plan.
        parent: id of the grid whose children are drawn; the plan's area where None.

    Returns:
        ``plan`` (with ``step`` and ``steps``), ``above`` (the path from the plan's area to the parent), ``grids`` (a
        FeatureCollection in WGS 84) with its ``bounds``, ``findings`` of the whole plan, ``overtaken``, the plan that
        was quicker, or None.

    Raises:
        Problem: ``not_found``; ``too_large`` where there are too many grids under the parent.
    """
    plan = plan_in_scope(who, plan_id)
    grid = grid_of_plan(who, plan, parent or plan.scope_grid_id)
    shapes = drawing.children(plan, [grid.id])
    if len(shapes) > MOST_GRIDS:
        raise Problem("too_large", limit=f"{MOST_GRIDS}")
    draft = plan.status == "draft"
    return {
        "plan": {**overview([plan])[0], "step": plan.step, "steps": last_step(plan)},
        "above": _above(plan, grid),
        "grids": _collection(plan, shapes),
        "bounds": drawing.extent(shapes) if shapes else None,
        "findings": findings.find(plan) if draft else [],
        "overtaken": findings.overtaken(plan) if draft else None,
    }


def _above(plan: Plan, grid: Grid) -> list[dict[str, Any]]:
    path = grid.path[grid.path.index(plan.scope_grid_id) :]
    found = {row.id: row for row in session.scalars(select(Grid).where(Grid.id.in_(path)))}
    return [
        {"id": key, "code": found[key].code, "name": found[key].name, "name_en": found[key].name_en} for key in path
    ]


def _collection(plan: Plan, shapes: list[Shape]) -> dict[str, Any]:
    counts = {s.id: s.households for s in shapes} if plan.in_force_at else households.after(shapes)
    below = _with_children(shapes)
    areas = area_m2([shape.geom for shape in shapes])
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": shape.id,
                "geometry": shapely.geometry.mapping(drawing.whole(shape.geom)),
                "properties": {
                    **_properties(shape, counts[shape.id]),
                    "area_m2": round(float(area)),
                    "children": below.get(shape.id, 0),
                },
            }
            for shape, area in zip(shapes, areas, strict=True)
        ],
    }


def _properties(shape: Shape, count: int | None) -> dict[str, Any]:
    limited = shape.level == "group" and shape.kind == "normal"
    return {
        "code": shape.code,
        "name": shape.name,
        "name_en": shape.name_en or shape.name,
        "level": shape.level,
        "kind": shape.kind,
        "households": count,
        "fit": findings.fit(count) if limited else None,
        "changed": shape.drawn and not drawing.unchanged(shape),
    }


def _with_children(shapes: list[Shape]) -> dict[int, int]:
    query = (
        select(Grid.parent_id, func.count())
        .where(Grid.parent_id.in_([shape.id for shape in shapes]), Grid.retired_at.is_(None))
        .group_by(Grid.parent_id)
    )
    return {parent: count for parent, count in session.execute(query) if parent is not None}
