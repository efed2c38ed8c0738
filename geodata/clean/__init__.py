"""Mending: a level of grids becomes a coverage again, along the lines that are there, and what changed is told."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata import crs
from geodata.clean.ground import Ground
from geodata.clean.result import COVERAGE_KINDS, Change, Cleaned, Moved
from geodata.clean.rules import Rules
from geodata.clean.trouble import Trouble
from geodata.coverage import ENCLAVE_M, SLIVER_M, check
from geodata.coverage.findings import Layer
from geodata.coverage.shapes import areal

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["COVERAGE_KINDS", "TOLERANCE_M", "Change", "Cleaned", "Moved", "clean"]

TOLERANCE_M = SLIVER_M
PASSES = 3
ROUNDS = 6
"""How often the part of the layer that is drawn anew may grow before all of it is."""


def clean(
    grids: gpd.GeoDataFrame,
    parents: gpd.GeoDataFrame | None = None,
    *,
    tolerance: float = TOLERANCE_M,
    overlaps: float = math.inf,
    enclave: float = ENCLAVE_M,
    code: str = "code",
) -> Cleaned:
    """Close gaps and slivers up to a tolerance, remove overlaps, match edges vertex for vertex.

    No vertex is moved to a new place: every new border runs on lines that were drawn, of grids or of parents, but for
    short cuts across gaps that go to several grids. Where grids touch nothing that is wrong, their shapes stay
    byte for byte what they were. Widths are those of the largest circle that fits in.

    - Ground that several grids claim goes to whoever leaves the others in one piece; among those to the smallest.
    - A gap goes to the grid it borders longest, as a whole where no point of it is farther from that grid than the
      tolerance, else in parts to the nearest.
    - What reaches out of the parent by no more than the tolerance goes to the grids of the parent that it reaches into;
      ground of a parent that nobody holds is a gap.

    Args:
        grids: polygons of one level, named by the column `code`, or by their number from 1 where it is missing.
        parents: the level above; not changed.
        tolerance: metres of width up to which gaps are closed and what sticks out of a parent is given up.
        overlaps: metres of width up to which overlaps are removed; all where not given.
        enclave: metres of width from which a hole is somebody else's ground, whatever the tolerance.
        code: name of the column with the codes.

    Returns:
        The new layer with what changed and what is left; the layer given stays as it was.
    """
    layer = Layer(grids, code)
    above = None if parents is None else Layer(_beside(parents, grids), code)
    made = _settled(layer, above, Rules(tolerance, overlaps, enclave))
    shapes = _of_the_kinds(layer.shapes, made.shapes)
    after = grids.set_geometry(shapes, crs=grids.crs)
    left = check(after, parents, code=code, enclave=enclave)
    return Cleaned(
        layer=after,
        changes=tuple(made.changes),
        grids=_moved(layer, shapes),
        findings=tuple(finding for finding in left if finding.kind in COVERAGE_KINDS),
    )


class _Made:
    """What was made of a layer."""

    def __init__(self, shapes: NDArray[np.object_], changes: list[Change]) -> None:
        self.shapes, self.changes = shapes, changes


def _settled(layer: Layer, above: Layer | None, rules: Rules) -> _Made:
    """A layer cleaned until nothing changes: what was open by a hair is a gap only when its neighbours match."""
    made = _cleaned(layer, above, rules)
    told = made.changes
    for _ in range(PASSES):
        if not any(change.width_m for change in made.changes):
            break
        following = layer[np.arange(len(layer))]
        following.shapes = made.shapes
        made = _cleaned(following, above, rules)
        told += made.changes
    return _Made(made.shapes, told)


def _cleaned(layer: Layer, above: Layer | None, rules: Rules) -> _Made:
    rows = np.flatnonzero(areal(layer))
    if not len(rows):
        return _Made(layer.shapes, [])
    areas = layer[rows]
    trouble = Trouble(areas, above, rules)
    drawn = trouble.rows
    shapes, changes = areas.shapes, trouble.mended
    for attempt in range(ROUNDS):
        if not len(drawn):
            break
        ground = Ground(areas, trouble.home, drawn, above)
        lines = rules.dividing_lines(ground)
        if lines:
            ground = Ground(areas, trouble.home, drawn, above, lines)
        told = rules.settle(ground)
        shapes = ground.shapes_after()
        more = np.setdiff1d(trouble.torn(shapes), drawn)
        changes = [*trouble.mended, *told, *ground.matched(shapes)]
        if not len(more):
            break
        drawn = np.arange(len(areas)) if attempt + 2 == ROUNDS else trouble.with_neighbours(np.union1d(drawn, more))
    result = layer.shapes.copy()
    result[rows] = trouble.with_twins(shapes)
    return _Made(result, changes)


def _beside(other: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Another layer in the numbers of the grids, where both say what theirs are."""
    if other.crs is None or grids.crs is None or other.crs == grids.crs:
        return other
    return crs.transform_frame(other, grids.crs)


def _of_the_kinds(before: NDArray[np.object_], after: NDArray[np.object_]) -> NDArray[np.object_]:
    """The shapes as multipolygons where they were such, and byte for byte as they were where nothing changed."""
    result = before.copy()
    for row, (old, new) in enumerate(zip(before, after, strict=True)):
        if new is old:
            continue
        kept_as_several = isinstance(old, shapely.MultiPolygon) and isinstance(new, shapely.Polygon)
        made = shapely.MultiPolygon([new]) if kept_as_several else new
        if old is None or not shapely.equals_exact(old, made, normalize=True):
            result[row] = made
    return result


def _moved(layer: Layer, shapes: NDArray[np.object_]) -> tuple[Moved, ...]:
    rows = [row for row in range(len(layer)) if shapes[row] is not layer.shapes[row]]
    old, new = layer.metric([*layer.shapes[rows], *shapes[rows]]).reshape(2, -1) if rows else ((), ())
    told = []
    for row, was, now in zip(rows, old, new, strict=True):
        border = shapely.boundary(was)
        shapely.prepare(border)
        away = shapely.distance(border, shapely.points(shapely.get_coordinates(now)))
        told.append(Moved(layer.codes[row], float(now.area - was.area), float(away.max())))
    return tuple(told)
