"""What a hand on the map does: a new outline of one grid, the neighbours and the grids below follow; undo and redo."""

from __future__ import annotations

import math
import uuid
from typing import Annotated, Any, Literal

import geopandas as gpd
import shapely
from pydantic import Field, model_validator

from geodata import edit
from gridapp.access import Principal
from gridapp.db import flush
from gridapp.errors import Problem, invalid
from gridapp.models import Plan
from gridapp.services import drafts
from gridapp.services.plans import drawing
from gridapp.services.plans.drafts import draft_to_change, grid_of_plan, last_step
from gridapp.services.plans.drawing import Shape
from gridapp.services.plans.findings import overtaken

MOST_VERTICES = 20_000

Degrees = Annotated[float, Field(ge=-180, le=180)]
Position = tuple[Degrees, Annotated[float, Field(ge=-90, le=90)]]
Drawn = tuple[Shape, shapely.MultiPolygon, int | None]
"""A grid with its new polygon and the grid above it."""
Ring = Annotated[list[Position], Field(min_length=4, max_length=MOST_VERTICES)]


class Outline(drafts.Draft):
    """A GeoJSON polygon in WGS 84."""

    type: Literal["Polygon"]
    coordinates: Annotated[list[Ring], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _closed(self) -> Outline:
        if any(ring[0] != ring[-1] or not all(map(math.isfinite, sum(ring, ()))) for ring in self.coordinates):
            raise ValueError("a ring ends where it begins")
        return self


def redraw(who: Principal, plan_id: uuid.UUID, grid_id: int, body: Any, if_match: str | None) -> Plan:
    """Give a grid of the plan a new outline; the grids beside and below follow. One step, which can be undone.

    Raises:
        Problem: as ``draft_to_change``; ``not_found`` for a grid that is not below the plan's area; ``invalid`` naming
            ``outline``; ``plan_overtaken`` where another plan has redrawn the ground; ``edit_refused`` with the reason.
    """
    plan = draft_to_change(who, plan_id, if_match)
    grid = grid_of_plan(who, plan, grid_id)
    if grid.id == plan.scope_grid_id or grid.parent_id is None:
        raise Problem("not_found")
    outline = _outline(body)
    family = drawing.children(plan, drawing_parent(plan, grid_id))
    refuse_overtaken(plan)
    drawing.keep_step(plan, _carried_on(plan, family, grid.code, outline))
    return plan


def back_to(who: Principal, plan_id: uuid.UUID, step: Any, if_match: str | None) -> Plan:
    """Show the drawing as it was after a step: one less undoes, one more does again, 0 is what is in force.

    Raises:
        Problem: as ``draft_to_change``; ``invalid`` naming ``step``.
    """
    plan = draft_to_change(who, plan_id, if_match)
    last = last_step(plan)
    if not isinstance(step, int) or isinstance(step, bool) or not 0 <= step <= last:
        raise invalid(step=("range", f"A whole number from 0 to {last}.", f"请填 0 到 {last} 的整数。"))
    plan.step = step
    flush()
    return plan


def refuse_overtaken(plan: Plan) -> None:
    """Refuse to go on where another plan has redrawn a grid that this one changes.

    Raises:
        Problem: ``plan_overtaken`` naming the other plan.
    """
    other = overtaken(plan)
    if other is not None:
        raise Problem(
            "plan_overtaken",
            plan=other["plan"] or ("an import", "数据导入"),
            grid=(other["grid_en"], other["grid"]),
            extra={"by": other},
        )


def drawing_parent(plan: Plan, grid_id: int) -> list[int]:
    """The grid above a grid by the plan."""
    return [shape.parent_id for shape in drawing.of_grids(plan, [grid_id]) if shape.parent_id is not None]


def _outline(body: Any) -> shapely.Polygon:
    try:
        given = drafts.parse(Outline, body if isinstance(body, dict) else {})
    except Problem as problem:
        raise _no_outline() from problem
    if sum(map(len, given.coordinates)) > MOST_VERTICES:
        raise _no_outline()
    return shapely.Polygon(given.coordinates[0], given.coordinates[1:])


def _no_outline() -> Problem:
    en = f"Send a GeoJSON polygon in WGS 84, its rings closed, with at most {MOST_VERTICES} vertices."
    return invalid(outline=("polygon", en, f"请发送 WGS 84 的 GeoJSON 多边形，各环闭合，至多 {MOST_VERTICES} 个节点。"))


def _carried_on(plan: Plan, family: list[Shape], code: str, outline: shapely.Polygon) -> list[Drawn]:
    """Every grid that changes with its new polygon and parent: the level drawn on, then each level below."""
    kept: list[Drawn] = []
    shapes = {shape.code: shape for shape in family}
    homes: dict[str, int] = {}
    try:
        change = edit.reshape(drawing.layer(family), code, outline)
        while change.after or homes:
            below = {shape.code: shape for shape in drawing.children(plan, [shapes[name].id for name in change.after])}
            following = edit.reshape_children(change, _below(below, shapes))
            kept += _new_shapes(shapes, following.parents, homes)
            homes = {child: shapes[parent].id for child, parent in following.moved.items()}
            change, shapes = following.children, below
    except edit.EditRefused as refusal:
        raise _refused(refusal, shapes) from refusal
    return kept


def _below(below: dict[str, Shape], above: dict[str, Shape]) -> gpd.GeoDataFrame:
    """The level below as a layer whose ``parent`` is a code."""
    codes = {shape.id: shape.code for shape in above.values()}
    layer = drawing.layer(list(below.values()))
    layer["parent"] = [codes[shape.parent_id or 0] for shape in below.values()]
    return layer


def _new_shapes(shapes: dict[str, Shape], change: edit.Edit, homes: dict[str, int]) -> list[Drawn]:
    return [
        (
            shapes[code],
            drawing.multi(change.after.get(code, shapes[code].geom)),
            homes.get(code, shapes[code].parent_id),
        )
        for code in sorted({*change.after, *homes})
    ]


def _refused(refusal: edit.EditRefused, shapes: dict[str, Shape]) -> Problem:
    """The refusal in the words of the map: grids by their names."""
    en, zh = ({code: _name(shape, english) for code, shape in shapes.items()} for english in (True, False))
    texts = []
    for language, names in (("en", en), ("zh", zh)):
        params: dict[str, Any] = {key: _named(value, names) for key, value in refusal.params.items()}
        told = type(refusal)(**params)
        text = told.message(language)
        texts.append(text[:1].upper() + text[1:])
    return Problem("edit_refused", why=(texts[0], texts[1]), extra={"reason": refusal.code})


def _name(shape: Shape, english: bool) -> str:
    return f"“{(shape.name_en if english else None) or shape.name}”"


def _named(value: object, names: dict[str, str]) -> object:
    if not isinstance(value, str):
        return value
    return ", ".join(names.get(code, code) for code in value.split(", "))
